"""The line of progress of `issgaze run`, from the status as observe writes it."""

from pathlib import Path

import pytest

from issgaze.archive.layout import Archive
from issgaze.archive.status import write_status
from issgaze.service.run import Run, RunPlan


def test_the_last_word_of_an_earlier_run_is_not_this_ones(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    plan = RunPlan(archive=archive, observe=[], develop=[], web=[], address="", stay=False)
    run = Run(plan, log=print, show=print)
    assert run._progress() == "starting"
    write_status(archive.run, {"state": "stopped", "sentence": "Done: 1 pass."})
    assert run._progress() == "starting"
    write_status(archive.run, {"state": "waiting", "sentence": "Waiting."})
    assert run._progress() == "Waiting."
    write_status(archive.run, {"state": "stopped", "sentence": "Done: 2 passes."})
    assert run._progress() == "Done: 2 passes."


@pytest.mark.parametrize(
    ("faster", "utc", "more"),
    [
        ("--speed 60", "2024-05-09T07:33:30Z", " That is in 18 h 11 min; --speed 60 shortens the"),
        ("", "2024-05-09T07:33:30Z", ""),
        ("--speed 60", "2024-05-10T01:44:00Z", ""),
        ("--speed 60", "soon", ""),
    ],
)
def test_a_simulated_wait_at_the_pace_of_real_time_is_told(
    tmp_path: Path, faster: str, utc: str, more: str
) -> None:
    archive = Archive(tmp_path)
    plan = RunPlan(
        archive=archive, observe=[], develop=[], web=[], address="", stay=False, faster=faster
    )
    run = Run(plan, log=print, show=print)
    rise = {"rise": {"utc": "2024-05-10T01:45:00Z"}}
    write_status(
        archive.run, {"state": "waiting", "sentence": "Waiting.", "utc": utc, "next_pass": rise}
    )
    assert run._progress().startswith(f"Waiting.{more}")
    assert run._progress() == "Waiting." or more
    write_status(archive.run, {"state": "waiting", "sentence": "Waiting.", "next_pass": None})
    assert run._progress() == "Waiting."
