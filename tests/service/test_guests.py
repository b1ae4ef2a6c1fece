"""What leaves the device is the same wherever in its cell of the grid the roof stands."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from issgaze.archive.passdocument import pass_document
from issgaze.civil import format_utc, later, parse_utc, seconds_between, time_zone
from issgaze.orbit.elements import ElementSet
from issgaze.orbit.finder import find_passes
from issgaze.orbit.formats import parse_elements
from issgaze.orbit.passes import Pass
from issgaze.picture.caption import alt_text, caption, title
from issgaze.service.darks import Darks
from issgaze.service.developjob import DevelopJob
from issgaze.service.finishing import metadata_of
from issgaze.service.guests import guest_report
from issgaze.service.shownpath import shown_path
from issgaze.sky.site import Site

_OMM = Path(__file__).parents[2] / "issgaze" / "data" / "iss_omm.json"
_CELL = (
    Site(latitude_deg=48.1512, longitude_deg=16.3534, height_m=160.0),
    Site(latitude_deg=48.2488, longitude_deg=16.4466, height_m=240.0),
    Site(latitude_deg=48.2013, longitude_deg=16.4011, height_m=190.0),
)
ZONE = time_zone("Europe/Vienna")


@pytest.fixture(scope="module")
def elements() -> ElementSet:
    return parse_elements(_OMM.read_bytes(), source="test").sets[0]


def passes_over(elements: ElementSet, site: Site) -> list[Pass]:
    begin = later(elements.epoch, 0.0)
    return [p for p in find_passes(elements, site, begin, later(begin, 6 * 86400.0)) if p.visible]


def as_developed(
    elements: ElementSet, site: Site, iss_pass: Pass, *, late_s: float = 0.0
) -> tuple[dict[str, Any], DevelopJob, list[tuple[datetime, datetime]]]:
    """Return report, job and exposures of a capture as the planner would have it here."""
    begin = later(iss_pass.lit[0].start.utc, -12.0 + late_s)
    count = int(seconds_between(begin, iss_pass.lit[-1].end.utc) // 10.0) + 2
    spans = [(later(begin, 10.0 * n), later(begin, 10.0 * n + 9.99)) for n in range(count)]
    job = DevelopJob(
        lights=lambda _first: (), darks=Darks(frames=(), source="none"), reread=lambda _name: None,
        expected_frames=count, reference_utc=None, timed=True, exposed=True, lens=None, site=site,
        elements=elements, iss_pass=iss_pass, satellite="ISS", site_name="Attic", out=Path("/none"),
        resolution=None, zone=ZONE, languages=("en", "fr"), memory_budget_mb=100,
    )  # fmt: skip
    shown = shown_path(job, spans)
    report = {
        "format": "issgaze-report", "version": "0", "outcome": "caught", "simulated": False,
        "satellite": {"norad_id": 25544, "name": "ISS"}, "site_name": "Attic",
        "time_zone": ZONE.key, "pass": pass_document(iss_pass), "camera": "IMX477",
        "shown": shown.document() if shown else None, "trail_found": True,
        "proof": {"accepted": True, "cross_track_arcmin": 0.31, "along_track_s": 0.02},
        "quality": {"star_count": 1200}, "resolution": "half", "lit_part_exposed": 0.9991,
        "lens": {"focal_px": 900.0}, "reference_utc": format_utc(begin),
        "frames": [{"file": f"{n}.fits", "used": True, "exposure_s": 9.99,
                    "start_utc": format_utc(start)} for n, (start, _end) in enumerate(spans[:30])],
    }  # fmt: skip
    return report, job, spans


def as_told(report: dict[str, Any], job: DevelopJob, spans: Any) -> dict[str, Any]:
    guest = guest_report(report, job, spans)
    guest["frames"] = guest["frames"][:3]
    guest["captions"] = {
        language: {
            "title": title(guest, language, ZONE), "caption": caption(guest, language, ZONE),
            "alt_text": alt_text(guest, language, ZONE),
        }
        for language in ("en", "fr")
    }  # fmt: skip
    guest["metadata"] = str(metadata_of(guest))
    return guest


def test_three_roofs_of_a_cell_tell_the_same(elements: ElementSet) -> None:
    """Field by field, captions and the picture's metadata included, over two weeks of passes."""
    first, second, third = (passes_over(elements, site) for site in _CELL)
    compared = different = 0
    for here in first:
        others = [
            next((p for p in found
                  if abs(seconds_between(p.culmination.utc, here.culmination.utc)) < 600.0), None)
            for found in (second, third)
        ]  # fmt: skip
        if None in others:
            continue
        told = []
        for site, iss_pass in zip(_CELL, (here, *others), strict=True):
            assert iss_pass is not None
            told.append(as_told(*as_developed(elements, site, iss_pass)))
        for other in told[1:]:
            assert other == told[0]
        compared += 1
        exact = [pass_document(one) for one in (here, *others) if one is not None]
        different += all(one["culmination"] != exact[0]["culmination"] for one in exact[1:])
    assert compared >= 5
    assert different == compared, "or there was nothing to hide"


def test_a_capture_that_began_late_is_told_to_the_minute_of_the_grid(elements: ElementSet) -> None:
    here = passes_over(elements, _CELL[0])[0]
    report, job, spans = as_developed(elements, _CELL[0], here, late_s=100.0)
    guest = as_told(report, job, spans)
    begin = guest["shown"]["from"]
    assert begin["utc"].endswith(":00Z")
    assert begin["altitude_deg"] == round(begin["altitude_deg"])
    whole = as_told(*as_developed(elements, _CELL[0], here))
    late_s = seconds_between(parse_utc(whole["shown"]["from"]["utc"]), parse_utc(begin["utc"]))
    assert 60.0 <= late_s <= 120.0
    assert guest["shown"]["to"] == whole["shown"]["to"]
    assert "start_utc" not in guest["frames"][0]
