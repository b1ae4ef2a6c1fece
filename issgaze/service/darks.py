"""Which darks a series gets, and how they are made to fit: what the report says of it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from issgaze.archive.darklibrary import DarkKey, DarkLibrary
from issgaze.archive.fits import read_raw
from issgaze.archive.fitsimage import ImageRoom
from issgaze.errors import ArchiveError, FrameError
from issgaze.imaging.darkscale import dark_scale, scaled_by
from issgaze.imaging.frame import Frame
from issgaze.imaging.masterdark import MasterDark, master_dark

Source = Literal["pass", "library", "given", "none"]
# darks this near in temperature are taken as they are
_NEAR_C = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Darks:
    """Dark frames for a series.

    Attributes:
        frames: May be empty.
        source: Where they come from.
        set_id: Of the library's set, None for others.
        light: Gives a light to fit them to, None when they were taken with the lights.
        left_out: What was named as a dark and is none, with the reason; it fills as they are read.
    """

    frames: Iterable[Frame]
    source: Source
    set_id: str | None = None
    light: Callable[[], Frame | None] = lambda: None
    left_out: Sequence[str] = ()


def darks_for(
    own: list[Path], lights: Callable[[], list[Path]], library: DarkLibrary | None
) -> Darks:
    """Return a pass's own darks, else the library's that fit its lights best, else none.

    Args:
        own: Darks of the pass.
        lights: Gives the lights there are.
        library: None where there is none.
    """
    if own:
        return Darks(frames=readable(own), source="pass")
    light = next(readable(lights()), None)
    if library is None or light is None:
        return Darks(frames=(), source="none")
    found = library.find(DarkKey.of(light.info, light.mosaic.shape))
    if found is None:
        return Darks(frames=(), source="none")
    return Darks(
        frames=readable(found.frames()),
        source="library",
        set_id=found.path.name,
        light=lambda: next(readable(lights()), None),
    )


def readable(paths: Iterable[Path]) -> Iterator[Frame]:
    """Yield the frames of files; what cannot be read is left out."""
    room = ImageRoom()
    for path in paths:
        try:
            yield read_raw(path, room=room)
        except (FrameError, ArchiveError):
            continue


def master_of(darks: Darks) -> tuple[MasterDark | None, dict[str, Any]]:
    """Return the master dark, made to fit the lights, and what the report says of it.

    Darks of another night are scaled in proportion to the exposure, and by the strength of warm
    pixels where the temperatures differ or are not known.
    """
    dark = master_dark(darks.frames)
    if dark is None:
        reason = "No darks: hot pixels are found in the sub-exposures themselves."
        return None, {"source": "none", "frames": 0, "scaled_by": None, "reason": reason}
    facts: dict[str, Any] = {
        "source": darks.source,
        "set": darks.set_id,
        "frames": dark.frame_count,
        "exposure_s": dark.exposure_s,
        "temperature_c": None if dark.temperature_c is None else round(dark.temperature_c, 1),
        "scaled_by": "exposure",
        "factor": 1.0,
        "reason": "Taken with the lights." if darks.source == "pass" else "As given.",
    }
    if darks.left_out:
        facts["left_out"] = list(darks.left_out)
    if darks.source != "library":
        return dark, facts
    light = darks.light()
    if light is None or _as_warm(dark, light):
        return dark, facts | {"reason": "From the library, at the lights' temperature."}
    found = dark_scale(dark, light)
    if found is None:
        reason = "From the library, at another temperature: too few warm pixels tell by how much."
        return dark, facts | {"reason": reason}
    return scaled_by(dark, found.factor), facts | {
        "scaled_by": "warm pixels",
        "factor": round(found.factor, 3),
        "factor_sigma": round(found.sigma, 3),
        "reason": f"From the library, scaled by {found.pixels} warm pixels of the first light.",
    }


def _as_warm(dark: MasterDark, light: Frame) -> bool:
    here_c = light.info.temperature_c
    if here_c is None or dark.temperature_c is None:
        return False
    return abs(here_c - dark.temperature_c) <= _NEAR_C
