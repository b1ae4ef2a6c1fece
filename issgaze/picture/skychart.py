"""A chart of the sky with one pass on it, as SVG: for a file and for the status page."""

from dataclasses import dataclass
from html import escape

import numpy as np

from issgaze.arrays import BoolArray, Float64Array
from issgaze.picture.frenchchart import french_text
from issgaze.picture.labels import Box, Label, LabelPlacer

_RADIUS = 200.0
_TEXT_PX = 13.0
# half the width of the Moon with its rim and some room
_MOON_PX = 10.0
_STAR_TEXT_PX = 11.0
# events and stars where the page's own style sets the type
_PAGE_TEXT_PX = (14.5, 13.0)
_THICKEST_PX, _THINNEST_PX = 6.0, 1.2
# of full light: what the air bends into the shadow is there, and too faint to see
_SEEN_LIGHT = 0.02
_COLOURS = {
    "sky": ("#f3f1ec", "#0e1217"), "ground": ("#d9d5cc", "#272d35"),
    "trail": ("#8f5200", "#ffd9a3"), "ink": ("#15181c", "#e9ebed"), "soft": ("#59616a", "#98a1ab"),
    "line": ("#dfdcd5", "#1e242b"), "paper": ("#faf9f6", "#0a0c0f"),
    "moon": ("#ffffff", "#e9ebed"), "moon0": ("#2a3036", "#0a0c0f"),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartTrack:
    """A track sampled evenly in time; arrays of shape (n,).

    Attributes:
        altitude_deg, azimuth_deg: Apparent.
        magnitude: inf without light.
        light: Sunlight on the station, 0 to 1.
        in_view: False behind roofs and trees; None when all of it is in view.
    """

    altitude_deg: Float64Array
    azimuth_deg: Float64Array
    magnitude: Float64Array
    light: Float64Array
    in_view: BoolArray | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartPoint:
    """A named point: an event on the track with its time, or a star with its magnitude."""

    altitude_deg: float
    azimuth_deg: float
    name: str
    detail: str = ""
    magnitude: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartMoon:
    """The Moon: lit part 0 to 1; the angle of its bright limb is left out, it is drawn small."""

    altitude_deg: float
    azimuth_deg: float
    illuminated_fraction: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SkyChart:
    """What a chart shows.

    Attributes:
        track: The pass.
        events: Rise, culmination, shadow and the like, the important ones first.
        stars: Brightest first; those with a name are labelled where there is room.
        moon: None when it is too far below the horizon to matter.
        mask_altitude_deg: Height of the personal horizon at even steps of azimuth from north
            through east, shape (n,); None for a level one.
        title, description: For screen readers.
        caption: Date and place, below the chart when it stands alone.
    """

    track: ChartTrack
    events: tuple[ChartPoint, ...]
    stars: tuple[ChartPoint, ...]
    moon: ChartMoon | None
    mask_altitude_deg: Float64Array | None
    title: str
    description: str
    caption: str = ""


def chart_xy(altitude_deg: Float64Array, azimuth_deg: Float64Array) -> Float64Array:
    """Return chart places of shape (..., 2): zenith in the middle, north up, east left."""
    radius = _RADIUS * (90.0 - np.asarray(altitude_deg)) / 90.0
    azimuth = np.radians(azimuth_deg)
    return np.stack((-radius * np.sin(azimuth), -radius * np.cos(azimuth)), axis=-1)


def sky_chart_svg(chart: SkyChart, *, standalone: bool) -> str:
    """Return the chart.

    Args:
        chart: What it shows.
        standalone: True brings its own colours, light or dark as the reader's system is; False
            leaves them to the style sheet of the page.
    """
    track = chart_xy(chart.track.altitude_deg, chart.track.azimuth_deg)
    size, star_size = (_TEXT_PX, _STAR_TEXT_PX) if standalone else _PAGE_TEXT_PX
    points = [(x, y) for x, y in track.tolist()]
    placer = LabelPlacer(points, Box(-230.0, -206.0, 230.0, 206.0), size=size)
    for x, y in ((0, -212), (-217, 0), (0, 218), (217, 0)):
        placer.reserve(Box(x - 9, y - 9, x + 9, y + 9))
    disc = None if chart.moon is None else _disc(chart.moon)
    if disc is not None:
        placer.reserve(disc)
    below = standalone and bool(chart.caption)
    height = 500 if below else 468
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-240 -234 480 {height}" role="img" '
        'class="skychart">',
        f"<title>{escape(chart.title)}</title><desc>{escape(chart.description)}</desc>",
        _style() if standalone else "",
        f'<rect class="c-paper" x="-240" y="-234" width="480" height="{height}"/>'
        if standalone
        else "",
        f'<circle class="c-sky" r="{_RADIUS:.0f}"/>',
        *(f'<circle class="c-ring" r="{_RADIUS * part / 3:.1f}"/>' for part in (1, 2)),
        '<path class="c-ring" d="M-200 0H200M0-200V200"/>',
        _ground(chart.mask_altitude_deg),
        *_stars(chart.stars, disc),
        *_track(chart.track, track),
        *_events(chart.events, placer, size),
        *_moon(chart.moon, placer, size),
        *_star_names(chart.stars, placer, disc, star_size),
        *(
            f'<text class="t-card" x="{x}" y="{y}" text-anchor="middle">{name}</text>'
            for name, x, y in (("N", 0, -212), ("E", -217, 5), ("S", 0, 222), ("W", 217, 5))
        ),
        f'<text x="0" y="252" text-anchor="middle">{escape(chart.caption)}</text>' if below else "",
        "</svg>",
    ]
    return "".join(parts)


def _style() -> str:
    light, dark = (
        ";".join(f"--{name}:{pair[index]}" for name, pair in _COLOURS.items()) for index in (0, 1)
    )
    return (
        f"<style>svg{{{light}}}@media(prefers-color-scheme:dark){{svg{{{dark}}}}}"
        "text{font:13px system-ui,sans-serif;fill:var(--soft)}"
        ".t-star{font-size:11px}.t-ink{fill:var(--ink);font-weight:600}"
        ".t-card{fill:var(--ink);font-weight:600}"
        ".halo{paint-order:stroke;stroke:var(--sky);stroke-width:3px;stroke-linejoin:round}"
        ".c-paper{fill:var(--paper)}.c-sky{fill:var(--sky)}.c-ground{fill:var(--ground)}"
        ".c-ring{fill:none;stroke:var(--line)}.c-star{fill:var(--soft)}"
        ".c-trail{fill:none;stroke:var(--trail)}"
        ".c-dark{fill:none;stroke:var(--soft);stroke-dasharray:1.5 3}"
        ".c-pt{fill:var(--sky);stroke:var(--trail);stroke-width:2}"
        ".c-moon{fill:var(--moon)}.c-moon0{fill:var(--moon0);stroke:var(--soft)}</style>"
    )


def _ground(mask_altitude_deg: Float64Array | None) -> str:
    rim = f"M{_RADIUS:.0f},0A200,200 0 1 1 -200,0A200,200 0 1 1 200,0Z"
    if mask_altitude_deg is None:
        return f'<circle class="c-ring" r="{_RADIUS:.0f}"/>'
    azimuth = np.arange(mask_altitude_deg.size) * 360.0 / mask_altitude_deg.size
    inner = chart_xy(np.clip(mask_altitude_deg, 0.0, 90.0), azimuth)
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in inner.tolist())
    return f'<path class="c-ground" fill-rule="evenodd" d="{rim}M{path}Z"/>'


def _disc(moon: ChartMoon) -> Box:
    """Return where the Moon stands; on the rim when it is down."""
    altitude = np.array(max(moon.altitude_deg, 0.0))
    x, y = chart_xy(altitude, np.array(moon.azimuth_deg)).tolist()
    return Box(x - _MOON_PX, y - _MOON_PX, x + _MOON_PX, y + _MOON_PX)


def _hidden(x: float, y: float, disc: Box | None) -> bool:
    """Return whether a star lies under the Moon as it is drawn, much larger than it is."""
    return disc is not None and disc.left < x < disc.right and disc.top < y < disc.bottom


def _stars(stars: tuple[ChartPoint, ...], disc: Box | None) -> list[str]:
    circles: list[str] = []
    for star in stars:
        x, y = chart_xy(np.array(star.altitude_deg), np.array(star.azimuth_deg)).tolist()
        if _hidden(x, y, disc):
            continue
        radius = max(0.5, 2.3 - 0.5 * star.magnitude)
        circles.append(f'<circle class="c-star" cx="{x:.1f}" cy="{y:.1f}" r="{radius:.2f}"/>')
    return circles


def _track(track: ChartTrack, points: Float64Array) -> list[str]:
    """Return the track: as thick as it is bright, thin in the penumbra, dotted where unseen."""
    lit = track.light >= _SEEN_LIGHT
    if track.in_view is not None:
        lit &= track.in_view
    brightness = np.where(np.isfinite(track.magnitude), -track.magnitude, -9.0)
    span = max(1.0, float(brightness.max()) + 2.0)
    thickness = np.clip((brightness + 2.0) / span, 0.0, 1.0)
    width = _THINNEST_PX + (_THICKEST_PX - _THINNEST_PX) * thickness
    parts: list[str] = []
    dark: list[str] = []
    for first, second, w, light, bright in zip(
        points[:-1].tolist(), points[1:].tolist(), width[:-1].tolist(),
        track.light[:-1].tolist(), (lit[:-1] & lit[1:]).tolist(), strict=True,
    ):  # fmt: skip
        step = f"M{first[0]:.1f},{first[1]:.1f}L{second[0]:.1f},{second[1]:.1f}"
        if bright:
            fade = "" if light >= 1.0 else f' opacity="{max(light, 0.15):.2f}"'
            parts.append(f'<path class="c-trail" stroke-width="{w:.1f}"{fade} d="{step}"/>')
        else:
            dark.append(step)
    return [*([f'<path class="c-dark" d="{"".join(dark)}"/>'] if dark else []), *parts]


def _events(events: tuple[ChartPoint, ...], placer: LabelPlacer, size: float) -> list[str]:
    parts: list[str] = []
    for event in events:
        x, y = chart_xy(np.array(event.altitude_deg), np.array(event.azimuth_deg)).tolist()
        parts.append(f'<circle class="c-pt" cx="{x:.1f}" cy="{y:.1f}" r="4"/>')
        label = placer.place(
            x, y, filter(None, (event.name, event.detail)), longest=len(french_text(event.name))
        )
        if label is not None:
            parts.append(_text(label, ("t-ink halo", "halo"), size))
    return parts


def _moon(moon: ChartMoon | None, placer: LabelPlacer, size: float) -> list[str]:
    if moon is None:
        return []
    disc = _disc(moon)
    x, y = (disc.left + disc.right) / 2.0, (disc.top + disc.bottom) / 2.0
    bulge = 7.0 * (1.0 - 2.0 * moon.illuminated_fraction)
    sweep = 0 if bulge > 0.0 else 1
    label = placer.place(x, y, ("Moon",), gap=12.0)
    return [
        f'<g transform="translate({x:.1f} {y:.1f})"><circle r="7.5" class="c-moon0"/>'
        f'<path class="c-moon" d="M0-7A7 7 0 0 1 0 7A{abs(bulge):.1f} 7 0 0 {sweep} 0-7"/></g>',
        _text(label, ("halo",), size) if label else "",
    ]


def _star_names(
    stars: tuple[ChartPoint, ...], placer: LabelPlacer, disc: Box | None, size: float
) -> list[str]:
    parts: list[str] = []
    for star in stars:
        if not star.name:
            continue
        x, y = chart_xy(np.array(star.altitude_deg), np.array(star.azimuth_deg)).tolist()
        if _hidden(x, y, disc):
            continue
        label = placer.place(x, y, (star.name,), must=False, gap=6.0)
        if label is not None:
            parts.append(_text(label, ("t-star halo",), size))
    return parts


def _text(label: Label, classes: tuple[str, ...], size: float) -> str:
    parts: list[str] = []
    for number, line in enumerate(label.lines):
        kind = classes[min(number, len(classes) - 1)]
        y = label.y + number * size * 1.2
        parts.append(
            f'<text class="{kind}" x="{label.x:.1f}" y="{y:.1f}" text-anchor="{label.anchor}">'
            f"{escape(line)}</text>"
        )
    return "".join(parts)
