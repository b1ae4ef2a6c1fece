"""The blind solve on lists of points made by the lens model, whose lens is known."""

import dataclasses
from functools import cache

import numpy as np
import pytest

from issgaze.archive.starcatalogue import load_catalogue
from issgaze.civil import parse_utc
from issgaze.optics.lens import Lens
from issgaze.optics.plate import solve_plate
from issgaze.optics.platestages import SkyStars
from issgaze.sky.coordinates import enu_from_altaz
from issgaze.sky.site import Site
from issgaze.sky.stars import star_altaz_deg

_SITE = Site(latitude_deg=49.02, longitude_deg=13.23)
_WIDTH, _HEIGHT = 1600, 1200


@cache
def _sky() -> SkyStars:
    catalogue = load_catalogue()
    altitude, azimuth = star_altaz_deg(catalogue.places, _SITE, parse_utc("2024-05-10T01:00:00Z"))
    up = altitude > 1.0
    return SkyStars(
        directions=enu_from_altaz(altitude[up], azimuth[up]),
        magnitude=catalogue.magnitude[up],
        local=True,
    )


def _camera(
    *, projection: str, focal_px: float, altitude_deg: float, roll_deg: float, mirrored: bool
) -> Lens:
    tilt, roll = np.radians(90.0 - altitude_deg), np.radians(roll_deg)
    level = np.array([[1.0, 0.0, 0.0], [0.0, -1.0, 0.0], [0.0, 0.0, 1.0]])
    level[0, 0] = -1.0
    lean = np.array([[1, 0, 0], [0, np.cos(tilt), -np.sin(tilt)], [0, np.sin(tilt), np.cos(tilt)]])
    turn = np.array([[np.cos(roll), -np.sin(roll), 0], [np.sin(roll), np.cos(roll), 0], [0, 0, 1]])
    rotation = turn @ lean @ level
    return Lens(
        width_px=_WIDTH,
        height_px=_HEIGHT,
        projection=projection,
        focal_px=focal_px,
        center_px=(_WIDTH / 2 + 21.0, _HEIGHT / 2 - 14.0),
        rotation=tuple((float(a), float(b), float(c)) for a, b, c in rotation),
        mirrored=mirrored,
        radial=(-0.01, 0.002, 0.0),
        valid_radius_px=1000.0 if projection == "rectilinear" else min(1000.0, 1.4 * focal_px),
    )


def _points(lens: Lens, *, count: int, seed: int, noise_px: float = 0.25) -> np.ndarray:
    """Stars as a detector would list them: some missing, some false, brightness uncertain."""
    rng = np.random.default_rng(seed)
    sky = _sky()
    pixels = lens.to_pixels(sky.directions)
    inside = (
        np.isfinite(pixels[:, 0])
        & (pixels > 0.0).all(axis=1)
        & (pixels < [_WIDTH - 1, _HEIGHT - 1]).all(axis=1)
    )
    magnitude = sky.magnitude[inside] + rng.normal(0.0, 0.3, inside.sum())
    order = np.argsort(magnitude)[: int(1.1 * count)]
    order = order[rng.random(len(order)) > 0.15]
    stars = pixels[inside][order] + rng.normal(0.0, noise_px, (len(order), 2))
    false = rng.uniform((0, 0), (_WIDTH, _HEIGHT), (count // 8, 2))
    place = np.sort(rng.choice(len(stars), len(false), replace=len(false) > len(stars)))
    return np.insert(stars, place, false, axis=0)


_CAMERAS = [
    ("equisolid", 430.0, 78.0, 40.0, False),
    ("equidistant", 560.0, 52.0, 200.0, True),
    ("rectilinear", 1250.0, 55.0, 310.0, False),
]


def _more_cameras() -> list[tuple[str, float, float, float, bool]]:
    rng = np.random.default_rng(11)
    cameras = []
    for number in range(40):
        name = ("equidistant", "equisolid", "stereographic", "rectilinear")[number % 4]
        low, high = (750.0, 3000.0) if name == "rectilinear" else (380.0, 900.0)
        cameras.append(
            (
                name,
                float(np.exp(rng.uniform(np.log(low), np.log(high)))),
                float(rng.uniform(50.0, 90.0)),
                float(rng.uniform(0.0, 360.0)),
                bool(rng.random() < 0.3),
            )
        )
    return cameras


def _check(camera: tuple[str, float, float, float, bool], seed: int) -> None:
    projection, focal_px, altitude_deg, roll_deg, mirrored = camera
    lens = _camera(
        projection=projection,
        focal_px=focal_px,
        altitude_deg=altitude_deg,
        roll_deg=roll_deg,
        mirrored=mirrored,
    )
    points = _points(lens, count=260, seed=seed)
    solution = solve_plate(points, _sky(), width_px=_WIDTH, height_px=_HEIGHT)
    assert solution.lens is not None, solution.reason
    assert solution.lens.mirrored is mirrored
    assert solution.chance_of_accident is not None
    assert solution.chance_of_accident < 1e-20
    assert solution.held_out_median_px is not None
    assert solution.held_out_median_px < 0.6
    pixels = lens.to_pixels(_sky().directions)
    inside = (pixels > 60.0).all(axis=1) & (pixels < [_WIDTH - 61, _HEIGHT - 61]).all(axis=1)
    inside &= np.isfinite(pixels[:, 0])
    error = np.linalg.norm(
        solution.lens.to_pixels(_sky().directions[inside]) - pixels[inside], axis=1
    )
    assert np.nanmedian(error) < 0.2
    assert np.nanpercentile(error, 95) < 0.6


@pytest.mark.parametrize("camera", _CAMERAS, ids=lambda camera: camera[0])
def test_a_tilted_camera_is_solved_blind(camera: tuple[str, float, float, float, bool]):
    _check(camera, seed=3)


@pytest.mark.long
@pytest.mark.parametrize("number", range(40))
def test_forty_cameras_are_solved_blind(number: int):
    _check(_more_cameras()[number], seed=100 + number)


def test_too_few_points_are_refused_with_the_number():
    solution = solve_plate(np.zeros((5, 2)), _sky(), width_px=_WIDTH, height_px=_HEIGHT)
    assert solution.reason == "too few stars: 5 found, 12 are needed"
    assert not solution.solved


def test_the_solution_is_a_sound_lens_file():
    projection, focal_px, altitude_deg, roll_deg, mirrored = _CAMERAS[1]
    lens = _camera(
        projection=projection,
        focal_px=focal_px,
        altitude_deg=altitude_deg,
        roll_deg=roll_deg,
        mirrored=mirrored,
    )
    solution = solve_plate(
        _points(lens, count=260, seed=3), _sky(), width_px=_WIDTH, height_px=_HEIGHT
    )
    assert solution.lens is not None
    again = Lens.from_document(solution.lens.to_document())
    assert dataclasses.asdict(again) == dataclasses.asdict(solution.lens)
    covariance = np.array(solution.lens.covariance)
    assert np.all(np.diag(covariance) > 0.0)
