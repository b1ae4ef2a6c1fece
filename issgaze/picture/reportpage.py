"""The report of one pass for people: one HTML page that stands alone and prints well."""

from collections.abc import Mapping
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from issgaze.civil import local, parse_utc
from issgaze.picture.caption import alt_text, caption, title

_STYLE = """
:root{color-scheme:light dark;
--ink:#15181c;--soft:#59616a;--line:#dfdcd5;--bg:#faf9f6;--dot:#8f5200}
@media(prefers-color-scheme:dark){:root{--ink:#e9ebed;--soft:#98a1ab;--line:#1e242b;--bg:#0a0c0f;
--dot:#ffb65c}}
body{margin:0 auto;max-width:60rem;padding:1.5rem;background:var(--bg);color:var(--ink);
font:15px/1.5 system-ui,sans-serif;font-variant-numeric:tabular-nums}
img{width:100%;height:auto}h1{font-weight:300;margin:.2em 0}h2{font-size:17px;margin:2em 0 .4em}
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:3px 12px 3px 0;
border-bottom:1px solid var(--line);vertical-align:top;font-weight:400}th{color:var(--soft)}
svg{width:100%;height:auto}svg text{font:12px system-ui,sans-serif;fill:var(--soft)}
.axis{stroke:var(--line)}.dot{fill:var(--dot)}
@media print{body{background:#fff;color:#000;font-size:11px;padding:0}h2{break-after:avoid}}
"""
_PLOT_WIDTH, _PLOT_HEIGHT = 560.0, 150.0


def report_page(
    report: Mapping[str, Any],
    language: str,
    zone: ZoneInfo,
    *,
    picture: str = "picture.jpg",
    chart_svg: str = "",
) -> str:
    """Return the page.

    Args:
        report: The document of report.json.
        language: Of caption and alt text.
        zone: The site's time zone.
        picture: Address of the picture, relative to the page; empty for none.
        chart_svg: The chart of the sky, drawn elsewhere; empty for none.
    """
    heading = escape(title(report, language, zone))
    image = (
        f'<img src="{escape(picture)}" alt="{escape(alt_text(report, language, zone))}">'
        if picture
        else ""
    )
    parts = [
        f'<!doctype html><html lang="{escape(language)}"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width,initial-scale=1">',
        f"<title>{heading}</title><style>{_STYLE}</style></head><body>",
        f"<h1>{heading}</h1>{image}<p>{escape(caption(report, language, zone))}</p>",
        _table("Outcome", _outcome(report)),
        chart_svg,
        _table("Is it the station?", _proof(report)),
        _residuals(report),
        _table("The picture", _quality(report)),
        _table("Device", _device(report)),
        _frames(report, zone),
        "</body></html>",
    ]
    return "".join(part for part in parts if part)


def _outcome(report: Mapping[str, Any]) -> list[tuple[str, str]]:
    missing = ", ".join(f"{m['what']}: {m['reason']}" for m in report.get("missing") or ())
    return [
        ("Outcome", _text(report.get("outcome"))),
        ("Reason", _text(report.get("reason"))),
        ("Not made", missing),
    ]


def _proof(report: Mapping[str, Any]) -> list[tuple[str, str]]:
    proof = report.get("proof") or {}
    return [
        ("Proved", "yes" if proof.get("accepted") else "no"),
        ("Why", _text(proof.get("reason"))),
        ("Across the track", _number(proof.get("cross_track_arcmin"), 1, "′")),
        ("Along the track", _number(proof.get("along_track_s"), 2, " s")),
        ("Standard error", _number(proof.get("along_track_sigma_s"), 2, " s")),
        ("Speed ratio", _number(proof.get("speed_ratio"), 4, "")),
        ("Changes of frame measured", _text(proof.get("boundaries"))),
    ]


def _quality(report: Mapping[str, Any]) -> list[tuple[str, str]]:
    quality = report.get("quality") or {}
    return [
        ("Stars", _text(quality.get("star_count"))),
        ("Limiting magnitude", _number(quality.get("limiting_magnitude"), 1, "")),
        ("Width of a star", _number(quality.get("fwhm_px"), 1, " px")),
        ("Sky", _number(quality.get("background_mag_arcsec2"), 1, " mag/arcsec²")),
    ]


def _device(report: Mapping[str, Any]) -> list[tuple[str, str]]:
    resources, exposure = report.get("resources") or {}, report.get("exposure") or {}
    return [
        ("Camera", _text(report.get("camera"))),
        ("Gain", _number(exposure.get("analogue_gain"), 1, "")),
        ("Sensor", _number(exposure.get("sensor_temperature_c"), 1, " °C")),
        ("Error of the clock", _number(exposure.get("clock_error_s"), 3, " s")),
        ("Time to develop", _number(resources.get("seconds"), 1, " s")),
        ("Memory", _number(resources.get("peak_rss_mb"), 0, " MB")),
    ]


def _frames(report: Mapping[str, Any], zone: ZoneInfo) -> str:
    rows = [
        "<tr>"
        f"<td>{escape(str(frame.get('file', '')))}</td>"
        f"<td>{_clock(frame.get('start_utc'), zone)}</td>"
        f"<td>{_number(frame.get('exposure_s'), 1, ' s')}</td>"
        f"<td>{_number(_thousand(frame.get('dead_time_s')), 1, ' ms')}</td>"
        f"<td>{'used' if frame.get('used') else escape(_text(frame.get('reason')))}</td></tr>"
        for frame in report.get("frames") or ()
    ]
    if not rows:
        return ""
    head = "".join(
        f"<th>{name}</th>" for name in ("Frame", "Start", "Exposure", "Gap before", "Use")
    )
    return f"<h2>Frames</h2><table><tr>{head}</tr>{''.join(rows)}</table>"


def _residuals(report: Mapping[str, Any]) -> str:
    """Return the plot of along-track residuals in seconds against time."""
    proof = report.get("proof") or {}
    values = [float(value) for value in proof.get("residuals_s") or ()]
    seconds = [float(value) for value in proof.get("residual_utc_s") or ()]
    if len(values) < 2 or len(values) != len(seconds):
        return ""
    reach = max(0.1, *(abs(value) for value in values))
    first, last = min(seconds), max(seconds)
    step = 480.0 / max(last - first, 1e-9)
    dots = "".join(
        f'<circle class="dot" r="2.5" cx="{60 + step * (when - first):.1f}"'
        f' cy="{70 - 55 * value / reach:.1f}"/>'
        for when, value in zip(seconds, values, strict=True)
    )
    lines = "".join(
        f'<path class="axis" d="M50 {y}H550"/><text x="44" y="{y + 4}" text-anchor="end">{label}'
        "</text>"
        for y, label in ((15, f"+{reach:.2f}"), (70, "0"), (125, f"−{reach:.2f}"))
    )
    return (
        "<h2>Along-track residuals</h2><p>Seconds from the fitted motion at each change of frames"
        f' (from {first:.0f} s to {last:.0f} s after the first frame)</p><svg role="img" '
        f'viewBox="0 0 {_PLOT_WIDTH:.0f} {_PLOT_HEIGHT:.0f}">'
        f"<title>Along-track residuals, at most {reach:.2f} s</title>{lines}{dots}</svg>"
    )


def _table(name: str, rows: list[tuple[str, str]]) -> str:
    shown = [(key, value) for key, value in rows if value]
    if not shown:
        return ""
    body = "".join(
        f"<tr><th>{escape(key)}</th><td>{escape(value)}</td></tr>" for key, value in shown
    )
    return f"<h2>{escape(name)}</h2><table>{body}</table>"


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _number(value: object, digits: int, unit: str) -> str:
    if not isinstance(value, int | float):
        return ""
    return f"{value:.{digits}f}".replace("-", "−") + unit


def _thousand(value: object) -> float | None:
    return 1000.0 * value if isinstance(value, int | float) else None


def _clock(utc: object, zone: ZoneInfo) -> str:
    return f"{local(parse_utc(utc), zone):%H:%M:%S}" if isinstance(utc, str) else ""
