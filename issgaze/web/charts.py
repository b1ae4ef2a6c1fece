"""The sky chart as it lies in the archive, in the visitor's language, with the station on it."""

from typing import Any

from issgaze.picture.frenchchart import french_chart
from issgaze.web.station import Station
from issgaze.web.visit import Visit


def chart_svg(chart: dict[str, Any], visit: Visit, station: Station | None) -> str:
    """Return the chart; empty without one.

    Args:
        chart: As observe left it: words in English.
        visit: Who looks.
        station: Where the station is now, None when it is not up.
    """
    svg = str(chart.get("svg") or "")
    if not svg:
        return ""
    if visit.words.language == "fr":
        svg = french_chart(svg)
    if station is None:
        return svg
    mark = (
        f'<g id="station" transform="translate({station.x} {station.y})">'
        '<circle class="c-halo" r="11"/><circle class="c-now" r="5.5"/></g>'
    )
    return svg.removesuffix("</svg>") + mark + "</svg>"
