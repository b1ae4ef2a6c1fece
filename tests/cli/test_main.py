import argparse
import json
import re
from pathlib import Path

import pytest

from issgaze.cli.main import COMMANDS, command_parser, main
from issgaze.cli.output import Output


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_with_an_example(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main([command, "--help"])
    assert left.value.code == 0
    text = capsys.readouterr().out
    assert f"Example:\n  issgaze {command}" in text
    assert "--json" in text


def actions() -> list[tuple[str, str]]:
    """Return every action that has a parser, and so a help, of its own."""
    found = []
    for command, parser in _choices(command_parser()).items():
        found += [(command, action) for action in _choices(parser)]
    return found


def _choices(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return {}


@pytest.mark.parametrize(("command", "action"), actions())
def test_every_action_explains_itself_with_an_example(
    command: str, action: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main([command, action, "--help"])
    assert left.value.code == 0
    text = capsys.readouterr().out
    assert re.search(rf"Example:\n  .*issgaze {command} {action}", text)


def test_every_option_says_what_it_is() -> None:
    for command, parser in _choices(command_parser()).items():
        for each in (parser, *_choices(parser).values()):
            dumb = [action.dest for action in each._actions if not action.help]
            assert not [dest for dest in dumb if dest not in {"command", "action"}], command


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    text = capsys.readouterr().out
    assert all(f"    {command}" in text for command in COMMANDS)


def test_wrong_usage_is_2_with_a_remedy(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ledger", "--no-such-option"]) == 2
    err = capsys.readouterr().err
    assert "--no-such-option" in err
    assert "`issgaze ledger --help`" in err


@pytest.mark.parametrize(
    ("words", "meant"),
    [(["pases"], "passes"), (["roof", "opn"], "open"), (["config", "chek"], "check")],
)
def test_an_unknown_command_is_2_with_what_was_meant(
    words: list[str], meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    message, remedy = capsys.readouterr().err.splitlines()
    assert words[-1] in message
    assert remedy.strip().startswith(f"Did you mean {meant}? See `issgaze")


def test_nothing_is_meant_by_what_is_near_to_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["xyzzy"]) == 2
    assert "Did you mean" not in capsys.readouterr().err


def test_errors_are_json_under_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status", "--archive", "/nonexistent", "--json"]) == 1
    out = capsys.readouterr()
    assert set(json.loads(out.out)["error"]) == {"message", "remedy"}
    assert out.err == ""


@pytest.mark.parametrize(
    "site", ["48", "north,east", "0,91,1,2", "0,181", "1,2,3,4", "0,nan", "1,2,99999"]
)
def test_impossible_sites_are_refused(site: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["passes", "--site", site]) == 2
    assert site.split(",")[-1] in capsys.readouterr().err


def test_simulation_options_need_a_simulation(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["observe", "--speed", "max"]) == 2
    assert "--speed needs --simulated" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("number", "remedy"),
    [(13, "member of the group issgaze"), (20, "a file where a folder should be"), (5, "dmesg")],
)
def test_what_the_system_refuses_is_one_line_and_a_remedy(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], number: int, remedy: str
) -> None:
    def refused(_arguments: object, _output: object) -> int:
        raise OSError(number, "So It Is", "/var/lib/issgaze/passes")

    monkeypatch.setattr("issgaze.cli.ledger.run", refused)
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    assert main(["ledger"]) == 1
    said = capsys.readouterr().err.splitlines()
    assert said[0] == "issgaze: /var/lib/issgaze/passes: so it is"
    assert remedy in said[1]
    # a service's journal wants the whole of it
    monkeypatch.setenv("NOTIFY_SOCKET", "/run/systemd/notify")
    with pytest.raises(OSError, match="So It Is"):
        main(["ledger"])


def test_a_reader_that_goes_away_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(_arguments: object, _output: object) -> int:
        raise BrokenPipeError

    monkeypatch.setattr("issgaze.cli.ledger.run", gone)
    monkeypatch.setattr("os.dup2", lambda *_: None)
    assert main(["ledger"]) == 0


def test_darks_and_roof_alone_show(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["darks", "--archive", str(tmp_path)]) == 0
    assert "No darks are kept." in capsys.readouterr().out
    assert main(["roof", "--archive", str(tmp_path)]) == 1
    assert "there is no roof controller" in capsys.readouterr().err


@pytest.mark.parametrize(("terminal", "said"), [(True, "\r\x1b[Kwork"), (False, "work\n")])
def test_a_stage_is_a_line_where_no_line_is_renewed(
    terminal: bool, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: terminal)
    Output(json=True).stage("work")
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", said)
