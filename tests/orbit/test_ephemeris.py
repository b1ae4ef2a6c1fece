"""Curves between SGP4's places: how far they stray, where they answer, what they cost."""

import dataclasses

import numpy as np
import pytest

from issgaze.civil import JulianDates, later, seconds_between
from issgaze.errors import PropagationError
from issgaze.orbit.arcs import hopeful_sine
from issgaze.orbit.elements import ElementSet
from issgaze.orbit.ephemeris import Ephemeris
from issgaze.orbit.finder import find_passes
from issgaze.orbit.propagate import Propagator
from issgaze.sky.site import Site
from issgaze.sky.topocentre import enu_from_teme

SITE = Site(latitude_deg=47.27, longitude_deg=11.39, height_m=600.0)
LOWEST = hopeful_sine(0.17)


def ephemeris(elements: ElementSet, days: float = 3.0) -> Ephemeris:
    return Ephemeris(
        Propagator(elements), SITE, elements.epoch, first_s=0.0, last_s=days * 86400.0,
        lowest_sine=LOWEST,
    )  # fmt: skip


def orbits(iss: ElementSet) -> dict[str, tuple[ElementSet, float]]:
    """Satellites, and by how many metres their curves may stray."""
    low = {"mean_motion_rev_per_day": 16.3, "bstar": 0.0}
    long = {"mean_motion_rev_per_day": 2.006, "eccentricity": 0.72, "inclination_deg": 63.4}
    return {
        "station": (iss, 8.0),
        "low": (dataclasses.replace(iss, **low), 12.0),
        "long": (dataclasses.replace(iss, **long), 40.0),
        "still": (dataclasses.replace(iss, mean_motion_rev_per_day=1.0027), 3.0),
    }


@pytest.mark.parametrize("name", ["station", "low", "long", "still"])
def test_curves_stay_within_metres_of_sgp4(iss: ElementSet, name: str) -> None:
    elements, limit_m = orbits(iss)[name]
    curves = ephemeris(elements)
    seconds = np.arange(7.0, 3.0 * 86400.0, 13.0)
    dates = JulianDates.after(elements.epoch, seconds)
    position, _sound = Propagator(elements).positions_km(dates)
    local = enu_from_teme(position, SITE, dates)
    sine = local[:, 2] / np.linalg.norm(local, axis=1)
    for ours, theirs in (
        (curves.position_km(seconds), position), (curves.relative_km(seconds), local),
    ):  # fmt: skip
        stray_m = np.linalg.norm(ours - theirs, axis=1) * 1000.0
        high = sine > LOWEST + 0.01
        assert high.any()
        assert np.isfinite(stray_m[high]).all(), "every stretch that stands high is covered"
        assert np.nanmax(stray_m) < limit_m


def test_sgp4_is_asked_near_passes_alone(iss: ElementSet, monkeypatch) -> None:
    asked: list[int] = []
    states = Propagator.states

    def counted(self: Propagator, dates: JulianDates):
        asked.append(dates.fraction.size)
        return states(self, dates)

    monkeypatch.setattr(Propagator, "states", counted)
    passes = find_passes(iss, SITE, iss.epoch, later(iss.epoch, 10 * 86400.0))
    assert len(passes) > 45
    # a grid of 120 s would be 7,300 places, and each root some hundred more
    assert sum(asked) < 4500
    assert len(asked) < 5


def test_a_satellite_that_comes_down_is_followed_to_its_end(iss: ElementSet) -> None:
    falling = dataclasses.replace(iss, mean_motion_rev_per_day=16.2, bstar=0.005)
    passes = find_passes(falling, SITE, iss.epoch, later(iss.epoch, 30 * 86400.0))
    codes = [
        Propagator(falling).positions_km(JulianDates.after(iss.epoch, np.array([day * 86400.0])))[1]
        for day in (2.5, 3.2)
    ]
    assert [bool(sound[0]) for sound in codes] == [True, False], "it comes down in three days"
    assert passes
    assert all(one.set.utc <= later(iss.epoch, 3.2 * 86400.0) for one in passes)
    assert all(np.isfinite(one.culmination.range_km) for one in passes)


def test_an_orbit_blown_up_by_drag_run_backwards_is_refused(iss: ElementSet) -> None:
    past = later(iss.epoch, -25 * 365.25 * 86400.0)
    with pytest.raises(PropagationError, match="the orbit has left that of the set") as caught:
        find_passes(iss, SITE, past, later(past, 86400.0))
    assert "sets of that time" in caught.value.remedy


@pytest.mark.parametrize("lowest_deg", [0.0, 20.0, 30.0])
def test_fades_do_not_depend_on_where_a_pass_is_cut(iss: ElementSet, lowest_deg: float) -> None:
    # the way through the penumbra is followed beyond rise and set, where no curve may be missing
    end = later(iss.epoch, 10 * 86400.0)
    low = {one.id: one for one in find_passes(iss, SITE, iss.epoch, end, min_altitude_deg=10.0)}
    compared = 0
    for one in find_passes(iss, SITE, iss.epoch, end, min_altitude_deg=lowest_deg):
        for fade in one.fades:
            same = [
                other for other in (low[one.id].fades if one.id in low else ())
                if abs(seconds_between(other.half_utc, fade.half_utc)) < 1.0
            ]  # fmt: skip
            for other in same:
                assert abs(seconds_between(other.start_utc, fade.start_utc)) < 0.01
                assert abs(seconds_between(other.gone_utc, fade.gone_utc)) < 0.01
                compared += 1
    assert compared > 3
