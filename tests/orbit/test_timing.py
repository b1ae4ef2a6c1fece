"""The stated uncertainty of times against what newer sets said later."""

import dataclasses

import pytest

from issgaze.civil import later, parse_utc, seconds_between
from issgaze.orbit.elements import ElementSet
from issgaze.orbit.formats import parse_elements
from issgaze.orbit.separation import along_track_lead_s
from issgaze.orbit.timing import timing_uncertainty_s, uncertainty_from_history

BURNS = ["2024-10-04", "2024-11-09", "2024-11-13", "2024-11-20", "2024-11-25", "2024-12-22"]


def test_it_grows_with_the_square_of_age() -> None:
    assert timing_uncertainty_s(0.0) == 2.0
    assert timing_uncertainty_s(3.0) == 29.0


def test_without_a_history_age_alone_counts(iss: ElementSet) -> None:
    at = uncertainty_from_history(iss, [])
    assert at(later(iss.epoch, 2 * 86400.0)) == pytest.approx(14.0)
    assert at(later(iss.epoch, -86400.0)) == pytest.approx(5.0)


def test_a_predecessor_that_disagrees_widens_it_and_an_old_one_is_not_asked(
    iss: ElementSet,
) -> None:
    turned = dataclasses.replace(iss, mean_anomaly_deg=(iss.mean_anomaly_deg + 2.0) % 360.0)
    instant = later(iss.epoch, 3600.0)
    lead_s = abs(along_track_lead_s(iss, turned, instant))
    assert lead_s == pytest.approx(2.0 / 360.0 * 5570.0, rel=0.02)
    assert uncertainty_from_history(iss, [turned])(instant) == pytest.approx(lead_s)
    stale = dataclasses.replace(turned, epoch=later(iss.epoch, -8 * 86400.0))
    assert uncertainty_from_history(iss, [stale])(instant) < 3.0
    both = uncertainty_from_history(iss, [], rival=turned)(instant)
    assert both == pytest.approx(lead_s + 2.005, abs=0.01)


@pytest.mark.real_data
def test_the_window_covers_what_newer_sets_say(real_data) -> None:
    """Every real set up to 7 days old, without a burn in between: at least 95 % are covered."""
    data = (real_data / "elements" / "iss_omm_2024-09-15_2024-12-31.json").read_bytes()
    sets = sorted(
        {one.epoch: one for one in parse_elements(data, source="x").sets}.values(),
        key=lambda one: one.epoch,
    )
    burns = [parse_utc(day) for day in BURNS]
    covered = {True: [0, 0], False: [0, 0]}
    for i in range(3, len(sets), 2):
        history = list(reversed(sets[i - 3 : i]))
        at = uncertainty_from_history(sets[i], history)
        for j in range(i + 1, len(sets), 3):
            if seconds_between(sets[i].epoch, sets[j].epoch) > 7 * 86400.0:
                break
            # the day of a burn is known, its hour is not
            burnt = any(
                seconds_between(sets[i].epoch, burn) > -86400.0
                and seconds_between(burn, sets[j].epoch) > -86400.0
                for burn in burns
            )
            error_s = abs(along_track_lead_s(sets[j], sets[i], sets[j].epoch))
            tally = covered[burnt]
            tally[0] += 1
            tally[1] += error_s <= at(sets[j].epoch)
    count, inside = covered[False]
    assert count > 500
    assert inside / count >= 0.95
    # after a burn that the set does not know, nothing can cover it; it must not look as good
    count, inside = covered[True]
    assert inside / count < 0.9


@pytest.mark.real_data
def test_a_burn_that_is_seen_widens_the_window(real_data) -> None:
    data = (real_data / "elements" / "iss_omm_2024-09-15_2024-12-31.json").read_bytes()
    sets = sorted(
        {one.epoch: one for one in parse_elements(data, source="x").sets}.values(),
        key=lambda one: one.epoch,
    )
    for day in ("2024-10-04", "2024-11-13", "2024-12-22"):
        first = next(i for i, one in enumerate(sets) if one.epoch > later(parse_utc(day), 86400.0))
        history = list(reversed(sets[first - 3 : first]))
        instant = later(sets[first].epoch, 86400.0)
        assert uncertainty_from_history(sets[first], history)(instant) > 3.0 * 5.0, day
