"""The sky chart of a pass that is only predicted: its path through the places that are known of it.

observe leaves a chart with stars for the next pass alone. Of the others the prediction holds rise,
culmination and set, each with direction and distance; in the straight coordinates of the site the
station's path is so gently bent that a parabola through these places keeps within a degree of it.
"""

import math
from html import escape
from itertools import pairwise
from typing import Any

from issgaze.civil import parse_utc
from issgaze.picture.labels import Box, LabelPlacer
from issgaze.web.passlines import lit_stretches
from issgaze.web.visit import Visit

_RADIUS = 200.0
_STEPS = 60
# as the page's style sets it
_TEXT_PX = 14.5
_APART = 6.0
_FRAME = Box(-230.0, -206.0, 230.0, 206.0)
_CARDINALS = ((0.0, -212.0), (-217.0, 5.0), (0.0, 222.0), (217.0, 5.0))
Point = tuple[float, float]


def foreseen_chart(item: dict[str, Any], horizon: dict[str, Any], visit: Visit) -> str:
    """Return the chart of a predicted pass, empty where its places do not make a path.

    Args:
        item: The pass as `issgaze passes --json` prints it.
        horizon: What stands around the site, `azimuth_deg` and `altitude_deg`; empty for none.
        visit: Who looks.
    """
    _ = visit.words
    path = _path(item)
    if len(path) < 2:
        return ""
    top = item["culmination"]
    title = _(
        "Sky chart: from the {rise} over {height}° in the {top} to the {set}",
        rise=_.compass(item["rise"]["azimuth_deg"]),
        height=_.number(top["altitude_deg"]),
        top=_.compass(top["azimuth_deg"]),
        set=_.compass(item["set"]["azimuth_deg"]),
    )
    return (
        '<svg class="skychart" viewBox="-240 -234 480 468" role="img" '
        f'aria-label="{escape(title)}">{sky_ground(horizon)}{_track(item, path)}'
        f"{_events(item, path, visit)}{cardinals(visit)}</svg>"
    )


def sky_ground(horizon: dict[str, Any]) -> str:
    """Return sky, rings and cross, and the ground where the horizon is known."""
    rim = "M200,0A200,200 0 1 1 -200,0A200,200 0 1 1 200,0Z"
    azimuths: list[float] = horizon.get("azimuth_deg") or []
    heights: list[float] = horizon.get("altitude_deg") or []
    ground = '<circle class="c-ring" r="200"/>'
    if len(azimuths) > 2 and len(azimuths) == len(heights):
        line = " ".join(
            f"{x:.1f},{y:.1f}"
            for x, y in (
                _place(max(0.0, min(90.0, height)), azimuth)
                for azimuth, height in zip(azimuths, heights, strict=True)
            )
        )
        ground = f'<path class="c-ground" fill-rule="evenodd" d="{rim}M{line}Z"/>'
    return (
        '<circle class="c-sky" r="200"/><circle class="c-ring" r="133.3"/>'
        f'<circle class="c-ring" r="66.7"/><path class="c-ring" d="M-200 0H200M0-200V200"/>{ground}'
    )


def cardinals(visit: Visit) -> str:
    """Return the four winds about a chart."""
    _ = visit.words
    return "".join(
        f'<text class="t-card" x="{x:.0f}" y="{y:.0f}" text-anchor="middle">{name}</text>'
        for name, (x, y) in zip(("N", _("E"), "S", _("W")), _CARDINALS, strict=True)
    )


def _place(altitude_deg: float, azimuth_deg: float) -> Point:
    radius, angle = _RADIUS * (90.0 - altitude_deg) / 90.0, math.radians(azimuth_deg)
    return -radius * math.sin(angle), -radius * math.cos(angle)


def _vector(event: dict[str, Any]) -> tuple[float, float, float]:
    altitude, azimuth = math.radians(event["altitude_deg"]), math.radians(event["azimuth_deg"])
    flat = event["range_km"] * math.cos(altitude)
    return (
        flat * math.sin(azimuth),
        flat * math.cos(azimuth),
        event["range_km"] * math.sin(altitude),
    )


def _path(item: dict[str, Any]) -> list[tuple[float, Point]]:
    """Return seconds after the rise and places on the chart, from rise to set.

    The parameter is the length of the way and not the time, which guests know to the minute alone;
    the station flies it at an even speed.
    """
    events = [item["rise"], item["culmination"], item["set"]]
    begin = parse_utc(events[0]["utc"]).timestamp()
    times = [parse_utc(event["utc"]).timestamp() - begin for event in events]
    places = [_vector(event) for event in events]
    nodes = [0.0, math.dist(*places[:2]), math.dist(*places[:2]) + math.dist(*places[1:])]
    if not 0.0 < nodes[1] < nodes[2]:
        return []
    points: list[tuple[float, Point]] = []
    for step in range(_STEPS + 1):
        way = nodes[2] * step / _STEPS
        east, north, up = (
            sum(
                place[axis] * _weight(node, way, nodes)
                for node, place in zip(nodes, places, strict=True)
            )
            for axis in range(3)
        )
        altitude = math.degrees(math.atan2(up, math.hypot(east, north)))
        azimuth = math.degrees(math.atan2(east, north)) % 360.0
        half = 0 if way <= nodes[1] else 1
        part = (way - nodes[half]) / (nodes[half + 1] - nodes[half])
        time = times[half] + part * (times[half + 1] - times[half])
        points.append((time, _place(max(0.0, altitude), azimuth)))
    return points


def _weight(node: float, t: float, nodes: list[float]) -> float:
    """Return how much a node counts somewhere on the way, by Lagrange."""
    return math.prod((t - other) / (node - other) for other in nodes if other != node)


def _track(item: dict[str, Any], path: list[tuple[float, Point]]) -> str:
    begin = parse_utc(item["rise"]["utc"]).timestamp()
    lit = [
        (parse_utc(one["from"]["utc"]).timestamp() - begin,
         parse_utc(one["to"]["utc"]).timestamp() - begin)
        for one in item.get("lit") or ()
    ]  # fmt: skip
    parts = {"c-dark": "", "c-trail": ""}
    for (t, first), (u, second) in pairwise(path):
        middle = (t + u) / 2.0
        kind = "c-trail" if any(a <= middle <= b for a, b in lit) else "c-dark"
        parts[kind] += f"M{first[0]:.1f},{first[1]:.1f}L{second[0]:.1f},{second[1]:.1f}"
    return "".join(
        f'<path class="{kind}"{width} d="{steps}"/>'
        for kind, width in (("c-dark", ""), ("c-trail", ' stroke-width="4"'))
        if (steps := parts[kind])
    )


def _spread(path: list[tuple[float, Point]]) -> list[Point]:
    """Return places of a path as far apart as on a long one: a short one weighs no more."""
    kept = [path[0][1]]
    for _time, place in path:
        if math.dist(place, kept[-1]) >= _APART:
            kept.append(place)
    return kept


def _events(item: dict[str, Any], path: list[tuple[float, Point]], visit: Visit) -> str:
    """Return the points that have names, each label where there is room for it."""
    _ = visit.words
    named: list[tuple[str, dict[str, Any]]] = [
        (_("highest {height}°", height=_.number(item["culmination"]["altitude_deg"])),
         item["culmination"]),
        (_("rises"), item["rise"]),
        (_("sets"), item["set"]),
    ]  # fmt: skip
    for stretch in lit_stretches(item):
        if stretch["from_cause"] == "shadow_exit":
            named.append((_("out of shadow"), stretch["from"]))
        if stretch["to_cause"] == "shadow_entry":
            named.append((_("into shadow"), stretch["to"]))
    parts: list[str] = []
    placer = LabelPlacer(_spread(path), _FRAME, size=_TEXT_PX)
    for x, y in _CARDINALS:
        placer.reserve(Box(x - 9.0, y - 12.0, x + 9.0, y + 6.0))
    for name, event in named:
        x, y = _place(max(0.0, event["altitude_deg"]), event["azimuth_deg"])
        parts.append(f'<circle class="c-pt" cx="{x:.1f}" cy="{y:.1f}" r="4"/>')
        label = placer.place(x, y, (name, visit.clock_time(event["utc"])))
        if label is None:
            continue
        parts += [
            f'<text class="{kind}" x="{label.x:.1f}" y="{label.y + number * 1.2 * _TEXT_PX:.1f}" '
            f'text-anchor="{label.anchor}">{escape(text)}</text>'
            for number, (kind, text) in enumerate(
                zip(("t-ink halo", "halo"), label.lines, strict=True)
            )
        ]
    return "".join(parts)
