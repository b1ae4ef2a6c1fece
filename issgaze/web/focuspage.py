"""Focus: a fresh crop every second while somebody turns the lens, and how wide its stars are."""

import json
import math
from typing import Any

from issgaze.web.plots import Axis, Dots, plot, steps
from issgaze.web.readings import Readings
from issgaze.web.render import render
from issgaze.web.sound import is_number
from issgaze.web.visit import Visit

FOCUS_PICTURE, FOCUS_FILE = "focus.jpg", "focus.json"
EXPOSURES_S = ("0.01", "0.1", "0.5", "1", "2", "5")


def focus_state(readings: Readings) -> dict[str, Any]:
    """Return what observe has measured, empty when nobody focuses."""
    return readings.document(readings.archive.run / FOCUS_FILE)


def focus_page(readings: Readings, visit: Visit, *, answer: str) -> str:
    """Return the page.

    Args:
        readings: The archive.
        visit: The owner; guests see how to sign in.
        answer: What observe said to the request to begin, empty before.
    """
    state = focus_state(readings) if visit.owner else {}
    return render(
        "focus.html",
        visit,
        state=state,
        running=bool(state.get("running")),
        opening=bool(state.get("running")) and not state.get("widths_px"),
        picture=(readings.archive.run / FOCUS_PICTURE).is_file(),
        trend=trend(state, visit),
        exposures=EXPOSURES_S,
        # what was asked for last: three minutes more shall not change it
        chosen=_nearest(state.get("exposure_s")),
        best=best(state, visit),
        answer=answer,
    )


def _nearest(exposure_s: object) -> str:
    """Return the offered exposure that is nearest to what was asked for."""
    if not is_number(exposure_s) or exposure_s <= 0.0:
        return "0.5"
    return min(EXPOSURES_S, key=lambda offered: abs(math.log(float(offered) / exposure_s)))


def trend(state: dict[str, Any], visit: Visit) -> str:
    """Return the plot of star widths over the last minutes, empty without."""
    _ = visit.words
    widths = [float(one) for one in state.get("widths_px") or () if isinstance(one, int | float)]
    if len(widths) < 2:
        return ""
    low, high = min(widths) * 0.9, max(widths) * 1.1
    return plot(
        _("Star width, {low} px at best", low=_.number(min(widths), 1)),
        x=Axis(low=0.0, high=len(widths) - 1.0, ticks=()),
        y=Axis(
            low=low, high=high, ticks=tuple((v, _.number(v, 1)) for v in steps(low, high, most=5))
        ),
        dots=(Dots(points=list(enumerate(widths))),),
        line=list(enumerate(widths)),
        height=150.0,
    )


def focus_document(readings: Readings, visit: Visit) -> str:
    """Return what the page's script asks for once a second."""
    state = focus_state(readings)
    return json.dumps({**state, "trend": trend(state, visit), "best": best(state, visit)})


def best(state: dict[str, Any], visit: Visit) -> str:
    """Return how narrow the stars have been at best, in words; empty before."""
    _ = visit.words
    best_px = state.get("best_px")
    if not is_number(best_px):
        return ""
    return _("best so far {px} px", px=_.number(best_px, 1))
