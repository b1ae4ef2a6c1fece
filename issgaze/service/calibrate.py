"""A lens from a frame: detect, place the catalogue, solve blind, and say why when it fails."""

import dataclasses
import functools
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from issgaze.archive.framefile import PICTURE_SUFFIXES, LoadedFrame
from issgaze.archive.starcatalogue import load_catalogue
from issgaze.arrays import Float64Array
from issgaze.civil import JulianDates, format_utc, later
from issgaze.imaging.detect import Detections, detect_stars
from issgaze.imaging.frame import Frame
from issgaze.optics.lens import Lens
from issgaze.optics.plate import solve_plate
from issgaze.optics.plateproof import PlateSolution
from issgaze.optics.platestages import SkyStars
from issgaze.optics.upkeep import refine_lens
from issgaze.sky.coordinates import altaz_from_enu, enu_from_altaz
from issgaze.sky.site import Site
from issgaze.sky.stars import icrs_directions, star_altaz_deg
from issgaze.sky.sun import sun_altaz_deg

_LOWEST_DEG = 1.0
_BRIGHT_TWILIGHT_DEG = -8.0
# linear values of a fifth of the range: no night sky is so bright
_BRIGHT_SKY = 0.2
_HINT_SLACK = 1.25
# a cloudy frame shows a few stars, and lamps
_FEWEST_TO_TELL = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Pointing:
    """Where the lens axis looks, in degrees.

    Attributes:
        longitude_deg, latitude_deg: Azimuth and altitude, or right ascension and declination.
        rotation_deg: From image up to the zenith or to north, clockwise in the image.
    """

    longitude_deg: float
    latitude_deg: float
    rotation_deg: float


def calibrate(
    path: Path,
    loaded: LoadedFrame,
    site: Site | None,
    *,
    field_deg: float | None = None,
    before: PlateSolution | None = None,
) -> PlateSolution:
    """Return the plate solution of a frame; pictures are solved in pixels of the picture.

    Args:
        path: Where the frame is from; its suffix tells pictures from mosaics.
        loaded: The frame.
        site: Where it was taken; None gives a solution in right ascension and declination.
        field_deg: About how wide the longer side is; wrong hints cost time, not the solution.
        before: Of an earlier frame of the same camera: what it knew is kept and made better.
    """
    frame = loaded.frame
    found = detect_stars(frame)
    picture = path.suffix.lower() in PICTURE_SUFFIXES and frame.info.bayer_pattern != "MONO"
    instant = mid_exposure(frame)
    place = site if loaded.facts.timed else None
    solution = _followed(frame, found, place, before, cells=picture)
    if solution is None:
        solution = solve_frame(frame, found, place, cells=picture, field_deg=field_deg)
    if solution.lens is not None:
        kind = "local" if solution.local else "sky-only"
        when = f" at {format_utc(instant)}" if loaded.facts.timed else ""
        source = f"{solution.lens.source} of {path.name}{when}, {kind}"
        return dataclasses.replace(solution, lens=dataclasses.replace(solution.lens, source=source))
    return dataclasses.replace(
        solution, reason=_explained(solution.reason, loaded, found, instant, place)
    )


def solve_frame(
    frame: Frame,
    found: Detections,
    site: Site | None,
    *,
    cells: bool = False,
    field_deg: float | None = None,
) -> PlateSolution:
    """Return the blind solution of the detections of a frame.

    Args:
        frame: The frame.
        found: Its detections.
        site: None solves in right ascension and declination.
        cells: True solves in pixels of 2x2 cells: each was a pixel of a colour picture.
        field_deg: About how wide the longer side is, tried first.
    """
    seen, pixel_px = _points(frame, found, cells=cells)
    height, width = (length // 2 if cells else length for length in frame.mosaic.shape)
    stars = sky_stars(mid_exposure(frame), site)
    solve = functools.partial(
        solve_plate, seen, stars, width_px=width, height_px=height, pixel_px=pixel_px
    )
    if field_deg is not None:
        hinted = solve(field_deg=(field_deg / _HINT_SLACK, field_deg * _HINT_SLACK))
        if hinted.solved:
            return hinted
    return solve()


def fits_sky(lens: Lens, path: Path, loaded: LoadedFrame, site: Site) -> bool | None:
    """Return whether the stars of a frame stand where a lens puts them; None if that is not known.

    Args:
        lens: Of the same camera, in pixels of the same frames.
        path: Where the frame is from; its suffix tells pictures from mosaics.
        loaded: The frame; without a time nothing is known.
        site: Where it was taken.
    """
    frame = loaded.frame
    cells = path.suffix.lower() in PICTURE_SUFFIXES and frame.info.bayer_pattern != "MONO"
    height, width = (length // 2 if cells else length for length in frame.mosaic.shape)
    if not loaded.facts.timed or (lens.width_px, lens.height_px) != (width, height):
        return None
    seen, pixel_px = _points(frame, detect_stars(frame), cells=cells)
    if len(seen) < _FEWEST_TO_TELL:
        return None
    return refine_lens(lens, seen, sky_stars(mid_exposure(frame), site), pixel_px=pixel_px).solved


def _followed(
    frame: Frame,
    found: Detections,
    site: Site | None,
    before: PlateSolution | None,
    *,
    cells: bool,
) -> PlateSolution | None:
    """Return the earlier solution made better by one more frame, None when it does not fit."""
    if before is None or before.lens is None or before.local != (site is not None):
        return None
    seen, pixel_px = _points(frame, found, cells=cells)
    height, width = (length // 2 if cells else length for length in frame.mosaic.shape)
    if (before.lens.width_px, before.lens.height_px) != (width, height):
        return None
    refined = refine_lens(
        before.lens, seen, sky_stars(mid_exposure(frame), site), pixel_px=pixel_px
    )
    return refined if refined.solved else None


def _points(frame: Frame, found: Detections, *, cells: bool) -> tuple[Float64Array, float]:
    seen, pixel_px = sound_points(frame, found)
    return ((seen - 0.5) / 2.0, 1.0) if cells else (seen, pixel_px)


def mid_exposure(frame: Frame) -> datetime:
    """Return the instant in the middle of a frame's exposure."""
    return later(frame.info.start_utc, 0.5 * frame.info.exposure_s)


def sound_points(frame: Frame, found: Detections) -> tuple[Float64Array, float]:
    """Return the sound detections (n, 2) in raw pixels, and the size of the pixel searched."""
    seen = np.stack((found.x_px, found.y_px), axis=-1)[found.sound]
    return seen, 1.0 if frame.info.bayer_pattern == "MONO" else 2.0


def sky_stars(instant: datetime, site: Site | None) -> SkyStars:
    """Return the catalogue as it stands over a site, or in the ICRS when there is none."""
    catalogue = load_catalogue()
    if site is None:
        return SkyStars(
            directions=icrs_directions(catalogue.places, instant),
            magnitude=catalogue.magnitude,
            local=False,
        )
    altitude, azimuth = star_altaz_deg(catalogue.places, site, instant)
    up = altitude > _LOWEST_DEG
    return SkyStars(
        directions=enu_from_altaz(altitude[up], azimuth[up]),
        magnitude=catalogue.magnitude[up],
        local=True,
    )


def pointing(lens: Lens) -> Pointing:
    """Return where the axis of a lens looks."""
    axes = np.array(lens.rotation)
    latitude, longitude = altaz_from_enu(axes[2])
    # east, north, up against x, y, z of the ICRS: the pole is the third axis of both
    if lens.source.endswith("sky-only"):
        longitude = np.degrees(np.arctan2(axes[2, 1], axes[2, 0])) % 360.0
    right, down = axes[0, 2], axes[1, 2]
    if lens.mirrored:
        right = -right
    return Pointing(
        longitude_deg=float(longitude),
        latitude_deg=float(latitude),
        rotation_deg=float(np.degrees(np.arctan2(right, -down)) % 360.0),
    )


def _explained(
    reason: str, loaded: LoadedFrame, found: Detections, instant: datetime, site: Site | None
) -> str:
    """Return the reason with what else speaks against the frame."""
    info = loaded.frame.info
    causes: list[str] = []
    if site is not None:
        altitude = float(sun_altaz_deg(site, JulianDates.after(instant, np.zeros(())))[0])
        if altitude > _BRIGHT_TWILIGHT_DEG:
            causes.append(f"the Sun stands at {altitude:.0f} degrees: day or twilight")
    level = found.sky_adu / (info.white_level_adu - info.black_level_adu)
    if level > _BRIGHT_SKY:
        causes.append(f"the sky is bright ({level:.0%} of white): Moon, lamp, twilight or cloud")
    elif not causes and len(found.x_px) < 30:
        causes.append("cloud, a covered or unfocused lens, or too short an exposure")
    elif not causes:
        causes.append("cloud, Moon, or a wrong time or site")
    return f"{reason} ({'; '.join(causes)})"
