"""From the stacks of a series to its products on disk."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from issgaze.archive.atomic import write_atomic
from issgaze.archive.fits import write_product
from issgaze.archive.fitscards import CardValue
from issgaze.archive.jsonfile import write_json
from issgaze.archive.lensfile import write_lens
from issgaze.archive.passfolder import REPORT_FILE
from issgaze.arrays import Float32Array, UInt16Array
from issgaze.civil import format_fits
from issgaze.devices.video import PyavEncoder
from issgaze.errors import DeviceError, PropagationError
from issgaze.imaging.frame import FrameInfo
from issgaze.imaging.masterdark import MasterDark
from issgaze.optics.lens import Lens
from issgaze.orbit.timing import uncertainty_from_age
from issgaze.picture.caption import alt_text, caption, title
from issgaze.picture.compose import ComposedLinear, compose
from issgaze.picture.encode import PictureMetadata, jpeg_bytes, tiff_bytes
from issgaze.picture.plain import plain_layers
from issgaze.picture.quality import Quality, measure_quality
from issgaze.picture.timelapse import timelapse_frames, timelapse_size
from issgaze.picture.tone import Tone, measure_tone, render
from issgaze.service.developjob import DevelopJob
from issgaze.service.series import FrameRecord
from issgaze.service.starsinview import stars_in_view
from issgaze.stacking.stacks import Stacks
from issgaze.stacking.trail import cut_trail, find_trail
from issgaze.stacking.trailfit import TrailFit, fit_trail, not_proved

_PREVIEW_WIDTH_PX = 960
_PICTURE_QUALITY = 92
_FILM_FPS = 12
_FEWEST_FILM_FRAMES = 4
_SURELY_SKY = 0.97


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A product that could not be made, and why."""

    what: str
    reason: str


class Darkroom:
    """Makes the products of one series.

    Args:
        job: What is known of the series.
        stacks: Its stacks.
        records: What became of each frame.
        dark: Master dark of the frames, None for none.
    """

    def __init__(
        self,
        job: DevelopJob,
        stacks: Stacks,
        records: Sequence[FrameRecord],
        *,
        dark: MasterDark | None,
    ) -> None:
        self._job = job
        self._dark = dark
        self._records = records
        self.stacks = stacks
        self.missing: list[Missing] = []
        self.bytes_written = 0
        self.lens = self._lens()
        self.fit = self._fit()
        self.trail = self._trail(retouched=False)
        self.composed = self._compose()
        stars = self._stars()
        self.quality: Quality = measure_quality(
            stacks,
            sky=(self.composed.sky_fraction > _SURELY_SKY) & self.composed.seen,
            lens=self.lens,
            catalogue=stars,
        )
        self.tone: Tone = measure_tone(self.composed, stars)

    def _lens(self) -> Lens | None:
        job = self._job
        if job.lens is None:
            self._miss("lens.json", job.lens_reason or "the lens is not known")
            return None
        if not job.timed or job.site is None:
            what = "site" if job.timed else "time of the frames"
            self._miss("lens.json", f"the {what} is not known, so the lens leads nowhere")
            return None
        info = self._first_info()
        width, height = self._mosaic_size()
        assert info is not None
        return job.lens.scaled_to(width, height)

    def _mosaic_size(self) -> tuple[int, int]:
        height, width = self.stacks.peak_frame.shape
        scale = 2 if self.stacks.resolution == "half" else 1
        return width * scale, height * scale

    def _first_info(self) -> FrameInfo | None:
        return next((record.info for record in self._records if record.used), None)

    def _fit(self) -> TrailFit:
        job, info = self._job, self._first_info()
        if job.elements is None and self.lens is not None:
            return not_proved("there is no element set to compare with: give --elements FILE")
        try:
            return fit_trail(
                self.stacks,
                self.lens,
                job.elements,
                job.site,
                job.iss_pass,
                timing_window_s=self._timing_window_s(),
                clock_error_s=info.clock_error_s if info else None,
                row_time_s=info.row_time_s if info else 0.0,
            )
        except PropagationError as error:
            return not_proved(error.message)

    def _timing_window_s(self) -> float:
        job = self._job
        if job.iss_pass is not None:
            return job.iss_pass.timing_uncertainty_s
        if job.elements is None:
            return 0.0
        return uncertainty_from_age(job.elements.epoch)(self.stacks.reference_utc)

    def _trail(self, *, retouched: bool) -> Float32Array | None:
        """Return the trail: measured light for the linear product, retouched for the picture."""
        job, info = self._job, self._first_info()
        if self.lens is not None and job.elements is not None and job.site is not None:
            try:
                return cut_trail(
                    self.stacks,
                    self.lens,
                    job.elements,
                    job.site,
                    self.fit,
                    timing_window_s=self._timing_window_s(),
                    row_time_s=info.row_time_s if info else 0.0,
                    retouched=retouched,
                )
            except PropagationError as error:
                if not retouched:
                    self._miss("trail.fits", error.message)
                return None
        found = find_trail(self.stacks)
        if found is None:
            self._miss("trail.fits", "no streak of light was found")
            return None
        return found.light

    def _compose(self) -> ComposedLinear:
        if self.lens is None:
            return plain_layers(
                self.stacks.ground, saturation_adu=self.stacks.saturation_adu, trail=self.trail
            )
        return compose(self.stacks, self._trail(retouched=True), lens=self.lens)

    def _stars(self) -> Any:
        if self.lens is None or self._job.site is None:
            return None
        return stars_in_view(
            self.lens, self._job.site, self.stacks.reference_utc, self.stacks.resolution
        )

    def develop(self) -> None:
        """Write the linear products, the lens and the time-lapse.

        Raises:
            ArchiveError: The disk refuses them.
        """
        if self.lens is not None:
            self._count(write_lens(self._path("lens.json"), self.lens))
            self._product("stars.fits", self.stacks.stars)
            if self.trail is not None:
                self._product("trail.fits", self.trail)
        else:
            self._miss("stars.fits", "without a lens nothing can follow the stars")
            if self.trail is not None:
                self._product("trail.fits", self.trail)
        self._product("ground.fits", self.stacks.ground)
        self._film()

    def _product(self, name: str, planes: Float32Array) -> None:
        cards: dict[str, tuple[CardValue, str]] = {
            "NFRAMES": (self.stacks.frame_count, "frames that went in"),
            "REJFRAC": (self.stacks.reject_fraction, "part of all samples rejected"),
        }
        if self._job.timed:
            reference = format_fits(self.stacks.reference_utc)
            cards["DATE-REF"] = (reference, "UTC to which the stars are registered")
        self._count(write_product(self._path(name), planes, cards))

    def _film(self) -> None:
        names = [record.file for record in self._records if record.used]
        if len(names) < _FEWEST_FILM_FRAMES:
            self._miss(
                "timelapse.mp4", f"{len(names)} frames make no film, {_FEWEST_FILM_FRAMES} do"
            )
            return
        width, height = timelapse_size(*self._mosaic_size())
        frames = timelapse_frames(
            (self._job.reread(name) for name in names),
            tone=self.tone,
            dark=self._dark,
            sky_fraction=self.composed.sky_fraction if self.lens else None,
        )
        try:
            film = PyavEncoder().encode(frames, width=width, height=height, fps=_FILM_FPS)
        except DeviceError as error:
            self._miss("timelapse.mp4", error.message)
            return
        self._count(write_atomic(self._path("timelapse.mp4"), film))

    def write_words(self, report: dict[str, Any]) -> None:
        """Write the picture with its words, the captions and, last, the report.

        Raises:
            ArchiveError: The disk refuses them.
        """
        job = self._job
        leading, *others = job.languages
        about = PictureMetadata(
            title=title(report, leading, job.zone),
            description=caption(report, leading, job.zone),
            alt_text=alt_text(report, leading, job.zone),
            keywords=("ISS", "night sky", "issgaze"),
        )
        picture = render(self.composed, tone=self.tone)
        self._count(write_atomic(self._path("picture.jpg"), jpeg_bytes(picture, metadata=about)))
        self._count(write_atomic(self._path("picture.tif"), tiff_bytes(picture)))
        self._count(write_atomic(self._path("preview.jpg"), jpeg_bytes(_smaller(picture))))
        self._text("caption.txt", about.description)
        self._text("alt.txt", about.alt_text)
        for language in others:
            self._text(f"caption.{language}.txt", caption(report, language, job.zone))
        report["resources"]["bytes_written"] = self.bytes_written
        write_json(self._path(REPORT_FILE), report)

    def _text(self, name: str, text: str) -> None:
        self._count(write_atomic(self._path(name), text.encode() + b"\n"))

    def _path(self, name: str) -> Path:
        return self._job.out / name

    def _count(self, size: int) -> None:
        self.bytes_written += size

    def _miss(self, what: str, reason: str) -> None:
        self.missing.append(Missing(what=what, reason=reason))


def _smaller(picture: UInt16Array) -> UInt16Array:
    """Return a picture for a page, by the mean of whole blocks."""
    factor = -(-picture.shape[1] // _PREVIEW_WIDTH_PX)
    height, width = picture.shape[0] // factor, picture.shape[1] // factor
    blocks = picture[: height * factor, : width * factor].reshape(height, factor, width, factor, 3)
    return np.asarray(blocks.mean(axis=(1, 3)), dtype=np.uint16)
