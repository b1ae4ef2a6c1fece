"""A pass keeps its row through newer sets, reboosts included; a night keeps its name."""

from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from issgaze.archive.layout import Archive
from issgaze.archive.ledger import Ledger
from issgaze.civil import evening_of, later, local, parse_utc, seconds_between, time_zone
from issgaze.config import parse_settings
from issgaze.orbit.finder import find_passes
from issgaze.orbit.formats import parse_elements
from issgaze.planning.choose import Conditions, Limits, choose
from issgaze.service.bookkeeping import Bookkeeper
from issgaze.sky.site import Site

SITE = Site(latitude_deg=48.2, longitude_deg=16.4, height_m=200.0)


@pytest.mark.real_data
@pytest.mark.parametrize("burn", ["2024-10-04", "2024-11-13", "2024-12-22"])
def test_rows_stay_one_for_each_pass_across_a_reboost(
    real_data: Path, tmp_path: Path, burn: str
) -> None:
    data = (real_data / "elements" / "iss_omm_2024-09-15_2024-12-31.json").read_bytes()
    sets = sorted(
        {one.epoch: one for one in parse_elements(data, source="x").sets}.values(),
        key=lambda one: one.epoch,
    )
    start, end = later(parse_utc(burn), -3 * 86400.0), later(parse_utc(burn), 3 * 86400.0)
    ledger = Ledger(tmp_path / "ledger.jsonl")
    books = Bookkeeper(Archive(tmp_path), ledger, start)
    for elements in sets:
        if not start <= elements.epoch <= end:
            continue
        passes = find_passes(elements, SITE, elements.epoch, later(elements.epoch, 10 * 86400.0))
        choices = choose(passes, limits=Limits(), conditions=Conditions())
        books.foresee(choices, elements.epoch)
        times = {choice.iss_pass.culmination.utc for choice in choices if choice.iss_pass.visible}
        # every visible pass has one row, which carries the newest times
        held = [row for row in ledger.rows() if row.culmination_utc in times]
        assert len(held) == len(times)
    rows = [row for row in ledger.rows() if row.outcome != "withdrawn"]
    assert len(rows) > 2
    for one, other in pairwise(rows):
        # two passes of the station are an orbit apart; twice the same one would be minutes
        assert seconds_between(one.culmination_utc, other.culmination_utc) > 80 * 60.0
    again = Ledger(tmp_path / "ledger.jsonl").rows()
    assert [row.id for row in again] == [row.id for row in ledger.rows()]


@pytest.mark.parametrize(
    ("instant", "zone", "clock"),
    [
        # the hour that Vienna's clocks show twice, and the one they leave out
        ("2026-10-25T00:30:00Z", "Europe/Vienna", "2026-10-25T02:30:00+02:00"),
        ("2026-10-25T01:30:00Z", "Europe/Vienna", "2026-10-25T02:30:00+01:00"),
        ("2026-03-29T00:59:59Z", "Europe/Vienna", "2026-03-29T01:59:59+01:00"),
        ("2026-03-29T01:00:00Z", "Europe/Vienna", "2026-03-29T03:00:00+02:00"),
        ("2025-12-31T11:00:00Z", "Pacific/Tongatapu", "2026-01-01T00:00:00+13:00"),
        ("2026-01-01T02:00:00Z", "America/St_Johns", "2025-12-31T22:30:00-03:30"),
    ],
)
def test_times_for_people_carry_their_offset(instant: str, zone: str, clock: str) -> None:
    assert local(parse_utc(instant), time_zone(zone)).isoformat() == clock


def test_a_night_is_named_by_its_evening_at_the_years_end_and_the_date_line() -> None:
    assert str(evening_of(parse_utc("2026-01-01T03:00:00Z"), 16.4)) == "2025-12-31"
    assert str(evening_of(parse_utc("2025-12-31T19:00:00Z"), 16.4)) == "2025-12-31"
    # noon of mean solar time in Tonga is 00:20 UTC
    assert str(evening_of(parse_utc("2026-01-01T09:00:00Z"), -175.2)) == "2025-12-31"
    assert str(evening_of(parse_utc("2026-01-01T09:00:00Z"), 175.0)) == "2026-01-01"


def test_a_set_replaced_across_midnight_keeps_the_pass(tmp_path: Path) -> None:
    shipped = Path(__file__).parents[2] / "issgaze" / "data" / "iss_omm.json"
    (elements,) = parse_elements(shipped.read_bytes(), source="x").sets
    import dataclasses

    ledger = Ledger(tmp_path / "ledger.jsonl")
    ids = []
    # a pass that culminates seconds before midnight moves to the other side of it
    site = Site(latitude_deg=48.2, longitude_deg=16.4)
    start = parse_utc("2024-05-09T20:00:00Z")
    (first, *_rest) = [
        one for one in find_passes(elements, site, start, later(start, 86400.0)) if one.visible
    ]
    to_midnight_s = seconds_between(first.culmination.utc, parse_utc("2024-05-10T00:00:00Z"))
    for lead_s in (1.0, -1.0, -400.0):
        shift = timedelta(seconds=to_midnight_s - lead_s)
        moved = dataclasses.replace(
            first,
            id=f"{first.culmination.utc + shift:%Y%m%dT%H%MZ}-25544",
            rise=dataclasses.replace(first.rise, utc=first.rise.utc + shift),
            culmination=dataclasses.replace(first.culmination, utc=first.culmination.utc + shift),
            set=dataclasses.replace(first.set, utc=first.set.utc + shift),
        )
        (choice,) = choose([moved], limits=Limits(), conditions=Conditions())
        ids.append(ledger.open(choice).id)
    assert ids == ["20240509T2359Z-25544"] * 3
    assert len(ledger.rows()) == 1


def test_a_site_across_the_date_line_is_a_site() -> None:
    settings = parse_settings(
        '[site]\nlatitude_deg = -21.1\nlongitude_deg = -175.2\ntime_zone = "Pacific/Tongatapu"\n',
        name="test",
    )
    assert settings.require_site().longitude_deg == -175.2
