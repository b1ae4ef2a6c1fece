"""The picture with names: gathers what `picture.overlay` draws."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image, ImageFont

from issgaze.archive.starcatalogue import constellation_places, load_catalogue
from issgaze.arrays import Float32Array, Float64Array
from issgaze.civil import local, seconds_between
from issgaze.optics.lens import Lens
from issgaze.orbit.tracks import compute_track
from issgaze.picture.encode import jpeg_from_8bit
from issgaze.picture.overlay import Kind, Mark, draw_overlay
from issgaze.service.developjob import DevelopJob
from issgaze.sky.coordinates import enu_from_altaz
from issgaze.sky.stars import star_altaz_deg
from issgaze.stacking.corridor import grid_lens_pixels
from issgaze.stacking.stacks import Stacks

ANNOTATED_FILE = "picture-names.jpg"
_STEP_S = 0.5
_FAINTEST_NAMED_MAG = 2.6
_LOWEST_DEG = 8.0
_QUALITY = 90
_LIT = 0.05
_WIDEST_PX = 2600
_MOMENTS = {"shadow_entry": "into shadow", "shadow_exit": "out of shadow"}


def annotated(job: DevelopJob, lens: Lens, stacks: Stacks, sky: Float32Array) -> bytes:
    """Return the finished picture once more as JPEG, with names on it.

    A large picture is drawn at half its size: names need no more, and a board has no room for it.

    Args:
        job: What is known of the series: site, elements and pass, none of them None.
        lens: Of the raw mosaic.
        stacks: For the instants of the frames and the grid.
        sky: Share of sky of each pixel of the picture.

    Raises:
        PropagationError: SGP4 gives no place.
    """
    with Image.open(job.out / "picture.jpg") as opened:
        width = opened.width
        if width > _WIDEST_PX:
            opened.draft("RGB", (width // 2, opened.height // 2))
        picture = np.asarray(opened.convert("RGB"))
    grid = _Grid(lens=lens, stacks=stacks, scale=picture.shape[1] / width)
    path, shown, events = _way(job, grid)
    marks = [*events, *_stars(job, grid), *_constellations(job, grid)]
    step = round(1.0 / grid.scale)
    drawn = draw_overlay(
        picture, path_px=path, shown=shown, marks=marks, sky=sky[::step, ::step], font=_font
    )
    return jpeg_from_8bit(drawn, quality=_QUALITY)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Grid:
    """From directions to pixels of the picture."""

    lens: Lens
    stacks: Stacks
    scale: float

    def pixels(self, altitude_deg: Float64Array, azimuth_deg: Float64Array) -> Float64Array:
        raw = self.lens.to_pixels(enu_from_altaz(altitude_deg, azimuth_deg))
        return (grid_lens_pixels(raw, self.stacks.resolution) + 0.5) * self.scale - 0.5


def _way(job: DevelopJob, grid: _Grid) -> tuple[Float64Array, list[bool], list[Mark]]:
    """Return the station's way, where its trail is in the picture, and its moments."""
    iss_pass = job.iss_pass
    assert iss_pass is not None
    assert job.elements is not None
    assert job.site is not None
    length_s = seconds_between(iss_pass.rise.utc, iss_pass.set.utc)
    seconds = np.arange(0.0, length_s, _STEP_S)
    track = compute_track(job.elements, job.site, iss_pass.rise.utc, seconds)
    path = grid.pixels(track.altitude_deg, track.azimuth_deg)
    shown = np.zeros(len(seconds), dtype=np.bool_)
    for start, exposure_s in zip(grid.stacks.frame_start_utc, grid.stacks.exposure_s, strict=True):
        begin = seconds_between(iss_pass.rise.utc, start)
        shown |= (seconds >= begin - 1.0) & (seconds <= begin + exposure_s + 1.0)
    shown &= track.light > _LIT
    events = []
    for stretch in iss_pass.lit:
        for event, cause in (
            (stretch.start, stretch.start_cause),
            (stretch.end, stretch.end_cause),
        ):
            word = _MOMENTS.get(cause)
            if word is None:
                continue
            place = np.array([event.altitude_deg]), np.array([event.azimuth_deg])
            x, y = grid.pixels(*place)[0]
            time = f"{local(event.utc, job.zone):%H:%M:%S}"
            events.append(Mark(x_px=x, y_px=y, name=f"{word} {time}", kind="event"))
    return path, shown.tolist(), events


def _stars(job: DevelopJob, grid: _Grid) -> list[Mark]:
    assert job.site is not None
    catalogue = load_catalogue(faintest=_FAINTEST_NAMED_MAG)
    altitude, azimuth = star_altaz_deg(catalogue.places, job.site, grid.stacks.reference_utc)
    named = [
        (place, catalogue.names.get(hip, ""))
        for place, hip in enumerate(catalogue.hip.tolist())
        if altitude[place] > _LOWEST_DEG and hip in catalogue.names
    ]
    return _marks(grid, altitude, azimuth, named, "star")


def _constellations(job: DevelopJob, grid: _Grid) -> list[Mark]:
    assert job.site is not None
    names, places = constellation_places()
    altitude, azimuth = star_altaz_deg(places, job.site, grid.stacks.reference_utc)
    named = [(place, name) for place, name in enumerate(names) if altitude[place] > _LOWEST_DEG]
    return _marks(grid, altitude, azimuth, named, "constellation")


def _marks(
    grid: _Grid,
    altitude: Float64Array,
    azimuth: Float64Array,
    named: list[tuple[int, str]],
    kind: Kind,
) -> list[Mark]:
    chosen = np.array([place for place, _ in named], dtype=np.intp)
    pixels = grid.pixels(altitude[chosen], azimuth[chosen])
    return [
        Mark(x_px=float(x), y_px=float(y), name=name, kind=kind)
        for (x, y), (_, name) in zip(pixels, named, strict=True)
        if np.isfinite(x)
    ]


def _font(height_px: int) -> Any:
    try:
        return ImageFont.truetype("DejaVuSans.ttf", height_px)
    except OSError:
        # the face that Pillow carries; before 10.1 it has one size
        try:
            return ImageFont.load_default(height_px)
        except TypeError:
            return ImageFont.load_default()
