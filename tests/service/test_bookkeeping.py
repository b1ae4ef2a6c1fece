import dataclasses
import json
from datetime import datetime
from pathlib import Path

import pytest

from issgaze.archive.layout import Archive
from issgaze.archive.ledger import Ledger, ledger_document
from issgaze.archive.passfolder import PassFolder
from issgaze.archive.planfile import PlanFile
from issgaze.civil import later
from issgaze.planning.plan import CapturePlan, Choice, Verdict
from issgaze.service.bookkeeping import Bookkeeper
from issgaze.sky.site import Site
from tests.archive.test_ledger import TOP, iss_pass

BEFORE, AFTER = later(TOP, -3600.0), later(TOP, 3600.0)


def choice(verdict: Verdict = "shoot", *, visible: bool = True, top: datetime = TOP) -> Choice:
    seen = dataclasses.replace(iss_pass(top), visible=visible)
    return Choice(iss_pass=seen, verdict=verdict, reason="high" if verdict == "shoot" else "low")


class Desk:
    def __init__(self, root: Path, started: datetime = BEFORE) -> None:
        self.archive = Archive(root)
        self.ledger = Ledger(self.archive.ledger)
        self.books = Bookkeeper(self.archive, self.ledger, started)

    def folder(
        self,
        lights: int,
        report: dict[str, object] | None,
        *,
        number: int = 0,
        lights_from: str | None = None,
    ) -> PassFolder:
        row = self.ledger.rows()[number]
        plan = CapturePlan(
            iss_pass=iss_pass(), mode="binned", lights=(), darks=None, expected_snr=None, reasons=()
        )
        plan_file = PlanFile(
            pass_id=row.id, plan=plan, site=Site(latitude_deg=0, longitude_deg=0), site_name="",
            time_zone="UTC", satellite="ISS", elements={}, lens=None,
            lights_from=lights_from,
        )  # fmt: skip
        folder = PassFolder.create(self.archive, plan_file)
        if lights_from is None:
            (folder.path / "lights").mkdir(exist_ok=True)
            for light in range(lights):
                (folder.path / "lights" / f"{light:04d}.fits").touch()
            folder.seal(AFTER, "complete")
        if report is not None:
            (folder.path / "report.json").write_text(json.dumps(report))
        self.books.captured(row, folder)
        return folder

    def outcome(self) -> tuple[str | None, str]:
        row = self.ledger.rows()[0]
        return row.outcome, row.reason


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_visible_pass_opens_a_row_and_an_invisible_one_none(desk: Desk) -> None:
    desk.books.foresee([choice(), choice(visible=False, top=later(TOP, 6000.0))], BEFORE)
    assert desk.outcome() == (None, "high")
    assert len(desk.ledger.rows()) == 1


def test_nothing_is_settled_before_the_pass_is_over(desk: Desk) -> None:
    desk.books.foresee([choice("skip")], BEFORE)
    desk.books.settle(later(TOP, 201.0))
    assert desk.outcome()[0] is None


def test_a_skipped_pass_keeps_its_reason(desk: Desk) -> None:
    desk.books.foresee([choice("skip")], BEFORE)
    desk.books.settle(AFTER)
    assert desk.outcome() == ("skipped", "low")


def test_a_pass_that_should_have_been_shot_was_missed(desk: Desk) -> None:
    desk.books.foresee([choice()], BEFORE)
    desk.books.settle(AFTER)
    assert desk.outcome() == ("missed", "the capture did not begin")


def test_a_pass_from_before_the_start_was_missed_for_want_of_a_device(tmp_path: Path) -> None:
    desk = Desk(tmp_path, started=AFTER)
    desk.books.foresee([choice()], AFTER)
    desk.books.settle(AFTER)
    assert desk.outcome() == ("missed", "the device was not running")


def test_a_pass_that_a_newer_set_hides_is_withdrawn_and_comes_back(desk: Desk) -> None:
    desk.books.foresee([choice()], BEFORE)
    desk.books.foresee([choice(visible=False)], BEFORE)
    assert desk.outcome() == ("withdrawn", choice(visible=False).reason)
    document = ledger_document(desk.ledger.rows(), BEFORE)
    assert (document["predicted"], document["rows"][0]["outcome"]) == (0, None), "not final yet"
    assert ledger_document(desk.ledger.rows(), AFTER)["by_outcome"]["withdrawn"] == 1
    desk.books.foresee([choice()], BEFORE)
    assert desk.outcome() == (None, "high")
    desk.books.foresee([], BEFORE)
    assert desk.outcome() == ("withdrawn", "By a newer element set it does not rise")


def test_the_outcome_of_a_captured_pass_waits_for_the_report(desk: Desk) -> None:
    desk.books.foresee([choice()], BEFORE)
    folder = desk.folder(lights=3, report=None)
    desk.books.settle(AFTER)
    assert desk.outcome()[0] is None
    document = ledger_document(desk.ledger.rows(), AFTER)
    assert (document["predicted"], document["unexplained"]) == (0, 0)
    report = {"outcome": "partial", "reason": "2 of 3 frames"}
    (folder.path / "report.json").write_text(json.dumps(report))
    desk.books.settle(AFTER)
    assert desk.outcome() == ("partial", "2 of 3 frames")
    assert ledger_document(desk.ledger.rows(), AFTER)["predicted"] == 1


def test_a_report_that_comes_is_news_once(desk: Desk) -> None:
    desk.books.foresee([choice()], BEFORE)
    folder = desk.folder(3, None)
    desk.books.settle(AFTER)
    assert not desk.books.has_news(AFTER)
    (folder.path / "report.json").write_text(json.dumps({"outcome": "caught", "reason": "there"}))
    assert desk.books.has_news(AFTER)
    assert not desk.books.has_news(BEFORE)
    desk.books.settle(AFTER)
    assert desk.outcome() == ("caught", "there")
    assert not desk.books.has_news(AFTER)


def test_a_folder_without_a_frame_is_a_missed_pass(desk: Desk) -> None:
    desk.books.foresee([choice()], BEFORE)
    desk.folder(lights=0, report=None)
    desk.books.settle(AFTER)
    assert desk.outcome() == ("missed", "the camera gave no frame")


def test_a_captured_pass_is_never_withdrawn(desk: Desk) -> None:
    desk.books.foresee([choice()], BEFORE)
    desk.folder(lights=1, report=None)
    desk.books.foresee([choice(visible=False)], BEFORE)
    assert desk.outcome()[0] is None


def test_a_pass_of_another_satellite_in_the_same_frames_does_not_count(desk: Desk) -> None:
    other = Choice(iss_pass=iss_pass(later(TOP, 60.0), 48274), verdict="shoot", reason="high")
    desk.books.foresee([choice(), other], BEFORE)
    caught = {"outcome": "caught", "reason": "there"}
    own = desk.folder(3, caught)
    lent = desk.folder(0, None, number=1, lights_from=own.id)
    assert lent.borrows
    desk.books.settle(AFTER)
    assert desk.books.finished() == 0, "the other satellite's picture is still to come"
    (lent.path / "report.json").write_text(json.dumps(caught))
    desk.books.settle(AFTER)
    assert [row.outcome for row in desk.ledger.rows()] == ["caught", "caught"]
    assert desk.books.finished() == 1
