"""The personal horizon learnt from pictures and stars, against a wall whose place is known."""

import numpy as np
import pytest

from issgaze.optics.lens import Lens
from issgaze.picture.horizonmap import HorizonMap

_WIDTH, _HEIGHT = 800, 600
_WALL_PX = 380.0


def _lens() -> Lens:
    """A camera that looks south at 30 degrees of altitude."""
    altitude = np.radians(30.0)
    right = (-1.0, 0.0, 0.0)
    out = (0.0, -np.cos(altitude), np.sin(altitude))
    down = tuple(float(each) for each in np.cross(out, right))
    return Lens(
        width_px=_WIDTH,
        height_px=_HEIGHT,
        projection="equidistant",
        focal_px=500.0,
        center_px=(399.5, 299.5),
        rotation=(right, (down[0], down[1], down[2]), out),
        valid_radius_px=700.0,
    )


def _sky(resolution: str = "full") -> np.ndarray:
    scale = 1 if resolution == "full" else 2
    fraction = np.zeros((_HEIGHT // scale, _WIDTH // scale), dtype=np.float32)
    fraction[: int(_WALL_PX) // scale] = 1.0
    return fraction


def _stars(seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    pixels = rng.uniform((0, 0), (_WIDTH, _HEIGHT), (3000, 2))
    return pixels, (pixels[:, 1] < _WALL_PX) & (rng.random(3000) < 0.9)


def _overlap(mask: np.ndarray) -> float:
    true = np.zeros_like(mask)
    true[: int(_WALL_PX) // 4] = True
    return float((mask & true).sum() / (mask | true).sum())


@pytest.mark.parametrize("resolution", ["half", "full"])
def test_one_clear_pass_tells_the_horizon(resolution: str):
    learnt = HorizonMap.empty(_WIDTH, _HEIGHT).with_pass(_sky(resolution), *_stars(1))
    assert _overlap(learnt.share() > 0.5) > 0.98


def test_stars_mend_a_picture_that_took_a_lit_wall_for_sky():
    wrong = _sky()
    wrong[int(_WALL_PX) :, 200:500] = 1.0
    learnt = HorizonMap.empty(_WIDTH, _HEIGHT)
    for night in range(6):
        learnt = learnt.with_pass(wrong, *_stars(night))
    blind = HorizonMap.empty(_WIDTH, _HEIGHT).with_pass(wrong, np.zeros((0, 2)), np.zeros(0, bool))
    assert _overlap(blind.share() > 0.5) < 0.85
    assert _overlap(learnt.share() > 0.5) > 0.95


def test_stars_mend_a_picture_that_took_cloud_for_a_wall():
    wrong = _sky()
    wrong[100:200, 100:700] = 0.0
    learnt = HorizonMap.empty(_WIDTH, _HEIGHT)
    for night in range(6):
        learnt = learnt.with_pass(wrong, *_stars(night))
    assert _overlap(learnt.share() > 0.5) > 0.95


def test_the_line_is_the_altitude_of_the_wall():
    learnt = HorizonMap.empty(_WIDTH, _HEIGHT).with_pass(_sky(), *_stars(2))
    line = learnt.line(_lens())
    # on the meridian the wall's edge is at 30 degrees less the angle of its pixels below the centre
    edge = 30.0 - np.degrees((_WALL_PX - 299.5) / 500.0)
    assert line.altitude_at(np.array([180.0]))[0] == pytest.approx(edge, abs=0.6)
    # behind the camera nothing is known, and nothing is taken to stand in the way
    assert line.altitude_at(np.array([0.0]))[0] == 0.0


def test_a_speck_in_the_open_is_no_wall_and_a_bough_is_one():
    sky = _sky()
    sky[100:108, 396:404] = 0.0
    line = HorizonMap.empty(_WIDTH, _HEIGHT).with_pass(sky, np.zeros((0, 2)), np.zeros(0, bool))
    edge = 30.0 - np.degrees((_WALL_PX - 299.5) / 500.0)
    assert line.line(_lens()).altitude_at(np.array([180.0]))[0] == pytest.approx(edge, abs=0.6)
    sky[int(_WALL_PX) - 60 : int(_WALL_PX) - 20, 340:460] = 0.0
    line = HorizonMap.empty(_WIDTH, _HEIGHT).with_pass(sky, np.zeros((0, 2)), np.zeros(0, bool))
    bough = 30.0 - np.degrees((_WALL_PX - 60.0 - 299.5) / 500.0)
    assert line.line(_lens()).altitude_at(np.array([180.0]))[0] == pytest.approx(bough, abs=0.6)


def test_tonight_is_corrected_only_where_many_passes_agree():
    learnt = HorizonMap.empty(_WIDTH, _HEIGHT).with_pass(_sky(), *_stars(0))
    tonight = np.full((_HEIGHT, _WIDTH), 0.4, dtype=np.float32)
    assert np.array_equal(learnt.settle(tonight), tonight), "one pass is not enough"
    for night in range(1, 4):
        learnt = learnt.with_pass(_sky(), *_stars(night))
    settled = learnt.settle(tonight)
    assert settled[100, 400] == 1.0
    assert settled[500, 400] == 0.0


def test_a_tree_that_has_grown_is_learnt_anew():
    grown = _sky()
    grown[300 : int(_WALL_PX)] = 0.0
    learnt = HorizonMap.empty(_WIDTH, _HEIGHT)
    nothing = np.zeros((0, 2)), np.zeros(0, dtype=bool)
    for _ in range(60):
        learnt = learnt.with_pass(_sky(), *nothing)
    for _ in range(40):
        learnt = learnt.with_pass(grown, *nothing)
    assert learnt.share()[85, 100] < 0.5
