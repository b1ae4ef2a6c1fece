"""Time zones as people write them."""

from pathlib import Path

import pytest

from issgaze.cli.main import main
from issgaze.cli.setupreading import read_zone
from issgaze.cli.zonemeant import zone_meant


@pytest.mark.parametrize(
    ("typed", "zone"),
    [
        ("europe/vienna", "Europe/Vienna"),
        ("Europe/Wien", "Europe/Vienna"),
        ("Wien", "Europe/Vienna"),
        ("Europe/Viena", "Europe/Vienna"),
        ("America/New York", "America/New_York"),
        ("utc", "UTC"),
        ("Graz", "Europe/Vienna"),
        ("Europe/Zürich", "Europe/Zurich"),
        ("xyzzy", ""),
        ("", ""),
    ],
)
def test_the_zone_that_a_name_means(typed: str, zone: str) -> None:
    assert zone_meant(typed) == zone


def test_config_set_and_setup_name_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "issgaze.toml"
    assert main(["-c", str(file), "config", "set", "site.time_zone", "Europe/Wien"]) != 0
    assert "Did you mean Europe/Vienna?" in capsys.readouterr().err
    with pytest.raises(ValueError, match="Did you mean Europe/Vienna"):
        read_zone("europe/vienna", {})
    assert main(["-c", str(file), "config", "set", "site.time_zone", "Europe/Vienna"]) == 0
