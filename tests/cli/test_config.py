import json
import tomllib
from pathlib import Path

import pytest

from issgaze.cli.configtext import config_page, example_file
from issgaze.cli.main import main
from issgaze.config import Settings, parse_settings

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


def test_a_new_file_is_made_where_it_was_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "new.toml"
    assert main(["-c", str(path), "config", "set", "site.name", "Attic"]) == 1
    assert "no such configuration file" in capsys.readouterr().err
