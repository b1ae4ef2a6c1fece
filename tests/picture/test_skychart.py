"""The sky chart: where things stand on it, and labels that keep out of each other's way."""

import dataclasses
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from issgaze.picture.labels import Box, LabelPlacer
from issgaze.picture.skychart import (
    ChartMoon,
    ChartPoint,
    ChartTrack,
    SkyChart,
    chart_xy,
    sky_chart_svg,
)

SVG = "{http://www.w3.org/2000/svg}"


def chart(**changes: object) -> SkyChart:
    altitude = np.array([10.0, 40.0, 60.0, 40.0, 10.0])
    values: dict[str, object] = {
        "track": ChartTrack(
            altitude_deg=altitude,
            azimuth_deg=np.array([290.0, 260.0, 200.0, 140.0, 120.0]),
            magnitude=np.array([-1.0, -3.0, -4.0, -2.0, np.inf]),
            light=np.array([1.0, 1.0, 1.0, 0.4, 0.0]),
        ),
        "events": (
            ChartPoint(altitude_deg=60, azimuth_deg=200, name="highest 60°", detail="1:44"),
        ),
        "stars": (ChartPoint(altitude_deg=38, azimuth_deg=75, name="Vega & <co>", magnitude=0.0),),
        "moon": ChartMoon(altitude_deg=-5.0, azimuth_deg=90.0, illuminated_fraction=0.3),
        "mask_altitude_deg": np.full(90, 8.0),
        "title": "A <pass>",
        "description": "Over & out.",
    }
    return SkyChart(**{**values, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("altitude", "azimuth", "xy"),
    [
        (90, 0, (0, 0)),
        (0, 0, (0, -200)),
        (0, 90, (-200, 0)),
        (45, 180, (0, 100)),
        (0, 270, (200, 0)),
    ],
)
def test_north_is_up_and_east_is_left(altitude, azimuth, xy) -> None:
    assert chart_xy(np.array(altitude), np.array(azimuth)) == pytest.approx(xy, abs=1e-9)


def test_the_chart_is_well_formed_and_says_what_it_shows() -> None:
    root = ET.fromstring(sky_chart_svg(chart(), standalone=True))
    assert root.findtext(f"{SVG}title") == "A <pass>"
    assert root.findtext(f"{SVG}desc") == "Over & out."
    texts = [element.text for element in root.iter(f"{SVG}text")]
    assert {"N", "E", "S", "W", "highest 60°", "1:44", "Vega & <co>", "Moon"} <= set(texts)


def test_the_page_brings_the_colours_unless_the_chart_stands_alone() -> None:
    assert "<style>" in sky_chart_svg(chart(), standalone=True)
    on_page = sky_chart_svg(chart(), standalone=False)
    assert "<style" not in on_page
    assert "style=" not in on_page


def test_the_trail_is_lit_then_fading_then_dotted() -> None:
    svg = sky_chart_svg(chart(), standalone=False)
    widths = [float(w) for w in re.findall(r'c-trail" stroke-width="([\d.]+)"', svg)]
    assert len(widths) == 3
    assert widths[2] > widths[1] > widths[0]
    assert svg.count('class="c-dark"') == 1
    assert "opacity" in sky_chart_svg(
        chart(
            track=ChartTrack(
                altitude_deg=np.array([50.0, 40.0, 30.0]),
                azimuth_deg=np.array([10.0, 20.0, 30.0]),
                magnitude=np.array([-2.0, -1.0, 0.0]),
                light=np.array([0.5, 0.3, 0.1]),
            )
        ),
        standalone=False,
    )


def test_what_roofs_hide_is_dotted_like_what_is_unlit() -> None:
    whole = chart()
    hidden = dataclasses.replace(whole.track, in_view=np.array([False, False, True, True, True]))
    svg = sky_chart_svg(chart(track=hidden), standalone=False)
    assert len(re.findall("c-trail", svg)) == 1
    dotted = re.search(r'class="c-dark" d="([^"]+)"', svg)
    assert dotted is not None
    assert dotted.group(1).count("M") == 3


@settings(max_examples=60)
@given(st.lists(st.tuples(st.floats(-180, 180), st.floats(-180, 180)), min_size=2, max_size=12))
def test_optional_labels_never_cover_the_track_or_each_other(points) -> None:
    track = np.stack((np.linspace(-150, 150, 60), np.linspace(-40, 40, 60)), axis=1)
    placer = LabelPlacer([tuple(p) for p in track.tolist()], Box(-230, -206, 230, 206), size=12.0)
    boxes = []
    for x, y in points:
        label = placer.place(x, y, ("Aldebaran",), must=False)
        if label is None:
            continue
        width = len("Aldebaran") * 12.0 * 0.56
        left = {"start": label.x, "middle": label.x - width / 2, "end": label.x - width}[
            label.anchor
        ]
        box = Box(left, label.y - 12.0, left + width, label.y - 12.0 + 14.4)
        inside = (
            (track[:, 0] > box.left)
            & (track[:, 0] < box.right)
            & (track[:, 1] > box.top)
            & (track[:, 1] < box.bottom)
        )
        assert not inside.any()
        assert all(box.overlap(other) < 1.01 for other in boxes)
        boxes.append(box)


def test_an_important_label_is_written_wherever_there_is_least_in_the_way() -> None:
    crowd = np.random.default_rng(1).uniform(-50, 50, (500, 2))
    placer = LabelPlacer([tuple(p) for p in crowd.tolist()], Box(-230, -206, 230, 206), size=12.0)
    assert placer.place(0.0, 0.0, ("highest",)) is not None
    assert placer.place(0.0, 0.0, ("Vega",), must=False) is None


@pytest.mark.parametrize("off_deg", [0.0, 1.5, 4.0, 6.0, 9.0])
def test_no_name_lies_on_the_moon(off_deg: float) -> None:
    """A star that stands beside the Moon is named beside it, one behind it not at all."""
    moon = ChartMoon(altitude_deg=40.0, azimuth_deg=280.0, illuminated_fraction=0.1)
    star = ChartPoint(altitude_deg=40.0 + off_deg, azimuth_deg=280.0, name="Elnath", magnitude=1.6)
    svg = ET.fromstring(sky_chart_svg(chart(moon=moon, stars=(star,)), standalone=True))
    mx, my = chart_xy(np.array(40.0), np.array(280.0)).tolist()
    named = [one for one in svg.iter(f"{SVG}text") if one.text == "Elnath"]
    hidden = off_deg * 200.0 / 90.0 < 10.0
    assert bool(named) is not hidden
    for text in named:
        right = {"start": 1.0, "middle": 0.5, "end": 0.0}[text.get("text-anchor", "start")]
        wide = len("Elnath") * 11.0 * 0.56
        left = float(text.get("x", 0)) - (1.0 - right) * wide
        base = float(text.get("y", 0))
        assert not (
            left < mx + 7.5 and mx - 7.5 < left + wide and base - 8 < my + 7.5 and my - 7.5 < base
        )


def test_a_label_keeps_room_for_its_words_in_the_longer_language() -> None:
    def beside(longest: int) -> str:
        placer = LabelPlacer([], Box(-230.0, -206.0, 230.0, 206.0), size=10.0)
        placer.place(0.0, 0.0, ("sets",), longest=longest)
        label = placer.place(100.0, 0.0, ("Vega",))
        assert label is not None
        return label.anchor

    assert (beside(0), beside(20)) == ("start", "middle")


def test_the_lit_part_of_the_moon_is_the_brighter_one_in_every_theme() -> None:
    svg = sky_chart_svg(chart(), standalone=True)
    light, dark = re.findall(r"--moon:#(\w{6});--moon0:#(\w{6})", svg)
    for lit, unlit in (light, dark):
        assert int(lit[:2], 16) > int(unlit[:2], 16) + 0x80
    assert ".c-moon{fill:var(--moon)}.c-moon0{fill:var(--moon0)" in svg
