"""Taking darks with the cover shut, for the library: after a pass, and instead of a cloudy one."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from issgaze.archive.darklibrary import DarkKey, DarkLibrary
from issgaze.errors import IssgazeError
from issgaze.imaging.frame import Frame
from issgaze.planning.plan import CapturePlan, ExposureBlock
from issgaze.ports import Camera, Clock, RoofController

# so old a set, or so far from what is wanted, and another one is taken
_FRESH_DAYS = 10.0
_NEAR = 0.5
# a set that fits so well spares taking darks before a pass
_GOOD = 1.0
_LEAD_S = 60.0


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
        found = self.library.find(key) if key is not None else None
        return found is not None and key is not None and found.key.distance(key) <= _GOOD

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
