"""An archive as the programs leave it, without having run them."""

import dataclasses
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from issgaze.archive.layout import Archive
from issgaze.archive.ledger import Ledger
from issgaze.archive.passdocument import choice_document, pass_document
from issgaze.archive.passfolder import PassFolder
from issgaze.archive.planfile import PlanFile
from issgaze.archive.status import write_status
from issgaze.civil import format_utc, later
from issgaze.orbit.passes import LitInterval
from issgaze.planning.plan import CapturePlan, Choice
from issgaze.service.privacy import guest_document
from issgaze.sky.site import Site
from issgaze.web.app import build_app
from tests.archive.test_ledger import TOP, chosen, iss_pass
from tests.web.browser import Browser

NOW = later(TOP, -3600.0)
JPEG = b"\xff\xd8\xff\xe0 not really"
PAST = datetime(2026, 2, 27, 18, 3, tzinfo=UTC)


def status(**changes: Any) -> dict[str, Any]:
    return {
        "utc": format_utc(NOW), "state": "waiting", "sentence": "Waiting for the pass.",
        "simulated": False, "version": "0", "site": {
            "name": "Attic", "latitude_deg": 48.20821, "longitude_deg": 16.37381,
            "height_m": 190, "time_zone": "Europe/Vienna",
        },
        "clock": {"trust": "trusted", "bound_s": 0.012, "source": "kernel"},
        "elements": [{"norad_id": 25544, "name": "ISS", "epoch": "x", "age_days": 0.375}],
        "disk": {"free_gb": 12.5, "total_gb": 32.0}, **changes,
    }  # fmt: skip


def track(start: datetime) -> dict[str, Any]:
    points = [[10.0 + 0.6 * n, 200.0 + n, 1500.0 - 10 * n, -1.0, 1.0] for n in range(81)]
    return {"from_utc": format_utc(start), "step_s": 5.0, "points": points}


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    archive = Archive(tmp_path)
    write_status(archive.run, status(simulated=True))
    upcoming = iss_pass()
    lit = LitInterval(
        start=upcoming.rise, end=upcoming.culmination, start_cause="rise", end_cause="shadow_entry"
    )
    choice = Choice(
        iss_pass=dataclasses.replace(upcoming, lit=(lit,)), verdict="shoot", reason="A fine one."
    )
    document = {"elements": [], "site": None, "passes": [choice_document(choice)]}
    archive.predictions.write_text(json.dumps(document))
    archive.guest_predictions.write_text(json.dumps(guest_document(document)))
    return archive


@pytest.fixture
def browser(archive: Archive) -> Browser:
    return Browser(build_app(archive))


@pytest.fixture
def add_picture(archive: Archive) -> Callable[..., str]:
    def add(top: datetime = PAST) -> str:
        return picture_in(archive, top)

    return add


def picture_in(archive: Archive, top: datetime = PAST) -> str:
    ledger = Ledger(archive.ledger)
    row = ledger.open(chosen(top, reason="high"))
    plan = CapturePlan(
        iss_pass=iss_pass(top), mode="full", lights=(), darks=None, expected_snr=None, reasons=()
    )
    plan_file = PlanFile(
        pass_id=row.id, plan=plan, site=Site(latitude_deg=48.20821, longitude_deg=16.37381),
        site_name="Attic", time_zone="UTC", satellite="ISS", elements={}, lens=None,
    )  # fmt: skip
    folder = PassFolder.create(archive, plan_file)
    (folder.path / "picture.jpg").write_bytes(JPEG)
    (folder.path / "alt.txt").write_text("A bright arc <over> the roof.")
    (folder.path / "caption.txt").write_text("At 48.20821 N.")
    report = {
        "frames": [
            {"file": "lights/0000.fits", "used": True, "reason": None, "exposure_s": 5.0,
             "start_utc": "2026-02-27T18:00:07.123Z", "dead_time_s": None},
            {"file": "lights/0001.fits", "used": False, "reason": "cut short", "exposure_s": 5.0,
             "start_utc": "2026-02-27T18:00:12.124Z", "dead_time_s": 0.0006},
        ],
        "proof": {"cross_track_arcmin": -0.34, "along_track_s": 0.21, "accepted": True},
    }  # fmt: skip
    (folder.path / "report.json").write_text(json.dumps(report))
    guest = {
        "frames": [{"used": True, "exposure_s": 5.0}], "shown": None,
        "pass": guest_document(pass_document(iss_pass(top))),
        "captions": {
            "en": {"title": "Over the attic", "caption": "It shone.",
                   "alt_text": "A bright arc <over> the roof."},
            "fr": {"title": "Sur le toit", "caption": "Elle brillait.", "alt_text": "Un arc."},
        },
    }  # fmt: skip
    (folder.path / "guest.json").write_text(json.dumps(guest))
    ledger.settle(row.id, "caught", "2 frames", folder=str(folder.path.relative_to(archive.root)))
    return row.id
