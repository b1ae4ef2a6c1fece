"""The CAD itself: run by `make hardware`, where build123d is installed."""

import itertools
import math
from collections import Counter
from pathlib import Path

import pytest

pytest.importorskip("build123d", reason="no build123d here: make hardware")

from build123d import Box, GeomType, Part, Pos, Vector, export_stl
from fasteners import holes

import enclosure
from dimensions import M2_CUTS, M3_INSERT, M3_THROUGH, M6_THROUGH, M25_INSERT, SIZES
from mesh import read_stl
from views import seen, spot

HARDWARE = Path(__file__).parents[2] / "hardware"
FIXED = (
    "body", "lid", "ring", "dome", "bracket", "camera_plate", "power_tray", "pi_tray", "mast_plate",
)  # fmt: skip
SCREWED = (M2_CUTS, M3_INSERT, M3_THROUGH, M25_INSERT, M6_THROUGH)


def common_mm3(one: Part, other: Part) -> float:
    both = one & other
    return 0.0 if both is None else float(getattr(both, "volume", 0.0))


@pytest.mark.parametrize("name", sorted(enclosure.PARTS))
def test_the_files_in_the_repository_are_those_of_the_code(name: str, tmp_path: Path) -> None:
    part = enclosure.PARTS[name]()
    assert part.is_valid
    assert len(part.solids()) == 1
    path = tmp_path / f"{name}.stl"
    export_stl(part, path, tolerance=0.08, angular_tolerance=0.3)
    made, kept = read_stl(path), read_stl(HARDWARE / "print" / f"{name}.stl")
    assert made.volume_cm3 == pytest.approx(kept.volume_cm3, rel=1e-4)
    assert made.size == pytest.approx(kept.size, abs=1e-3)
    assert made.volume_cm3 == pytest.approx(part.volume / 1000.0, rel=0.005)


def drilled(part: Part) -> Counter[float]:
    """Count holes by width: each has a circle at both ends, that of a ridge three quarters of one.

    A hole that ends in another one has but one.
    """
    ends: Counter[float] = Counter()
    for edge in part.edges():
        if edge.geom_type == GeomType.CIRCLE and edge.length > 1.2 * math.pi * edge.radius:
            ends[round(2.0 * edge.radius, 2)] += 1
    return Counter({width: (count + 1) // 2 for width, count in ends.items()})


@pytest.mark.parametrize("name", sorted(enclosure.PARTS))
def test_each_screw_of_the_list_has_its_hole_and_each_hole_its_screw(name: str) -> None:
    there = drilled(enclosure.PARTS[name]())
    there = Counter({width: count for width, count in there.items() if width in SCREWED})
    if name == "body":
        # four ears; one is free below the motor
        assert there.pop(M6_THROUGH) == 4
    assert there == holes(name)


def test_the_boards_stand_free() -> None:
    parts = enclosure.assembled()
    standing = [*enclosure.boards(), *enclosure.spacers()]
    for one, other in itertools.combinations(standing, 2):
        assert common_mm3(one, other) < 0.1
    for name in ("body", "lid", "pi_tray", "camera_plate"):
        for board in standing:
            assert common_mm3(parts[name], board) < 0.1, name


def test_a_name_points_where_its_part_is_drawn() -> None:
    viewer = (1.0, -1.6, 0.9)
    small, far = Pos(30, -20, 55) * Box(2, 2, 2), Pos(-70, 40, -10) * Box(60, 30, 20)
    place = spot([small, far], viewer, (30, -20, 55))
    alone = seen([small, far], viewer).visible
    corners = [spot([small, far], viewer, (30 + x, -20 + y, 55 + z))
               for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]  # fmt: skip
    near = [point for line in alone for point in line if math.dist(point, place) < 2.0]
    # three of the cube's faces are seen, with seven of its corners
    drawn = {corner for corner in corners if any(math.dist(corner, point) < 1e-2 for point in near)}
    assert len(drawn) == 7


def test_no_part_stands_where_another_does() -> None:
    parts = enclosure.assembled()
    for one, other in itertools.combinations(FIXED, 2):
        assert common_mm3(parts[one], parts[other]) < 1.0, f"{one} and {other}"


@pytest.mark.parametrize("open_deg", [*range(0, int(SIZES.open_deg), 15), SIZES.open_deg])
def test_the_cap_swings_free(open_deg: float) -> None:
    parts = enclosure.assembled(open_deg)
    for name in FIXED:
        assert common_mm3(parts["cap"], parts[name]) < 0.1, name


def altitude_deg(corner: Vector) -> float:
    # seen from the lens, whose pupil is about at the flange
    return math.degrees(
        math.atan2(corner.Z - SIZES.dome_flange_thick, math.hypot(corner.X, corner.Y))
    )


def test_open_it_leaves_the_sky_free() -> None:
    parts = enclosure.assembled(SIZES.open_deg)
    assert max(map(altitude_deg, parts["cap"].vertices())) < 10.5
    assert max(map(altitude_deg, parts["bracket"].vertices())) < 13.0


def test_it_follows_another_dome() -> None:
    import dataclasses

    small = dataclasses.replace(SIZES, dome=80.0, dome_flange=100.0, lid_opening=70.0)
    part = enclosure.cap(small)
    assert part.is_valid
    assert pytest.approx(small.cap_outer) == part.bounding_box().size.Y
    assert small.cap_outer == pytest.approx(SIZES.cap_outer - 20.0)
