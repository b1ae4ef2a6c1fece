"""The dimensioned drawings: each part as it is printed, from above and from the front."""

from collections.abc import Callable

from build123d import Part
from mounts import pi_holes

from dimensions import PI_HOLES, PI_ZERO_HOLES, PICO_HOLES, POWER_TRAY, Dimensions
from views import Placed, Sheet, front, plan

_GAP = 46.0


def _sheet(part: Part, title: str) -> tuple[Sheet, Placed, Placed]:
    sheet = Sheet()
    above, before = plan(part), front(part)
    left, low, right, high = above.bounds
    upper = sheet.view(above, (left, 0.0))
    lower = sheet.view(before, (before.bounds[0], before.bounds[3] - before.bounds[1] + _GAP))
    sheet.text((left + right) / 2.0, -(high - low) - 24.0, title, size=6.0)
    sheet.text((left + right) / 2.0, -(high - low) - 16.0, "mm; as it is printed: from above, "
               "from the front", size=3.5)  # fmt: skip
    return sheet, upper, lower


def _mm(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _wide(value: float) -> str:
    return f"⌀{_mm(value)}"


def body(part: Part, d: Dimensions) -> str:
    """Draw the body."""
    sheet, upper, lower = _sheet(part, "Body")
    half, inner = d.body_outer / 2.0, d.body_inner / 2.0
    ears = d.body_outer / 2.0 + d.ear - 3.0
    upper.across((-half, half), -ears, 8.0, _wide(d.body_outer))
    upper.across((-inner, inner), -ears, 16.0, _wide(d.body_inner))
    between = d.ears_circle / 2.0
    upper.upright(-ears, (-between, between), -44.0, _mm(d.ears_circle))
    screw = d.screw_circle / 2.0
    upper.note(
        screw * 0.866, screw * 0.5, (42.0, 34.0), f"{d.posts} inserts M3 on {_wide(d.screw_circle)}"
    )
    tower = d.tower_circle / 2.0 * 0.7071
    upper.note(tower, -tower, (62.0, -22.0), f"4 inserts M3 on {_wide(d.tower_circle)}")
    upper.note(0.0, 26.0 + d.gland / 2.0, (-72.0, 62.0), f"{d.glands} glands {_wide(d.gland)}")
    upper.note(0.0, -d.membrane / 2.0, (-80.0, -62.0), f"membrane {_wide(d.membrane)}")
    lower.upright(half, (0.0, d.body_high), 22.0, _mm(d.body_high))
    lower.upright(-ears, (0.0, d.ear_thick), -8.0, _mm(d.ear_thick))
    return sheet.svg("Body, with dimensions")


def lid(part: Part, d: Dimensions) -> str:
    """Draw the lid."""
    sheet, upper, lower = _sheet(part, "Lid")
    half, opening = d.lid_outer / 2.0, d.lid_opening / 2.0
    end = d.body_outer / 2.0 + d.tab_reach
    upper.across((-half, half), -half, 8.0, _wide(d.lid_outer))
    upper.across((-opening, opening), -half, 16.0, _wide(d.lid_opening))
    upper.upright(end, (-d.tab_to, -d.tab_from), 8.0, _mm(d.tab_to - d.tab_from))
    screw, ring = d.screw_circle / 2.0, d.ring_screws / 2.0
    upper.note(
        -screw * 0.866,
        screw * 0.5,
        (-34.0, 26.0),
        f"{d.posts} holes 3.4 on {_wide(d.screw_circle)}",
    )
    upper.note(-ring, 0.0, (-40.0, -10.0), f"{d.posts} holes 3.4 on {_wide(d.ring_screws)}")
    lower.across((-half, end), 0.0, 8.0, _mm(half + end))
    lower.upright(end, (0.0, d.lid_thick), 8.0, _mm(d.lid_thick))
    lower.upright(-half, (0.0, d.lid_thick + d.skirt_high), -8.0, _mm(d.lid_thick + d.skirt_high))
    high = d.lid_thick + d.heater_wall_high
    lower.upright(opening + d.heater_wall, (0.0, high), 50.0, _mm(high))
    return sheet.svg("Lid, with dimensions")


def ring(part: Part, d: Dimensions) -> str:
    """Draw the ring."""
    sheet, upper, lower = _sheet(part, "Ring of the dome")
    half, flange, inner = d.ring_outer / 2.0, d.dome_flange / 2.0 + 0.3, d.dome / 2.0 + 0.5
    upper.across((-half, half), -half, 8.0, _wide(d.ring_outer))
    upper.across((-flange, flange), -half, 16.0, _wide(d.dome_flange + 0.6))
    upper.across((-inner, inner), -half, 24.0, _wide(d.dome + 1.0))
    upper.note(
        d.ring_screws / 2.0, 0.0, (24.0, 20.0), f"{d.posts} holes 3.4 on {_wide(d.ring_screws)}"
    )
    lower.upright(half, (0.0, d.ring_high), 8.0, _mm(d.ring_high))
    return sheet.svg("Ring, with dimensions")


def camera_plate(part: Part, d: Dimensions) -> str:
    """Draw the camera's plate."""
    sheet, upper, lower = _sheet(part, "Plate of the camera")
    half, holes = d.plate / 2.0, d.camera_holes / 2.0
    upper.across((-half, half), -half, 8.0, _wide(d.plate))
    upper.across((-holes, holes), -half, 16.0, _mm(d.camera_holes))
    screw = d.tower_circle / 2.0 * 0.7071
    upper.note(screw, screw, (34.0, 18.0), f"4 holes 3.4 on {_wide(d.tower_circle)}")
    upper.note(holes, -holes, (56.0, -30.0), "4 inserts M2.5")
    upper.note(12.0, -30.0, (62.0, -24.0), "ribbon 24 x 6")
    lower.upright(half, (0.0, d.plate_thick), 8.0, _mm(d.plate_thick))
    lower.upright(half, (0.0, d.plate_thick + d.camera_standoff), 16.0,
                  _mm(d.plate_thick + d.camera_standoff))  # fmt: skip
    return sheet.svg("Plate of the camera, with dimensions")


def cap(part: Part, d: Dimensions) -> str:
    """Draw the cap."""
    sheet, upper, lower = _sheet(part, "Cap")
    half, inner = d.cap_outer / 2.0, d.cap_inner / 2.0
    upper.across((-half, half), -half, 8.0, _wide(d.cap_outer))
    upper.across((-inner, inner), -half, 16.0, _wide(d.cap_inner))
    upper.upright(d.hinge_x + d.hub / 2.0, (-d.fin / 2.0, d.fin / 2.0), 8.0, _mm(d.fin))
    axis = d.cap_high - d.hinge_high
    lower.across((0.0, d.hinge_x), 0.0, 8.0, _mm(d.hinge_x))
    lower.upright(d.hinge_x, (0.0, axis), 24.0, _mm(axis))
    lower.upright(-half, (0.0, d.cap_high), -8.0, _mm(d.cap_high))
    lower.note(d.hinge_x, axis, (10.0, 16.0), f"shaft {_wide(d.shaft)}")
    lower.note(
        d.hinge_x - d.magnet_off,
        axis,
        (-2.0, 22.0),
        f"magnet {_wide(d.magnet)}, {_mm(d.magnet_deep)} deep",
    )
    return sheet.svg("Cap, with dimensions")


def bracket(part: Part, d: Dimensions) -> str:
    """Draw the bracket."""
    sheet, upper, lower = _sheet(part, "Bracket of the motor")
    wide = d.bracket_wide / 2.0
    inner = d.hinge_x - d.lid_outer / 2.0 - 0.5
    across, along = d.motor_holes
    upper.across((-d.bracket_up, d.bracket_down), -wide, 8.0, _mm(d.bracket_up + d.bracket_down))
    upper.across((-d.motor_shaft_off, along - d.motor_shaft_off), -wide, 16.0, _mm(along))
    upper.upright(d.bracket_down, (-wide, inner), 18.0, _mm(wide + inner))
    upper.upright(-d.bracket_up, (-across / 2.0, across / 2.0), -8.0, _mm(across))
    upper.note(0.0, d.motor_boss / 2.0, (-30.0, 4.0), f"shaft {_wide(d.motor_boss)}")
    upper.note(0.0, wide, (-44.0, 8.0), "groove: reed, shut")
    upper.note(6.0, -wide, (-52.0, -14.0), "groove: reed, open")
    high = d.bracket_thick + d.tab_to - d.tab_from
    lower.upright(d.bracket_down, (0.0, high), 8.0, _mm(high))
    lower.upright(-d.bracket_up, (0.0, d.bracket_thick), -8.0, _mm(d.bracket_thick))
    return sheet.svg("Bracket, with dimensions")


def power_tray(part: Part, d: Dimensions) -> str:
    """Draw the lower tray with the places of its modules."""
    sheet, upper, lower = _sheet(part, "Lower tray: 12 V and the controller")
    half = d.tray / 2.0
    upper.across((-half, half), -half, 8.0, _wide(d.tray))
    for place in POWER_TRAY:
        upper.outline(place.x, place.y, place.long, place.wide, place.name)
    pico = POWER_TRAY[0]
    hole = (pico.x + PICO_HOLES[0] / 2.0, pico.y - PICO_HOLES[1] / 2.0)
    words = f"4 studs, {_mm(PICO_HOLES[0])} x {_mm(PICO_HOLES[1])}, M2 cuts its thread"
    upper.note(*hole, (44.0, -12.0), words)
    relay = POWER_TRAY[1]
    upper.note(*relay.tie_holes[1], (-50.0, 22.0), f"cable ties through {_wide(d.tie_hole)}")
    screw = d.tower_circle / 2.0 * 0.7071
    upper.note(screw, screw, (34.0, 14.0), f"4 holes 3.4 on {_wide(d.tower_circle)}")
    lower.upright(half, (0.0, d.tray_thick + d.board_standoff), 8.0,
                  _mm(d.tray_thick + d.board_standoff))  # fmt: skip
    return sheet.svg("Lower tray, with dimensions and the places of the modules")


def pi_tray(part: Part, d: Dimensions) -> str:
    """Draw the upper tray."""
    sheet, upper, lower = _sheet(part, "Upper tray: the Pi")
    half = d.tray / 2.0
    holes = pi_holes()
    xs, ys = [x for x, _ in holes], [y for _, y in holes]
    upper.across((-half, half), -half, 16.0, _wide(d.tray))
    upper.across((min(xs), max(xs)), -half, 8.0, _mm(PI_HOLES[0]))
    upper.upright(-half, (min(ys), max(ys)), -8.0, _mm(PI_HOLES[1]))
    upper.upright(-half, (min(ys), min(ys) + PI_ZERO_HOLES[1]), -16.0, _mm(PI_ZERO_HOLES[1]))
    upper.note(max(xs), max(ys), (58.0, 22.0), "6 inserts M2.5: the lower four are for a Zero")
    lower.upright(half, (0.0, d.tray_thick + d.board_standoff), 8.0,
                  _mm(d.tray_thick + d.board_standoff))  # fmt: skip
    return sheet.svg("Upper tray, with dimensions")


def mast_plate(part: Part, d: Dimensions) -> str:
    """Draw the plate for a mast."""
    sheet, upper, lower = _sheet(part, "Plate for a mast")
    outer, back = (d.ears_circle + d.ear + 4.0) / 2.0, d.mast_out + d.mast_back
    ears = d.ears_circle / 2.0
    upper.upright(14.0, (-ears, ears), 12.0, _mm(d.ears_circle))
    upper.across((-back, 14.0), -outer, 8.0, _mm(back + 14.0))
    upper.upright(-back, (-d.mast_wide / 2.0, d.mast_wide / 2.0), -8.0, _mm(d.mast_wide))
    upper.note(-ears, 0.0, (30.0, 20.0), f"3 holes {_wide(d.ear_hole)}")
    upper.note(-back + 2.0, 0.0, (-16.0, -60.0), "mast of 35 to 50")
    lower.upright(14.0, (0.0, d.mast_high), 12.0, _mm(d.mast_high))
    lower.upright(14.0, (0.0, d.mast_thick), 24.0, _mm(d.mast_thick))
    return sheet.svg("Plate for a mast, with dimensions")


def hood(part: Part, d: Dimensions) -> str:
    """Draw the hood of the sensors."""
    sheet, upper, lower = _sheet(part, "Hood of the sensors")
    half = d.hood / 2.0
    upper.across((-half, half), -half, 8.0, _wide(d.hood))
    upper.note(0.0, d.hood_eye / 2.0, (34.0, 20.0), f"eye {_wide(d.hood_eye)}")
    lower.upright(half, (0.0, d.hood_high), 8.0, _mm(d.hood_high))
    lower.upright(-half - 4.0, (0.0, 2.0 * d.hood_high), -8.0, _mm(2.0 * d.hood_high))
    return sheet.svg("Hood of the sensors, with dimensions")


DRAWINGS: dict[str, Callable[[Part, Dimensions], str]] = {
    "body": body,
    "lid": lid,
    "ring": ring,
    "power_tray": power_tray,
    "pi_tray": pi_tray,
    "camera_plate": camera_plate,
    "cap": cap,
    "bracket": bracket,
    "mast_plate": mast_plate,
    "hood": hood,
}
