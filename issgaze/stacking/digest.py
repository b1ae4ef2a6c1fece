"""Digesting raw frames one by one into the stacks of a pass."""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from issgaze.arrays import Float64Array, UInt16Array
from issgaze.civil import format_utc, seconds_between
from issgaze.errors import ConfigurationError, FrameError
from issgaze.imaging.bayer import colour_cell
from issgaze.imaging.calibration import Calibrator
from issgaze.imaging.frame import Frame, FrameInfo
from issgaze.imaging.masterdark import MasterDark
from issgaze.optics.lens import Lens
from issgaze.sky.site import Site
from issgaze.stacking.admission import Admission
from issgaze.stacking.checkpoint import Checkpoint, Shelf, info_document, info_of
from issgaze.stacking.counters import needed_shift
from issgaze.stacking.drift import Drift, DriftMeter
from issgaze.stacking.finish import Grid, finish_stars, finish_still, stars_of_ground
from issgaze.stacking.noise import NoiseMeter, NoiseModel
from issgaze.stacking.rays import suspects, take_out_rays
from issgaze.stacking.registered import Registered
from issgaze.stacking.registration import SkyMap
from issgaze.stacking.stacks import Resolution, Stacks
from issgaze.stacking.standing import find_standing, mend_ground, mend_stars
from issgaze.stacking.storage import InMemory, Storage
from issgaze.stacking.strips import LEAST_PX, CellShifts, StripPlan
from issgaze.stacking.together import Workers
from issgaze.stacking.unregistered import Unregistered

# to be raised when a checkpoint's arrays of the same shape mean something else than before
_LAYOUT = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestSetup:
    """What a stack is made for.

    Attributes:
        width_px, height_px: Of the raw mosaic; an odd last row or column is left out.
        bayer_pattern: RGGB, BGGR, GRBG, GBRG or MONO.
        black_level_adu, white_level_adu: Pedestal and saturation of raw values.
        lens: None where it is not known: nothing can follow the stars then, nor in a mosaic of
            less than 16 rows or 8 columns.
        site: None where it is not known, with the same consequence.
        reference_utc: Instant at which the stars of the stack stand where they are drawn.
        exposure_s: Of every frame.
        resolution: "half" or "full".
        dark: None where there are no darks.
        memory_budget_mb: What the whole process may use.
        expected_frames: Of the pass.
        anchors_px: Where some dozen bright stars stand at the reference instant, shape (n, 2), by
            which a turning camera is noticed and followed; None when it is not to be.
        reuse_frames: Calibrate a frame in its own array, which the caller gives up: saves memory
            of the size of a frame.
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
    anchors_px: Float64Array | None = None
    reuse_frames: bool = False


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
        anchors = setup.anchors_px
        self.drift: DriftMeter | None = None
        if anchors is not None and len(anchors):
            self.drift = DriftMeter(self._map, anchors)
        self._reference_utc = setup.reference_utc
        self._height = setup.height_px

    def add(
        self, calibrated: UInt16Array, info: FrameInfo, noise: NoiseModel, workers: Workers
    ) -> None:
        """Add a calibrated frame."""
        turn = None
        if self.drift is not None:
            turn = self.drift.add(calibrated, self._seconds(info, self.drift.rows_px))
        self.stack.add(calibrated, self.shifts(info, turn), noise, workers)

    def review(
        self,
        number: int,
        calibrated: UInt16Array,
        info: FrameInfo,
        noise: NoiseModel,
        workers: Workers,
    ) -> None:
        """Judge a calibrated frame again."""
        shifts = self.shifts(info, self._turn(number))
        self.stack.review(number, calibrated, shifts, noise, workers)

    def shifts(self, info: FrameInfo, turn: Float64Array | None = None) -> CellShifts:
        """Return where the stars of a frame have gone since the reference instant.

        Args:
            info: Of the frame.
            turn: Of the camera, see `SkyMap.displacement_px`.
        """
        seconds = self._seconds(info, self._map.rows_px)
        return self._plan.shifts(self._map.displacement_px(seconds, turn=turn))

    def all_shifts(self, infos: Sequence[FrameInfo]) -> Iterator[CellShifts]:
        """Yield the shifts of all frames, in their order."""
        for number, info in enumerate(infos):
            yield self.shifts(info, self._turn(number))

    def _turn(self, number: int) -> Float64Array | None:
        return np.array(self.drift.turns[number]) if self.drift is not None else None

    def shelve(self, shelf: Shelf) -> None:
        """Write everything to a checkpoint, or read it."""
        self.stack.shelve(shelf)
        if self.drift is not None:
            self.drift.shelve(shelf)

    def _seconds(self, info: FrameInfo, rows: Float64Array) -> Float64Array:
        """Return mid-exposure of some rows less the reference instant."""
        seconds = seconds_between(self._reference_utc, info.start_utc) + 0.5 * info.exposure_s
        # when the last row is read first, row y starts (h - 1 - y) row times later
        read = rows if info.row_time_s >= 0.0 else self._height - 1.0 - rows
        return np.asarray(seconds + read * abs(info.row_time_s))


class Digest:
    """Takes the raw frames of a pass one by one; memory does not grow with their number.

    Attributes:
        setup: What the stack is made for, without the dark.
    """

    def __init__(self, setup: DigestSetup, *, workers: Workers | None = None) -> None:
        """Allocate the sums.

        Args:
            setup: What the stack is made for.
            workers: Hands to share the work, None for one; results do not depend on it.

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
        self._workers = workers or Workers()
        shape = (setup.height_px // 2 * 2, setup.width_px // 2 * 2)
        shift = needed_shift(setup.white_level_adu)
        self._fingerprint = _fingerprint(setup)
        # the digest outlives the setup's dark, which is as large as a frame
        self.setup = replace(setup, dark=None)
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
        # a camera may tell a white level below the largest value that its bits can hold
        deepest = (1 << (int(setup.white_level_adu) >> shift).bit_length()) - 1
        largest = deepest + self._calibrator.offset_adu
        self._still = Unregistered(
            self._calibrator, shape=shape, pattern=setup.bayer_pattern, largest_value=largest
        )
        self._shape = shape
        self._full_shape = (setup.height_px, setup.width_px)
        self._noise = NoiseMeter(
            pedestal_adu=self._calibrator.pedestal_adu,
            green_column=colour_cell(setup.bayer_pattern)[0].index(1),
        )
        self._infos: list[FrameInfo] = []
        self._sky: _Sky | None = None
        registrable = shape[0] >= LEAST_PX[0] and shape[1] >= LEAST_PX[1]
        if setup.lens is not None and setup.site is not None and registrable:
            self._sky = _Sky(setup, setup.lens, setup.site, shape, largest, self._calibrator)

    @property
    def frame_count(self) -> int:
        """Frames that went in."""
        return len(self._infos)

    @property
    def nbytes(self) -> int:
        """Size of a checkpoint."""
        return sum(array.nbytes for array in self.checkpoint().arrays.values())

    def add(self, frame: Frame) -> None:
        """Add the next frame.

        Raises:
            FrameError: It does not fit, with the reason; the stacks are as if it had never come.
        """
        self._admission.check(frame)
        raw, calibrated = self._buffers(frame)
        self._still.add(raw, calibrated, self.frame_count, self._workers)
        self._noise.add(calibrated)
        if self._sky is not None:
            self._sky.add(calibrated, frame.info, self._noise.model(), self._workers)
        self._infos.append(frame.info)

    @property
    def doubtful(self) -> tuple[int, ...]:
        """Numbers of frames, counted from 0, that `review` should see again before `finish`.

        They were judged when too few frames were known to tell what does not belong to the stars.
        """
        return () if self._sky is None else self._sky.stack.doubtful

    @property
    def drift(self) -> Drift | None:
        """What bright stars say of the mount; None when they were not watched."""
        meter = self._sky.drift if self._sky is not None else None
        return meter.facts() if meter is not None else None

    def review(self, number: int, frame: Frame) -> None:
        """Judge a doubtful frame again, now that all are known.

        Args:
            number: Of the frame, in the order in which frames went in, counted from 0.
            frame: The same frame as then.

        Raises:
            FrameError: It is another frame.
        """
        if self._sky is None or number not in self.doubtful:
            return
        if frame.info != self._infos[number] or frame.mosaic.shape != self._full_shape:
            raise FrameError(
                f"frame {number} of the stack is another one: it started at "
                f"{format_utc(self._infos[number].start_utc)}, this at "
                f"{format_utc(frame.info.start_utc)}",
                remedy="Give the frame that went in, unchanged.",
            )
        raw, calibrated = self._buffers(frame)
        self._calibrator.calibrate(raw, calibrated)
        self._sky.review(number, calibrated, frame.info, self._noise.model(), self._workers)

    def _buffers(self, frame: Frame) -> tuple[UInt16Array, UInt16Array]:
        """Return the raw mosaic and where to calibrate it."""
        height, width = self._shape
        raw = frame.mosaic[:height, :width]
        reusable = raw.flags.c_contiguous and raw.flags.writeable and raw.dtype.isnative
        mine = self.setup.reuse_frames and reusable
        return raw, raw if mine else np.empty(self._shape, np.uint16)

    def checkpoint(self) -> Checkpoint:
        """Return all that was gathered so far, to go on from with `resume`."""
        shelf = Shelf()
        self._shelve(shelf)
        shelf.document["setup"] = self._fingerprint
        shelf.document["infos"] = [info_document(info) for info in self._infos]
        return shelf.checkpoint()

    @classmethod
    def resume(
        cls, setup: DigestSetup, saved: Checkpoint, *, workers: Workers | None = None
    ) -> "Digest":
        """Return a digest that goes on from a checkpoint; frames that went in need not come again.

        Raises:
            FrameError: The checkpoint was made with another setup.
        """
        digest = cls(setup, workers=workers)
        if saved.document.get("setup") != digest._fingerprint:
            raise FrameError(
                "the checkpoint belongs to another stack: lens, size, dark, exposure or program "
                "differ",
                remedy="Remove the checkpoint; the frames are digested from the start.",
            )
        digest._shelve(Shelf(saved))
        digest._infos = [info_of(values) for values in saved.document["infos"]]
        digest._admission.go_on_after(digest._infos)
        return digest

    def _shelve(self, shelf: Shelf) -> None:
        self._still.shelve(shelf)
        shelf.numbers("noise", self._noise, "constant", "per_adu", "frames", "seen")
        self._admission.shelve(shelf)
        if self._sky is not None:
            self._sky.shelve(shelf)

    def finish(self, storage: Storage | None = None) -> Stacks:
        """Return the stacks; the digest is used up.

        Args:
            storage: Where the products' arrays live, None for memory. What has the size of its
                sums (stars always, ground at half resolution) is written over them.

        Raises:
            FrameError: No frame went in.
        """
        if not self._infos:
            raise FrameError(
                "no frame fits: 0 went in, at least 1 is needed",
                remedy="Look at the reasons given for each frame.",
            )
        setup, infos, where = self.setup, tuple(self._infos), storage or InMemory()
        noise, calibrator = self._noise.model(), self._calibrator
        grid = Grid(
            pattern=setup.bayer_pattern,
            resolution=setup.resolution,
            pedestal_adu=calibrator.pedestal_adu,
            scale=float(1 << calibrator.shift),
            noise=noise,
        )
        saturation = setup.white_level_adu - setup.black_level_adu
        saturation -= calibrator.deepest_adu * grid.scale
        if not calibrator.has_dark:
            self._mend_defects(noise)
        self._still.forget_dark()
        if self._sky is not None:
            self._take_out_rays(self._sky, noise)
        still = finish_still(self._still, grid, where)
        if self._sky is None:
            stars = stars_of_ground(still.ground, len(infos), grid, where)
        else:
            stars = finish_stars(self._sky.stack, still.ground, grid, where)
        return Stacks(
            resolution=setup.resolution,
            stars=stars.stars,
            ground=still.ground,
            peak=still.peak,
            peak_frame=still.peak_frame,
            coverage=stars.coverage,
            variance=stars.variance,
            saturation_adu=saturation,
            reference_utc=setup.reference_utc,
            frame_count=len(infos),
            frame_start_utc=tuple(info.start_utc for info in infos),
            exposure_s=tuple(info.exposure_s for info in infos),
            reject_fraction=0.0 if self._sky is None else self._sky.stack.reject_fraction,
        )

    def _mend_defects(self, noise: NoiseModel) -> None:
        """Without a dark: take hot pixels out by what the mean of the frames tells of them."""
        found = find_standing(self._still, noise, pedestal_adu=self._calibrator.pedestal_adu)
        if self._sky is not None:
            mend_stars(found, self._sky.stack, self._sky.all_shifts(self._infos))
        mend_ground(found, self._still)

    def _take_out_rays(self, sky: _Sky, noise: NoiseModel) -> None:
        found = suspects(
            self._still.largest,
            noise,
            pedestal_adu=self._calibrator.pedestal_adu,
            frames=self.frame_count,
        )
        take_out_rays(found, sky.stack, sky.all_shifts(self._infos), noise)


def _fingerprint(setup: DigestSetup) -> str:
    """Return a text that differs when the stacks would."""
    dark = 0
    if setup.dark is not None:
        dark = zlib.crc32(setup.dark.excess_steps.tobytes())
        dark = zlib.crc32(setup.dark.hot.tobytes(), dark)
    # what saved sums mean belongs to it, where their shapes do not tell
    what = replace(setup, dark=None, memory_budget_mb=0.0, expected_frames=0, reuse_frames=False)
    return f"{_LAYOUT} {what!r} {dark:08x}"
