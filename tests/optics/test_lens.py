"""The lens model: its inverse, its conventions, and what a broken file is answered."""

import dataclasses
import json

import numpy as np
import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from issgaze.errors import LensError
from issgaze.optics.lens import Lens
from issgaze.optics.projections import PROJECTIONS

# camera axes right, down, out of a camera that looks at the zenith, north up in the picture and
# east to the left, as the sky is drawn
ZENITH = ((-1.0, 0.0, 0.0), (0.0, -1.0, 0.0), (0.0, 0.0, 1.0))


def rotation(a: float, b: float, c: float) -> tuple[tuple[float, float, float], ...]:
    def turn(axis: int, angle: float) -> np.ndarray:
        i, j = (axis + 1) % 3, (axis + 2) % 3
        matrix = np.eye(3)
        matrix[i, i] = matrix[j, j] = np.cos(angle)
        matrix[i, j], matrix[j, i] = -np.sin(angle), np.sin(angle)
        return matrix

    return tuple(map(tuple, (turn(2, a) @ turn(0, b) @ turn(2, c)).tolist()))


def make(projection: str = "equidistant", **changes: object) -> Lens:
    values: dict[str, object] = {
        "width_px": 4056, "height_px": 3040, "projection": projection, "focal_px": 900.0,
        "center_px": (2027.5, 1519.5), "rotation": ZENITH, "valid_radius_px": 850.0,
    }  # fmt: skip
    return Lens(**{**values, **changes})  # type: ignore[arg-type]


def possible(**changes: object) -> Lens:
    """Return a lens, unless its radial terms turn back before its valid radius, as a few do."""
    try:
        return make(**changes)  # type: ignore[arg-type]
    except LensError:
        reject()


lenses = st.builds(
    possible,
    projection=st.sampled_from(sorted(PROJECTIONS)),
    focal_px=st.floats(850, 6000),
    center_px=st.tuples(st.floats(1800, 2200), st.floats(1400, 1600)),
    rotation=st.builds(rotation, *[st.floats(-3.1, 3.1)] * 3),
    mirrored=st.booleans(),
    radial=st.tuples(*[st.floats(-0.01, 0.01)] * 3),
    aspect=st.floats(-0.02, 0.02),
    shear=st.floats(-0.02, 0.02),
    tangential=st.tuples(*[st.floats(-0.002, 0.002)] * 2),
    valid_radius_px=st.floats(300, 800),
)


@given(lenses, st.floats(0.0, 0.999), st.floats(-np.pi, np.pi))
def test_the_inverse_is_exact(lens: Lens, part: float, phi: float) -> None:
    theta = part * lens.theta_max_rad
    camera = np.array([np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)])
    direction = camera @ np.array(lens.rotation)
    pixel = lens.to_pixels(direction)
    back = lens.to_directions(pixel)
    assert np.max(np.abs(back - direction)) < 1e-9
    assert np.max(np.abs(lens.to_pixels(back) - pixel)) < 1e-6


@pytest.mark.parametrize(
    ("projection", "radius"),
    [
        ("equidistant", np.radians(40.0)),
        ("equisolid", 2.0 * np.sin(np.radians(20.0))),
        ("rectilinear", np.tan(np.radians(40.0))),
        ("stereographic", 2.0 * np.tan(np.radians(20.0))),
        ("orthographic", np.sin(np.radians(40.0))),
    ],
)
def test_each_family_has_its_radius(projection: str, radius: float) -> None:
    lens = make(projection)
    north_40_from_zenith = np.array([0.0, np.sin(np.radians(40.0)), np.cos(np.radians(40.0))])
    x, y = lens.to_pixels(north_40_from_zenith)
    assert x == pytest.approx(2027.5)
    assert y == pytest.approx(1519.5 - 900.0 * radius)


def test_east_is_left_of_a_camera_that_looks_up_with_north_on_top() -> None:
    east = np.array([0.5, 0.0, 1.0])
    assert make().to_pixels(east)[0] < 2027.5
    assert make(mirrored=True).to_pixels(east)[0] > 2027.5


def test_nothing_is_seen_beyond_the_valid_radius() -> None:
    lens = make()
    edge = 850.0 / 900.0
    inside, outside = edge - 1e-6, edge + 1e-6
    directions = np.array([[np.sin(t), 0.0, np.cos(t)] for t in (inside, outside, np.pi)])
    assert np.isnan(lens.to_pixels(directions)).all(axis=1).tolist() == [False, True, True]
    pixels = np.array([[2027.5 + 849.0, 1519.5], [2027.5 + 851.0, 1519.5]])
    assert np.isnan(lens.to_directions(pixels)).all(axis=1).tolist() == [False, True]


def test_half_size_follows_the_rule_of_bayer_quads() -> None:
    lens = make(aspect=0.01, shear=-0.02, tangential=(0.001, -0.002), radial=(0.01, 0.0, 0.0))
    half = lens.scaled_to(2028, 1520)
    direction = np.array([0.3, -0.2, 0.8])
    x, y = lens.to_pixels(direction)
    assert half.to_pixels(direction) == pytest.approx([(x - 0.5) / 2, (y - 0.5) / 2], abs=1e-9)
    back = half.scaled_to(4056, 3040)
    assert back.to_pixels(direction) == pytest.approx([x, y], abs=1e-9)
    with pytest.raises(LensError, match="for frames of 4056x3040 px, these have 4000x3000"):
        lens.scaled_to(4000, 3000)


@given(lenses)
def test_the_file_holds_all_of_it(lens: Lens) -> None:
    assert Lens.from_document(json.loads(json.dumps(lens.to_document()))) == lens


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": "x"}, "no lens file: format 'x'"),
        ({"focal_px": None}, "focal_px"),
        ({"focal_px": -1.0}, "focal_px is -1"),
        ({"focal_px": float("nan")}, "focal_px"),
        ({"projection": "panini"}, "unknown projection 'panini'"),
        ({"rotation": [[1, 0], [0, 1]]}, "rotation is"),
        ({"rotation": [[2, 0, 0], [0, 1, 0], [0, 0, 1]]}, "no proper rotation"),
        ({"rotation": [[-1, 0, 0], [0, 1, 0], [0, 0, 1]]}, "determinant -1"),
        ({"mirrored": "no"}, "mirrored is 'no'"),
        ({"radial": [0, 0]}, "radial is"),
        ({"radial": [-0.9, 0, 0]}, "the radial terms turn back"),
        ({"width_px": 1.5}, "width_px is 1.5"),
        ({"aspect": 0.9}, "aspect is 0.9"),
    ],
)
def test_a_broken_file_is_named(change: dict[str, object], message: str) -> None:
    document = make().to_document() | change
    with pytest.raises(LensError, match=message) as caught:
        Lens.from_document(document)
    assert caught.value.remedy


def test_a_missing_key_is_named() -> None:
    document = make().to_document()
    del document["center_px"]
    with pytest.raises(LensError, match="'center_px' is missing"):
        Lens.from_document(document)


def test_a_lens_does_not_change() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        make().focal_px = 1.0  # type: ignore[misc]
