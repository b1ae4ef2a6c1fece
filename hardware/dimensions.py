"""Every measure of the housing in one place, in mm; no CAD is needed to read it."""

from dataclasses import dataclass

# holes for machine screws: through, and for a heat-set insert
M3_THROUGH, M3_INSERT = 3.4, 4.0
M25_INSERT = 3.5
M6_THROUGH = 6.4
# an M2 screw cuts its own thread into this
M2_CUTS = 1.7
# boards of makers: holes of the Raspberry Pi's long boards and of the Zero, and of the Pico
PI_HOLES, PI_ZERO_HOLES = (58.0, 49.0), (58.0, 23.0)
PI_BOARD = (85.0, 56.0)
PICO_HOLES, PICO_BOARD = (47.0, 11.4), (51.0, 21.0)


@dataclass(frozen=True)
class Place:
    """Where a board lies on its tray, mm from the tray's middle.

    Attributes:
        name: As in the wiring.
        x, y: Of its middle.
        long, wide: Of the board, along x and y; makers differ, these are usual.
        high: With what stands on it, above the tray.
        tie_x: Of the two holes for its cable tie; None for a board on screws.
    """

    name: str
    x: float
    y: float
    long: float
    wide: float
    high: float
    tie_x: float | None

    @property
    def tie_holes(self) -> list[tuple[float, float]]:
        """Where the tie goes through the tray."""
        if self.tie_x is None:
            return []
        return [(self.tie_x, self.y + side * (self.wide / 2.0 + 2.0)) for side in (-1.0, 1.0)]


POWER_TRAY = (
    Place("PICO", 0.0, -33.0, *PICO_BOARD, 13.0, None),
    Place("RELAY", -25.0, -6.0, 50.0, 26.0, 22.0, -31.0),
    Place("BUCK_PICO", 25.0, -6.0, 43.0, 21.0, 15.0, 20.0),
    Place("BUCK_PI", -20.0, 19.2, 54.0, 23.0, 20.0, -24.0),
    Place("FET", 27.0, 18.0, 34.0, 17.0, 15.0, 31.0),
    Place("BRIDGE", -12.0, 42.0, 25.0, 20.0, 12.0, -14.0),
    Place("DIST", 15.0, 42.0, 24.0, 20.0, 20.0, 14.0),
)
PI_TRAY = (Place("PI", 0.0, 0.0, *PI_BOARD, 27.0, None),)

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

    # the body: room for two trays of electronics below the camera
    body_outer: float = 150.0
    body_wall: float = 3.0
    body_high: float = 140.0
    floor: float = 4.0
    posts: int = 6
    post: float = 11.0
    # M16 cable glands, and an M12 membrane that lets the pressure out but no water in
    gland: float = 16.3
    glands: int = 3
    membrane: float = 12.3
    ear: float = 22.0
    ear_thick: float = 8.0
    ear_hole: float = M6_THROUGH

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
    plate: float = 108.0
    plate_thick: float = 4.0

    # a tower of two trays and the camera's plate, on four short posts that leave room for the
    # glands below; between them stand hexagonal spacers of brass as shops have them
    tower_post: float = 22.0
    spacer_low: float = 25.0
    spacer_high: float = 30.0
    tray: float = 118.0
    tray_thick: float = 3.0
    # cables and warm air go up at the trays' rim
    tray_notch: float = 22.0
    board_standoff: float = 5.0
    # places for modules, each held by a cable tie through two holes
    tie_hole: float = 4.2

    # the plate that carries all on a mast, below three of the body's ears
    mast_inner: float = 68.0
    mast_thick: float = 8.0
    mast_back: float = 16.0
    mast_wide: float = 84.0
    mast_high: float = 90.0
    mast_out: float = 114.0
    mast_groove: float = 10.0
    # clamps of 12 mm, as hoses have them, around the mast and through the plate
    band_wide: float = 13.0
    band_thick: float = 3.0

    # the hood of the sensors, on the mast: the sky's thermometer looks out of its top
    hood: float = 44.0
    hood_high: float = 40.0
    hood_wall: float = 2.0
    hood_top: float = 3.0
    hood_eye: float = 9.4
    hood_tongue: float = 24.0

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
    magnet_off: float = 20.0

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
    # grooves for the reed contacts in the bracket's edges, where the magnet comes by
    reed_deep: float = 2.6
    reed_long: float = 18.0

    @property
    def body_inner(self) -> float:
        """Width inside."""
        return self.body_outer - 2.0 * self.body_wall

    @property
    def screw_circle(self) -> float:
        """Diameter of the circle that lid and body are screwed together on."""
        return self.body_inner - self.post + self.body_wall

    @property
    def tower_circle(self) -> float:
        """Diameter of the circle that trays and camera plate are held on."""
        return self.plate - self.post

    @property
    def power_tray_z(self) -> float:
        """Underside of the lower tray in the body, from the body's bottom."""
        return self.floor + self.tower_post

    @property
    def pi_tray_z(self) -> float:
        """Underside of the upper tray."""
        return self.power_tray_z + self.tray_thick + self.spacer_low

    @property
    def camera_plate_z(self) -> float:
        """Underside of the camera's plate."""
        return self.pi_tray_z + self.tray_thick + self.spacer_high

    @property
    def ears_circle(self) -> float:
        """Diameter of the circle of the ears' holes."""
        return self.body_outer + self.ear - 6.0

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
