"""Which element sets are believed: physics, age, and the sets held before."""

import dataclasses
import json
import random

import numpy as np
import pytest

from issgaze.civil import later, parse_utc, seconds_between
from issgaze.errors import ElementError
from issgaze.orbit.acceptance import agrees, judge_standing, require_current
from issgaze.orbit.elements import ElementSet
from issgaze.orbit.formats import element_record, parse_elements
from issgaze.orbit.separation import along_track_lead_s, separation_s

NOW = parse_utc("2024-05-09T18:00:00Z")


def moved(elements: ElementSet, seconds: float) -> ElementSet:
    """The same orbit, `seconds` ahead along its path."""
    turn_deg = 360.0 * elements.mean_motion_rev_per_day * seconds / 86400.0
    return dataclasses.replace(
        elements, mean_anomaly_deg=(elements.mean_anomaly_deg + turn_deg) % 360.0
    )


@pytest.mark.parametrize("seconds", [-600.0, -30.0, -1.0, 0.01, 2.0, 90.0, 686.0])
def test_the_lead_is_the_time_by_which_the_orbit_was_moved(iss: ElementSet, seconds: float) -> None:
    lead_s = along_track_lead_s(moved(iss, seconds), iss, NOW)
    assert lead_s == pytest.approx(seconds, rel=2e-3, abs=1e-3)


def test_a_tilt_counts_as_separation_though_nothing_leads(iss: ElementSet) -> None:
    tilted = dataclasses.replace(iss, inclination_deg=iss.inclination_deg + 0.5)
    gaps = [separation_s(tilted, iss, later(NOW, s)) for s in np.arange(0.0, 5600.0, 200.0)]
    # half a degree of tilt is 59 km at most, 7.7 s of flight
    assert max(gaps) == pytest.approx(7.7, rel=0.05)


def test_the_shipped_set_is_current_on_its_day(iss: ElementSet) -> None:
    require_current(iss, now=NOW, clock_trusted=True)


@pytest.mark.parametrize(
    ("change", "now", "message"),
    [
        ({"mean_motion_rev_per_day": 16.05}, NOW, "not the orbit of the ISS: mean motion 16.05"),
        ({"inclination_deg": 51.0}, NOW, "not the orbit of the ISS: inclination 51"),
        ({"eccentricity": 0.0125}, NOW, r"not the orbit of the ISS: eccentricity 0\.0125"),
        ({}, parse_utc("2024-06-20T00:00:00Z"), r"41\.6 days old, the limit is 30"),
        ({}, parse_utc("2024-05-09T07:00:00Z"), r"lies 1\.8 h after the clock's"),
    ],
)
def test_what_is_not_todays_orbit_is_refused(
    iss: ElementSet, change: dict[str, float], now, message: str
) -> None:
    with pytest.raises(ElementError, match=message) as caught:
        require_current(dataclasses.replace(iss, **change), now=now, clock_trusted=True)
    assert caught.value.remedy


def test_an_untrusted_clock_judges_no_age(iss: ElementSet) -> None:
    require_current(iss, now=parse_utc("1970-01-01T00:00:00Z"), clock_trusted=False)


def test_standing_follows_from_the_sets_before(iss: ElementSet) -> None:
    day = 86400.0

    def after(days: float, lead_s: float) -> ElementSet:
        # the same orbit described from a later epoch, which SGP4 itself cannot do: the epoch moves
        # and the anomaly with it
        turned = moved(iss, days * day + lead_s)
        return dataclasses.replace(turned, epoch=later(iss.epoch, days * day))

    first, second = iss, after(0.01, 0.0)
    assert judge_standing(first, []) == "unconfirmed"
    assert judge_standing(second, [(first, "unconfirmed")]) == "confirmed"
    odd = after(0.02, 60.0)
    held = [(first, "confirmed"), (second, "confirmed")]
    assert judge_standing(odd, held) == "suspect"
    held.append((odd, "suspect"))
    assert judge_standing(after(0.03, 60.0), held) == "confirmed", "a second set agrees with it"
    assert judge_standing(after(0.03, 0.0), held) == "confirmed", "the next one agrees with the old"
    assert judge_standing(after(0.03, -60.0), held) == "suspect"


def test_sets_too_old_to_compare_prove_nothing(iss: ElementSet) -> None:
    new = dataclasses.replace(iss, epoch=later(iss.epoch, 15 * 86400.0))
    assert judge_standing(new, [(iss, "confirmed")]) == "unconfirmed"


def test_no_changed_digit_that_matters_stays_unnoticed(iss: ElementSet) -> None:
    """One digit of a number changed: refused, suspect, or moves the station by little."""
    rng = random.Random(5)
    text = json.dumps(element_record(iss))
    digits = [n for n, char in enumerate(text) if char.isdigit()]
    new = dataclasses.replace(iss, epoch=later(iss.epoch, 0.0))
    assert agrees(new, iss)
    passed = harmful = 0
    for _ in range(400):
        place = rng.choice(digits)
        changed = text[:place] + rng.choice("0123456789") + text[place + 1 :]
        try:
            parsed = parse_elements(changed.encode(), source="test")
            (mutant,) = parsed.sets or (None,)
            if mutant is None or mutant.norad_id != 25544:
                continue
            require_current(mutant, now=NOW, clock_trusted=True)
        except ElementError:
            continue
        if judge_standing(mutant, [(iss, "confirmed")]) == "suspect":
            continue
        if mutant.epoch < iss.epoch:
            continue  # older than the set in force, and so never in force itself
        passed += 1
        harmful += separation_s(mutant, iss, NOW) > 30.0
    assert passed > 20
    assert harmful == 0


def test_real_sets_between_burns_confirm_each_other(real_data) -> None:
    data = (real_data / "elements" / "iss_omm_2024-09-15_2024-12-31.json").read_bytes()
    sets = sorted(
        {one.epoch: one for one in parse_elements(data, source="x").sets}.values(),
        key=lambda one: one.epoch,
    )
    assert len(sets) > 200
    held: list = []
    standings = []
    for one in sets:
        standing = judge_standing(one, held[-40:])
        held.append((one, standing))
        standings.append(standing)
    assert standings[0] == "unconfirmed"
    assert standings.count("confirmed") > 0.93 * len(sets)
    # the burns of 2024 stand out: a suspect within a day and a half of most of them
    burns = ["2024-10-04", "2024-11-09", "2024-11-13", "2024-11-20", "2024-11-25", "2024-12-22"]
    seen = [
        any(
            standing == "suspect" and -0.5 < seconds_between(parse_utc(day), one.epoch) / 86400 < 2
            for one, standing in held
        )
        for day in burns
    ]
    assert sum(seen) >= 4
