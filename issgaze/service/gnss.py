"""What a satellite-navigation receiver says, judged before anybody believes it."""

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from issgaze.archive.atomic import write_atomic
from issgaze.civil import format_utc, seconds_between
from issgaze.config import SiteSettings
from issgaze.errors import DeviceError
from issgaze.ports import GnssFix, GnssReceiver
from issgaze.sky.site import Site, kilometres_apart

GNSS_FILE = "gnss.json"
# a receiver in order stays within 20 m of its roof; what is a km off has jumped or been moved
_FARTHEST_KM = 1.0

GnssState = Literal["fix", "no_fix", "jumped", "leapt", "silent"]


def gnss_document(receiver: GnssReceiver, site: SiteSettings, now: datetime) -> dict[str, Any]:
    """Return gnss.json: what the receiver says now and whether it can be believed.

    A silent one comes with a remedy.

    Args:
        receiver: Asked once.
        site: Where the roof is; without one nothing can be called a jump.
        now: What the device's own clock shows.
    """
    document: dict[str, Any] = {"utc": format_utc(now), "state": "silent", "reason": ""}
    try:
        fix = receiver.read()
    except DeviceError as error:
        return document | {"reason": error.message, "remedy": error.remedy}
    if fix.utc is None or fix.latitude_deg is None or fix.longitude_deg is None:
        reason = f"no fix: {fix.satellites} satellites, 4 are needed"
        return document | {"state": "no_fix", "reason": reason, "satellites": fix.satellites}
    away_km = _away_km(fix, site)
    state: GnssState = "fix"
    if away_km is not None and away_km > _FARTHEST_KM:
        state = "jumped"
        document["reason"] = (
            f"the fix is {away_km:.0f} km from the site, the limit is {_FARTHEST_KM:.0f} km"
        )
    return document | {
        "state": state,
        "satellites": fix.satellites,
        "fix_utc": format_utc(fix.utc),
        "latitude_deg": fix.latitude_deg,
        "longitude_deg": fix.longitude_deg,
        "height_m": fix.height_m,
        # only a fix at the right place has a time to measure the clock with
        "clock_error_s": seconds_between(fix.utc, now) if state == "fix" else None,
    }


def publish_gnss(run: Path, document: dict[str, Any]) -> None:
    """Replace gnss.json in the run folder."""
    write_atomic(run / GNSS_FILE, json.dumps(document).encode() + b"\n", durable=False)


def _away_km(fix: GnssFix, site: SiteSettings) -> float | None:
    if site.latitude_deg is None or site.longitude_deg is None:
        return None
    home = replace(fix, latitude_deg=site.latitude_deg, longitude_deg=site.longitude_deg)
    return kilometres_between(home, fix)


def kilometres_between(one: GnssFix, other: GnssFix) -> float:
    """Return how far two fixes are apart, along a great circle."""
    assert one.latitude_deg is not None
    assert one.longitude_deg is not None
    assert other.latitude_deg is not None
    assert other.longitude_deg is not None
    return kilometres_apart(
        Site(latitude_deg=one.latitude_deg, longitude_deg=one.longitude_deg),
        Site(latitude_deg=other.latitude_deg, longitude_deg=other.longitude_deg),
    )
