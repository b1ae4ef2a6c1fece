"""What holds the parts together: each joint with its screws, nuts, inserts and spacers.

The CAD is held against this by a test: as many holes of each kind as there are joints for them.
"""

from collections import Counter
from dataclasses import dataclass

from dimensions import (
    M2_CUTS,
    M3_INSERT,
    M3_THROUGH,
    M6_THROUGH,
    M25_INSERT,
    SIZES,
    Dimensions,
)

INSERT_M3, INSERT_M25 = "heat-set insert M3, 5.7 long", "heat-set insert M2.5, 5.7 long"
NUT_M3, NUT_M6 = "nut M3, self-locking", "nut M6, self-locking"
WASHER_M3, WASHER_M6 = "washer M3", "washer M6"
GRUB = "grub screw M3 x 8, for a key of 1.5 mm"
BAND_PLATE = "hose clamp of steel, 12 mm wide, 50 to 80 mm, for a mast of 35 to 50 mm"
BAND_HOOD = "hose clamp of steel, 12 mm wide, 40 to 60 mm, for the same mast"


@dataclass(frozen=True)
class Joint:
    """One kind of joint.

    Attributes:
        what: For people.
        count: How many of it.
        takes: What each takes.
        holes: Printed parts that have a hole for each, and its width in mm.
        only: "cover" or "controller" where only a roof with that has it.
    """

    what: str
    count: int
    takes: tuple[str, ...]
    holes: tuple[tuple[str, float], ...] = ()
    only: str = ""


def joints(d: Dimensions = SIZES) -> list[Joint]:
    """Return all joints of the housing, in the order of the guide."""
    low = f"spacer M3, hexagonal, {d.spacer_low:.0f} mm, screw and thread"
    high = f"spacer M3, hexagonal, {d.spacer_high:.0f} mm, screw and thread"
    ring = (_m3(d.ring_high + d.lid_thick + 4.5), NUT_M3, WASHER_M3, WASHER_M3)
    # the tape under the lid is pressed to half of its 3 mm
    lid = (INSERT_M3, _m3(d.lid_thick + 1.5 + 5.0))
    foot = (_m3(d.bracket_thick + d.lid_thick + 4.5), NUT_M3, WASHER_M3, WASHER_M3)
    mast = (f"screw M6 x {d.ear_thick + d.mast_thick + 9.0:.0f}", NUT_M6, WASHER_M6, WASHER_M6)
    through, insert = M3_THROUGH, M3_INSERT
    return [
        Joint("lower tray on the body's posts", 4, (INSERT_M3, low),
              (("body", insert), ("power_tray", through))),
        Joint("upper tray on the spacers", 4, (high,), (("pi_tray", through),)),
        Joint("camera's plate on the spacers", 4, ("screw M3 x 8",), (("camera_plate", through),)),
        # four of them hold a long board, another four a Zero
        Joint("inserts for the Pi", 6, (INSERT_M25,), (("pi_tray", M25_INSERT),)),
        Joint("Pi on the upper tray", 4, ("screw M2.5 x 6",)),
        Joint("controller on the lower tray", 4, ("screw M2 x 6, for plastic",),
              (("power_tray", M2_CUTS),), "controller"),
        Joint("camera on its plate", 4, (INSERT_M25, "screw M2.5 x 6"),
              (("camera_plate", M25_INSERT),)),
        Joint("ring and dome on the lid", d.posts, ring, (("ring", through), ("lid", through))),
        Joint("lid on the body", d.posts, lid, (("body", insert), ("lid", through))),
        Joint("bracket below the lid's tab", 4, foot, (("bracket", through), ("lid", through)),
              "cover"),
        Joint("motor on the bracket", 4, (_m3(d.bracket_thick + 4.0),), (("bracket", through),),
              "cover"),
        Joint("cap on the motor's shaft", 1, (INSERT_M3, GRUB), (("cap", insert),), "cover"),
        Joint("body on the mast's plate", 3, mast, (("mast_plate", M6_THROUGH),)),
        Joint("mast's plate on the mast", 2, (BAND_PLATE,)),
        Joint("hood of the sensors on the mast", 1, (BAND_HOOD,), only="controller"),
    ]  # fmt: skip


def _m3(longer_mm: float) -> str:
    """Return the screw that shops have of at least that length."""
    return f"screw M3 x {next(mm for mm in (8, 10, 12, 16, 20, 25, 30) if mm >= longer_mm)}"


def needed(tier: str) -> Counter[str]:
    """Return how many of each a tier needs; the minimum has neither cover nor controller."""
    found: Counter[str] = Counter()
    for joint in joints():
        if tier == "minimum" and joint.only:
            continue
        for part in joint.takes:
            found[part] += joint.count
    return found


def holes(part: str) -> Counter[float]:
    """Return how many holes of which width in mm the joints need in a printed part."""
    found: Counter[float] = Counter()
    for joint in joints():
        for name, width in joint.holes:
            if name == part:
                found[width] += joint.count
    return found
