"""The device: its health in full and its settings, to be read here and changed over SSH."""

from typing import Any

from issgaze.config import Settings
from issgaze.web.health import health
from issgaze.web.home import next_pass
from issgaze.web.readings import Readings
from issgaze.web.render import render
from issgaze.web.sentences import doing, troubles
from issgaze.web.settinglines import setting_sections
from issgaze.web.visit import Visit

# what observe saw when it last looked at the sky between passes
SKY_PICTURE = "sky.jpg"


def device_page(readings: Readings, visit: Visit, settings: Settings) -> str:
    """Return the page of the device."""
    item = next_pass(readings.predictions(guest=not visit.owner), visit)
    return render(
        "device.html",
        visit,
        doing=doing(visit, item),
        troubles=troubles(visit, readings.predictions(guest=not visit.owner)),
        health=health(readings, visit, item, full=True) + _more(visit),
        sky=visit.owner and (readings.archive.run / SKY_PICTURE).is_file(),
        sections=setting_sections(visit, settings),
    )


def _more(visit: Visit) -> list[tuple[str, str]]:
    """Return what the strip on the first page has no room for."""
    _ = visit.words
    camera = visit.status.get("camera") or {}
    clock, elements = visit.status.get("clock") or {}, visit.status.get("elements") or []
    values = [
        (_("Camera"), str(camera.get("sensor", "")).upper()),
        (_("Capture size"), _size(str(camera.get("mode", "")), visit)),
        (_("Time from"), _source(clock, visit) if visit.owner else ""),
        (_("Element set from"), _source((elements or [{}])[0], visit)),
        *_board(visit),
        (_("Version"), str(visit.status.get("version", ""))),
    ]
    return [(name, value) for name, value in values if value]


def _source(part: dict[str, Any], visit: Visit) -> str:
    source = str(part.get("source") or "")
    return visit.words("simulated") if source == "simulated" else source


def _size(mode: str, visit: Visit) -> str:
    _ = visit.words
    return {"binned": _("binned 2 × 2"), "full": _("every pixel")}.get(mode, mode)


def _board(visit: Visit) -> list[tuple[str, str]]:
    """Return heat, dew and wear, where they are measured."""
    _ = visit.words
    health = visit.status.get("health") or {}
    disk = health.get("disk") if isinstance(health.get("disk"), dict) else {}
    measured = (
        (_("Board"), health.get("board_temperature_c"), "{value} °C", 0),
        (_("Above the dew point"), health.get("dew_margin_c"), "{value} °C", 1),
        (_("Life of the card"), (disk or {}).get("life_years"), _("{value} years"), 0),
    )
    return [
        (name, text.format(value=_.number(float(value), digits)))
        for name, value, text, digits in measured
        if isinstance(value, int | float)
    ]
