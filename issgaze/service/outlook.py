"""What the coming passes would be exposed with, for people: a plan of each as things stand now."""

from collections.abc import Callable, Iterable
from typing import Any

from issgaze.civil import format_utc
from issgaze.errors import IssgazeError
from issgaze.planning.plan import CapturePlan, Choice


def planned(
    choices: Iterable[Choice], plan_of: Callable[[Choice], CapturePlan]
) -> dict[str, dict[str, Any]]:
    """Return a summary of the plan of each pass that will be shot, by the id of the pass.

    Each is made anew a quarter of an hour before its pass, by the sky as it is then.

    Args:
        choices: The coming passes.
        plan_of: Makes a plan.
    """
    found: dict[str, dict[str, Any]] = {}
    for choice in choices:
        if choice.verdict != "shoot" or choice.shares is not None:
            continue
        try:
            plan = plan_of(choice)
        except IssgazeError:
            # it is tried again, and told, when the pass comes
            continue
        found[choice.iss_pass.id] = plan_document(plan)
    return found


def plan_document(plan: CapturePlan) -> dict[str, Any]:
    """Return what people want to know of a plan."""
    return {
        "mode": plan.mode,
        "lights": [
            {
                "start_utc": format_utc(block.start_utc, decimals=3),
                "count": block.count,
                "exposure_s": block.exposure_s,
                "analogue_gain": block.analogue_gain,
            }
            for block in plan.lights
        ],
        "darks": plan.darks.count if plan.darks else 0,
        "expected_snr": plan.expected_snr,
    }
