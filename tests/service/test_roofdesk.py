"""The roof's desk, what is noted of the roof during a pass, and flashing."""

import dataclasses
import json
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from issgaze.archive.layout import Archive
from issgaze.archive.lock import folder_lock
from issgaze.archive.requests import Requests
from issgaze.cli.main import main
from issgaze.errors import DeviceError
from issgaze.ports import RoofState
from issgaze.service import flashing
from issgaze.service.flashing import firmware_files, flash
from issgaze.service.roofdesk import roof_desk, roof_handlers
from issgaze.service.roofstatus import roof_status
from issgaze.service.roofwatch import RoofWatch
from issgaze.simulated.clock import SimulatedClock
from issgaze.simulated.roof import SimulatedRoof
from issgaze.simulated.scenario import FailureScenario, load_scenario

OPEN = RoofState(
    cover="open", rain=False, heater_duty=0.1, air_temperature_c=8.0, humidity_percent=80.0,
    sky_temperature_c=-20.0, faults=(), wet_s=0.0,
)  # fmt: skip


class Told:
    """A roof that says what it is told to say; None is silence."""

    def __init__(self, *states: RoofState | None) -> None:
        self._states = list(states)

    def state(self) -> RoofState:
        state = self._states.pop(0)
        if state is None:
            raise DeviceError("the roof controller is silent for 4 s", remedy="Check it.")
        return state


def news(*states: RoofState | None) -> list[tuple[str, dict[str, Any]]]:
    watch = RoofWatch(Told(*states))  # type: ignore[arg-type]
    return [event for _ in states[1:] for event in watch.look()]


def but(**more: Any) -> RoofState:
    return dataclasses.replace(OPEN, **more)


def test_a_quiet_roof_is_no_news() -> None:
    assert news(OPEN, OPEN, OPEN) == []
    assert list(RoofWatch(None).look()) == []


def test_rain_in_mid_pass_is_told_with_what_it_did() -> None:
    rain = but(rain=True, cover="closed", wet_s=120.0)
    assert news(OPEN, rain, rain) == [
        ("rain", {}),
        ("cover_shut", {"cover": "closed", "cause": "rain"}),
    ]


def test_a_fault_is_told_once() -> None:
    stuck = but(cover="moving", faults=("stuck",))
    assert news(OPEN, stuck, stuck) == [
        ("roof_fault", {"fault": "stuck"}),
        ("cover_shut", {"cover": "moving", "cause": "stuck"}),
    ]


def test_a_silent_controller_means_a_shut_cover() -> None:
    closed = but(cover="closed")
    assert news(OPEN, None, None, closed) == [
        ("roof_silent", {"message": "the roof controller is silent for 4 s", "cover": "closed"}),
        ("roof_heard", {"cover": "closed"}),
    ]


@pytest.fixture
def roof() -> SimulatedRoof:
    scenario = load_scenario("clear")
    return SimulatedRoof(scenario, SimulatedClock(scenario.start_utc))


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    found = Archive(tmp_path)
    found.claim(simulated=True)
    return found


@pytest.fixture
def observed(archive: Archive, roof: SimulatedRoof) -> Iterator[Archive]:
    """An archive whose observer runs: it holds the lock and has its desk open."""
    with folder_lock(archive.root, wait=False), roof_desk(roof, archive.run, log=print):
        yield archive


def ask(archive: Archive, kind: str, **facts: Any) -> dict[str, Any]:
    requests = Requests(archive.run)
    return requests.wait(requests.ask(kind, **facts), timeout_s=5.0)


def test_requests_are_answered(observed: Archive, roof: SimulatedRoof) -> None:
    assert ask(observed, "roof.status")["roof"]["cover"] == "closed"
    assert ask(observed, "roof.open")["roof"]["cover"] == "open"
    assert roof.cover == "open"
    assert ask(observed, "roof.heater", duty=0.5, seconds=60)["roof"]["heater_by"] == "hand"
    assert ask(observed, "roof.close")["done"] is True
    assert ask(observed, "roof.hold", seconds=60)["message"] == "done"
    refused = ask(observed, "roof.power")
    assert (refused["done"], refused["message"]) == (False, "a simulated roof knows no power")


@pytest.mark.parametrize("duty", ["much", 1.5, True, [1], "nan"])
def test_a_request_that_makes_no_sense_is_refused(observed: Archive, duty: Any) -> None:
    answer = ask(observed, "roof.heater", duty=duty)
    assert answer["done"] is False
    assert "limits 0 to 1" in answer["message"]


def test_without_a_roof_it_says_what_to_set() -> None:
    with pytest.raises(DeviceError, match="there is no roof controller") as caught:
        roof_handlers(None)["roof.status"]({})
    assert "config set roof.controller" in caught.value.remedy


def test_the_command_goes_through_the_observer(
    observed: Archive, roof: SimulatedRoof, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--archive", str(observed.root)]
    assert main(["roof", "open", *words, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["action"], document["roof"]["cover"]) == ("open", "open")
    assert roof.cover == "open"
    assert main(["roof", "status", *words]) == 0
    out = capsys.readouterr().out
    assert "Cover     open" in out
    assert "Rain      dry" in out
    assert main(["roof", "heater", "0.5", "--minutes", "2", *words]) == 0
    assert "50 %, by hand" in capsys.readouterr().out
    assert main(["roof", "heater", "auto", *words]) == 0
    assert "by dew" in capsys.readouterr().out
    assert main(["roof", "power", *words]) == 1
    assert "a simulated roof knows no power" in capsys.readouterr().err


def test_it_refuses_in_the_rain(archive: Archive, capsys: pytest.CaptureFixture[str]) -> None:
    rain = FailureScenario(what="rain", start_s=0.0, lasts_s=1e6, amount=0.0)
    wet = dataclasses.replace(load_scenario("clear"), failures=(rain,))
    roof = SimulatedRoof(wet, SimulatedClock(wet.start_utc))
    with folder_lock(archive.root, wait=False), roof_desk(roof, archive.run, log=print):
        assert main(["roof", "open", "--archive", str(archive.root)]) == 1
    error = capsys.readouterr().err
    assert "the cover stays closed: it rains\n         Nothing to do" in error


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["heater"], "`issgaze roof heater` needs a DUTY"),
        (["open", "0.5"], "`issgaze roof open` takes no DUTY"),
        (["heater", "2"], "DUTY 2, limits 0 to 1, or auto"),
        (["heater", "warm"], "DUTY warm, limits 0 to 1, or auto"),
        (["dance"], "dance"),
    ],
)
def test_wrong_usage(words: list[str], text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["roof", *words, "--archive", "/nonexistent"]) == 2
    assert text in capsys.readouterr().err


def test_without_an_observer_it_takes_the_device_itself(
    archive: Archive, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "issgaze.toml"
    config.write_text("")
    words = ["-c", str(config), "--archive", str(archive.root)]
    assert main(["roof", "status", *words]) == 1
    assert "there is no roof controller: roof.controller is none" in capsys.readouterr().err
    config.write_text('[roof]\ncontroller = "gpio"')
    assert main(["roof", "status", *words]) == 1
    assert "issgaze-observe does not run" in capsys.readouterr().err


def test_the_desk_leaves_no_thread(archive: Archive, roof: SimulatedRoof) -> None:
    before = threading.active_count()
    with roof_desk(roof, archive.run, log=print):
        assert threading.active_count() == before + 1
    assert threading.active_count() == before


# flashing


@pytest.fixture
def mpremote(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program of that name, which writes down how it was called."""
    program = tmp_path / "bin" / "mpremote"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\necho "$@" > "$(dirname "$0")/called"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    return program


def test_every_file_goes_over_and_the_program_last(mpremote: Path, tmp_path: Path) -> None:
    port = tmp_path / "port"
    port.touch()
    files = firmware_files()
    flash(files, str(port), log=lambda _: None)
    called = (mpremote.parent / "called").read_text().split()
    assert called[:4] == ["connect", str(port), "fs", "cp"]
    assert called[-3:] == [":", "+", "reset"]
    names = [Path(word).name for word in called[4:-3]]
    assert names[-1] == "main.py"
    assert {"controller.py", "roofwire.py", "board.py", "pins.py"} < set(names)
    assert all(Path(word).is_file() for word in called[4:-3])


def test_a_copy_that_fails_says_why(mpremote: Path, tmp_path: Path) -> None:
    (tmp_path / "port").touch()
    mpremote.write_text("#!/bin/sh\necho could not enter raw repl >&2; exit 1\n")
    with pytest.raises(DeviceError, match="mpremote failed: could not enter raw repl"):
        flash(firmware_files(), str(tmp_path / "port"), log=lambda _: None)


def test_a_port_that_does_not_come_is_told(mpremote: Path, tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match="no such port after 0 s"):
        flash(firmware_files(), str(tmp_path / "port"), log=lambda _: None, port_s=0.0)


def test_without_mpremote_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DeviceError, match="mpremote is not installed"):
        flash([], "/dev/null", log=lambda _: None)


def test_a_copy_that_takes_for_ever_is_given_up(mpremote: Path, tmp_path: Path) -> None:
    def slow(*words: Any, **more: Any) -> Any:
        raise subprocess.TimeoutExpired("mpremote", 120)

    (tmp_path / "port").touch()
    with pytest.raises(DeviceError, match="writing took longer than 120 s"):
        flash(firmware_files(), str(tmp_path / "port"), log=lambda _: None, run=slow)


def test_firmware_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match="no firmware in") as caught:
        firmware_files(tmp_path)
    assert "make firmware" in caught.value.remedy
    assert flashing.firmware_files()


def test_the_command_flashes_a_fresh_controller(
    mpremote: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "port").touch()
    words = ["roof", "flash", "--port", str(tmp_path / "port"), "--archive", str(tmp_path / "a")]
    assert main([*words, "--json"]) == 0
    assert "main.py" in json.loads(capsys.readouterr().out)["files"]


def test_the_status_says_what_the_roof_says(roof: SimulatedRoof) -> None:
    status = roof_status(roof)
    assert status is not None
    assert status["cover"] == "closed"
    assert status["rain"] is False
    assert 0.0 <= status["cloud_fraction"] <= 1.0
    json.dumps(status)
    assert roof_status(None) is None
    silent = roof_status(Told(None))  # type: ignore[arg-type]
    assert silent == {"cover": "closed", "silent": "the roof controller is silent for 4 s"}
