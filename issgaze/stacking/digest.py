"""Digesting raw frames one by one into the stacks of a pass."""

from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from issgaze.arrays import Float32Array, UInt16Array
from issgaze.civil import seconds_between
from issgaze.errors import ConfigurationError, FrameError
from issgaze.imaging.bayer import colour_cell
from issgaze.imaging.calibration import Calibrator
from issgaze.imaging.frame import Frame, FrameInfo
from issgaze.imaging.masterdark import MasterDark
from issgaze.optics.lens import Lens
from issgaze.sky.site import Site
from issgaze.stacking.admission import Admission
from issgaze.stacking.counters import needed_shift
from issgaze.stacking.finish import (
    MosaicRows,
    Seen,
    mean_rows,
    registered_full,
    registered_half,
    unregistered_planes,
    value_rows,
)
from issgaze.stacking.noise import NoiseMeter, NoiseModel
from issgaze.stacking.rays import suspects, take_out_rays
from issgaze.stacking.registered import Registered
from issgaze.stacking.registration import SkyMap
from issgaze.stacking.stacks import NO_FRAME, Resolution, Stacks
from issgaze.stacking.strips import CellShifts, StripPlan
from issgaze.stacking.unregistered import Unregistered


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestSetup:
    """What a stack is made for.

    Attributes:
        width_px, height_px: Of the raw mosaic; an odd last row or column is left out.
        bayer_pattern: RGGB, BGGR, GRBG, GBRG or MONO.
        black_level_adu, white_level_adu: Pedestal and saturation of raw values.
        lens: None where it is not known: nothing can follow the stars then.
        site: None where it is not known, with the same consequence.
        reference_utc: Instant at which the stars of the stack stand where they are drawn.
        exposure_s: Of every frame.
        resolution: "half" or "full".
        dark: None where there are no darks.
        memory_budget_mb: What the whole process may use.
        expected_frames: Of the pass.
    """

    width_px: int
    height_px: int
    bayer_pattern: str
    black_level_adu: float
    white_level_adu: float
    lens: Lens | None
    site: Site | None
    reference_utc: datetime
    exposure_s: float
    resolution: Resolution
    dark: MasterDark | None = None
    memory_budget_mb: float = 512.0
    expected_frames: int = 32


class _Sky:
    """Moves each frame to where the stars stood at the reference instant."""

    def __init__(
        self,
        setup: DigestSetup,
        lens: Lens,
        site: Site,
        shape: tuple[int, int],
        largest_value: int,
        calibrator: Calibrator,
    ) -> None:
        height, width = shape
        size = {"height_px": height, "width_px": width}
        # an odd last row or column, left out of the stack, still belongs to the lens
        fitted = lens.scaled_to(setup.width_px, setup.height_px)
        self._map = SkyMap(lens=fitted, site=site, **size)
        step = 2 if setup.resolution == "half" else 1
        self._plan = StripPlan(self._map, step_px=step, **size)
        self.stack = Registered(
            self._plan,
            shape=shape,
            resolution=setup.resolution,
            largest_value=largest_value,
            pedestal_adu=calibrator.pedestal_adu,
        )
        self._reference_utc = setup.reference_utc
        self._height = setup.height_px

    def add(self, calibrated: UInt16Array, info: FrameInfo, noise: NoiseModel) -> None:
        """Add a calibrated frame."""
        self.stack.add(calibrated, self.shifts(info), noise)

    def shifts(self, info: FrameInfo) -> CellShifts:
        """Return where the stars of a frame have gone since the reference instant."""
        seconds = seconds_between(self._reference_utc, info.start_utc) + 0.5 * info.exposure_s
        rows = self._map.rows_px
        # when the last row is read first, row y starts (h - 1 - y) row times later
        read = rows if info.row_time_s >= 0.0 else self._height - 1.0 - rows
        displacement = self._map.displacement_px(seconds + read * abs(info.row_time_s))
        return self._plan.shifts(displacement)


class Digest:
    """Takes the raw frames of a pass one by one; memory does not grow with their number."""

    def __init__(self, setup: DigestSetup) -> None:
        """Allocate the sums.

        Raises:
            ConfigurationError: The frames are smaller than a Bayer cell.
            FrameError: The dark or the Bayer order does not fit.
            LensError: The lens is for frames of another size.
        """
        if min(setup.width_px, setup.height_px) < 2:
            raise ConfigurationError(
                f"frames of {setup.width_px}x{setup.height_px} px cannot be stacked, the least is "
                "2x2",
                remedy="Give the size of the raw mosaic.",
            )
        shape = (setup.height_px // 2 * 2, setup.width_px // 2 * 2)
        shift = needed_shift(setup.white_level_adu)
        # the digest outlives the setup's dark, which is as large as a frame
        self._setup = replace(setup, dark=None)
        self._calibrator = Calibrator(
            shape=shape,
            black_level_adu=setup.black_level_adu,
            dark=setup.dark,
            exposure_s=setup.exposure_s,
            shift=shift,
        )
        self._admission = Admission(
            shape=(setup.height_px, setup.width_px),
            bayer_pattern=setup.bayer_pattern,
            black_level_adu=setup.black_level_adu,
            white_level_adu=setup.white_level_adu,
            exposure_s=setup.exposure_s,
        )
        largest = (int(setup.white_level_adu) >> shift) + self._calibrator.offset_adu
        self._still = Unregistered(
            self._calibrator, shape=shape, pattern=setup.bayer_pattern, largest_value=largest
        )
        self._calibrated = np.empty(shape, np.uint16)
        self._noise = NoiseMeter(
            pedestal_adu=self._calibrator.pedestal_adu,
            green_column=colour_cell(setup.bayer_pattern)[0].index(1),
        )
        self._infos: list[FrameInfo] = []
        self._sky: _Sky | None = None
        if setup.lens is not None and setup.site is not None:
            self._sky = _Sky(setup, setup.lens, setup.site, shape, largest, self._calibrator)

    @property
    def frame_count(self) -> int:
        """Frames that went in."""
        return len(self._infos)

    def add(self, frame: Frame) -> None:
        """Add the next frame.

        Raises:
            FrameError: It does not fit, with the reason; the stacks are as if it had never come.
        """
        self._admission.check(frame)
        height, width = self._calibrated.shape
        raw = np.ascontiguousarray(frame.mosaic[:height, :width])
        self._still.add(raw, self._calibrated, self.frame_count)
        self._noise.add(self._calibrated)
        if self._sky is not None:
            self._sky.add(self._calibrated, frame.info, self._noise.model())
        self._infos.append(frame.info)

    def finish(self) -> Stacks:
        """Return the stacks.

        Raises:
            FrameError: No frame went in.
        """
        if not self._infos:
            raise FrameError(
                "no frame fits: 0 went in, at least 1 is needed",
                remedy="Look at the reasons given for each frame.",
            )
        setup, frames = self._setup, self.frame_count
        pedestal, scale = self._calibrator.pedestal_adu, float(1 << self._calibrator.shift)
        ground = self._planes(mean_rows(self._still.sums, frames, pedestal, scale))
        peak = self._planes(value_rows(self._still.largest, pedestal, scale))
        seen = Seen.everywhere(ground, frames)
        if self._sky is not None:
            self._take_out_rays(self._sky)
            combine = registered_half if setup.resolution == "half" else registered_full
            seen = combine(self._sky.stack, ground, setup.bayer_pattern, pedestal, scale)
        saturation = setup.white_level_adu - setup.black_level_adu
        return Stacks(
            resolution=setup.resolution,
            stars=seen.stars,
            ground=ground,
            peak=peak,
            peak_frame=self._peak_frame(),
            coverage=seen.samples * np.float32(1.0 / frames),
            variance=self._variance(seen),
            saturation_adu=saturation - scale * self._calibrator.deepest_adu,
            reference_utc=setup.reference_utc,
            frame_count=frames,
            frame_start_utc=tuple(info.start_utc for info in self._infos),
            exposure_s=tuple(info.exposure_s for info in self._infos),
            reject_fraction=0.0 if self._sky is None else self._sky.stack.reject_fraction,
        )

    def _take_out_rays(self, sky: _Sky) -> None:
        noise = self._noise.model()
        found = suspects(
            self._still.largest,
            noise,
            pedestal_adu=self._calibrator.pedestal_adu,
            frames=self.frame_count,
        )
        take_out_rays(found, sky.stack, map(sky.shifts, self._infos), noise)

    def _planes(self, rows: MosaicRows) -> Float32Array:
        return unregistered_planes(
            rows,
            shape=self._calibrated.shape,
            pattern=self._setup.bayer_pattern,
            resolution=self._setup.resolution,
        )

    def _variance(self, seen: Seen) -> Float32Array:
        model, scale = self._noise.model(), float(1 << self._calibrator.shift)
        variance = np.maximum(seen.stars[1], 0.0)
        variance *= np.float32(model.per_adu * scale)
        variance += np.float32(model.constant * scale * scale)
        variance /= seen.greens
        return np.asarray(variance, dtype=np.float32)

    def _peak_frame(self) -> UInt16Array:
        # counted from one, so that 0 - 1 wraps to NO_FRAME
        number = self._still.latest.astype(np.uint16) - np.uint16(1)
        assert np.uint16(NO_FRAME) == np.iinfo(np.uint16).max
        if self._setup.resolution == "full":
            return np.repeat(np.repeat(number, 2, axis=0), 2, axis=1)
        return number
