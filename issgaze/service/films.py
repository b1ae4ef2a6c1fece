"""The films of a pass: the sky that moves, the stars held still, and a small preview for a page."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

import numpy as np

from issgaze.arrays import Float32Array, UInt8Array
from issgaze.devices.video import Film
from issgaze.imaging.frame import Frame, FrameInfo
from issgaze.imaging.masterdark import MasterDark
from issgaze.picture.smaller import smaller_picture
from issgaze.picture.stillstars import StillStars
from issgaze.picture.timelapse import Filming, small_planes
from issgaze.picture.tone import Tone
from issgaze.stacking.together import Workers

FPS = 12
# of the preview: a few seconds of small frames that load with the page
_PREVIEW_WIDTH_PX = 360
_MOST_PREVIEW_FRAMES = 24
# below this budget the two encoders do not run at the same time
_BOTH_AT_ONCE_MB = 300
_MOVING, _STILL = "moving", "still"
_SINGLE_WIDTH_PX = 960


@dataclass(frozen=True, slots=True, kw_only=True)
class Films:
    """What was filmed.

    Attributes:
        moving: MP4 of the sky over still ground.
        still_stars: MP4 of the ground and all that moves under still stars, None without a lens.
        preview: Small frames of the moving one, uint8 (h, w, 3).
        single: The frame in the middle, to hold the picture against.
        encoder_peak_rss_mb: Largest memory of an encoder.
    """

    moving: bytes
    still_stars: bytes | None
    preview: tuple[UInt8Array, ...]
    single: UInt8Array
    encoder_peak_rss_mb: float


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

    def read(self, number: int) -> Frame:
        """Read one by its place in the series."""
        return self._reread(self._names[number])


def make_films(
    frames: FrameSource,
    *,
    size: tuple[int, int],
    tone: Tone,
    dark: MasterDark | None,
    sky_fraction: Float32Array | None,
    still_stars: StillStars | None,
    memory_budget_mb: int,
    workers: Workers,
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
        workers: That many frames are worked on at the same time.

    Raises:
        DeviceError: The encoder fails.
    """
    roomy = memory_budget_mb >= _BOTH_AT_ONCE_MB
    kinds = (_MOVING, _STILL) if still_stars is not None else (_MOVING,)
    made: dict[str, bytes] = {}
    preview: list[UInt8Array] = []
    single: list[UInt8Array] = []
    encoder_mb = 0.0
    for turn in [kinds] if roomy else [(kind,) for kind in kinds]:
        filming = Filming(
            tone=tone,
            shape=(size[1], size[0]),
            sky_fraction=sky_fraction,
            still_stars=still_stars,
        )
        crew = _Crew(frames, filming, dark, turn, workers if roomy else Workers())
        with ExitStack() as open_films:
            films = {
                kind: open_films.enter_context(Film(width=size[0], height=size[1], fps=FPS))
                for kind in turn
            }
            every = -(-len(frames) // _MOST_PREVIEW_FRAMES)
            for number, shown in enumerate(crew.pictures()):
                for kind, film in films.items():
                    film.add(shown[kind])
                if _MOVING in shown and number % every == 0:
                    preview.append(_shrunk(shown[_MOVING]))
                if _MOVING in shown and number == len(frames) // 2:
                    single.append(smaller_picture(shown[_MOVING], _SINGLE_WIDTH_PX))
            for kind, film in films.items():
                made[kind] = film.finish()
                encoder_mb = max(encoder_mb, film.peak_rss_mb)
    return Films(
        moving=made[_MOVING],
        still_stars=made.get(_STILL),
        preview=tuple(preview),
        single=single[0],
        encoder_peak_rss_mb=encoder_mb,
    )


class _Crew:
    """Makes the pictures of a film, as many at the same time as there are hands."""

    def __init__(
        self,
        frames: FrameSource,
        filming: Filming,
        dark: MasterDark | None,
        kinds: tuple[str, ...],
        workers: Workers,
    ) -> None:
        self._frames = frames
        self._filming = filming
        self._dark = dark
        self._kinds = kinds
        self._workers = workers

    def pictures(self) -> Iterator[dict[str, UInt8Array]]:
        """Yield for each frame its picture in each kind of film."""
        count = self._workers.count
        for first in range(0, len(self._frames), count):
            numbers = range(first, min(first + count, len(self._frames)))
            seen: dict[int, tuple[Float32Array, FrameInfo]] = {}
            self._workers.together([partial(self._see, number, seen) for number in numbers])
            for number in numbers:
                planes, _ = seen[number]
                planes -= self._filming.offset_adu(self._filming.level_adu(planes))
            shown: dict[int, dict[str, UInt8Array]] = {}
            self._workers.together([partial(self._show, n, seen, shown) for n in numbers])
            for number in numbers:
                yield shown[number]

    def _see(self, number: int, seen: dict[int, tuple[Float32Array, FrameInfo]]) -> None:
        frame = self._frames.read(number)
        seen[number] = (small_planes(frame, self._dark), frame.info)

    def _show(
        self,
        number: int,
        seen: dict[int, tuple[Float32Array, FrameInfo]],
        shown: dict[int, dict[str, UInt8Array]],
    ) -> None:
        planes, info = seen.pop(number)
        shot = self._filming.shot(planes)
        pictures: dict[str, UInt8Array] = {}
        if _MOVING in self._kinds:
            pictures[_MOVING] = self._filming.moving(shot)
        if _STILL in self._kinds:
            pictures[_STILL] = self._filming.still(shot, info)
        shown[number] = pictures


def _shrunk(picture: UInt8Array) -> UInt8Array:
    """Return a frame of the preview by means of whole blocks."""
    factor = max(1, round(picture.shape[1] / _PREVIEW_WIDTH_PX))
    height, width = picture.shape[0] // factor, picture.shape[1] // factor
    blocks = picture[: height * factor, : width * factor].reshape(height, factor, width, factor, 3)
    return np.asarray(blocks.mean(axis=(1, 3), dtype=np.float32) + 0.5, dtype=np.uint8)
