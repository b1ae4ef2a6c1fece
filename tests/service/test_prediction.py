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


def test_a_satellite_that_sgp4_cannot_follow_hides_no_other(tmp_path: Path) -> None:
    (elements,) = parse_elements(OMM.read_bytes(), source="test").sets
    store = ElementStore(tmp_path)
    store.add(elements)
    # eleven years before its epoch SGP4 gives no position
    old = later(elements.epoch, 4017.0 * 86400.0)
    store.add(dataclasses.replace(elements, norad_id=48274, epoch=old))
    passes = dataclasses.replace(SETTINGS.passes, norad_ids=(48274, 25544))
    found = predict(store, dataclasses.replace(SETTINGS, passes=passes), NOW, TRUSTED)
    assert {choice.iss_pass.norad_id for choice in found.choices} == {25544}
    (complaint,) = found.complaints
    assert "48274" in complaint


def test_without_the_time_nothing_is_predicted(tmp_path: Path) -> None:
    """A clock that is decades off would have SGP4 fail, and the ledger filled with fancies."""
    (elements,) = parse_elements(OMM.read_bytes(), source="test").sets
    store = ElementStore(tmp_path)
    store.add(elements)
    unknown = Conditions(clock_trust="untrusted")
    for now in (NOW, parse_utc("1970-01-01T00:00:10Z")):
        found = predict(store, SETTINGS, now, unknown)
        assert (found.choices, found.complaints) == ((), ())
