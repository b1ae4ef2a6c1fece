import io
import json
import threading
import time
import tomllib
from pathlib import Path

import pytest

from issgaze.archive.requests import Requests
from issgaze.archive.status import write_status
from issgaze.civil import format_utc, from_unix
from issgaze.cli.configtext import config_page, example_file
from issgaze.cli.main import main
from issgaze.config import Settings, parse_settings
from issgaze.service.desk import Desk

_ROOT = Path(__file__).parents[2]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "issgaze.toml"
    path.write_text('# my roof\n[site]\nname = "Roof"  # the one over the kitchen\n')
    return path


def test_the_written_pages_are_those_of_the_code() -> None:
    assert (_ROOT / "issgaze.example.toml").read_text() == example_file(), "run make docs"
    assert (_ROOT / "docs" / "config.md").read_text() == config_page(), "run make docs"


def test_the_example_is_right_as_it_stands_and_with_every_line_switched_on() -> None:
    assert parse_settings(example_file(), name="example") == Settings()
    switched_on = [
        line.removeprefix("# ") if " = " in line and "`" not in line else line
        for line in example_file().splitlines()
    ]
    settings = parse_settings("\n".join(switched_on), name="example")
    assert settings.passes == Settings().passes
    assert settings.site.latitude_deg == 48.2082


def test_check_says_which_file_is_right(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text("[site]\nlatitude_deg = 48.2\nlongitude_deg = 16.3\n")
    assert main(["-c", str(file), "config", "check"]) == 0
    assert capsys.readouterr().out == f"{file}: right.\n"
    assert main(["-c", str(file), "config", "check", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document == {"ok": True, "file": str(file), "missing": None, "notes": []}


def test_check_without_a_file_says_where_it_looked_and_what_is_to_be_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ISSGAZE_CONFIG", raising=False)
    monkeypatch.setattr(
        "issgaze.config.USUAL_CONFIGS", usual := (Path("issgaze.toml"), tmp_path / "etc.toml")
    )
    monkeypatch.setattr("issgaze.cli.config.USUAL_CONFIGS", usual)
    assert main(["config", "check"]) == 0, "every setting but the site has a default"
    first, second = capsys.readouterr().out.splitlines()
    assert first == (
        f"No configuration file at {tmp_path}/issgaze.toml nor at {tmp_path}/etc.toml: "
        "the defaults hold."
    )
    assert second.startswith("Before the roof can work: the site is not known")
    assert "issgaze setup" in second
    assert main(["config", "check", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["ok"], document["file"]) == (True, None)
    assert "latitude_deg" in document["missing"]


def test_setting_a_value_keeps_comments(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["-c", str(file), "config", "set", "site.latitude_deg", "-33.9"]) == 0
    text = file.read_text()
    assert "# my roof" in text
    assert "# the one over the kitchen" in text
    assert tomllib.loads(text)["site"] == {"name": "Roof", "latitude_deg": -33.9}
    assert main(["config", "get", "site.latitude_deg", "-c", str(file)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "-33.9"


def test_a_wrong_value_is_refused_and_the_file_stays(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = file.read_bytes()
    assert main(["-c", str(file), "config", "set", "site.latitude_deg", "99"]) == 1
    assert "must lie in -90 to 90" in capsys.readouterr().err
    assert file.read_bytes() == before


def test_an_unknown_key_gets_its_nearest_match(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["-c", str(file), "config", "set", "site.latitude", "48"]) == 1
    assert "Did you mean site.latitude_deg?" in capsys.readouterr().err


def test_show_and_diff_as_json(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["-c", str(file), "config", "diff", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"site.name": "Roof"}
    assert main(["-c", str(file), "config", "show", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["page.port"] == 8080


def editor(folder: Path, script: str) -> str:
    path = folder / "editor.sh"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


def test_editing_takes_a_right_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "issgaze.toml"
    path.write_text("# mine\n[site]\nheight_m = 1.0\n")
    monkeypatch.setenv("VISUAL", editor(tmp_path, "sed -i s/1.0/190.0/ $1"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert main(["-c", str(path), "config", "edit"]) == 0
    assert path.read_text() == "# mine\n[site]\nheight_m = 190.0\n"
    assert "right, and taken" in capsys.readouterr().out


def test_editing_refuses_a_wrong_file_with_every_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "issgaze.toml"
    path.write_text("[site]\nheight_m = 1.0\n")
    monkeypatch.setenv("VISUAL", editor(tmp_path, "printf '[sight]\\n[camera]\\nmode=1\\n' > $1"))
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert main(["-c", str(path), "config", "edit"]) == 1
    said = capsys.readouterr().err
    assert "did you mean site" in said
    assert "camera.mode" in said
    assert "the file stays as it was\n         Correct that in the file" in said
    assert len(said.splitlines()) == 2
    assert path.read_text() == "[site]\nheight_m = 1.0\n"


def test_an_editor_that_fails_or_is_not_there_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "issgaze.toml"
    path.write_text("[site]\n")
    for wanted, said in ((editor(tmp_path, "exit 3"), "status 3"), ("noeditor", "no editor")):
        monkeypatch.setenv("VISUAL", wanted)
        assert main(["-c", str(path), "config", "edit"]) == 1
        assert said in capsys.readouterr().err
    monkeypatch.setenv("VISUAL", "true")
    assert main(["-c", str(path), "config", "edit"]) == 0
    assert "Nothing has changed" in capsys.readouterr().out


def test_a_running_device_is_told_of_a_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "issgaze.toml"
    path.write_text(f"[archive]\npath = '{tmp_path / 'archive'}'\n")
    run = tmp_path / "archive" / "run"
    write_status(run, {"utc": format_utc(from_unix(time.time())), "state": "waiting"})
    told: list[str] = []

    def observe() -> None:
        desk = Desk(Requests(run), {"reload": lambda _: told.append("x") or "taken now"})
        for _ in range(100):
            desk.look()
            if told:
                return
            threading.Event().wait(0.05)

    worker = threading.Thread(target=observe)
    worker.start()
    assert main(["-c", str(path), "config", "set", "site.height_m", "190"]) == 0
    worker.join()
    assert "observe: taken now" in capsys.readouterr().out


def test_diff_shows_what_differs_and_from_what(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "issgaze.toml"
    path.write_text("[camera]\nmode = 'binned'\n")
    assert main(["-c", str(path), "config", "diff"]) == 0
    assert capsys.readouterr().out == 'camera.mode = "binned"   # "full"\n'


def test_a_value_may_mend_a_wrong_file(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text('[camera]\nmode = "bined"\n')
    assert main(["-c", str(file), "config", "set", "camera.focal_mm", "3"]) == 1
    assert "did you mean binned" in capsys.readouterr().err
    assert main(["-c", str(file), "config", "set", "camera.mode", "binned"]) == 0
    assert file.read_text() == '[camera]\nmode = "binned"\n'


@pytest.mark.parametrize("text", ["[camera\n", "camera = 3\n", "\x00"])
def test_a_file_that_is_no_toml_stays_and_is_named(
    file: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    file.write_text(text)
    assert main(["-c", str(file), "config", "set", "camera.mode", "binned"]) == 1
    assert f"`issgaze -c {file} config edit`" in capsys.readouterr().err
    assert file.read_text() == text


def test_set_makes_the_file_that_was_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ISSGAZE_CONFIG", str(tmp_path / "by-environment.toml"))
    assert main(["config", "set", "site.name", "Roof"]) == 0
    assert "by-environment.toml is made" in capsys.readouterr().out
    assert main(["config", "set", "-c", str(tmp_path / "new.toml"), "site.name", "Attic"]) == 0
    for name, site in (("by-environment", "Roof"), ("new", "Attic")):
        text = (tmp_path / f"{name}.toml").read_text()
        assert parse_settings(text, name=name).site.name == site
        assert "# Latitude, north positive" in text


def test_a_folder_that_is_a_file_is_no_fault_of_the_disk(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["config", "set", "-c", str(file / "x.toml"), "site.name", "A"]) == 1
    err = capsys.readouterr().err
    assert f"{file} is a file, no folder" in err
    assert "dmesg" not in err


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("site.foo", "[site] has name, latitude_deg"),
        ("site.latitud", "Did you mean site.latitude_deg?"),
        ("sitee.name", "Did you mean site.name?"),
        ("foo", "See `issgaze config show`."),
    ],
)
def test_a_setting_that_is_not_there_gets_a_true_hint(
    capsys: pytest.CaptureFixture[str], key: str, said: str
) -> None:
    assert main(["config", "get", key]) == 1
    assert said in capsys.readouterr().err


def test_a_new_port_of_the_page_is_said_to_be_followed(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["-c", str(file), "config", "set", "page.port", "8081"]) == 0
    assert "a page that runs moves there" in capsys.readouterr().out


@pytest.mark.parametrize("editor", ['"', "   ", "rm -f", "truncate -s 0", "chmod 000 /nowhere"])
def test_no_editor_is_so_broken_that_the_file_suffers(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], editor: str
) -> None:
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", editor)
    # an empty name means whichever editor there is: here, none
    monkeypatch.setenv("PATH", "/usr/bin:/bin" if editor.strip() else "/nowhere")
    before = file.read_text()
    assert main(["-c", str(file), "config", "edit"]) == 1
    assert "EDITOR" in capsys.readouterr().err
    assert file.read_text() == before


@pytest.mark.parametrize("words", [("set", "site.name", "A"), ("edit",)])
def test_a_file_that_one_may_not_read_is_told_in_words(
    file: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
) -> None:
    def forbidden(path: Path, **_: object) -> str:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_text", forbidden)
    assert main(["-c", str(file), "config", *words]) == 1
    err = capsys.readouterr().err
    assert f"{file}: permission denied" in err
    assert "from the next login on" in err


def test_a_new_key_takes_the_place_of_the_one_commented_out(tmp_path: Path) -> None:
    path = tmp_path / "issgaze.toml"
    path.write_text(example_file())
    assert main(["-c", str(path), "config", "set", "site.latitude_deg", "-33.5"]) == 0
    assert main(["-c", str(path), "config", "set", "page.port", "8081"]) == 0
    before, after = example_file().splitlines(), path.read_text().splitlines()
    changed = [pair for pair in zip(before, after, strict=True) if pair[0] != pair[1]]
    assert changed == [
        ("# latitude_deg = 48.2082", "latitude_deg = -33.5"),
        ("# port = 8080", "port = 8081"),
    ]


def test_a_new_key_stays_clear_of_the_next_section_and_of_what_the_owner_wrote(
    tmp_path: Path,
) -> None:
    path = tmp_path / "issgaze.toml"
    path.write_text(
        '[site]\nname = "x"\n# height_m = 7.0, said the map\n\n'
        "# what others see\n[page]\nport = 1\n"
    )
    assert main(["-c", str(path), "config", "set", "site.latitude_deg", "48.0"]) == 0
    assert main(["-c", str(path), "config", "set", "site.height_m", "9.0"]) == 0
    assert path.read_text().startswith(
        '[site]\nname = "x"\n# height_m = 7.0, said the map\nheight_m = 9.0\n'
        "latitude_deg = 48.0\n\n# what others see\n[page]\nport = 1\n"
    )


def test_a_text_that_looks_like_a_section_is_none(tmp_path: Path) -> None:
    path = tmp_path / "issgaze.toml"
    path.write_text('[site]\nname = """\n[page]\n# """\n[page]\nport = 8080\n')
    assert main(["-c", str(path), "config", "set", "site.height_m", "9.0"]) == 0
    assert tomllib.loads(path.read_text())["site"] == {"name": "[page]\n# ", "height_m": 9.0}


@pytest.mark.parametrize("mode", [0o644, 0o600])
def test_the_file_stays_as_readable_as_it_was(file: Path, mode: int) -> None:
    file.chmod(mode)
    assert main(["-c", str(file), "config", "set", "site.height_m", "9.0"]) == 0
    assert file.stat().st_mode & 0o7777 == mode


@pytest.mark.parametrize("unset", ["latitude_deg", "longitude_deg"])
def test_check_names_what_is_missing_and_nothing_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], unset: str
) -> None:
    given = "longitude_deg" if unset == "latitude_deg" else "latitude_deg"
    path = tmp_path / "issgaze.toml"
    path.write_text(f"[site]\n{given} = 10.0\n")
    assert main(["-c", str(path), "config", "check"]) == 0
    said = capsys.readouterr().out.splitlines()[-1]
    assert f"the site is not known: {unset} is not set." in said
    assert given not in said


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("", "Give another value."),
        ("[site]\nheight_m = 9.0\n", "Give another value."),
        ("[site]\nheigt_m = 9.0\n", "The file was wrong before: `issgaze -c FILE config edit`"),
    ],
)
def test_a_refused_value_says_that_nothing_was_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, remedy: str
) -> None:
    path = tmp_path / "issgaze.toml"
    if text:
        path.write_text(text)
    assert main(["-c", str(path), "config", "set", "site.latitude_deg", "95"]) == 1
    said = capsys.readouterr().err
    assert "must lie in -90 to 90" in said
    assert "; nothing was written\n" in said
    assert remedy.replace("FILE", str(path)) in said
    assert "config check" not in said
    assert (path.read_text() if path.exists() else "") == text


def test_a_byte_order_mark_hinders_no_change(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert main(["-c", str(file), "config", "set", "site.height_m", "9.0"]) == 0
    assert tomllib.loads(file.read_text(encoding="utf-8"))["site"]["height_m"] == 9.0


def test_a_broken_line_is_named_before_a_value_is_set(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text("[site]\nheight_m = 9,5\n")
    assert main(["-c", str(file), "config", "set", "site.name", "A"]) == 1
    said = capsys.readouterr().err
    assert "line 2: a number has a point, no comma: height_m = 9,5" in said
    assert f"Write height_m = 9.5 there. `issgaze -c {file} config edit` opens it." in said


_SENSELESS = '[page]\nhost = "http://x"\n'


def test_check_fails_for_what_cannot_work(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(_SENSELESS)
    assert main(["-c", str(file), "config", "check"]) == 1
    assert f"{file}: page.host = 'http://x' is a web address" in capsys.readouterr().err


def test_check_says_what_may_be_meant_otherwise(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text('[camera]\nlens_file = "/nowhere/lens.json"\n')
    assert main(["-c", str(file), "config", "check"]) == 0
    note = "camera.lens_file = '/nowhere/lens.json': nothing is there now."
    assert f"To think of: {note}\n" in capsys.readouterr().out
    assert main(["-c", str(file), "config", "check", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["notes"] == [note]


def test_a_value_that_cannot_work_is_not_set(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = file.read_text()
    assert main(["-c", str(file), "config", "set", "page.host", "http://x"]) == 1
    assert "a host alone is needed: x; nothing was written" in capsys.readouterr().err
    assert file.read_text() == before


def test_what_could_not_work_before_hinders_no_other_change(file: Path) -> None:
    file.write_text(_SENSELESS)
    assert main(["-c", str(file), "config", "set", "page.port", "8099"]) == 0
    assert main(["-c", str(file), "config", "set", "page.host", "0.0.0.0"]) == 0
    assert main(["-c", str(file), "config", "check"]) == 0


def test_editing_takes_nothing_that_cannot_work(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(_SENSELESS)
    monkeypatch.setenv("VISUAL", editor(file.parent, "echo 'port = 8099' >> $1"))
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert main(["-c", str(file), "config", "edit"]) == 1
    assert "a host alone is needed" in capsys.readouterr().err
    assert file.read_text() == _SENSELESS


def test_the_usual_file_needs_no_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ISSGAZE_CONFIG", raising=False)
    Path("issgaze.toml").write_text("[site]\nheight_m = 99999\n")
    assert main(["config", "check"]) == 1
    said = (
        "Correct that in the file: `issgaze config edit` opens it, and takes it once it is right."
    )
    assert said in capsys.readouterr().err
