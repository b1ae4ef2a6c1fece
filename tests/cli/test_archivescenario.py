"""Which scenario a simulated archive is of."""

from argparse import Namespace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from issgaze.archive.layout import Archive
from issgaze.cli.archivescenario import keep_scenario, scenario_named
from issgaze.errors import ScenarioError


def asked(scenario: str | None, start: datetime | None = None) -> Namespace:
    return Namespace(scenario=scenario, start=start)


def test_without_a_name_the_archives_own_goes_on(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    assert scenario_named(asked(None), archive) == "clear"
    keep_scenario(archive, "moon")
    assert scenario_named(asked(None), archive) == "moon"
    assert scenario_named(asked("moon"), archive) == "moon"


def test_another_one_is_refused_unless_the_clock_is_set(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    keep_scenario(archive, "clear")
    with pytest.raises(ScenarioError, match="is of scenario clear, this run is of moon") as caught:
        scenario_named(asked("moon"), archive)
    assert "--archive" in caught.value.remedy
    assert "--from UTC" in caught.value.remedy
    start = datetime(2024, 5, 20, 21, tzinfo=UTC)
    assert scenario_named(asked("moon", start), archive) == "moon"


def test_a_file_is_the_same_from_wherever_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.toml").write_text("")
    archive = Archive(tmp_path)
    monkeypatch.chdir(tmp_path)
    keep_scenario(archive, scenario_named(asked("mine.toml"), archive))
    monkeypatch.chdir("/")
    assert scenario_named(asked(str(tmp_path / "mine.toml")), archive)
    assert scenario_named(asked(None), archive) == str(tmp_path / "mine.toml")
