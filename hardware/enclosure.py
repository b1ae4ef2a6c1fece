"""The housing as build123d code: each part lies as it is printed, on the bed at z = 0.

Nothing needs supports: holes are vertical or end in a ridge of 45 degrees, and whatever juts out
does so at 45 degrees or from the bed up. ASA where the Sun shines on it, PETG elsewhere.
"""

from collections.abc import Callable
from math import radians, sin

from build123d import (
    Axis,
    Box,
    Cylinder,
    Part,
    Plane,
    Polygon,
    Pos,
    Rot,
    Sphere,
    extrude,
)
from mounts import hood, mast_plate, pi_tray, power_tray
from solids import LOW, around, block, disc, hole

from dimensions import (
    M3_INSERT,
    M3_THROUGH,
    M25_INSERT,
    PI_TRAY,
    POWER_TRAY,
    SIZES,
    Dimensions,
)


def _ridge_hole(diameter: float, length: float) -> Part:
    """A hole along y, its roof rising at 45 degrees, so that it prints without supports."""
    radius = diameter / 2.0
    half = radius * 2.0**-0.5
    roof = Polygon((-half, half), (half, half), (0.0, 2.0 * half), align=None)
    wedge = Rot(90, 0, 0) * extrude(roof, length / 2.0, both=True)
    return Rot(90, 0, 0) * Cylinder(radius, length) + wedge


def body(d: Dimensions = SIZES) -> Part:
    """The pot: glands and membrane in its floor, posts for lid and tower, ears for a mast."""
    part = disc(d.body_outer, d.body_high)
    for x, y in around(4, d.ears_circle):
        part += hole(x, y, d.ear, d.ear_thick)
        part += Pos(x * 0.9, y * 0.9, 0) * Box(d.ear, d.ear, d.ear_thick, align=LOW)
        part -= hole(x, y, d.ear_hole, d.ear_thick)
    part -= disc(d.body_inner, d.body_high, d.floor)
    inside = disc(d.body_outer, d.body_high)
    for x, y in around(d.posts, d.screw_circle, 30.0):
        part += hole(x, y, d.post, d.body_high) & inside
        part -= hole(x, y, M3_INSERT, 12.0, d.body_high - 12.0)
    top = d.power_tray_z
    for x, y in around(4, d.tower_circle, 45.0):
        part += hole(x, y, d.post, top)
        part -= hole(x, y, M3_INSERT, 10.0, top - 10.0)
    for x, y in around(d.glands, 52.0, 90.0):
        part -= hole(x, y, d.gland, d.floor)
    return part - disc(d.membrane, d.floor)


def lid(d: Dimensions = SIZES) -> Part:
    """The lid, printed face down: what is up on the bed is down on the roof.

    It has the opening below the dome, the wall that carries the heater, the skirt that rain drips
    off from, and the tab for the cover's motor.
    """
    part = disc(d.lid_outer, d.lid_thick + d.skirt_high)
    part -= disc(d.body_outer + 2.0 * d.skirt_gap, d.skirt_high, d.lid_thick)
    # on the bed it lies face down, so that left and right change places
    part += block(
        (d.body_outer / 2.0 - 8.0, tab_end(d)),
        (-d.tab_to, -d.tab_from),
        (0.0, d.lid_thick),
    )
    part -= disc(d.lid_opening, d.lid_thick)
    wall = disc(d.lid_opening + 2.0 * d.heater_wall, d.heater_wall_high, d.lid_thick)
    part += wall - disc(d.lid_opening, d.heater_wall_high, d.lid_thick)
    for x, y in around(d.posts, d.screw_circle, 30.0):
        part -= hole(x, y, M3_THROUGH, d.lid_thick)
    for x, y in around(d.posts, d.ring_screws):
        part -= hole(x, y, M3_THROUGH, d.lid_thick)
    for x, y in foot_screws(d):
        part -= hole(x, -y, M3_THROUGH, d.lid_thick)
    return part


def tab_end(d: Dimensions = SIZES) -> float:
    """How far the tab reaches: not below the cap's fin, which swings down beyond its shaft."""
    return d.body_outer / 2.0 + d.tab_reach


def foot_screws(d: Dimensions = SIZES) -> list[tuple[float, float]]:
    """Where the bracket's foot is screwed below the tab, as seen from above on the roof."""
    xs = (d.lid_outer / 2.0 + 7.0, tab_end(d) - 6.0)
    return [(x, y) for x in xs for y in (d.tab_from + 8.0, d.tab_to - 8.0)]


def ring(d: Dimensions = SIZES) -> Part:
    """The ring that presses the dome's flange onto the lid, printed upside down."""
    part = disc(d.ring_outer, d.ring_high) - disc(d.dome + 1.0, d.ring_high)
    part -= disc(d.dome_flange + 0.6, d.dome_flange_thick, d.ring_thick)
    for x, y in around(d.posts, d.ring_screws):
        part -= hole(x, y, M3_THROUGH, d.ring_high)
    return part


def camera_plate(d: Dimensions = SIZES) -> Part:
    """The plate that carries the camera, with room for its ribbon and for warm air to rise."""
    part = disc(d.plate, d.plate_thick)
    for x, y in around(4, d.tower_circle, 45.0):
        part -= hole(x, y, M3_THROUGH, d.plate_thick)
    high = d.plate_thick + d.camera_standoff
    half = d.camera_holes / 2.0
    for x in (-half, half):
        for y in (-half, half):
            part += hole(x, y, 8.0, high)
            part -= hole(x, y, M25_INSERT, 7.0, high - 7.0)
    part -= Pos(0, -30.0, 0) * Box(24.0, 6.0, d.plate_thick, align=LOW)
    # where the ribbon is there is no room for a fourth
    for x, y in around(4, 82.0)[:3]:
        part -= hole(x, y, 14.0, d.plate_thick)
    return part


def cap(d: Dimensions = SIZES) -> Part:
    """The cover, printed on its closed end; its fin rises from the bed at 45 degrees to the hub."""
    edge = d.cap_outer / 2.0
    # clear of the tab whichever way it is turned
    top = d.cap_high - d.hinge_high + d.hub / 2.0
    out = d.hinge_x + d.hub / 2.0
    toe = edge + d.fin_toe
    profile = Polygon(
        (edge - 6.0, 0.0), (toe, 0.0), (out, out - toe), (out, top), (edge - 6.0, top), align=None
    )
    part = disc(d.cap_outer, d.cap_high) + Rot(90, 0, 0) * extrude(profile, d.fin / 2.0, both=True)
    part -= disc(d.cap_inner, d.cap_deep, d.cap_wall)
    axis_z = d.cap_high - d.hinge_high
    part -= Pos(d.hinge_x, 0, axis_z) * _ridge_hole(d.shaft, d.fin)
    # a screw from the outside clamps the flat of the shaft
    clamp = Rot(0, 0, 90) * _ridge_hole(M3_INSERT, d.hub)
    part -= Pos(d.hinge_x + d.hub / 2.0, 0, axis_z) * clamp
    # a magnet in the fin tells the reed contacts where it is
    y = -d.fin / 2.0 + d.magnet_deep / 2.0
    part -= Pos(d.hinge_x - d.magnet_off, y, axis_z) * _ridge_hole(d.magnet, d.magnet_deep)
    return part


def bracket(d: Dimensions = SIZES) -> Part:
    """The motor's bracket, printed on the motor's face: x is down on the roof, z the shaft."""
    wide, thick = d.bracket_wide / 2.0, d.bracket_thick
    # y on the bed runs towards the body
    inner = d.hinge_x - d.lid_outer / 2.0 - 0.5
    near = d.hinge_x - tab_end(d)
    part = block((-d.bracket_up, d.bracket_down), (-wide, wide), (0.0, thick))
    # the foot lies against the tab from below
    at = d.hinge_high + d.lid_thick
    part += block((at - d.lid_thick - 4.0, d.bracket_down), (0.0, inner), (0.0, thick))
    part += block((at, at + thick), (near, inner), (0.0, thick + d.tab_to - d.tab_from))
    for y in (near + 2.0, inner - 2.0):
        # gussets from plate to foot carry the wind
        side = Polygon((0.0, 0.0), (28.0, 0.0), (0.0, 28.0), align=None)
        part += Pos(at + thick, y, thick) * Rot(90, 0, 0) * extrude(side, 2.0, both=True)
    # x where the magnet comes by: shut it is beside the shaft, open it has sunk a little
    sunk = d.magnet_off * sin(radians(d.open_deg - 180.0))
    for x, y in ((0.0, wide), (sunk, -wide)):
        part -= _reed_groove(x, y, d)
    part -= hole(0.0, 0.0, d.motor_boss, thick)
    across, along = d.motor_holes
    for dx in (0.0, along):
        for dy in (-across / 2.0, across / 2.0):
            part -= hole(dx - d.motor_shaft_off, dy, M3_THROUGH, thick)
    for x, y in foot_screws(d):
        screw = Rot(0, 0, 90) * _ridge_hole(M3_THROUGH, 4.0 * thick)
        part -= Pos(at + thick / 2.0, d.hinge_x - x, thick + y - d.tab_from) * screw
    return part


def _reed_groove(x: float, y: float, d: Dimensions) -> Part:
    """A groove of 45 degrees along x in an edge of the bracket's plate."""
    deep = d.reed_deep if y > 0.0 else -d.reed_deep
    z = d.bracket_thick / 2.0
    # drawn across the groove: y and z of the bed
    corners = ((y, z - abs(deep)), (y, z + abs(deep)), (y - deep, z))
    profile = Polygon(*corners, align=None)
    return Pos(x, 0, 0) * Plane.YZ.location * extrude(profile, d.reed_long / 2.0, both=True)


def dome(d: Dimensions = SIZES) -> Part:
    """The bought dome, its flange's underside at z = 0: to look at, and to keep clear of."""
    shell = Sphere(d.dome / 2.0) - Sphere(d.dome / 2.0 - 2.5)
    half = shell & disc(2.0 * d.dome, d.dome)
    flange = disc(d.dome_flange, d.dome_flange_thick) - disc(d.dome - 5.0, d.dome_flange_thick)
    return half + flange


# each part as it is printed
PARTS: dict[str, Callable[[], Part]] = {
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


def assembled(open_deg: float = 0.0, d: Dimensions = SIZES) -> dict[str, Part]:
    """Return all parts where they are on the roof; z = 0 is the top of the lid."""
    flip = Rot(180, 0, 0)
    shut = Pos(0, 0, d.cap_high) * flip * cap(d)
    shaft = Axis((d.hinge_x, 0, d.hinge_high), (0, 1, 0))
    bottom = -d.lid_thick - d.body_high
    return {
        "body": Pos(0, 0, bottom) * body(d),
        "mast_plate": Pos(0, 0, bottom) * flip * mast_plate(d),
        "lid": flip * lid(d),
        "ring": Pos(0, 0, d.ring_high) * flip * ring(d),
        "dome": dome(d),
        "power_tray": Pos(0, 0, bottom + d.power_tray_z) * power_tray(d),
        "pi_tray": Pos(0, 0, bottom + d.pi_tray_z) * pi_tray(d),
        "camera_plate": Pos(0, 0, bottom + d.camera_plate_z) * camera_plate(d),
        "cap": shut.rotate(shaft, open_deg),
        "bracket": _mounted(bracket(d), d),
    }


def spacers(d: Dimensions = SIZES) -> list[Part]:
    """Return the bought spacers of the tower, where they are on the roof."""
    bottom = -d.lid_thick - d.body_high
    low, high = d.power_tray_z + d.tray_thick, d.pi_tray_z + d.tray_thick
    return [
        Pos(x, y, bottom + z) * Cylinder(3.0, long, align=LOW)
        for z, long in ((low, d.spacer_low), (high, d.spacer_high))
        for x, y in around(4, d.tower_circle, 45.0)
    ]


def boards(d: Dimensions = SIZES) -> list[Part]:
    """Return all boards as blocks of the room that they take, where they are on the roof."""
    bottom = -d.lid_thick - d.body_high
    found = []
    for z, places in ((d.power_tray_z, POWER_TRAY), (d.pi_tray_z, PI_TRAY)):
        for place in places:
            # a board on screws stands on the tray's studs
            lift = d.board_standoff if place.tie_x is None else 0.0
            solid = Box(place.long, place.wide, place.high - lift, align=LOW)
            found.append(Pos(place.x, place.y, bottom + z + d.tray_thick + lift) * solid)
    return found


def hoods(d: Dimensions = SIZES) -> list[Part]:
    """Return the hood as it hangs at the top of a mast of 48 mm, away from the dome."""
    mast = -d.mast_out - d.mast_back - 17.0
    x = mast - 24.0 - d.hood / 2.0 - 4.0
    return [Pos(x, 0, 20.0) * Rot(0, 0, 180) * (Rot(180, 0, 0) * hood(d))]


def _mounted(part: Part, d: Dimensions) -> Part:
    """Turn the bracket from the bed onto the roof: its x goes down, its z along the shaft."""
    place = Plane(
        (d.hinge_x, d.tab_from - d.bracket_thick, d.hinge_high), x_dir=(0, 0, -1), z_dir=(0, 1, 0)
    )
    return place.location * part
