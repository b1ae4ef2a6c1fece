"""Taking darks with the cover shut, for the library: after a pass, and instead of a cloudy one."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np

from issgaze.archive.darklibrary import DarkKey, DarkLibrary
from issgaze.errors import CameraError, DeviceError, IssgazeError, UsageError
from issgaze.imaging.frame import Frame
from issgaze.planning.plan import CapturePlan, ExposureBlock
from issgaze.ports import Camera, Clock, RoofController

# so old a set, or so far from what is wanted, and another one is taken
_FRESH_DAYS = 10.0
_NEAR = 0.5
# a set that fits so well spares taking darks before a pass
_GOOD = 1.0
_LEAD_S = 60.0
# of the span from black to white: brighter, and the lens is not covered
_DARK_SHARE = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class DarkTaker:
    """Takes darks where a cover can shut.

    Attributes:
        roof: None where darks cannot be taken without a hand on the lens.
        shape: Height and width of the frames of a mode; None for an unknown mode.
        stop: Becomes true when the program shall end.
        log: Told in words what was taken, or why not.
    """

    library: DarkLibrary
    clock: Clock
    camera: Camera
    roof: RoofController | None
    shape: Callable[[str], tuple[int, int] | None]
    stop: Callable[[], bool]
    log: Callable[[str], None]

    def knows(self, block: ExposureBlock, mode: str) -> bool:
        """Return whether the library has darks that fit a block of lights well enough."""
        key = self._key(block, mode, None)
        if key is None:
            return False
        found = self.library.find(key)
        return found is not None and found.key.distance(key) <= _GOOD

    def take(self, plan: CapturePlan, *, left_s: float, temperature_c: float | None = None) -> bool:
        """Take the darks of a plan into the library, unless it has such; return whether it did.

        Args:
            plan: Of the pass; its `darks` say how.
            left_s: Until the camera is needed again.
            temperature_c: Of the sensor as last seen, None when it is not known.
        """
        block = plan.darks
        if self.roof is None or block is None:
            return False
        key = self._key(block, plan.mode, temperature_c)
        now = self.clock.now_utc()
        if key is None or block.count * block.interval_s + _LEAD_S > left_s:
            return False
        if self.library.is_fresh(key, now, days=_FRESH_DAYS, distance=_NEAR):
            return False
        try:
            self.roof.close_cover()
            with self.camera as camera:
                begun = replace(block, start_utc=self.clock.now_utc())
                taken = self.library.add(self._fitting(camera, begun, plan.mode))
        except IssgazeError as error:
            self.log(f"no darks: {error.message}. {error.remedy}")
            return False
        if taken is not None:
            self.log(
                f"{taken.count} darks of {taken.key.exposure_s:g} s taken for the library, "
                f"set {taken.path.name}"
            )
        return taken is not None

    def under_the_cap(self, block: ExposureBlock, mode: str, *, left_s: float) -> str:
        """Take a set with a hand's cap on the lens; return what was taken, for people.

        Args:
            block: What to take.
            mode: Of the camera.
            left_s: Until the camera is needed for something else.

        Raises:
            DeviceError: There is no time for it, or the lens is not covered.
            CameraError: The camera fails.
            ArchiveError: The disk refuses the frames.
        """
        needed_s = block.count * block.interval_s + _LEAD_S
        if needed_s > left_s:
            raise DeviceError(
                f"{block.count} darks take {needed_s:.0f} s, the camera is free for "
                f"{max(left_s, 0.0):.0f} s",
                remedy="Try again after the pass.",
            )
        with self.camera as camera:
            begun = replace(block, start_utc=self.clock.now_utc())
            taken = self.library.add(_dark_ones(self._fitting(camera, begun, mode)))
        if taken is None:
            raise CameraError("the camera gave no frame", remedy="Run `issgaze doctor`.")
        return (
            f"{taken.count} darks of {taken.key.exposure_s:g} s at gain "
            f"{taken.key.analogue_gain:g}, set {taken.path.name}. Take the cap off now."
        )

    def _fitting(self, camera: Camera, block: ExposureBlock, mode: str) -> Iterator[Frame]:
        for frame in camera.expose(block, mode=mode):
            if self.stop():
                return
            if frame.mosaic.shape == self.shape(mode):
                yield frame

    def _key(self, block: ExposureBlock, mode: str, temperature_c: float | None) -> DarkKey | None:
        shape = self.shape(mode)
        if shape is None:
            return None
        return DarkKey(
            width_px=shape[1],
            height_px=shape[0],
            analogue_gain=block.analogue_gain,
            exposure_s=block.exposure_s,
            temperature_c=temperature_c,
        )


def dark_block(facts: Mapping[str, Any], now: datetime) -> ExposureBlock:
    """Return the block that a request for darks asks for.

    Args:
        facts: exposure_s, gain and frames of the request.
        now: When it begins.

    Raises:
        UsageError: One of them is missing or out of range.
    """
    try:
        exposure_s, gain = float(facts["exposure_s"]), float(facts["gain"])
        count = int(facts["frames"])
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError(
            f"no darks can be taken like that: {error!r}",
            remedy="Run `issgaze darks take --exposure S --gain G --frames N`.",
        ) from error
    if not (0.001 <= exposure_s <= 200.0 and 1.0 <= gain <= 64.0 and 3 <= count <= 64):
        raise UsageError(
            f"{count} darks of {exposure_s:g} s at gain {gain:g}: from 3 to 64 of 0.001 to 200 s "
            "at gain 1 to 64 can be taken",
            remedy="Take the exposure and gain of a capture: see its plan.json.",
        )
    return ExposureBlock(
        start_utc=now,
        exposure_s=exposure_s,
        analogue_gain=gain,
        count=count,
        interval_s=exposure_s,
    )


def _dark_ones(frames: Iterator[Frame]) -> Iterator[Frame]:
    """Yield frames as long as they are dark.

    Raises:
        DeviceError: One is not: light comes through the lens.
    """
    for frame in frames:
        info = frame.info
        level_adu = float(np.median(frame.mosaic[::8, ::8])) - info.black_level_adu
        if level_adu > _DARK_SHARE * (info.white_level_adu - info.black_level_adu):
            raise DeviceError(
                f"the frame is {level_adu:.0f} ADU above black: the lens is not covered",
                remedy="Put a cap or a dark cloth over the lens, and try again.",
            )
        yield frame
