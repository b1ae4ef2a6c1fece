"""What observe expects of the coming days."""

import dataclasses
from pathlib import Path

import pytest

from issgaze.archive.elements import ElementStore
from issgaze.civil import later, parse_utc, seconds_between
from issgaze.config import parse_settings
from issgaze.orbit.formats import parse_elements
from issgaze.planning.choose import Conditions
from issgaze.service.prediction import predict

OMM = Path(__file__).parents[2] / "issgaze" / "data" / "iss_omm.json"
NOW = parse_utc("2024-05-09T18:00:00Z")
SETTINGS = parse_settings("[site]\nlatitude_deg = 48.2\nlongitude_deg = 16.4\n", name="test")
TRUSTED = Conditions()


def test_a_suspect_set_widens_the_time_until_it_covers_its_rival(tmp_path: Path) -> None:
    (elements,) = parse_elements(OMM.read_bytes(), source="test").sets
    store = ElementStore(tmp_path)
    store.add(elements)
    before = predict(store, SETTINGS, NOW, TRUSTED)
    # two minutes ahead along its path
    ahead_deg = 360.0 * elements.mean_motion_rev_per_day * 120.0 / 86400.0
    burnt = dataclasses.replace(
        elements,
        epoch=later(elements.epoch, 1.0),
        mean_anomaly_deg=(elements.mean_anomaly_deg + ahead_deg) % 360.0,
    )
    assert store.add(burnt).standing == "suspect"
    after = predict(store, SETTINGS, NOW, TRUSTED)
    assert after.elements == (burnt,)
    one = before.choices[1].iss_pass
    other = after.choices[0].iss_pass
    assert seconds_between(other.culmination.utc, one.culmination.utc) == pytest.approx(120, abs=6)
    assert one.timing_uncertainty_s < 5.0
    assert other.timing_uncertainty_s == pytest.approx(120.0, abs=8.0)


def test_a_set_older_than_a_month_is_not_in_force(tmp_path: Path) -> None:
    (elements,) = parse_elements(OMM.read_bytes(), source="test").sets
    store = ElementStore(tmp_path)
    store.add(elements)
    assert predict(store, SETTINGS, later(NOW, 31 * 86400.0), TRUSTED).choices == ()
