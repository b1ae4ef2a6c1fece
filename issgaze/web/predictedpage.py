"""The page of a pass that comes: where it runs, what will become of it, and how long yet."""

from datetime import datetime
from typing import Any

from issgaze.archive.ledger import SAME_PASS_S, Row
from issgaze.civil import later, parse_utc, seconds_between
from issgaze.web.charts import chart_svg
from issgaze.web.foresight import foreseen_chart
from issgaze.web.livepass import live_pass
from issgaze.web.passlines import countdown, events, when_seen
from issgaze.web.readings import Readings
from issgaze.web.render import render
from issgaze.web.sound import is_number
from issgaze.web.visit import Visit, turning

# how often the station is seen to move on the chart
_STEP_S = 5.0


def predicted_page(
    readings: Readings, visit: Visit, pass_id: str, row: Row | None = None
) -> str | None:
    """Return the page of a pass that is predicted; None where none is.

    Args:
        readings: The archive.
        visit: Who looks.
        pass_id: As the prediction or the ledger calls it.
        row: Of the ledger, whose name may be older than the prediction.
    """
    items = readings.predictions(guest=not visit.owner)["passes"]
    item = next((one for one in items if one["id"] == pass_id), None) or _of_row(items, row)
    if item is None:
        return None
    _ = visit.words
    chart = readings.chart(item["id"], guest=not visit.owner)
    horizon = readings.document(readings.archive.calibration / "horizon.json")
    live = live_pass(readings, visit, item, chart)
    first = when_seen(item)
    left = visit.left_s(first["utc"])
    over = _over(item, visit)
    rises, sets = (visit.left_s(item[end]["utc"]) for end in ("rise", "set"))
    now_shot = live is not None and rises <= 0.0 < sets
    shoot = item["verdict"] == "shoot" and not over and not now_shot
    runs = visit.alive and left > 0
    return render(
        "predicted.html",
        visit,
        iso=item["culmination"]["utc"],
        when=_.long_time(visit.wall_minute(item["culmination"]["utc"])),
        verdict=_("Photographing.") if now_shot else _verdict(item, visit),
        watch=now_shot,
        reason=_.reason(str(item["reason"])),
        # nobody counts down to what nobody will photograph
        left=countdown(_, left, whole_minutes=not visit.owner) if runs else "",
        past=_past(item, visit),
        until=first["utc"] if visit.owner else "",
        first=_("until it comes into light") if item.get("lit") else "",
        clock=turning(visit, _turn(item, visit, photographed=live is not None)),
        facts=_facts(item, visit),
        plan=_plan(item, visit) if shoot else [],
        chart=chart_svg(chart, visit, live.station if live else None)
        or foreseen_chart(item, horizon if visit.owner else {}, visit),
        events=events(item, visit),
        neighbours=_neighbours(items, item, visit),
    )


def _of_row(items: list[dict[str, Any]], row: Row | None) -> dict[str, Any] | None:
    if row is None:
        return None
    for item in items:
        gap = seconds_between(row.culmination_utc, parse_utc(item["culmination"]["utc"]))
        if item["id"].endswith(f"-{row.norad_id}") and abs(gap) < SAME_PASS_S:
            return item
    return None


def _over(item: dict[str, Any], visit: Visit) -> bool:
    return visit.left_s(item["set"]["utc"]) <= 0.0


def _turn(item: dict[str, Any], visit: Visit, *, photographed: bool) -> datetime | None:
    """Return when the page says something else: when it comes into light, when it has set.

    While it is photographed the station moves on the chart.
    """
    if _over(item, visit):
        return None
    moves = [later(visit.now, _STEP_S * (visit.speed or 0.0))] if photographed else []
    ahead = [parse_utc(when_seen(item)["utc"]), parse_utc(item["set"]["utc"])]
    return min([*moves, *(instant for instant in ahead if instant > visit.now)])


def _verdict(item: dict[str, Any], visit: Visit) -> str:
    _ = visit.words
    # nothing will become of it any more; what became of it the ledger tells
    if _over(item, visit):
        return _("It is over.")
    if not item["visible"]:
        return _("Cannot be seen.")
    if item["verdict"] != "shoot":
        return _("Will be skipped.")
    return _("Will shoot.") if visit.alive else _("Would be shot.")


def _past(item: dict[str, Any], visit: Visit) -> str:
    _ = visit.words
    if _over(item, visit):
        return ""
    if not visit.alive:
        return _("Nobody is there to photograph it.")
    return _("It is up now.") if visit.left_s(item["rise"]["utc"]) <= 0.0 else ""


def _facts(item: dict[str, Any], visit: Visit) -> list[tuple[str, str]]:
    _ = visit.words
    magnitude, moon, top = item.get("peak_magnitude"), item.get("moon"), item["culmination"]
    off, sun = item.get("timing_uncertainty_s"), item.get("sun_altitude_deg")
    lit_s = sum(
        seconds_between(parse_utc(one["from"]["utc"]), parse_utc(one["to"]["utc"]))
        for one in item.get("lit") or ()
    )
    lit = _("{count} s", count=_.number(lit_s)) if visit.owner else ""
    values = [
        (_("Highest"), f"{_.number(top['altitude_deg'])}° {_.compass(top['azimuth_deg'])}"),
        (_("Brightest"), f"{_.number(magnitude, 1)} mag" if is_number(magnitude) else ""),
        (_("Nearest"), f"{_.number(top['range_km'])} km"),
        (_("In light for"), lit if lit_s > 0.0 else ""),
        (_("Sun"), f"{_.number(sun)}°" if is_number(sun) else ""),
        (_("Moon"), _moon(moon, visit) if isinstance(moon, dict) else ""),
        (
            _("Time good to"),
            f"±{_.number(off, 1 if off < 10.0 else 0)} s" if is_number(off) else "",
        ),
    ]
    return [(name, value) for name, value in values if value]


def _moon(moon: dict[str, Any], visit: Visit) -> str:
    _ = visit.words
    altitude, lit = moon.get("altitude_deg"), moon.get("illuminated_fraction")
    if not is_number(altitude) or altitude <= 0.0:
        return _("down")
    if not is_number(lit):
        return ""
    return _(
        "{percent} % lit, {height}° high", percent=_.number(100 * lit), height=_.number(altitude)
    )


def _plan(item: dict[str, Any], visit: Visit) -> list[str]:
    """Return the plan in words; guests, whose predictions hold none, get none."""
    _ = visit.words
    plan: Any = item.get("plan")
    blocks = plan.get("lights") if isinstance(plan, dict) else None
    lines: list[str] = []
    for block in blocks if isinstance(blocks, list) else ():
        try:
            start = parse_utc(str(block["start_utc"]))
            span_s = float(block["count"]) * float(block["exposure_s"])
            lines.append(
                _(
                    "{count} exposures of {exposure} s at gain {gain}, from {begin} to {end}.",
                    count=int(block["count"]),
                    exposure=_.number(float(block["exposure_s"]), 1),
                    gain=_.number(float(block["analogue_gain"]), 1),
                    begin=visit.clock_time(str(block["start_utc"])),
                    end=visit.clock_time(later(start, span_s).isoformat()),
                )
            )
        except (KeyError, TypeError, ValueError):
            continue
    darks = plan.get("darks") if isinstance(plan, dict) else 0
    if lines and is_number(darks) and darks > 0:
        lines.append(_("Before them {count} darks with the cover shut.", count=int(darks)))
    return lines


def _neighbours(
    items: list[dict[str, Any]], item: dict[str, Any], visit: Visit
) -> list[tuple[str, str, str]]:
    """Return relation, address and name of the visible passes before and after."""
    _ = visit.words
    visible = [one for one in items if one["visible"] or one is item]
    place = visible.index(item)
    found: list[tuple[str, str, str]] = []
    for relation, label, other in (
        ("prev", _("Earlier"), place - 1),
        ("next", _("Later"), place + 1),
    ):
        if 0 <= other < len(visible):
            wall = visit.wall_minute(visible[other]["culmination"]["utc"])
            address = f"/passes/{visible[other]['id']}/"
            found.append(
                (
                    relation,
                    address,
                    _("{what}: {when}", what=label, when=f"{_.day(wall)}, {wall:%H:%M}"),
                )
            )
    return found
