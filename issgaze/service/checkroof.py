"""The roof controller under doctor's eyes, by what observe hears of it."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from issgaze.config import RoofSettings
from issgaze.service.check import Check
from issgaze.service.flashing import shipped_firmware

_NAME = "roof controller"
_LIMIT = "a report every second, 3 s at most"
_SILENT = "Check its cable and supply; the lens cover shuts by itself."


def roof_checks(
    configured: RoofSettings,
    status: Mapping[str, Any],
    *,
    running: bool,
    shipped: str | None = None,
) -> Iterator[Check]:
    """Yield what the roof controller says of itself.

    Args:
        configured: What there should be.
        status: As observe wrote it; it asks the controller once a second.
        running: Whether that is of now.
        shipped: Version of the firmware that belongs to this issgaze; found by itself if not given.
    """
    if status.get("simulated") and not running:
        yield Check(name=_NAME, state="skip", value="a simulated sky", limit=_LIMIT)
        return
    if configured.controller == "none" and not status.get("simulated"):
        yield Check(
            name=_NAME, state="skip", value="not configured: roof.controller is none", limit=_LIMIT
        )
        return
    if not running:
        yield _unheard(configured)
        return
    roof = status.get("roof")
    if not isinstance(roof, Mapping):
        yield Check(
            name=_NAME, state="warn", value="observe has not taken it up yet", limit=_LIMIT,
            remedy="It does between passes; at once with `sudo systemctl restart issgaze-observe`.",
        )  # fmt: skip
        return
    if roof.get("silent"):
        yield Check(
            name=_NAME, state="fail", value=str(roof["silent"]), limit=_LIMIT, remedy=_SILENT
        )
        return
    yield _heard(roof)
    if roof.get("firmware") not in {None, "simulated"}:
        yield _firmware(str(roof["firmware"]), shipped or shipped_firmware())
    yield _faults(roof)
    yield _cover(roof)


def _unheard(configured: RoofSettings) -> Check:
    """Say of a controller whether its port is there; nobody listens to it now."""
    if configured.controller == "pico" and not Path(configured.port).exists():
        return Check(
            name=_NAME, state="fail", value=f"{configured.port}: no such port", limit=_LIMIT,
            remedy="Check its cable; `ls /dev/serial/by-id` lists what is there, roof.port names"
            " it.",
        )  # fmt: skip
    return Check(
        name=_NAME, state="warn", value="not asked: observe does not run", limit=_LIMIT,
        remedy="`issgaze roof status` asks it now; `sudo systemctl start issgaze-observe`.",
    )  # fmt: skip


def _heard(roof: Mapping[str, Any]) -> Check:
    parts = ["speaks"]
    if roof.get("supply_v") is not None:
        parts.append(f"supply {roof['supply_v']:.1f} V")
    if roof.get("pi"):
        parts.append(f"takes this Pi for {str(roof['pi']).replace('_', ' ')}")
    if roof.get("reset_cause"):
        parts.append(f"started by {str(roof['reset_cause']).replace('_', ' ')}")
    given_up = roof.get("pi") == "given_up"
    return Check(
        name=_NAME,
        state="warn" if given_up else "ok",
        value=", ".join(parts),
        limit=_LIMIT,
        remedy="It has turned this Pi off and on three times today in vain: see whether observe"
        " runs through, `journalctl -u issgaze-observe`."
        if given_up
        else "",
    )


def _firmware(found: str, shipped: str | None) -> Check:
    other = shipped is not None and found != shipped
    return Check(
        name="roof firmware",
        state="warn" if other else "ok",
        value=found,
        limit=f"{shipped}, of this issgaze" if shipped else "",
        remedy="Put the one of this issgaze onto it: `issgaze roof flash`." if other else "",
    )


def _faults(roof: Mapping[str, Any]) -> Check:
    faults = [str(fault).replace("_", " ") for fault in roof.get("faults") or ()]
    return Check(
        name="roof faults",
        state="warn" if faults else "ok",
        value=", ".join(faults) or "none",
        limit="none",
        remedy="See `issgaze roof status`, mend the cause, then `issgaze roof clear`."
        if faults
        else "",
    )


def _cover(roof: Mapping[str, Any]) -> Check:
    cover = str(roof.get("cover"))
    rain = {True: ", it rains", False: ", dry"}.get(roof.get("rain"), "")  # type: ignore[arg-type]
    lost = cover == "unknown"
    return Check(
        name="roof cover",
        state="warn" if lost else "ok",
        value="neither open nor shut" if lost else f"{cover}{rain}",
        limit="open or closed",
        remedy="Look whether something blocks it, then `issgaze roof close`." if lost else "",
    )
