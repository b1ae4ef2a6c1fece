"""The line of progress of `issgaze run`, from the status as observe writes it."""

from pathlib import Path

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
