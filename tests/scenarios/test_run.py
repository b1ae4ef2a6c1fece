"""`issgaze run --simulated`: prediction, capture, developing and the page, as separate programs."""

import json
import os
import select
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from issgaze.archive.fits import read_raw
from issgaze.archive.horizonfile import HorizonStore
from issgaze.archive.layout import Archive
from issgaze.archive.lenshistory import LensHistory
from issgaze.archive.lock import folder_lock
from issgaze.archive.passfolder import PassFolder
from issgaze.civil import seconds_between
from issgaze.cli.main import main
from issgaze.web.app import build_app
from tests.scenarios.conftest import free_port, run
from tests.web.test_pages import Browser


def test_it_ends_well_and_prints_the_path_of_the_picture(done: tuple[Path, Any]) -> None:
    archive, process = done
    assert process.returncode == 0, process.stderr
    (picture,) = process.stdout.splitlines()
    assert Path(picture) == archive / "passes/2024-05-10/20240510T0144Z-25544/picture.jpg"
    assert Path(picture).is_file()
    assert process.stderr.count("http://127.0.0.1:") == 1, "where the page is, once"
    assert "Traceback" not in process.stderr


def test_the_lens_of_the_night_is_kept_for_the_next_pass(done: tuple[Path, Any]) -> None:
    (row,) = LensHistory(Archive(done[0]).calibration).rows()
    assert row["event"] == "refined"
    assert row["stars_matched"] > 60
    assert row["shift_px"] < 0.3


def test_the_horizon_is_learnt_from_the_pass(done: tuple[Path, Any], night: Path) -> None:
    store = HorizonStore(Archive(done[0]).calibration)
    line = store.line()
    assert line is not None
    assert store.picture_file.is_file()
    truth = np.load(night / "truth" / "clear.npy")
    learnt = store.load(truth.shape[1], truth.shape[0])
    rows, columns = learnt.sky.shape
    true = truth[: rows * 4, : columns * 4].reshape(rows, 4, columns, 4).mean(axis=(1, 3)) > 0.5
    found = learnt.share() > 0.5
    assert (found & true).sum() / (found | true).sum() > 0.95
    # the built-in roof: a chimney, trees, and free sky between them
    assert max(line.altitude_deg) > 8.0
    assert min(line.altitude_deg) == 0.0


def test_every_planned_frame_was_taken_without_a_gap(folder: PassFolder) -> None:
    plan = folder.plan_file().plan
    lights = [read_raw(path).info for path in folder.lights()]
    assert len(lights) == sum(block.count for block in plan.lights)
    assert len(folder.darks()) == 8
    assert all(info.dead_time_s is None or info.dead_time_s < 0.002 for info in lights)
    assert seconds_between(lights[0].start_utc, plan.iss_pass.lit[0].start.utc) > 0
    assert seconds_between(plan.iss_pass.lit[-1].end.utc, lights[-1].start_utc) >= 0


def test_the_pass_is_caught_and_proved(folder: PassFolder) -> None:
    report = folder.report()
    assert report is not None
    assert report["outcome"] == "caught"
    assert report["proof"]["accepted"] is True
    assert report["lit_part_exposed"] > 0.99
    assert report["missing"] == []
    assert report["simulated"] is True


def test_the_ledger_has_one_row_for_each_visible_pass(done: tuple[Path, Any], capsys) -> None:
    archive, _process = done
    assert main(["ledger", "--archive", str(archive), "--json"]) == 0
    ledger = json.loads(capsys.readouterr().out)
    status = json.loads((archive / "run" / "status.json").read_text())
    words = ["--site", "49.02,13.23,620", "--from", "2024-05-10T01:30:00Z"]
    elements = next((archive / "elements" / "25544").iterdir())
    assert main(["passes", *words, "--elements", str(elements), "--days", "9", "--json"]) == 0
    passes = json.loads(capsys.readouterr().out)["passes"]
    visible = [item["id"] for item in passes if item["visible"]]
    listed = [row["id"] for row in ledger["rows"]]
    assert listed[: len(visible)] == visible
    past = [row for row in ledger["rows"] if row["rise_utc"] < status["utc"]]
    assert [(row["id"], row["outcome"]) for row in past] == [("20240510T0144Z-25544", "caught")]
    assert (ledger["predicted"], ledger["unexplained"]) == (1, 0)
    assert all(row["outcome"] is None for row in ledger["rows"] if row not in past)


def test_the_page_shows_it(done: tuple[Path, Any]) -> None:
    browser = Browser(build_app(Archive(done[0])))
    home = browser.get("/")
    assert home.status == 200
    assert b"/passes/20240510T0144Z-25544/" in home.body
    assert browser.get("/passes/20240510T0144Z-25544/").status == 200
    for name in ("picture.jpg", "timelapse.mp4", "report.json"):
        assert browser.get(f"/passes/20240510T0144Z-25544/{name}").status == 200


def test_the_clock_is_kept_for_the_next_run(
    done: tuple[Path, Any],
) -> None:
    archive, _process = done
    first = json.loads((archive / "run" / "status.json").read_text())["utc"]
    kept = (archive / "simulated-clock.txt").read_text().strip()
    assert kept >= first


@pytest.mark.parametrize("command", ["run", "observe"])
def test_an_archive_is_of_one_scenario(
    done: tuple[Path, Any], small_scenario: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [command, "--archive", str(done[0]), "--simulated", "--scenario", "moon"]
    assert main(words) == 1
    what, remedy = capsys.readouterr().err.splitlines()
    assert f"{done[0]} is of scenario {small_scenario}, this run is of moon" in what
    assert "another folder with --archive" in remedy


def test_a_second_run_on_an_archive_says_one_thing(done: tuple[Path, Any]) -> None:
    with folder_lock(done[0], wait=False):
        process = run(done[0], "--simulated", "--port", str(free_port()))
    assert process.returncode == 1
    what, remedy = process.stderr.splitlines()
    assert f"issgaze: {done[0]}: another `issgaze run`, or the service, is at work" in what
    assert "another folder with --archive" in remedy


def test_a_simulated_archive_takes_no_real_run(done: tuple[Path, Any]) -> None:
    process = run(done[0], "--port", str(free_port()))
    assert process.returncode == 1
    assert "is a simulated archive, this run is real" in process.stderr
    assert "Give another folder with --archive" in process.stderr


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (["--speed", "max"], 2, "--speed needs --simulated"),
        (["--from", "2024-05-10T00:00:00Z"], 2, "--from needs --simulated"),
        (["--simulated", "--scenario", "cleer"], 1, "clear"),
        (["--simulated", "--speed", "0"], 2, "must be above 0"),
        (["--simulated", "--passes", "0"], 2, "must be at least 1"),
        (["--simulated", "--port", "99999"], 2, "99999"),
    ],
)
def test_every_mistake_has_an_answer(
    tmp_path: Path, words: list[str], status: int, message: str
) -> None:
    port = [] if "--port" in words else ["--port", str(free_port())]
    process = run(tmp_path / "archive", *words, *port)
    assert process.returncode == status
    assert message in process.stderr
    assert "Traceback" not in process.stderr


def test_a_wrong_scenario_is_named_before_anything_starts(tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text('start_utc = "2024-05-10T01:00:00Z"\n[station]\nelements_file = "gone.json"\n')
    for name, message in (
        ("cleer", "there is no scenario 'cleer', did you mean clear?"),
        (str(mine), "station.elements_file: "),
    ):
        process = run(tmp_path / "archive", "--simulated", "--scenario", name)
        assert process.returncode == 1
        first, second = process.stderr.strip().splitlines()
        assert message in first
        assert second
        assert not (tmp_path / "archive").exists()


def test_a_port_on_which_another_page_answers(done: tuple[Path, Any], tmp_path: Path) -> None:
    port = str(free_port())
    command = [sys.executable, "-m", "issgaze", "web", "--archive", str(done[0]), "--port", port]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as other:
        assert other.stderr is not None
        for line in other.stderr:
            if line.startswith("page on"):
                break
        process = run(tmp_path / "archive", "--simulated", "--port", port)
        other.terminate()
    assert process.returncode == 1
    assert f"the page does not answer at http://127.0.0.1:{port}/" in process.stderr
    assert "page on " not in process.stderr


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        process = run(tmp_path / "archive", "--simulated", "--port", str(port))
    assert process.returncode == 1
    assert "--port" in process.stderr
    assert "Traceback" not in process.stderr


def test_no_program_outlives_a_run_that_is_killed(tmp_path: Path, small_scenario: Path) -> None:
    command = [sys.executable, "-m", "issgaze", "run", "--archive", str(tmp_path / "archive")]
    words = ["--simulated", "--scenario", str(small_scenario), "--port", str(free_port())]
    with subprocess.Popen([*command, *words], stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("Waiting"):
                break
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        assert len(children) == 3
        watched = [os.pidfd_open(int(child)) for child in children]
        process.kill()
        for descriptor in watched:
            # ready when the process has ended
            assert select.select([descriptor], [], [], 60.0)[0]
            os.close(descriptor)


def test_a_folder_called_issgaze_is_not_taken_for_the_package(
    tmp_path: Path, small_scenario: Path
) -> None:
    (tmp_path / "issgaze").mkdir()
    command = [str(Path(sys.executable).with_name("issgaze")), "run", "--archive", "archive"]
    words = ["--simulated", "--scenario", str(small_scenario), "--port", str(free_port())]
    with subprocess.Popen(
        [*command, *words], cwd=tmp_path, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        seen = []
        for line in process.stderr:
            seen.append(line)
            if line.startswith("Waiting"):
                break
        process.terminate()
    assert seen[-1].startswith("Waiting"), seen
