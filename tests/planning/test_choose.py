"""Verdicts on passes, in the words of the device and of the sky over it."""

import dataclasses

import pytest

from issgaze.civil import later, parse_utc, seconds_between
from issgaze.orbit.finder import find_passes
from issgaze.orbit.passes import Pass
from issgaze.planning.choose import Conditions, Limits, choose, lit_seconds, rank
from issgaze.planning.cloud import cloud_fraction
from issgaze.planning.wording import degrees, degrees_against, duration, signed
from issgaze.sky.horizon import parse_horizon
from issgaze.sky.site import Site

SITE = Site(latitude_deg=48.2, longitude_deg=16.4, height_m=200.0)
START = parse_utc("2024-05-09T18:00:00Z")


@pytest.fixture(scope="module")
def passes(iss) -> tuple[Pass, ...]:
    return find_passes(iss, SITE, START, later(START, 4 * 86400.0))


@pytest.fixture(scope="module")
def good(passes: tuple[Pass, ...]) -> Pass:
    return max((one for one in passes if one.visible), key=rank)


def verdict(one: Pass, **known: object):
    (choice,) = choose([one], limits=Limits(), conditions=Conditions(**known))  # type: ignore[arg-type]
    return choice.verdict, choice.reason


def test_reasons_are_sentences_with_true_signs(passes: tuple[Pass, ...]) -> None:
    for choice in choose(passes, limits=Limits(), conditions=Conditions()):
        assert choice.reason[0].isupper()
        assert " deg" not in choice.reason
        assert " -" not in choice.reason
    reasons = {c.reason for c in choose(passes, limits=Limits(), conditions=Conditions())}
    assert any("the limit is 20°" in reason for reason in reasons)
    assert any("−6° is the limit" in reason for reason in reasons)
    assert any("magnitude −" in reason for reason in reasons)


@pytest.mark.parametrize(
    ("known", "what", "reason"),
    [
        ({}, "shoot", "Culminates at"),
        ({"clock_trust": "untrusted"}, "skip", "does not know the time"),
        ({"clock_trust": "coarse"}, "shoot", "only roughly right, so the window is wider"),
        ({"free_gb": 0.3, "needed_gb": 1.2}, "skip", "0.3 GB free, a pass needs 1.2 GB"),
        ({"free_gb": 1.3, "needed_gb": 1.2}, "shoot", "Culminates at"),
        ({"rain": True}, "skip", "It rains"),
        ({"cloud_fraction": 0.9}, "shoot", "doubtful: 90 % cloud, shot anyway"),
        ({"cloud_fraction": 1.0}, "shoot", "doubtful: 100 % cloud, shot anyway"),
        ({"cloud_fraction": 0.2}, "shoot", "Culminates at"),
    ],
)
def test_every_condition_enters(good: Pass, known, what: str, reason: str) -> None:
    got, why = verdict(good, **known)
    assert got == what
    assert reason in why
    assert ("doubtful" in why) == (known.get("cloud_fraction", 0.0) > 0.5)


def test_the_weather_of_now_says_nothing_of_tomorrow(good: Pass) -> None:
    seen = later(good.rise.utc, -86400.0)
    assert verdict(good, rain=True, cloud_fraction=1.0, weather_utc=seen)[0] == "shoot"
    assert "doubtful" not in verdict(good, cloud_fraction=1.0, weather_utc=seen)[1]
    assert verdict(good, rain=True, weather_utc=later(good.rise.utc, -1800.0))[0] == "skip"


def test_uncertain_times_are_marked_and_hopeless_ones_refused(good: Pass) -> None:
    def of(seconds: float):
        return verdict(dataclasses.replace(good, timing_uncertainty_s=seconds))

    assert "doubtful" not in of(60.0)[1]
    assert of(300.0)[0] == "shoot"
    assert "doubtful: the time is uncertain by 5 min, shot anyway" in of(300.0)[1]
    assert of(1000.0)[0] == "skip"
    assert of(1000.0)[1].startswith("The time is uncertain by 17 min, the limit is 15 min: a newer")
    assert "uncertain by days" in of(4_386_472.0)[1]


def test_a_bright_moon_is_named(good: Pass) -> None:
    bright = dataclasses.replace(good.moon, altitude_deg=30.0, illuminated_fraction=0.97)
    assert "bright Moon, 97 % lit" in verdict(dataclasses.replace(good, moon=bright))[1]


def test_of_two_satellites_at_once_the_lesser_shares_the_betters_frames(good: Pass) -> None:
    other = dataclasses.replace(
        good, id="other", norad_id=48274, peak_magnitude=(good.peak_magnitude or 0.0) + 1.0
    )
    assert rank(good) > rank(other)
    for pair in ([good, other], [other, good]):
        choices = choose(pair, limits=Limits(), conditions=Conditions())
        assert [c.verdict for c in choices] == ["shoot", "shoot"]
        assert {c.iss_pass.norad_id: c.shares for c in choices} == {25544: None, 48274: good.id}
        (sharing,) = (c for c in choices if c.shares)
        assert sharing.reason.endswith(f"; shares the frames of the better pass {good.id}")


def test_a_pass_that_is_skipped_shares_nothing(good: Pass) -> None:
    low = dataclasses.replace(
        good, id="low", culmination=dataclasses.replace(good.culmination, altitude_deg=15.0)
    )
    choices = choose([good, low], limits=Limits(), conditions=Conditions())
    assert [(c.verdict, c.shares) for c in choices] == [("shoot", None), ("skip", None)]


def test_satellites_one_after_the_other_are_both_shot(good: Pass, passes) -> None:
    following = next(p for p in passes if p.visible and p.lit[0].start.utc > good.set.utc)
    other = dataclasses.replace(following, norad_id=48274)
    choices = choose([good, other], limits=Limits(), conditions=Conditions())
    assert [c.verdict for c in choices] == ["shoot", "shoot"]


def test_the_ranking_is_as_stated(good: Pass) -> None:
    fainter = dataclasses.replace(good, peak_magnitude=(good.peak_magnitude or 0.0) + 1.0)
    assert rank(good) - rank(fainter) == pytest.approx(1.0)
    top = dataclasses.replace(good.culmination, altitude_deg=good.culmination.altitude_deg - 15.0)
    assert rank(good) - rank(dataclasses.replace(good, culmination=top)) == pytest.approx(1.0)


def test_a_verdict_does_not_depend_on_when_it_is_asked(iss, good: Pass) -> None:
    # the same set asked again nearer to the pass: the same verdict and the same words
    said = set()
    for hours in (30.0, 10.0, 3.0, 0.3):
        begin = later(good.rise.utc, -hours * 3600.0)
        again = find_passes(iss, SITE, begin, later(good.set.utc, 60.0))
        (one,) = (each for each in again if each.id == good.id)
        assert abs(seconds_between(one.rise.utc, good.rise.utc)) < 0.01
        said.add(verdict(one))
    assert len(said) == 1


def test_the_owners_roofs_cut_what_is_lit(iss, good: Pass) -> None:
    mask = parse_horizon("0:5 180:5, 200:60 340:60")
    cut = find_passes(iss, SITE, START, later(START, 4 * 86400.0), horizon=mask)
    (one,) = (each for each in cut if each.id == good.id)
    assert lit_seconds(one) < lit_seconds(good)
    causes = {each.start_cause for each in one.lit} | {each.end_cause for each in one.lit}
    assert causes & {"mask_clear", "mask_blocked"}
    assert one.rise == good.rise


@pytest.mark.parametrize("text", ["12", "0:91", "-5:3", "0:x", "400:3", "0:10 20"])
def test_horizons_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="write azimuth:altitude in degrees"):
        parse_horizon(text)


def test_no_corner_is_a_free_horizon() -> None:
    assert parse_horizon(" ") is None


@pytest.mark.parametrize(
    ("sky", "air", "cloud"),
    [(-30.0, 5.0, 0.0), (-9.0, 5.0, 0.5), (5.0, 5.0, 1.0), (None, 5.0, None), (-9.0, None, None)],
)
def test_cloud_from_a_thermometer(sky, air, cloud) -> None:
    assert cloud_fraction(sky, air) == cloud


def test_numbers_for_people() -> None:
    assert [signed(-0.04, 1), signed(-1.26, 1), degrees(-6.0)] == ["0.0", "−1.3", "−6°"]
    assert [duration(s) for s in (3.2, 99.4, 150.0, 40000.0, 4e6)] == [
        "3 s", "99 s", "2 min", "11 h", "days",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("angle_deg", "limit_deg", "said"),
    [(19.0, 20.0, "19°"), (19.7, 20.0, "19.7°"), (19.98, 20.0, "19.98°"), (-5.8, -6.0, "−5.8°")],
)
def test_what_misses_a_limit_does_not_read_like_it(angle_deg: float, limit_deg: float, said: str):
    assert degrees_against(angle_deg, limit_deg) == said


def test_the_height_in_a_reason_is_one_at_which_it_is_seen(good: Pass) -> None:
    top = good.culmination
    before = dataclasses.replace(
        good.lit[0].end, utc=later(top.utc, -20.0), altitude_deg=top.altitude_deg - 12.0
    )
    hidden = dataclasses.replace(
        good,
        lit=(dataclasses.replace(good.lit[0], end=before, end_cause="mask_blocked"),),
    )
    _, reason = verdict(hidden)
    height = degrees(top.altitude_deg - 12.0)
    assert reason.startswith(f"Seen up to {height} of {degrees(top.altitude_deg)}, magnitude")
    assert verdict(good)[1].startswith(f"Culminates at {degrees(top.altitude_deg)}")
