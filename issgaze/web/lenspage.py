"""Lens and horizon: how well the camera knows where it looks, and what stands in its way."""

import math
from typing import Any

from issgaze.web.foresight import cardinals, sky_ground
from issgaze.web.health import last_lens
from issgaze.web.readings import Readings
from issgaze.web.render import render
from issgaze.web.visit import Visit

MASK_FILES = {"horizon.png": "image/png", "horizon-owner.png": "image/png"}
# how much longer the arrows are than what they stand for
_ENLARGED = 60.0
_MAP_WIDTH = 560.0
_HEAD = 3.5


def lens_page(readings: Readings, visit: Visit) -> str:
    """Return the page; guests see how good the lens is, not where it looks."""
    folder = readings.archive.calibration
    row = last_lens(readings)
    lens = row.get("lens") or readings.document(folder / "lens.json")
    residuals = readings.document(folder / "lens-residuals.json")
    masks = [name for name in MASK_FILES if (folder / name).is_file()] if visit.owner else []
    return render(
        "lens.html",
        visit,
        known=bool(lens),
        given=bool((visit.status.get("camera") or {}).get("lens_known")),
        numbers=_numbers(row, lens, visit),
        residual_map=residual_map(residuals, visit),
        horizon=horizon_chart(readings.document(folder / "horizon.json"), visit)
        if visit.owner
        else "",
        history=_history(readings, visit),
        mask=masks[-1] if masks else "",
        own="horizon-owner.png" in masks,
    )


def _numbers(row: dict[str, Any], lens: dict[str, Any], visit: Visit) -> list[tuple[str, str]]:
    _ = visit.words
    off, stars = row.get("median_residual_px"), row.get("stars_matched")
    focal, turned = lens.get("focal_px"), row.get("turned_deg")
    values = [
        (_("Stars matched"), "" if stars is None else _.number(stars)),
        (_("Median residual"), "" if off is None else f"{_.number(off, 2)} px"),
        (_("Projection"), str(lens.get("projection", ""))),
        (_("Focal length"), "" if focal is None else f"{_.number(focal, 1)} px"),
        (_("Turned since last time"), "" if turned is None else f"{_.number(turned, 3)}°"),
        (
            _("Frame size"),
            f"{lens['width_px']}\u00a0×\u00a0{lens['height_px']}" if "width_px" in lens else "",
        ),
    ]
    return [(name, value) for name, value in values if value]


def _history(readings: Readings, visit: Visit) -> list[tuple[str, str, str]]:
    _ = visit.words
    rows = readings.lines(readings.archive.calibration / "lens-history.jsonl")[-12:]
    events = {
        "solved": _("found blind"),
        "refined": _("refined"),
        "drifted": _("drifted"),
        "bumped": _("camera was moved"),
    }
    return [
        (
            _.day(visit.wall(str(row["utc"]))),
            events.get(str(row.get("event")), str(row.get("event", ""))),
            "" if row.get("median_residual_px") is None
            else f"{_.number(row['median_residual_px'], 2)} px",
        )
        for row in reversed(rows)
        if isinstance(row.get("utc"), str)
    ]  # fmt: skip


def residual_map(document: dict[str, Any], visit: Visit) -> str:
    """Return an arrow for each star, from where it is seen to where the lens puts it, enlarged."""
    _ = visit.words
    stars: list[list[float]] = document.get("stars") or []
    width, height = document.get("width_px"), document.get("height_px")
    if not stars or not isinstance(width, int) or not isinstance(height, int):
        return ""
    scale = _MAP_WIDTH / width
    tall = height * scale
    pixel = scale * _ENLARGED
    parts = [
        f'<svg class="plot" viewBox="0 0 {_MAP_WIDTH:.0f} {tall + 30.0:.0f}" width="100%" '
        f'role="img" aria-label="{_("Residuals of {count} stars", count=len(stars))}">'
        f'<svg width="{_MAP_WIDTH:.0f}" height="{tall:.0f}">'
        f'<rect class="c-band" width="{_MAP_WIDTH:.0f}" height="{tall:.0f}"/>'
    ]
    for x, y, dx, dy in stars:
        parts.append(_arrow(x * scale, y * scale, dx * pixel, dy * pixel))
    parts.append(
        f'</svg><path class="c-line" d="M1 {tall + 11.0:.1f}v8m0 -4h{pixel:.1f}m0 -4v8"/>'
        f'<text x="{pixel + 10.0:.1f}" y="{tall + 20.0:.1f}">{_("1 pixel")}</text></svg>'
    )
    return "".join(parts)


def _arrow(x: float, y: float, dx: float, dy: float) -> str:
    """Return an arrow, its head no longer than itself."""
    length = math.hypot(dx, dy)
    if length < 1.0:
        return f'<circle class="c-dot" cx="{x:.1f}" cy="{y:.1f}" r="1"/>'
    back = min(_HEAD, length) / length
    # the head is two strokes at 30 degrees to the shaft
    along, across = 0.866 * back, 0.5 * back
    left = (-along * dx - across * dy, -along * dy + across * dx)
    right = (-along * dx + across * dy, -along * dy - across * dx)
    return (
        f'<path class="c-trail" stroke-width="1" d="M{x:.1f} {y:.1f}l{dx:.1f} {dy:.1f}'
        f"l{left[0]:.1f} {left[1]:.1f}M{x + dx:.1f} {y + dy:.1f}"
        f'l{right[0]:.1f} {right[1]:.1f}"/>'
    )


def horizon_chart(document: dict[str, Any], visit: Visit) -> str:
    """Return the horizon as it closes the sky, as the sky chart draws it; empty without."""
    _ = visit.words
    azimuths: list[float] = document.get("azimuth_deg") or []
    heights: list[float] = document.get("altitude_deg") or []
    if len(azimuths) < 3 or len(azimuths) != len(heights):
        return ""
    return (
        '<svg class="skychart" viewBox="-240 -234 480 468" role="img" '
        f'aria-label="{_("The horizon, highest at {top}°", top=_.number(max(heights)))}">'
        f"{sky_ground(document)}{cardinals(visit)}"
        '<text class="t-star" x="3" y="-129">30°</text>'
        '<text class="t-star" x="3" y="-63">60°</text></svg>'
    )
