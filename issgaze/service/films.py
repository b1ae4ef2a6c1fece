"""The films of a pass: the sky that moves, the stars held still, and a small preview for a page."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import numpy as np

from issgaze.arrays import Float32Array, UInt8Array
from issgaze.devices.video import Film
from issgaze.imaging.frame import Frame
from issgaze.imaging.masterdark import MasterDark
from issgaze.picture.stillstars import StillStars
from issgaze.picture.timelapse import Filming
from issgaze.picture.tone import Tone

FPS = 12
# of the preview: a few seconds of small frames that load with the page
_PREVIEW_WIDTH_PX = 360
_MOST_PREVIEW_FRAMES = 24
# below this budget the two encoders do not run at the same time
_BOTH_AT_ONCE_MB = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Films:
    """What was filmed.

    Attributes:
        moving: MP4 of the sky over still ground.
        still_stars: MP4 of the ground and all that moves under still stars, None without a lens.
        preview: Small frames of the moving one, uint8 (h, w, 3).
    """

    moving: bytes
    still_stars: bytes | None
    preview: tuple[UInt8Array, ...]


class FrameSource:
    """Frames that can be gone through again.

    Args:
        names: Of the frames, in order.
        reread: Reads one by its name.
    """

    def __init__(self, names: Iterable[str], reread: Callable[[str], Frame]) -> None:
        self._names = tuple(names)
        self._reread = reread

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._names)

    def __iter__(self) -> Iterator[Frame]:
        """Read them one at a time."""
        return (self._reread(name) for name in self._names)


def make_films(
    frames: FrameSource,
    *,
    size: tuple[int, int],
    tone: Tone,
    dark: MasterDark | None,
    sky_fraction: Float32Array | None,
    still_stars: StillStars | None,
    memory_budget_mb: int,
) -> Films:
    """Return the films of the frames.

    Args:
        frames: The series, can be gone through more than once.
        size: Width and height.
        tone: Of the picture.
        dark: Master dark, None for none.
        sky_fraction: How much of each pixel is sky, on any grid of the same outline.
        still_stars: Holds the stars, None where no lens is known.
        memory_budget_mb: Of developing; a small one has the films made one after the other.

    Raises:
        DeviceError: The encoder fails.
    """
    width, height = size
    preview: list[UInt8Array] = []
    every = -(-len(frames) // _MOST_PREVIEW_FRAMES)
    kinds = [False, True] if still_stars is not None else [False]
    turns = [kinds] if memory_budget_mb >= _BOTH_AT_ONCE_MB else [[kind] for kind in kinds]
    made: dict[bool, bytes] = {}
    for turn in turns:
        filming = Filming(tone=tone, dark=dark, sky_fraction=sky_fraction, still_stars=still_stars)
        with ExitStack() as open_films:
            films = {
                kind: open_films.enter_context(Film(width=width, height=height, fps=FPS))
                for kind in turn
            }
            for number, frame in enumerate(frames):
                filming.see(frame)
                for kind, film in films.items():
                    shown = filming.still() if kind else filming.moving()
                    film.add(shown)
                    if not kind and number % every == 0:
                        preview.append(_shrunk(shown))
            for kind, film in films.items():
                made[kind] = film.finish()
    return Films(moving=made[False], still_stars=made.get(True), preview=tuple(preview))


def _shrunk(picture: UInt8Array) -> UInt8Array:
    """Return a frame of the preview by means of whole blocks."""
    factor = max(1, round(picture.shape[1] / _PREVIEW_WIDTH_PX))
    height, width = picture.shape[0] // factor, picture.shape[1] // factor
    blocks = picture[: height * factor, : width * factor].reshape(height, factor, width, factor, 3)
    return np.asarray(blocks.mean(axis=(1, 3), dtype=np.float32) + 0.5, dtype=np.uint8)
