import pickle
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sgp4.api import jday

from issgaze import civil
from issgaze.errors import TimeError

instants = st.datetimes(
    min_value=datetime(1980, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone itself
    max_value=datetime(2099, 12, 31),  # noqa: DTZ001 - as above
    timezones=st.just(UTC),
)


@given(instants, st.integers(0, 6))
def test_formatting_rounds_to_the_nearest_step(instant: datetime, decimals: int) -> None:
    back = civil.parse_utc(civil.format_utc(instant, decimals=decimals))
    assert abs(back - instant) <= timedelta(microseconds=10 ** (6 - decimals) / 2)


@given(instants)
def test_julian_dates_agree_with_sgp4_to_a_microsecond(instant: datetime) -> None:
    whole, fraction = jday(
        instant.year, instant.month, instant.day, instant.hour, instant.minute,
        instant.second + instant.microsecond * 1e-6,
    )  # fmt: skip
    ours = civil.julian_date(instant)
    assert abs((ours[0] - whole) + (ours[1] - fraction)) * 86400 < 1e-6


@given(instants, st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=5))
def test_many_instants_are_the_single_ones(instant: datetime, seconds: list[float]) -> None:
    many = civil.JulianDates.after(instant, np.array(seconds))
    for index, offset in enumerate(seconds):
        whole, fraction = civil.julian_date(civil.later(instant, offset))
        days = (many.whole[index] - whole) + (many.fraction[index] - fraction)
        assert abs(days) * 86400 < 2e-6


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-01", datetime(2026, 3, 1, tzinfo=UTC)),
        ("2026-03-01T19:30Z", datetime(2026, 3, 1, 19, 30, tzinfo=UTC)),
        ("2026-03-01 19:30:05.25", datetime(2026, 3, 1, 19, 30, 5, 250000, tzinfo=UTC)),
        ("2026-03-01T20:30:00+01:00", datetime(2026, 3, 1, 19, 30, tzinfo=UTC)),
        ("2026-03-01T14:00:00-0530", datetime(2026, 3, 1, 19, 30, tzinfo=UTC)),
        ("2016-12-31T23:59:60Z", datetime(2017, 1, 1, tzinfo=UTC)),
        ("2024-05-09T08:48:19.938816", datetime(2024, 5, 9, 8, 48, 19, 938816, tzinfo=UTC)),
    ],
)
def test_iso_instants_are_read(text: str, expected: datetime) -> None:
    assert civil.parse_utc(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "now", "2026", "2026-13-01", "2026-02-30", "2026-03-01T25:00", "2026-03-01T10:00:61",
     "01.03.2026", "2026-03-01T10:00:00Zz"],
)  # fmt: skip
def test_other_texts_are_refused_with_a_remedy(text: str) -> None:
    with pytest.raises(TimeError, match="cannot be read") as caught:
        civil.parse_utc(text)
    assert "2026-03-01T19:30:00Z" in caught.value.remedy


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(TimeError, match="carries no time zone"):
        civil.format_utc(datetime(2026, 3, 1))  # noqa: DTZ001 - that is the point


def test_too_many_decimals_are_refused() -> None:
    with pytest.raises(TimeError, match="7 decimals of a second were asked for, the limit is 6"):
        civil.format_utc(datetime(2026, 3, 1, tzinfo=UTC), decimals=7)


def test_rounding_carries_into_the_next_year() -> None:
    last = datetime(2026, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
    assert civil.format_utc(last, decimals=3) == "2027-01-01T00:00:00.000Z"


def test_the_id_of_a_pass_cuts_the_seconds_off() -> None:
    culmination = datetime(2026, 3, 1, 20, 30, 59, 999999, tzinfo=timezone(timedelta(hours=1)))
    assert civil.pass_id(culmination, 25544) == "20260301T1930Z-25544"


def test_a_night_is_named_by_its_evening_whatever_the_zone() -> None:
    tonga, vienna = -175.2, 16.37
    assert str(civil.evening_of(datetime(2026, 3, 2, 2, 0, tzinfo=UTC), vienna)) == "2026-03-01"
    assert str(civil.evening_of(datetime(2026, 3, 1, 8, 0, tzinfo=UTC), tonga)) == "2026-02-28"


def test_local_time_crosses_the_end_of_summer_time() -> None:
    zone = civil.time_zone("Europe/Vienna")
    before = civil.local(datetime(2026, 10, 25, 0, 30, tzinfo=UTC), zone)
    after = civil.local(datetime(2026, 10, 25, 1, 30, tzinfo=UTC), zone)
    assert (f"{before:%H:%M%z}", f"{after:%H:%M%z}") == ("02:30+0200", "02:30+0100")


@pytest.mark.parametrize("name", ["Europe/Wien", "", "../etc/passwd", "Mars/Olympus"])
def test_unknown_zones_are_refused(name: str) -> None:
    with pytest.raises(TimeError, match="there is no time zone"):
        civil.time_zone(name)


def test_zones_are_the_standard_librarys() -> None:
    assert pickle.loads(pickle.dumps(civil.time_zone("UTC"))) == ZoneInfo("UTC")


def test_the_wall_shows_the_nearest_minute_and_its_day() -> None:
    vienna = ZoneInfo("Europe/Vienna")
    late = civil.parse_utc("2024-05-10T21:59:40.000Z")
    assert f"{civil.wall_minute(late, vienna):%Y-%m-%d %H:%M}" == "2024-05-11 00:00"
    early = civil.parse_utc("2024-05-10T21:59:29.999Z")
    assert f"{civil.wall_minute(early, vienna):%Y-%m-%d %H:%M}" == "2024-05-10 23:59"
