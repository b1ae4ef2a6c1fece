"""`issgaze status`: in words, for people and for dumb terminals."""

from pathlib import Path
from typing import Any

import pytest

from issgaze.archive.layout import Archive
from issgaze.archive.status import write_status
from issgaze.civil import parse_utc
from issgaze.cli import status as command
from issgaze.cli.main import main
from issgaze.cli.statuslines import status_lines

NOW = parse_utc("2026-11-25T18:00:02Z")
STATUS: dict[str, Any] = {
    "utc": "2026-11-25T18:00:00.000Z",
    "state": "waiting",
    "sentence": "Waiting for the pass at 20:03.",
    "site": {"time_zone": "Europe/Vienna"},
    "clock": {"trust": "trusted", "bound_s": 0.012},
    "elements": [{"name": "ISS", "age_days": 0.5}],
    "next_pass": {
        "rise": {"utc": "2026-11-25T19:03:10Z"},
        "culmination": {"utc": "2026-11-25T19:06:00Z", "altitude_deg": 52.3, "azimuth_deg": 268.0},
    },
    "disk": {"free_gb": 12.34, "total_gb": 29.0},
    "health": {
        "board_temperature_c": 48.2,
        "throttled_now": [],
        "memory": {"total_mb": 430.0, "available_mb": 230.0},
        "disk": {"written_per_night_gb": 1.4, "life_years": 9.0},
        "dew_margin_c": 3.3,
        "complaints": [],
    },
}


def test_a_sound_device_in_words() -> None:
    assert status_lines(STATUS, now=NOW) == [
        "Waiting for the pass at 20:03.",
        "Next      Wed 25 Nov 20:03:10 +0100, 52° high in the W, in 1 h 03 min",
        "Clock     trusted, good to 12 ms",
        "Elements  ISS, 12 h old",
        "Board     48 °C, 230 of 430 MB to be had, voltage good",
        "Disk      12.3 GB free, 1.4 GB written a night, a cheap card lasts 9 years so",
        "Dew       3.3 °C away",
    ]


@pytest.mark.parametrize(
    ("roof", "line"),
    [
        (None, None),
        ({"cover": "closed", "rain": False, "heater_duty": 0.35, "faults": []},
         "Roof      cover closed, dry, heater at 35 %"),
        ({"cover": "open", "rain": True, "heater_duty": None, "faults": ["supply"]},
         "Roof      cover open, rain, faults: supply"),
        ({"cover": "closed", "silent": "the roof controller is silent for 9 s"},
         "Roof      the roof controller is silent for 9 s"),
    ],
)  # fmt: skip
def test_the_roof_has_its_line(roof: dict[str, Any] | None, line: str | None) -> None:
    found = [each for each in status_lines(STATUS | {"roof": roof}, now=NOW) if "Roof" in each]
    assert found == ([line] if line else [])


def test_what_ails_comes_last_with_its_remedy() -> None:
    ill = STATUS | {
        "configuration": {"right": False, "complaint": "camera.mode is wrong"},
        "health": STATUS["health"]
        | {"complaints": [{"message": "The disk has counted 3 errors", "remedy": "Save it."}]},
    }
    lines = status_lines(ill, now=parse_utc("2026-11-25T18:01:00Z"))
    assert lines[-6:] == [
        "! camera.mode is wrong",
        "  The last good configuration holds; `issgaze config edit` mends the file.",
        "! The disk has counted 3 errors",
        "  Save it.",
        "! That was 60 s ago: observe does not run any more",
        "  `sudo systemctl status issgaze-observe` says why.",
    ]


def test_a_run_by_hand_that_died_is_started_by_hand() -> None:
    lines = status_lines(STATUS | {"by_hand": True}, now=parse_utc("2026-11-25T18:01:00Z"))
    assert lines[-1] == "  Start it again: `issgaze run`, or `issgaze observe`."


@pytest.mark.parametrize("key", sorted(STATUS))
def test_anything_may_be_missing(key: str) -> None:
    less = {name: value for name, value in STATUS.items() if name != key}
    assert status_lines(less, now=NOW)
    assert status_lines({}, now=NOW) == [""]


def test_a_capture_is_followed() -> None:
    capture = {"phase": "lights", "done": 12, "planned": 40, "exposure_s": 8.0,
               "dead_time_s": 0.00063}  # fmt: skip
    lines = status_lines(STATUS | {"capture": capture}, now=NOW)
    assert lines[1] == "Capture   light 12 of 40, 8.0 s each, 0.6 ms apart"


def test_watching_a_dumb_terminal_prints_what_is_new_and_ends_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    archive = Archive(tmp_path)
    write_status(archive.run, STATUS | {"simulated": True})
    rounds: list[int] = []

    class Pause:
        def wait(self, _seconds: float) -> None:
            rounds.append(1)
            if len(rounds) == 2:
                write_status(
                    archive.run, STATUS | {"simulated": True, "sentence": "Photographing."}
                )
            if len(rounds) == 4:
                raise KeyboardInterrupt

    monkeypatch.setattr(command.threading, "Event", Pause)
    assert main(["status", "--watch", "--archive", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "\x1b" not in said
    assert said.count("Clock ") == 1
    assert said.rstrip().endswith("Photographing.")


def test_watching_before_the_first_report_says_that_it_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Pause:
        def wait(self, _seconds: float) -> None:
            raise KeyboardInterrupt

    monkeypatch.setattr(command.threading, "Event", Pause)
    assert main(["status", "--watch", "--archive", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "no status, nothing has run here" in said
    assert said.endswith("Waiting for a report; Ctrl-C ends.\n")


def test_a_folder_that_is_not_there_is_not_watched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Pause:
        def wait(self, _seconds: float) -> None:
            raise KeyboardInterrupt

    monkeypatch.setattr(command.threading, "Event", Pause)
    assert main(["status", "--watch", "--archive", str(tmp_path / "nowhere")]) == 1
    assert "nowhere: no such folder" in capsys.readouterr().err
