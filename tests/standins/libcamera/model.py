"""What the stand-in camera is like, and what befalls it: tests change `world`."""

from dataclasses import dataclass, field

# bits, sizes, lines of blanking in us, longest exposure in us, start-up frames that are marked bad
SENSORS = {
    "imx477": (12, ((2028, 1520), (4056, 3040)), 630, 694_422_939, 0),
    "imx708": (10, ((2304, 1296), (4608, 2592)), 1000, 112_015_443, 0),
    "imx462": (12, ((1920, 1080),), 60, 90_000_000, 1),
    "imx290": (12, ((1920, 1080),), 60, 90_000_000, 1),
    "imx296": (10, ((1456, 1088),), 60, 15_534_385, 0),
    "imx219": (10, ((1640, 1232), (3280, 2464)), 60, 11_766_829, 0),
}
BLACK_16BIT = {"imx290": 3840, "imx462": 3840, "imx296": 3840}


@dataclass
class World:
    """One board with one camera.

    Attributes:
        pisp: True for a Raspberry Pi 5.
        packed, compressed: What it gives whatever was asked for.
        scale: Sizes are divided by it, for speed.
        drop: Numbers of frames that get lost on their way.
        hangs_after: No frame comes after that many; None never.
        unplugged: True when no camera answers.
        silent: Metadata that this version does not give.
        auto_gain_frames: Lost while gains settle, if they are left automatic.
        lag_s: From the end of an exposure to the frame's arrival.
    """

    sensor: str = "imx477"
    pisp: bool = False
    packed: bool = False
    compressed: bool = False
    pattern: str = "RGGB"
    drop: set[int] = field(default_factory=set)
    hangs_after: int | None = None
    unplugged: bool = False
    silent: set[str] = field(default_factory=set)
    auto_gain_frames: int = 7
    opening_s: float = 0.8
    lag_s: float = 0.09
    # its time
    boot_ns: int = 1_000_000_000_000
    utc_minus_boot_ns: int = 1_772_392_000_000_000_000
    # what happened
    delivered: int = 0
    starts: list[dict[str, object]] = field(default_factory=list)
    exposed_from_ns: list[int] = field(default_factory=list)
    acquired: int = 0

    def reset(self) -> None:
        self.__init__()  # type: ignore[misc]


world = World()
