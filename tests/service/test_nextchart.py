"""The chart of the next pass: exact for the owner, rounded for everybody else."""

import json
import re
from pathlib import Path

import pytest

from issgaze.archive.elements import ElementStore
from issgaze.archive.layout import Archive
from issgaze.civil import later, parse_utc
from issgaze.config import parse_settings
from issgaze.orbit.formats import parse_elements
from issgaze.planning.choose import Conditions
from issgaze.service.nextchart import publish_charts
from issgaze.service.prediction import predict, predict_for_guests
from issgaze.sky.horizon import HorizonMask

_OMM = Path(__file__).parents[2] / "issgaze" / "data" / "iss_omm.json"
_NOW = parse_utc("2024-05-09T18:00:00Z")
_SETTINGS = parse_settings(
    '[site]\nname = "Attic"\nlatitude_deg = 48.2134\nlongitude_deg = 16.3789\n'
    'time_zone = "Europe/Vienna"\n',
    name="test",
)
_ROOF = HorizonMask(azimuth_deg=(0.0, 90.0, 180.0, 270.0), altitude_deg=(12.0, 40.0, 5.0, 8.0))


@pytest.fixture
def charts(tmp_path: Path) -> tuple[Archive, dict, dict]:
    (elements,) = parse_elements(_OMM.read_bytes(), source="test").sets
    store = ElementStore(tmp_path / "elements")
    store.add(elements)
    archive = Archive(tmp_path)
    exact = predict(store, _SETTINGS, _NOW, Conditions())
    guest = predict_for_guests(store, _SETTINGS, _NOW, Conditions())
    publish_charts(archive, _SETTINGS, exact, guest, _ROOF)
    first = next(one for one in exact.visible() if one.verdict == "shoot")
    owner = json.loads(archive.chart.read_text())
    assert owner["id"] == first.iss_pass.id
    return archive, owner, json.loads(archive.guest_chart.read_text())


def test_the_owner_sees_seconds_and_the_roof(charts: tuple[Archive, dict, dict]):
    _, owner, guest = charts
    assert re.search(r">\d\d:\d\d:\d\d<", owner["svg"])
    assert owner["svg"].count("c-ground") == 1
    assert "<style" not in owner["svg"], "the page has its own"
    assert owner["svg"] != guest["svg"]


def test_the_track_goes_along_as_numbers(charts: tuple[Archive, dict, dict]):
    for document in charts[1:]:
        track = document["track"]
        heights = [point[0] for point in track["points"]]
        assert track["step_s"] == 5.0
        assert heights[0] == pytest.approx(10.0, abs=0.1), "from rise"
        assert heights[-1] == pytest.approx(10.0, abs=0.7), "to set or one step on"
        assert max(heights) > 20.0
        assert {len(point) for point in track["points"]} == {5}


def test_behind_the_roof_the_track_is_dotted(charts: tuple[Archive, dict, dict]):
    _, owner, guest = charts
    assert owner["svg"].count("c-dark") == 1
    solid = [len(re.findall("c-trail", chart["svg"])) for chart in (owner, guest)]
    assert 0 < solid[0] < solid[1]


def test_a_guest_sees_neither_seconds_nor_the_roof_nor_the_name(
    charts: tuple[Archive, dict, dict],
):
    _, _, guest = charts
    assert re.search(r">\d\d:\d\d<", guest["svg"])
    assert not re.search(r"\d\d:\d\d:\d\d", guest["svg"])
    assert "c-ground" not in guest["svg"]
    assert "Attic" not in guest["svg"]


def test_without_a_pass_to_shoot_there_is_no_chart(tmp_path: Path):
    archive = Archive(tmp_path)
    nothing = predict(
        ElementStore(tmp_path / "elements"), _SETTINGS, later(_NOW, 0.0), Conditions()
    )
    publish_charts(archive, _SETTINGS, nothing, nothing, None)
    assert json.loads(archive.chart.read_text()) == {"id": None, "svg": ""}
