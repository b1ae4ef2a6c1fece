import dataclasses
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issgaze.archive.ledger import OUTCOMES, Ledger, Row, ledger_document
from issgaze.civil import later, pass_id
from issgaze.orbit.passes import Event, MoonConditions, Pass
from issgaze.planning.plan import Choice

TOP = datetime(2026, 3, 1, 19, 30, 30, tzinfo=UTC)


def iss_pass(top: datetime = TOP, norad_id: int = 25544) -> Pass:
    def event(seconds: float, altitude: float) -> Event:
        return Event(
            utc=later(top, seconds), altitude_deg=altitude, azimuth_deg=180.0, range_km=500.0
        )

    return Pass(
        id=pass_id(top, norad_id), norad_id=norad_id,
        rise=event(-200, 10), culmination=event(0, 60),
        set=event(200, 10), visible=True, lit=(), shadow_entry=None, shadow_exit=None, fades=(),
        peak_magnitude=-3.0, sun_altitude_deg=-12.0,
        moon=MoonConditions(altitude_deg=-5, illuminated_fraction=0.3, min_separation_deg=90),
        timing_uncertainty_s=1.0,
    )  # fmt: skip


def chosen(top: datetime = TOP, norad_id: int = 25544, reason: str = "high") -> Choice:
    return Choice(iss_pass=iss_pass(top, norad_id), verdict="shoot", reason=reason)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.jsonl"


def test_a_pass_keeps_its_id_across_predictions(path: Path) -> None:
    ledger = Ledger(path)
    first = ledger.open(chosen(reason="high"))
    second = ledger.open(chosen(later(TOP, 19 * 60), reason="higher"))
    assert second.id == first.id
    assert second.culmination_utc == later(TOP, 19 * 60)
    assert len(ledger.rows()) == 1


def test_passes_20_minutes_apart_or_of_others_are_other_passes(path: Path) -> None:
    ledger = Ledger(path)
    ledger.open(chosen(reason=""))
    ledger.open(chosen(later(TOP, 20 * 60), reason=""))
    ledger.open(chosen(norad_id=48274, reason=""))
    assert len(ledger.rows()) == 3


def test_rows_survive_a_restart(path: Path) -> None:
    ledger = Ledger(path)
    row = ledger.open(chosen(reason="high"))
    ledger.settle(row.id, "caught", "28 frames", folder="passes/x")
    (held,) = Ledger(path).rows()
    assert (held.outcome, held.reason, held.folder) == ("caught", "28 frames", "passes/x")
    assert held.rise_utc == row.rise_utc


def test_a_final_row_is_not_reopened_but_a_withdrawn_one_is(path: Path) -> None:
    ledger = Ledger(path)
    row = ledger.open(chosen(reason="high"))
    ledger.settle(row.id, "withdrawn", "not visible")
    assert ledger.open(chosen(reason="visible again")).outcome is None
    ledger.settle(row.id, "missed", "no power")
    assert ledger.open(chosen(reason="high")).outcome == "missed"


def test_a_torn_last_line_is_left_out_and_not_grown_onto(path: Path) -> None:
    ledger = Ledger(path)
    row = ledger.open(chosen(reason="high"))
    whole = path.read_bytes()
    for cut in range(1, len(whole)):
        path.write_bytes(whole + whole[:cut])
        again = Ledger(path)
        assert [held.id for held in again.rows()] == [row.id]
        again.settle(row.id, "missed", f"cut at {cut}")
        assert Ledger(path).rows()[0].reason == f"cut at {cut}"


@given(st.lists(st.binary(max_size=40), max_size=5))
def test_garbage_between_rows_is_left_out(lines: list[bytes]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.jsonl"
        row = Ledger(path).open(chosen(reason="high"))
        path.write_bytes(b"\n".join([*lines, path.read_bytes()]))
        assert row.id in {held.id for held in Ledger(path).rows()}


def test_the_journal_is_compacted(path: Path) -> None:
    ledger = Ledger(path)
    row = ledger.open(chosen(reason="high"))
    for number in range(500):
        ledger.put(dataclasses.replace(row, reason=str(number)))
    assert len(path.read_text().splitlines()) < 80
    assert Ledger(path).rows()[0].reason == "499"


def test_an_outcome_must_be_one_of_the_six(path: Path) -> None:
    ledger = Ledger(path)
    row = ledger.open(chosen(reason="high"))
    with pytest.raises(ValueError, match="'lost' is none of"):
        ledger.settle(row.id, "lost", "")


@given(
    st.lists(
        st.tuples(st.sampled_from([*OUTCOMES, None]), st.booleans(), st.integers(-5, 5)),
        max_size=30,
    )
)
def test_predicted_is_the_sum_of_outcomes_and_unexplained(
    fates: list[tuple[str | None, bool, int]],
) -> None:
    rows = [
        Row(
            id=str(index), norad_id=25544, rise_utc=later(TOP, hours * 3600 - 200),
            culmination_utc=later(TOP, hours * 3600), set_utc=later(TOP, hours * 3600 + 200),
            verdict="shoot", outcome=outcome, reason="", folder="f" if photographed else None,
        )
        for index, (outcome, photographed, hours) in enumerate(fates)
    ]  # fmt: skip
    document = ledger_document(rows, TOP)
    assert document["predicted"] == sum(document["by_outcome"].values()) + document["unexplained"]
    unexplained = [o is None and not f and h < 0 for o, f, h in fates]
    assert document["unexplained"] == sum(unexplained)
    json.dumps(document)
