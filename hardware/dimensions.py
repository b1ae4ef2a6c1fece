"""Every measure of the housing in one place, in mm; no CAD is needed to read it."""

from dataclasses import dataclass

# holes for machine screws: through, and for a heat-set insert
M3_THROUGH, M3_INSERT = 3.4, 4.0
M25_INSERT = 3.4
# what fits onto the bed of a small printer
BED = 220.0


@dataclass(frozen=True)
class Dimensions:
    """Of the housing for a fisheye under a dome of acrylic.

    The dome, the camera and the motor are bought; the rest is printed around them. Change one, and
    all parts follow.
    """

    # an acrylic dome as shops have it: hemisphere of 100, flange of 120
    dome: float = 100.0
    dome_flange: float = 120.0
    dome_flange_thick: float = 3.0

    # the body: room for a Pi, a Pico and two converters below the camera
    body_outer: float = 150.0
    body_wall: float = 3.0
    body_high: float = 120.0
    floor: float = 4.0
    posts: int = 6
    post: float = 11.0
    # M16 cable glands, and an M12 membrane that lets the pressure out but no water in
    gland: float = 16.3
    glands: int = 3
    membrane: float = 12.3
    ear: float = 22.0
    ear_thick: float = 8.0
    ear_hole: float = 6.4

    lid_thick: float = 5.0
    lid_opening: float = 88.0
    heater_wall: float = 2.0
    heater_wall_high: float = 12.0
    # a skirt around the body: rain drips off instead of creeping in
    skirt_gap: float = 0.6
    skirt_wall: float = 2.0
    skirt_high: float = 6.0
    # the tab that carries the cover's motor
    tab_from: float = -8.0
    tab_to: float = 30.0
    tab_reach: float = 34.0

    ring_thick: float = 3.0
    ring_lip: float = 8.0

    # Raspberry Pi HQ camera: a board of 38 with holes 30 apart
    camera_holes: float = 30.0
    camera_standoff: float = 8.0
    camera_post: float = 62.0
    plate: float = 108.0
    plate_thick: float = 4.0

    # the cap that covers the dome, and the shaft it turns on
    cap_wall: float = 2.4
    cap_room: float = 5.0
    hinge_out: float = 45.0
    hinge_high: float = 13.0
    hub: float = 16.0
    fin: float = 14.0
    fin_toe: float = 16.0
    open_deg: float = 195.0
    magnet: float = 6.2
    magnet_deep: float = 3.2

    # a 12 V worm gear motor of the type 5840 with a D-shaft of 8; measure yours
    shaft: float = 8.1
    motor_rpm: float = 7.0
    motor_holes: tuple[float, float] = (33.0, 18.0)
    motor_shaft_off: float = 4.0
    motor_boss: float = 14.0
    bracket_thick: float = 6.0
    bracket_wide: float = 40.0
    bracket_up: float = 12.0
    bracket_down: float = 60.0

    @property
    def body_inner(self) -> float:
        """Width inside."""
        return self.body_outer - 2.0 * self.body_wall

    @property
    def screw_circle(self) -> float:
        """Diameter of the circle that lid and body are screwed together on."""
        return self.body_inner - self.post + self.body_wall

    @property
    def lid_outer(self) -> float:
        """Width of the lid with its skirt."""
        return self.body_outer + 2.0 * (self.skirt_gap + self.skirt_wall)

    @property
    def ring_outer(self) -> float:
        """Width of the ring that holds the dome."""
        return self.dome_flange + 2.0 * self.ring_lip

    @property
    def ring_high(self) -> float:
        """Height of that ring."""
        return self.ring_thick + self.dome_flange_thick

    @property
    def ring_screws(self) -> float:
        """Diameter of the circle of its screws, outside of the flange: acrylic hates holes."""
        return self.dome_flange + self.ring_lip

    @property
    def cap_inner(self) -> float:
        """Width inside of the cap: it goes over the ring."""
        return self.ring_outer + 2.0 * self.cap_room

    @property
    def cap_outer(self) -> float:
        """Width of the cap."""
        return self.cap_inner + 2.0 * self.cap_wall

    @property
    def cap_deep(self) -> float:
        """Depth inside of the cap, from its rim: dome, flange, and room."""
        return self.dome / 2.0 + self.dome_flange_thick + self.cap_room

    @property
    def cap_high(self) -> float:
        """Height of the cap."""
        return self.cap_deep + self.cap_wall

    @property
    def hinge_x(self) -> float:
        """How far the cap's shaft is from the middle of the dome."""
        return self.cap_outer / 2.0 + self.hinge_out

    @property
    def swing_s(self) -> float:
        """Seconds the cover takes to open."""
        return self.open_deg / 360.0 * 60.0 / self.motor_rpm


SIZES = Dimensions()
