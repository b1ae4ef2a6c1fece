"""What is printed for the electronics and for the roof: trays, mast plate, hood of the sensors."""

from build123d import Box, Part, Plane, Polygon, Pos, Rot, extrude
from solids import LOW, around, block, disc, hole

from dimensions import (
    M2_CUTS,
    M3_THROUGH,
    M6_THROUGH,
    M25_INSERT,
    PI_BOARD,
    PI_HOLES,
    PI_ZERO_HOLES,
    PICO_HOLES,
    POWER_TRAY,
    SIZES,
    Dimensions,
)


def _tray(d: Dimensions) -> Part:
    part = disc(d.tray, d.tray_thick)
    for x, y in around(4, d.tower_circle, 45.0):
        part -= hole(x, y, M3_THROUGH, d.tray_thick)
    for x, y in around(4, d.tray):
        part -= hole(x, y, d.tray_notch, d.tray_thick)
    return part


def pi_holes() -> list[tuple[float, float]]:
    """Return where a Pi's screws are: four for the long boards, two more for a Zero."""
    # its holes lie 3.5 from one short edge, so that the board is in the middle of the tray
    middle = -PI_BOARD[0] / 2.0 + 3.5 + PI_HOLES[0] / 2.0
    low = -PI_HOLES[1] / 2.0
    ys = (low, low + PI_ZERO_HOLES[1], low + PI_HOLES[1])
    return [(middle + side * PI_HOLES[0] / 2.0, y) for y in ys for side in (-1.0, 1.0)]


def pi_tray(d: Dimensions = SIZES) -> Part:
    """The upper tray: a Pi on inserts of M2.5, air from below."""
    part = _tray(d)
    high = d.tray_thick + d.board_standoff
    part -= Pos(-10.0, 12.0, 0) * Box(34.0, 14.0, d.tray_thick, align=LOW)
    for x, y in pi_holes():
        part += hole(x, y, 7.0, high)
        part -= hole(x, y, M25_INSERT, 7.0, high - 7.0)
    return part


def power_tray(d: Dimensions = SIZES) -> Part:
    """The lower tray: the controller on four studs, modules under cable ties."""
    part = _tray(d)
    high = d.tray_thick + d.board_standoff
    at = next(place for place in POWER_TRAY if place.name == "PICO")
    for dx in (-PICO_HOLES[0] / 2.0, PICO_HOLES[0] / 2.0):
        for dy in (-PICO_HOLES[1] / 2.0, PICO_HOLES[1] / 2.0):
            part += hole(dx, at.y + dy, 5.0, high)
            part -= hole(dx, at.y + dy, M2_CUTS, 6.0, high - 6.0)
    for place in POWER_TRAY:
        for x, y in place.tie_holes:
            part -= hole(x, y, d.tie_hole, d.tray_thick)
    return part


def mast_plate(d: Dimensions = SIZES) -> Part:
    """Half a ring below the body's ears and a back with a groove for a mast, ring on the bed.

    On the roof it hangs the other way up: the mast ends below the body.
    """
    outer = d.ears_circle + d.ear + 4.0
    part = disc(outer, d.mast_thick) - disc(2.0 * d.mast_inner, d.mast_thick)
    # the side of the motor stays free
    part -= block((14.0, outer), (-outer, outer), (0.0, d.mast_thick))
    half, back = d.mast_wide / 2.0, d.mast_out + d.mast_back
    part += block((-back, -d.mast_inner - 8.0), (-half, half), (0.0, d.mast_thick))
    part += block((-back, -d.mast_out), (-half, half), (0.0, d.mast_high))
    for y in (-half + 3.0, half - 3.0):
        side = Polygon((0.0, 0.0), (38.0, 0.0), (0.0, 38.0), align=None)
        rib = Rot(90, 0, 0) * extrude(side, 3.0, both=True)
        part += Pos(-d.mast_out, y, d.mast_thick) * rib
    deep = d.mast_groove
    groove = Polygon((0, -deep), (deep, 0), (0, deep), align=None)
    part -= Pos(-back, 0, 0) * extrude(groove, d.mast_high)
    for z in (d.mast_thick + 18.0, d.mast_high - 18.0 - d.band_wide):
        for y in (-28.0, 28.0):
            part -= Pos(-d.mast_out - d.mast_back / 2.0, y, z) * _slot(d)
    for x, y in around(4, d.ears_circle)[1:]:
        part -= hole(x, y, M6_THROUGH, d.mast_thick)
    return part


def _slot(d: Dimensions) -> Part:
    """A slot along x for a band, its roof rising at 45 degrees."""
    half = d.band_thick / 2.0 + 0.5
    outline = ((-half, 0.0), (half, 0.0), (half, d.band_wide), (0.0, d.band_wide + half),
               (-half, d.band_wide))  # fmt: skip
    profile = Polygon(*outline, align=None)
    return Plane.YZ.location * extrude(profile, d.mast_back, both=True)


def hood(d: Dimensions = SIZES) -> Part:
    """The hood of the air's and the sky's sensors, its top on the bed; open below on the roof.

    A band holds its tongue against the top of the mast.
    """
    part = disc(d.hood, d.hood_high)
    part += block(
        (-d.hood / 2.0 - 4.0, -d.hood / 2.0 + d.hood_wall),
        (-d.hood_tongue / 2.0, d.hood_tongue / 2.0),
        (0.0, 2.0 * d.hood_high),
    )
    part -= disc(d.hood - 2.0 * d.hood_wall, d.hood_high, d.hood_top)
    part -= hole(0.0, 0.0, d.hood_eye, d.hood_top)
    return part
