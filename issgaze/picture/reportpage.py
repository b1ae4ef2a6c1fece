"""The report of one pass for people: one HTML page that stands alone and prints well."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from issgaze.civil import local, parse_utc
from issgaze.picture.caption import alt_text, caption, title, words
from issgaze.picture.residualscale import beyond, residual_reach
from issgaze.picture.words import Words

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
.axis{stroke:var(--line)}.dot{fill:var(--dot)}.faint{fill:none;stroke:var(--dot)}
.law{fill:none;stroke:var(--soft);stroke-width:1.5}
.chart{max-width:34rem;margin:1.5em auto;--sky:#f3f1ec;--ground:#d9d5cc;--trail:#8f5200;
--moon:#fff;--moon0:#2a3036}
@media(prefers-color-scheme:dark){.chart{--sky:#0e1217;--ground:#272d35;--trail:#ffd9a3;
--moon:#e9ebed;--moon0:#0a0c0f}}
.chart .t-star{font-size:11px}.chart .t-ink,.chart .t-card{fill:var(--ink);font-weight:600}
.halo{paint-order:stroke;stroke:var(--sky);stroke-width:3px;stroke-linejoin:round}
.c-sky{fill:var(--sky)}.c-ground{fill:var(--ground)}.c-ring{fill:none;stroke:var(--line)}
.c-star{fill:var(--soft)}.c-trail{fill:none;stroke:var(--trail)}
.c-dark{fill:none;stroke:var(--soft);stroke-dasharray:1.5 3}
.c-pt{fill:var(--sky);stroke:var(--trail);stroke-width:2}
.c-moon{fill:var(--moon)}.c-moon0{fill:var(--moon0);stroke:var(--soft)}
@media print{:root{color-scheme:light;--ink:#000;--soft:#444;--line:#bbb;--bg:#fff;--dot:#8f5200}
.chart{--sky:#fff;--ground:#ddd;--trail:#8f5200;max-width:11cm}
body{font-size:10.5px;padding:0;max-width:none}h2{break-after:avoid}svg,img,tr{break-inside:avoid}}
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
    said = _Said(words(language))
    heading = escape(title(report, language, zone))
    image = (
        f'<img src="{escape(picture)}" alt="{escape(alt_text(report, language, zone))}">'
        if picture
        else ""
    )
    parts = [
        f'<!doctype html><html lang="{escape(language)}"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width,initial-scale=1">',
        '<meta name="generator" content="issgaze">',
        f"<title>{heading}</title><style>{_STYLE}</style></head><body>",
        f"<h1>{heading}</h1>{image}<p>{escape(caption(report, language, zone))}</p>",
        said.table("Outcome", _outcome(report, said)),
        f'<div class="chart">{said.chart(chart_svg)}</div>' if chart_svg else "",
        said.table("Conditions", _conditions(report, said)),
        said.table("Is it the station?", _proof(report, said)),
        _residuals(report, said),
        _brightness(report, zone, said),
        said.table("The picture", _quality(report, said)),
        said.table("Device", _device(report, said)),
        _frames(report, zone, said),
        "</body></html>",
    ]
    return "".join(part for part in parts if part)


class _Said:
    """Says what the page says in one language."""

    def __init__(self, language: Words) -> None:
        self._words = language

    def __call__(self, text: str, **values: object) -> str:
        found = self._words.labels.get(text, text)
        return found.format(**values) if values else found

    def reason(self, text: object) -> str:
        return self._words.reason(_text(text))

    def chart(self, svg: str) -> str:
        return self._words.chart(svg)

    def number(self, value: object, digits: int, unit: str) -> str:
        if not isinstance(value, int | float):
            return ""
        text = f"{value:.{digits}f}".replace("-", "−")
        return text.replace(".", self._words.decimal) + unit

    def list_of(self, values: Sequence[float], digits: int, unit: str) -> str:
        """Return signed numbers in a row; beside decimal commas they are set apart by others."""
        signed = (("+" if value > 0 else "") + self.number(value, digits, unit) for value in values)
        return (", " if self._words.decimal == "." else "\u202f; ").join(signed)

    def table(self, name: str, rows: list[tuple[str, str]]) -> str:
        body = self.rows(rows)
        return f"<h2>{escape(self(name))}</h2>{body}" if body else ""

    def rows(self, rows: list[tuple[str, str]]) -> str:
        body = "".join(
            f"<tr><th>{escape(self(key))}</th><td>{escape(value)}</td></tr>"
            for key, value in rows
            if value
        )
        return f"<table>{body}</table>" if body else ""


def _outcome(report: Mapping[str, Any], said: "_Said") -> list[tuple[str, str]]:
    missing = ", ".join(
        f"{m['what']}: {said.reason(m['reason'])}" for m in report.get("missing") or ()
    )
    return [
        ("Outcome", said(_text(report.get("outcome")))),
        ("Reason", said.reason(report.get("reason"))),
        ("Not made", missing),
    ]


def _proof(report: Mapping[str, Any], said: "_Said") -> list[tuple[str, str]]:
    proof = report.get("proof") or {}
    return [
        ("Proved", said("yes") if proof.get("accepted") else said("no")),
        ("Why", said.reason(proof.get("reason"))),
        ("Across the track", said.number(proof.get("cross_track_arcmin"), 1, "′")),
        ("Along the track", said.number(proof.get("along_track_s"), 2, " s")),
        ("Standard error", said.number(proof.get("along_track_sigma_s"), 2, " s")),
        ("Speed ratio", said.number(proof.get("speed_ratio"), 4, "")),
        ("Changes of frame measured", _text(proof.get("boundaries"))),
    ]


def _conditions(report: Mapping[str, Any], said: "_Said") -> list[tuple[str, str]]:
    one: Mapping[str, Any] = report.get("pass") or {}
    moon = one.get("moon") or {}
    quality = report.get("quality") or {}
    sky = ""
    if moon:
        sky = said(
            "{height} high, {lit} lit",
            height=said.number(moon.get("altitude_deg"), 0, "°"),
            lit=said.number(_hundred(moon.get("illuminated_fraction")), 0, " %"),
        )
        if moon.get("altitude_deg", 0.0) <= 0.0:
            sky = said("below the horizon")
    return [
        ("Sun", said.number(one.get("sun_altitude_deg"), 1, "°")),
        ("Moon", sky),
        ("Sky", said.number(quality.get("background_mag_arcsec2"), 1, " mag/arcsec²")),
        ("Limiting magnitude", said.number(quality.get("limiting_magnitude"), 1, "")),
        (
            "Part of the lit arc exposed",
            said.number(_hundred(report.get("lit_part_exposed")), 1, " %"),
        ),
    ]


def _brightness(report: Mapping[str, Any], zone: ZoneInfo, said: "_Said") -> str:
    """Return the plot of magnitude against time: dots measured, the line as foretold."""
    curve = report.get("light_curve") or {}
    samples = [one for one in curve.get("samples") or () if one.get("magnitude") is not None]
    if len(samples) < 2:
        return ""
    known = [one for one in samples if one.get("predicted_magnitude") is not None]
    values = [float(one["magnitude"]) for one in samples]
    values += [float(one["predicted_magnitude"]) for one in known]
    top, foot = min(values), min(max(values), min(values) + 9.0)
    times = [parse_utc(one["utc"]).timestamp() for one in samples]
    first, step = times[0], 480.0 / max(times[-1] - times[0], 1e-9)

    def place(utc: str, magnitude: float) -> str:
        x = 60.0 + step * (parse_utc(utc).timestamp() - first)
        y = 15.0 + 110.0 * (min(magnitude, foot) - top) / max(foot - top, 1e-9)
        return f"{x:.1f},{y:.1f}"

    dots = "".join(
        '<circle class="{}" r="1.8" cx="{}" cy="{}"/>'.format(
            "faint" if one.get("saturated") else "dot",
            *place(one["utc"], float(one["magnitude"])).split(","),
        )
        for one in samples
    )
    law = " ".join(place(one["utc"], float(one["predicted_magnitude"])) for one in known)
    axis = "".join(
        f'<path class="axis" d="M50 {y}H550"/><text x="44" y="{y + 4}" text-anchor="end">'
        f"{said.number(value, 1, '')}</text>"
        for y, value in ((15, top), (125, foot))
    )
    ends = "".join(
        f'<text x="{x}" y="143" text-anchor="{anchor}">{_clock(one["utc"], zone)}</text>'
        for x, anchor, one in ((60, "start", samples[0]), (540, "end", samples[-1]))
    )
    facts = [
        ("Measured less predicted", said.number(curve.get("offset_mag"), 2, " mag")),
        ("Scatter", said.number(curve.get("scatter_mag"), 2, " mag")),
        *(
            (
                "Half light, " + ("into shadow" if fade["direction"] == "in" else "out of shadow"),
                said(
                    "{late} after the prediction, {away} from its pixel",
                    late=said.number(fade.get("late_s"), 2, " s"),
                    away=said.number(fade.get("away_px"), 1, " px"),
                ),
            )
            for fade in curve.get("fades") or ()
            if fade.get("late_s") is not None
        ),
    ]
    span = said(
        "Magnitude {top} to {foot}", top=said.number(top, 1, ""), foot=said.number(foot, 1, "")
    )
    note = (
        " " + said("Open dots: the trail is saturated there and lost light.")
        if any(one.get("saturated") for one in samples)
        else ""
    )
    return (
        f"<h2>{said('Brightness')}</h2><p>"
        f"{said('Magnitude along the trail, dots as measured, the line as foretold.')}"
        f'{note}</p><svg role="img" viewBox="0 0 {_PLOT_WIDTH:.0f} {_PLOT_HEIGHT:.0f}">'
        f"<title>{span}</title>"
        f'{axis}<polyline class="law" points="{law}"/>{dots}{ends}</svg>' + said.rows(facts)
    )


def _quality(report: Mapping[str, Any], said: "_Said") -> list[tuple[str, str]]:
    quality = report.get("quality") or {}
    return [
        ("Stars", _text(quality.get("star_count"))),
        ("Width of a star", said.number(quality.get("fwhm_px"), 1, " px")),
        ("Frames", _count(report, said)),
        ("Samples rejected", said.number(_hundred(report.get("reject_fraction")), 2, " %")),
    ]


def _count(report: Mapping[str, Any], said: "_Said") -> str:
    frames = report.get("frames") or ()
    used = sum(1 for frame in frames if frame.get("used"))
    refused = len(frames) - used
    return said("{used} used, {refused} refused", used=used, refused=refused) if frames else ""


def _device(report: Mapping[str, Any], said: "_Said") -> list[tuple[str, str]]:
    resources, exposure = report.get("resources") or {}, report.get("exposure") or {}
    dead = report.get("dead_time") or {}
    by_trail = said.number(_thousand(dead.get("trail_s")), 0, " ms")
    if by_trail:
        by_trail += f" ± {said.number(_thousand(dead.get('trail_sigma_s')), 0, ' ms')}"
    return [
        ("Camera", _text(report.get("camera"))),
        ("Gain", said.number(exposure.get("analogue_gain"), 1, "")),
        ("Sensor", said.number(exposure.get("sensor_temperature_c"), 1, " °C")),
        ("Error of the clock", said.number(exposure.get("clock_error_s"), 3, " s")),
        ("Dead time by the stamps", said.number(_thousand(dead.get("stamps_s")), 1, " ms")),
        ("Dead time by the trail", by_trail),
        ("Time to develop", said.number(resources.get("seconds"), 1, " s")),
        ("After the last frame", said.number(resources.get("after_last_frame_s"), 1, " s")),
        ("Memory", said.number(resources.get("peak_rss_mb"), 0, " MB")),
    ]


def _frames(report: Mapping[str, Any], zone: ZoneInfo, said: "_Said") -> str:
    rows = [
        "<tr>"
        f"<td>{escape(str(frame.get('file', '')))}</td>"
        f"<td>{_clock(frame.get('start_utc'), zone)}</td>"
        f"<td>{said.number(frame.get('exposure_s'), 1, ' s')}</td>"
        f"<td>{said.number(_thousand(frame.get('dead_time_s')), 1, ' ms')}</td>"
        f"<td>{escape(said('used') if frame.get('used') else said.reason(frame.get('reason')))}"
        "</td></tr>"
        for frame in report.get("frames") or ()
    ]
    if not rows:
        return ""
    head = "".join(
        f"<th>{said(name)}</th>" for name in ("Frame", "Start", "Exposure", "Gap before", "Use")
    )
    return f"<h2>{said('Frames')}</h2><table><tr>{head}</tr>{''.join(rows)}</table>"


def _residuals(report: Mapping[str, Any], said: "_Said") -> str:
    """Return the plot of along-track residuals in seconds against time."""
    proof = report.get("proof") or {}
    values = [float(value) for value in proof.get("residuals_s") or ()]
    seconds = [float(value) for value in proof.get("residual_utc_s") or ()]
    if len(values) < 2 or len(values) != len(seconds):
        return ""
    reach = residual_reach(values, 0.1)
    far = beyond(values, reach)
    first, last = min(seconds), max(seconds)
    step = 480.0 / max(last - first, 1e-9)
    dots = "".join(
        _residual(60 + step * (when - first), value / reach)
        for when, value in zip(seconds, values, strict=True)
    )
    lines = "".join(
        f'<path class="axis" d="M50 {y}H550"/><text x="44" y="{y + 4}" text-anchor="end">{label}'
        "</text>"
        for y, label in (
            (15, f"+{said.number(reach, 2, '')}"),
            (70, "0"),
            (125, said.number(-reach, 2, "")),
        )
    )
    sentence = said(
        "Seconds from the fitted motion at each change of frames (from {first} s to {last} s after "
        "the first frame)",
        first=said.number(first, 0, ""),
        last=said.number(last, 0, ""),
    )
    largest = max(abs(value) for value in values)
    most = said("Along-track residuals, at most {reach} s", reach=said.number(largest, 2, ""))
    told = said.list_of(far, 2, " s")
    note = " " + said("Beyond the scale, as arrows: {values}.", values=told) if far else ""
    return (
        f"<h2>{said('Along-track residuals')}</h2><p>{sentence}.{note}</p>"
        '<svg role="img" '
        f'viewBox="0 0 {_PLOT_WIDTH:.0f} {_PLOT_HEIGHT:.0f}">'
        f"<title>{most}</title>{lines}{dots}</svg>"
    )


def _residual(x: float, part: float) -> str:
    """Return a dot, or an arrow at the edge for what lies beyond the scale."""
    if abs(part) <= 1.0:
        return f'<circle class="dot" r="2.5" cx="{x:.1f}" cy="{70 - 55 * part:.1f}"/>'
    up = -1 if part > 0 else 1
    return f'<path class="dot" d="M{x - 5:.1f} {70 + 52 * up}h10l-5 {9 * up}z"/>'


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _hundred(value: object) -> float | None:
    return 100.0 * value if isinstance(value, int | float) else None


def _thousand(value: object) -> float | None:
    return 1000.0 * value if isinstance(value, int | float) else None


def _clock(utc: object, zone: ZoneInfo) -> str:
    return f"{local(parse_utc(utc), zone):%H:%M:%S}" if isinstance(utc, str) else ""
