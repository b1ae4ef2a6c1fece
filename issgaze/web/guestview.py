"""What guests may know: nothing of the exact site, neither its numbers nor its seconds.

A guest's status is veiled before any page sees it, so that no page can tell more. Reasons, in
docs/decisions: when the shutter opens, a cover moves or the disk begins to fill is when the station
rises over this very roof, and a few such instants place it.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from issgaze.civil import evening_of, later, parse_utc
from issgaze.web.readings import Readings
from issgaze.web.sound import is_number
from issgaze.web.visit import Visit, site_longitude

_CLAUSE = re.compile(r"[:;,]")
_DIGIT = re.compile(r"\d")
_OPEN = ("utc", "version", "simulated", "speed", "elements", "camera", "health")
_TOLD = (
    "utc", "version", "simulated", "speed", "state", "clock", "elements", "camera", "disk",
)  # fmt: skip
_BUSY = {"capturing", "darks", "developing"}
# the roof and the middle of its cell see an event some seconds apart, and its minute is rounded
_MARGIN_S = 60.0


def veiled_status(
    status: dict[str, Any], predictions: Mapping[str, Any], now: datetime
) -> dict[str, Any]:
    """Return a status without what the device does at instants that are this roof's own.

    Args:
        status: status.json.
        predictions: Passes of the rounded site.
        now: The present instant.
    """
    if not status:
        return status
    shown: dict[str, Any] = {key: status[key] for key in _OPEN if key in status}
    if "utc" in status:
        shown["utc"] = str(status["utc"])[:16] + ":00Z"
    state = str(status.get("state", "starting"))
    capture = _part(status, "capture")
    if state in _BUSY:
        seen = state != "developing" and _station_is_lit(predictions, now)
        state = "capturing" if seen else "waiting"
        if seen and capture:
            # for looking up its folder; guests see another name
            shown["capture"] = {"pass_id": capture.get("pass_id"), "phase": "lights"}
    shown["state"] = state
    site = _part(status, "site")
    longitude = site.get("longitude_deg")
    shown["site"] = {
        "name": site.get("name"),
        "time_zone": site.get("time_zone", "UTC"),
        "longitude_deg": round(float(longitude), 1) if is_number(longitude) else None,
    }
    clock = _part(status, "clock")
    if clock:
        # the source may be the name of a machine of the house
        shown["clock"] = {key: clock.get(key) for key in ("trust", "bound_s")}
    if _part(status, "disk"):
        # every frame takes a few hundredths of a GB: what is free tells when the first one came
        shown["disk"] = {"total_gb": _part(status, "disk").get("total_gb")}
    rain = _part(status, "roof").get("rain")
    if rain is not None:
        shown["roof"] = {"rain": rain}
    if _part(status, "configuration").get("complaint"):
        # what is wrong in it may name the place
        shown["configuration"] = {"complaint": "?"}
    if str(status.get("sentence", "")).startswith("The disk refuses"):
        shown["sentence"] = "The disk refuses"
    return shown


def _station_is_lit(predictions: Mapping[str, Any], now: datetime) -> bool:
    """Return whether the rounded site sees a pass that is shot, well within its light."""
    return any(
        later(parse_utc(stretch["from"]["utc"]), _MARGIN_S)
        <= now
        < later(parse_utc(stretch["to"]["utc"]), -_MARGIN_S)
        for item in predictions.get("passes") or ()
        if item["verdict"] == "shoot"
        for stretch in item.get("lit") or ()
    )


def _part(status: dict[str, Any], key: str) -> dict[str, Any]:
    part = status.get(key)
    return part if isinstance(part, dict) else {}


def guest_reason(reason: str) -> str:
    """Return as much of a reason as holds no number.

    Heights, durations and brightnesses in the ledger are those of the exact site.
    """
    clauses = _CLAUSE.split(reason)
    if _DIGIT.search(clauses[0]):
        return ""
    kept = reason
    for found in list(_CLAUSE.finditer(reason))[::-1]:
        if not _DIGIT.search(kept):
            break
        kept = reason[: found.start()]
    return "" if _DIGIT.search(kept) else kept.strip()


def guest_status(status: dict[str, Any], sentence: str) -> dict[str, Any]:
    """Return what /api/status tells guests, with a sentence made for them.

    Args:
        status: A veiled status.
        sentence: What the device does, without exact times.
    """
    return {key: status[key] for key in _TOLD if key in status} | {"sentence": sentence}


def guest_ledger(document: dict[str, Any], readings: Readings, visit: Visit) -> dict[str, Any]:
    """Return the ledger with the names and times of the rounded site, and reasons in words.

    A pass that has none of its own there has its night alone.
    """
    rows = {row.id: row for row in readings.rows()}
    longitude = site_longitude(visit) or 0.0
    told: list[dict[str, Any]] = []
    for line in document["rows"]:
        row = rows[line["id"]]
        public = readings.names.of(row)
        told.append(
            {
                "id": public.id if public else None,
                "norad_id": line["norad_id"],
                "night": evening_of(row.culmination_utc, longitude).isoformat(),
                "rise_utc": public.rise_utc if public else None,
                "outcome": line["outcome"],
                "reason": guest_reason(str(line.get("reason", ""))),
                "folder": None,
            }
        )
    return document | {"rows": told}
