"""What is printed, bought and powered; the parts as they lie in the repository, without CAD."""

import itertools
import math
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from fasteners import INSERT_M3, INSERT_M25, joints, needed

import power
from bom import CLASSES, TIERS, page, read_parts, total_eur
from dimensions import BED, PI_TRAY, POWER_TRAY, SIZES, Place
from issgaze.roofwire import TRAVEL_S
from mesh import Mesh, read_stl
from wiring import CONTROLLER, read_wirings

HARDWARE = Path(__file__).parents[2] / "hardware"
# name: size in mm, and what of it is plastic in cm3
PARTS = {
    "body": ((SIZES.body_outer + 38.0, SIZES.body_outer + 38.0, SIZES.body_high), 345.0),
    "lid": ((186.6, SIZES.lid_outer, 17.0), 82.3),
    "ring": ((SIZES.ring_outer, SIZES.ring_outer, SIZES.ring_high), 28.5),
    "power_tray": ((115.9, 115.9, 8.0), 30.4),
    "pi_tray": ((115.9, 115.9, 8.0), 29.8),
    "camera_plate": ((SIZES.plate, SIZES.plate, 12.0), 35.4),
    "cap": ((203.8, SIZES.cap_outer, SIZES.cap_high), 138.4),
    "bracket": ((72.0, 62.3, 44.0), 32.7),
    "mast_plate": ((144.0, 192.0, SIZES.mast_high), 194.5),
    "hood": ((48.0, SIZES.hood, 2.0 * SIZES.hood_high), 24.7),
}


def printed(name: str) -> Mesh:
    return read_stl(HARDWARE / "print" / f"{name}.stl")


@pytest.mark.parametrize("name", sorted(PARTS))
def test_each_part_can_be_printed_without_supports(name: str) -> None:
    mesh = printed(name)
    assert mesh.open_edges == 0
    assert mesh.lowest == pytest.approx(0.0, abs=1e-6)
    assert mesh.overhang_mm2() < 1.0
    assert max(mesh.size) <= BED


@pytest.mark.parametrize("name", sorted(PARTS))
def test_each_part_has_its_size_and_volume(name: str) -> None:
    size, volume_cm3 = PARTS[name]
    mesh = printed(name)
    assert mesh.size == pytest.approx(np.array(size), abs=0.4)
    # facets lie inside of what is round
    assert mesh.volume_cm3 == pytest.approx(volume_cm3, rel=0.01)


def test_every_part_in_the_folder_is_looked_at() -> None:
    assert {path.stem for path in (HARDWARE / "print").glob("*.stl")} == set(PARTS)


def box(low: tuple[float, float, float], high: tuple[float, float, float]) -> np.ndarray:
    """Triangles of a box, outside outwards."""
    corners = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)])
    faces = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    points = np.array(low) + corners * (np.array(high) - np.array(low))
    triangles = [(a, b, c) for a, b, c, _ in faces] + [(a, c, d) for a, _, c, d in faces]
    return points[np.array(triangles)].astype(np.float32)


def test_a_mesh_is_measured_as_a_ruler_would() -> None:
    mesh = Mesh(corners=box((0, 0, 0), (10, 20, 30)))
    assert mesh.volume_cm3 == pytest.approx(6.0)
    assert tuple(mesh.size) == (10, 20, 30)
    assert mesh.open_edges == 0
    # only its floor looks down, and that is on the bed
    assert mesh.overhang_mm2() == 0.0
    assert Mesh(corners=box((0, 0, 5), (10, 20, 30))).overhang_mm2() == pytest.approx(200.0)
    assert Mesh(corners=mesh.corners[1:]).open_edges > 0


def test_a_cut_off_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.stl"
    path.write_bytes((HARDWARE / "print" / "ring.stl").read_bytes()[:-10])
    with pytest.raises(ValueError, match="do not hold"):
        read_stl(path)


# the cover


def test_the_cover_opens_in_time() -> None:
    # the controller gives it TRAVEL_S; half of that leaves room for cold grease and a low battery
    assert SIZES.swing_s < TRAVEL_S / 2.0


def test_the_motor_is_strong_enough() -> None:
    # the cap's weight at its arm, and wind of 20 m/s on its side at half of its height
    mass_kg = printed("cap").volume_cm3 * 1.07e-3
    weight_nm = mass_kg * 9.81 * SIZES.hinge_x * 1e-3
    area_m2 = SIZES.cap_outer * SIZES.cap_high * 1e-6
    wind_nm = 0.5 * 1.2 * 20.0**2 * 1.1 * area_m2 * SIZES.cap_high / 2.0 * 1e-3
    # a 5840 at 7 rpm gives more than 1 Nm, and its worm holds without current
    assert weight_nm + wind_nm < 0.4


def test_the_camera_fits_below_the_dome() -> None:
    # board on its standoffs; an HQ camera with a CS fisheye is some 45 high
    lens = SIZES.camera_plate_z + SIZES.plate_thick + SIZES.camera_standoff + 45.0
    middle = SIZES.body_high + SIZES.lid_thick
    assert middle - 10.0 < lens < middle + SIZES.dome / 2.0 - 20.0
    assert SIZES.lid_opening < SIZES.dome - 5.0
    assert SIZES.cap_inner > SIZES.ring_outer


# the trays


@pytest.mark.parametrize("places", [POWER_TRAY, PI_TRAY], ids=["power", "pi"])
def test_each_board_has_its_place_on_a_tray(places: tuple[Place, ...]) -> None:
    def apart(one: Place, other: Place) -> bool:
        dx, dy = abs(one.x - other.x), abs(one.y - other.y)
        return dx >= (one.long + other.long) / 2.0 or dy >= (one.wide + other.wide) / 2.0

    spacer = SIZES.tower_circle / 2.0 * 2.0**-0.5
    # a nut driver for them is 9 mm wide
    spacers = [Place("", x, y, 9.0, 9.0, 0.0, None) for x in (-spacer, spacer)
               for y in (-spacer, spacer)]  # fmt: skip
    for one, other in itertools.combinations(places, 2):
        assert apart(one, other), f"{one.name} and {other.name}"
    for place in places:
        assert all(apart(place, each) for each in spacers), place.name
        corner = math.hypot(abs(place.x) + place.long / 2.0, abs(place.y) + place.wide / 2.0)
        assert corner < SIZES.tray / 2.0, place.name
        room = SIZES.spacer_low if places is POWER_TRAY else SIZES.spacer_high
        assert place.high < room, place.name


def test_a_cable_tie_has_plastic_all_around() -> None:
    radius, rim = SIZES.tie_hole / 2.0, SIZES.tray / 2.0
    notches = [(rim, 0.0), (0.0, rim), (-rim, 0.0), (0.0, -rim)]
    holes = [hole for place in POWER_TRAY for hole in place.tie_holes]
    for x, y in holes:
        assert math.hypot(x, y) + radius < rim - 0.8
        for at in notches:
            assert math.dist((x, y), at) - radius > SIZES.tray_notch / 2.0 + 0.8
    for one, other in itertools.combinations(holes, 2):
        assert math.dist(one, other) > 2.0 * radius + 0.8


def test_every_module_of_the_wiring_has_its_place() -> None:
    drawn = set(read_wirings(CONTROLLER).labels)
    outside = {"SUPPLY", "FUSE", "MOTOR", "HEATER", "STOP_OPEN", "STOP_CLOSED", "SHT4X",
               "MLX90614", "RAIN", "LED", "GNSS", "ASK", "DIVIDER", "CLOCK"}  # fmt: skip
    assert {place.name for place in (*POWER_TRAY, *PI_TRAY)} == drawn - outside
    guide = (HARDWARE / "README.md").read_text()
    # and where the others go is told in the guide
    for part in outside - {"SUPPLY", "MOTOR", "HEATER"}:
        assert f"`{part}`" in guide, part


def test_glands_and_cables_have_room_below_the_trays() -> None:
    # an M16 gland's nut and thread stand 12 mm into the body
    assert SIZES.tower_post > 12.0 + 8.0
    assert SIZES.tray / 2.0 < SIZES.screw_circle / 2.0 - SIZES.post / 2.0


# the bill of materials


def test_the_page_is_that_of_the_parts() -> None:
    assert (HARDWARE / "BOM.md").read_text() == page(), "run make hardware"


def test_a_dearer_tier_costs_more_and_nothing_is_without_a_substitute() -> None:
    dated, parts = read_parts()
    assert re.fullmatch(r"20\d\d-\d\d", dated)
    totals = [total_eur(parts, tier) for tier in TIERS]
    assert totals == sorted(totals)
    assert all(low < high for low, high in totals)
    assert all(part["instead"] and part["price"] in CLASSES for part in parts)
    assert all(any(tier in part["tiers"] for part in parts) for tier in TIERS)


def test_the_list_has_what_the_joints_take() -> None:
    page_text = (HARDWARE / "BOM.md").read_text()
    counts = [needed(tier) for tier in TIERS]
    for name in counts[-1]:
        row = " | ".join(str(count[name] or "") for count in counts)
        assert f"| {name} | {row} |" in page_text, name
    inserts = [joint for joint in joints() if INSERT_M3 in joint.takes]
    assert sum(joint.count for joint in inserts) == counts[-1][INSERT_M3] == 11
    assert counts[-1][INSERT_M25] == 10
    # a roof without a cover has neither cap nor bracket
    assert counts[0][INSERT_M3] == 10


def test_the_guide_uses_every_screw_and_every_print() -> None:
    guide = (HARDWARE / "README.md").read_text()
    for name in needed("full"):
        size = re.search(r"M\d[.\d]*(?: x \d+)?|\d+ to \d+ mm", name)
        assert size is not None
        assert size[0] in guide, name
    for part in PARTS:
        assert f"print/{part}.stl" in guide, part


def test_the_filament_of_the_list_suffices() -> None:
    kilograms = sum(printed(name).volume_cm3 for name in PARTS) * 1.07e-3
    _, parts = read_parts()
    (listed,) = [part["name"] for part in parts if part["name"].startswith("Filament")]
    # what is not filled saves more than purge and brims take
    assert kilograms < float(re.findall(r"([\d.]+) kg", listed)[0]) * 1.05


# power


@pytest.mark.parametrize(
    ("latitude_deg", "day", "mj"),
    [
        # Duffie and Beckman, example 1.10.1: Madison in the middle of April
        (43.0, 105, 33.8),
        # an equinox on the equator: the solar constant through a day's sine, at the day's distance
        (0.0, 81, 1367.0 * 86400.0 / math.pi * 1.0058e-6),
        # midsummer at the pole: the Sun at 23.45 degrees all day
        (90.0, 172, 1367.0 * 86400.0 * math.sin(math.radians(23.45)) * 0.9675e-6),
        (90.0, 355, 0.0),
    ],
)
def test_the_sunlight_above_the_air_is_that_of_the_textbook(
    latitude_deg: float, day: int, mj: float
) -> None:
    found = power.light_above_air_wh(latitude_deg, day) * 3600.0 / 1e6
    assert found == pytest.approx(mj, rel=0.003, abs=0.01)


def test_what_a_roof_needs_adds_up() -> None:
    need = power.needs("zero2w", heater_duty=0.0)
    by_hand_wh = (1.1 * 22 + 2.6 * 2 + 1.0 * 2 + (0.15 + 0.5) * 24) / 0.88
    assert need.daily_wh == pytest.approx(by_hand_wh)
    warm = power.needs("zero2w", heater_duty=1.0, night_h=10.0)
    assert warm.daily_wh - need.daily_wh == pytest.approx(60.0)
    assert power.needs("pi5").daily_wh > power.needs("pi4").daily_wh > need.daily_wh


def test_the_supplies_of_the_list_suffice() -> None:
    # 60 W for the standard and the full tier, and the fuse of 5 A
    assert all(power.needs(board).peak_w < 0.8 * 60.0 for board in power.BOARDS)


@pytest.mark.parametrize("latitude_deg", [-34.0, 0.0, 30.0, 49.0, 60.0])
def test_a_panel_gives_what_is_taken(latitude_deg: float) -> None:
    small = power.solar(50.0, latitude_deg)
    large = power.solar(100.0, latitude_deg)
    assert small.panel_w is not None
    assert large.panel_w is not None
    assert large.panel_w == pytest.approx(2.0 * small.panel_w)
    assert large.battery_wh == pytest.approx(100.0 * 4.0 / 0.9 / 0.9)
    # a watt of panel brings between half an hour and six hours of its rating a day in winter
    assert 100.0 / 6.0 < large.panel_w < 100.0 / 0.3


def test_beyond_the_polar_circle_no_panel_helps() -> None:
    assert power.solar(100.0, 69.0).panel_w is None
    lead = power.solar(100.0, 69.0, battery="lead")
    assert lead.battery_wh > power.solar(100.0, 69.0).battery_wh


def test_the_document_has_the_table_of_the_calculator() -> None:
    page_text = (HARDWARE.parent / "docs" / "hardware.md").read_text()
    assert power.table(49.0) in page_text, "the table of docs/hardware.md is another one"


@pytest.mark.parametrize(
    "path", sorted((HARDWARE / "figures").glob("*.svg")), ids=lambda path: path.stem
)
def test_each_figure_is_a_drawing(path: Path) -> None:
    root = ET.fromstring(path.read_text())
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert len(list(root.iter())) > 5
    if path.stem.startswith("wiring-"):
        # letters of 14 pt on a page of 900 px are at least 7 px high
        wide_pt = float(root.attrib["width"].removesuffix("pt"))
        assert 14.0 * 900.0 / wide_pt >= 7.0


@pytest.mark.parametrize(
    ("figure", "names"),
    [
        ("exploded", {"cap", "ring", "dome", "lid", "bracket", "camera plate", "upper tray",
                      "lower tray", "body", "mast plate"}),
        ("tower", {"camera plate", "upper tray", "lower tray", "PI", "PICO", "BUCK_PICO", "FET"}),
    ],
)  # fmt: skip
def test_the_figures_name_their_parts_as_the_guide_does(figure: str, names: set[str]) -> None:
    root = ET.fromstring((HARDWARE / "figures" / f"{figure}.svg").read_text())
    texts = list(root.iter("{http://www.w3.org/2000/svg}text"))
    assert {text.text for text in texts} == names
    lines = list(root.iter("{http://www.w3.org/2000/svg}line"))
    assert len(lines) == len(names), "each has a line to its part"
    guide = (HARDWARE / "README.md").read_text()
    modules = {place.name for place in (*POWER_TRAY, *PI_TRAY)}
    for name in names - modules - {"dome"}:
        assert f"| {name} |" in guide, name


def test_the_guide_shows_every_figure() -> None:
    guide = (HARDWARE / "README.md").read_text()
    for figure in (HARDWARE / "figures").glob("*.svg"):
        assert f"figures/{figure.name}" in guide, figure.name
    for shown in re.findall(r"\((figures/[^)]+|print/[^)]+)\)", guide):
        assert (HARDWARE / shown).exists(), shown
