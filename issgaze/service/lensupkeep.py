"""Whether the lens of before still holds for a frame of tonight, and what holds if it does not."""

import dataclasses
from dataclasses import dataclass
from typing import Any, Literal

from issgaze.imaging.detect import Detections, detect_stars
from issgaze.imaging.frame import Frame
from issgaze.imaging.starcount import StarCount, count_stars
from issgaze.optics.lens import Lens
from issgaze.optics.plateproof import PlateSolution
from issgaze.optics.upkeep import Turn, refine_lens, turn_between
from issgaze.service.calibrate import mid_exposure, sky_stars, solve_frame, sound_points
from issgaze.sky.site import Site

# a mount that warms and cools turns by hundredths of a degree; beyond this somebody touched it
_BUMPED_DEG = 0.3
# below this a turn is what the stars scatter by
_DRIFT_PX = 0.5

Event = Literal["solved", "refined", "drifted", "bumped", "unsolved"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LensCheck:
    """What tonight's stars say of the lens.

    Attributes:
        lens: What holds now: the refined lens, a new one, or the old one when nothing is proved.
        event: "solved" for a first lens, "refined" for the old one within its scatter, "drifted"
            or "bumped" for a camera that has turned, "unsolved" when the frame proves nothing.
        turn: How the camera has moved, None without two lenses.
        solution: The plate solution.
        reason: For people.
        count: Catalogue stars in the frame, None without a lens.
    """

    lens: Lens | None
    event: Event
    turn: Turn | None
    solution: PlateSolution
    reason: str
    count: StarCount | None = None

    def facts(self) -> dict[str, Any]:
        """Return the numbers for history and report."""
        return {
            "event": self.event,
            "reason": self.reason,
            "stars_matched": self.solution.stars_matched,
            "median_residual_px": _rounded(self.solution.median_residual_px),
            "turned_deg": _rounded(self.turn.turned_deg) if self.turn else None,
            "shift_px": _rounded(self.turn.shift_px) if self.turn else None,
            "focal_ratio": round(self.turn.focal_ratio, 6) if self.turn else None,
            **(_star_facts(self.count) if self.count else {}),
        }


def _star_facts(count: StarCount) -> dict[str, Any]:
    bright = count.bright()
    return {
        "bright_stars_expected": int(bright.sum()),
        "bright_stars_seen": int(count.seen[bright].sum()),
        "frame_limiting_magnitude": _rounded(count.limiting_magnitude()),
        "frame_zero_point_mag": _rounded(count.zero_point_mag()),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def check_lens(frame: Frame, before: Lens | None, site: Site) -> LensCheck:
    """Hold the stars of a frame against the lens of before; solve anew when they do not fit.

    Args:
        frame: A frame of tonight with its true time.
        before: The last good lens, of frames of this size; None when there is none.
        site: Where the camera stands.
    """
    found = detect_stars(frame)
    check = _checked(frame, found, before, site)
    if check.lens is None:
        return check
    count = count_stars(
        found,
        check.lens,
        sky_stars(mid_exposure(frame), site),
        exposure_s=frame.info.exposure_s,
    )
    return dataclasses.replace(check, count=count)


def _checked(frame: Frame, found: Detections, before: Lens | None, site: Site) -> LensCheck:
    if before is not None:
        seen, pixel_px = sound_points(frame, found)
        refined = refine_lens(before, seen, sky_stars(mid_exposure(frame), site), pixel_px=pixel_px)
        if refined.lens is not None:
            return _compared(before, refined)
    solution = solve_frame(frame, found, site)
    if solution.lens is None:
        kept = "the lens of before is kept" if before is not None else "there is no lens yet"
        return LensCheck(
            lens=before,
            event="unsolved",
            turn=None,
            solution=solution,
            reason=f"{solution.reason}; {kept}",
        )
    if before is None:
        return LensCheck(
            lens=solution.lens,
            event="solved",
            turn=None,
            solution=solution,
            reason=f"found blind from {solution.stars_matched} stars",
        )
    return _compared(before, solution)


def _compared(before: Lens, solution: PlateSolution) -> LensCheck:
    assert solution.lens is not None
    turn = turn_between(before, solution.lens)
    event: Event = "refined"
    reason = f"{solution.stars_matched} stars agree with the lens of before"
    if turn.turned_deg > _BUMPED_DEG:
        event = "bumped"
        reason = f"the camera has turned by {turn.turned_deg:.1f}° since the last lens"
    elif turn.shift_px > _DRIFT_PX:
        event = "drifted"
        reason = f"the picture has moved by {turn.shift_px:.1f} px since the last lens"
    return LensCheck(lens=solution.lens, event=event, turn=turn, solution=solution, reason=reason)
