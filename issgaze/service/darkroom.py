"""From the stacks of a series to what is measured on them and what is shown of them."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from issgaze.arrays import Float32Array
from issgaze.errors import PropagationError
from issgaze.imaging.frame import FrameInfo
from issgaze.optics.lens import Lens
from issgaze.orbit.timing import uncertainty_from_age
from issgaze.orbit.tracks import Track
from issgaze.picture.colour import StarColours
from issgaze.picture.compose import Composer, Variant
from issgaze.picture.deadtime import TrailDeadTime, dead_time_of_trail
from issgaze.picture.layers import Composition, WholeComposition
from issgaze.picture.lightcurve import LightCurve, measure_light_curve
from issgaze.picture.plain import plain_layers
from issgaze.picture.quality import Quality, measure_quality
from issgaze.picture.skyline import sky_fraction
from issgaze.picture.tone import Tone, measure_tone
from issgaze.service.developjob import DevelopJob
from issgaze.service.products import Products
from issgaze.service.series import FrameRecord
from issgaze.service.starsinview import stars_in_view
from issgaze.stacking.labelplace import labelled_site
from issgaze.stacking.stacks import Stacks
from issgaze.stacking.together import Workers
from issgaze.stacking.trail import cut_trail, find_trail
from issgaze.stacking.trailfit import TrailFit, fit_trail, not_proved
from issgaze.stacking.trailpixels import TrailPixels
from issgaze.stacking.trailtimes import pass_track


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A picture ready to be made: its layers, its tone, and its trail."""

    composition: Composition
    tone: Tone
    trail: TrailPixels | None


class Darkroom:
    """Measures one series, and writes its linear products on the way.

    Args:
        job: What is known of the series.
        stacks: Its stacks.
        records: What became of each frame.
        products: Where products go.
        workers: For what is done in bands.

    Raises:
        ArchiveError: The disk refuses a product.
    """

    def __init__(
        self,
        job: DevelopJob,
        stacks: Stacks,
        records: Sequence[FrameRecord],
        *,
        products: Products,
        workers: Workers,
    ) -> None:
        self._job = job
        self._info: FrameInfo | None = next((r.info for r in records if r.used), None)
        self._products = products
        self._workers = workers
        self.stacks = stacks
        # parts of them are let go below, which only works when nobody else holds them
        del stacks
        self.lens = self._lens()
        self.fit = self._fit()
        track = self._track()
        self._write_stacks()
        measured = self._measured_trail()
        self.trail_found = measured is not None and bool(measured)
        self._trail = self._retouched_trail(measured)
        self.trail_dead_time = self._trail_dead_time(track)
        self._let_go()
        stars = self._stars()
        self._composer: Composer | None = None
        if self.lens is not None:
            self._composer = Composer(
                self.stacks,
                self._trail,
                lens=self.lens,
                sky_mask=self._job.on_sky(sky_fraction(self.stacks, lens=self.lens)),
                workers=self._workers,
            )
            if not job.variants:
                # it has taken note of which pixels enough frames cover
                nothing = np.zeros((0, 0), np.float32)
                self.stacks = dataclasses.replace(self.stacks, coverage=nothing)
        self.quality: Quality = self._quality(stars)
        self.light_curve = self._light_curve(measured, track)
        self.shown = self._shown(stars)

    def _let_go(self) -> None:
        """Forget what nothing asks for any more: a board has no room for it beside a picture."""
        nothing = np.zeros((3, 0, 0), np.float32)
        stacks = dataclasses.replace(self.stacks, variance=nothing[0])
        if not self._job.variants:
            stacks = dataclasses.replace(stacks, peak=nothing)
        self.stacks = stacks

    def _trail_dead_time(self, track: Track | None) -> TrailDeadTime | None:
        if track is None or self.lens is None or not self.fit.accepted:
            return None
        ahead_s = self.fit.along_track_s or 0.0
        return dead_time_of_trail(self.stacks, self.lens, track, ahead_s=ahead_s)

    def _lens(self) -> Lens | None:
        job = self._job
        if job.lens is None:
            self._products.miss("lens.json", job.lens_reason or "the lens is not known")
            return None
        if not job.timed or job.site is None:
            what = "site" if job.timed else "time of the frames"
            reason = f"the {what} is not known, so the lens leads nowhere"
            self._products.miss("lens.json", reason)
            return None
        width, height = self.mosaic_size
        return job.lens.scaled_to(width, height)

    @property
    def mosaic_size(self) -> tuple[int, int]:
        """Width and height of the raw mosaic."""
        height, width = self.stacks.peak_frame.shape
        scale = 2 if self.stacks.resolution == "half" else 1
        return width * scale, height * scale

    def _fit(self) -> TrailFit:
        job, info = self._job, self._info
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
                label_site=labelled_site(info.bayer_pattern) if info else None,
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

    def _track(self) -> Track | None:
        job = self._job
        if self.lens is None or job.elements is None or job.site is None:
            return None
        try:
            return pass_track(self.stacks, job.elements, job.site)
        except PropagationError:
            return None

    def _cut(self, *, retouched: bool) -> TrailPixels | None:
        """Return the predicted trail's light: as measured, or completed for the picture."""
        job, info = self._job, self._info
        if self.lens is None or job.elements is None or job.site is None:
            return None
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
                self._products.miss("trail.fits", error.message)
            return None

    def _measured_trail(self) -> TrailPixels | None:
        if self.lens is not None and self._job.elements is not None:
            trail = self._cut(retouched=False)
            if trail is not None and not trail:
                self._products.miss("trail.fits", self.fit.reason)
                return None
        else:
            found = find_trail(self.stacks)
            trail = found.light if found else None
            if trail is None:
                self._products.miss("trail.fits", "no streak of light was found")
        if trail is not None:
            self._products.planes("trail.fits", trail, self.stacks, timed=self._job.timed)
        return trail

    def _retouched_trail(self, measured: TrailPixels | None) -> TrailPixels | None:
        if measured is None or self._job.elements is None or self.lens is None:
            return measured
        completed = self._cut(retouched=True)
        return measured if completed is None else completed

    def _write_stacks(self) -> None:
        products, timed = self._products, self._job.timed
        if self.lens is not None:
            if not self._job.lens_given_in_out:
                products.lens(self.lens)
            products.planes("stars.fits", self.stacks.stars, self.stacks, timed=timed)
        else:
            products.miss("stars.fits", "without a lens nothing can follow the stars")
        products.planes("ground.fits", self.stacks.ground, self.stacks, timed=timed)

    def _stars(self) -> StarColours | None:
        if self.lens is None or self._job.site is None:
            return None
        return stars_in_view(
            self.lens, self._job.site, self.stacks.reference_utc, self.stacks.resolution
        )

    def _quality(self, stars: StarColours | None) -> Quality:
        composer = self._composer
        if composer is not None:
            return measure_quality(
                self.stacks,
                sky=composer.surely_sky(),
                lens=self.lens,
                catalogue=stars,
                found=composer.stars,
            )
        plain = plain_layers(self.stacks.ground, saturation_adu=self.stacks.saturation_adu)
        return measure_quality(self.stacks, sky=plain.seen)

    def _light_curve(self, measured: TrailPixels | None, track: Track | None) -> LightCurve | None:
        zero = self.quality.zero_point_mag
        composer, lens = self._composer, self.lens
        if measured is None or track is None or zero is None or lens is None or composer is None:
            return None
        if not self.fit.accepted:
            return None
        iss_pass = self._job.iss_pass
        return measure_light_curve(
            self.stacks,
            measured,
            lens,
            track,
            ahead_s=self.fit.along_track_s or 0.0,
            zero_point_mag=zero,
            fades=iss_pass.fades if iss_pass else (),
            sky=composer.surely_sky(),
        )

    def _shown(self, stars: StarColours | None) -> Shown:
        if self._composer is not None:
            tone = measure_tone(
                self._composer, stars, found=self._composer.stars, trail=self._trail
            )
            return Shown(composition=self._composer, tone=tone, trail=self._trail)
        whole = self._trail.rows(0, self._trail.shape[0]) if self._trail else None
        layers = plain_layers(
            self.stacks.ground, saturation_adu=self.stacks.saturation_adu, trail=whole
        )
        return Shown(
            composition=WholeComposition(layers), tone=measure_tone(layers), trail=self._trail
        )

    def sky_fraction(self) -> Float32Array | None:
        """Return how much of each pixel is sky, None where the lens is not known."""
        return self._composer.sky_fraction() if self._composer else None

    def variant(self, variant: Variant) -> Composer | None:
        """Return another composition of the same pass, None where the lens is not known."""
        if self._composer is None:
            return None
        return Composer(
            self.stacks,
            self._trail,
            lens=self.lens,
            sky_mask=self._composer.sky_fraction(),
            variant=variant,
            stars=self._composer.stars,
            workers=self._workers,
        )
