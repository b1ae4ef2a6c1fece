"""Headers that say something else than the command line."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from issgaze.archive.fits import write_raw
from issgaze.cli.arguments import utc_argument
from issgaze.cli.contradictions import off_the_clock
from issgaze.cli.main import main
from issgaze.imaging.frame import Frame, FrameInfo
from issgaze.sky.site import Site

_START = datetime(2024, 5, 10, 1, 0, tzinfo=UTC)


@pytest.fixture
def frame(tmp_path: Path) -> Path:
    info = FrameInfo(start_utc=_START, exposure_s=10.0)
    dark = np.full((64, 64), 256, dtype=np.uint16)
    path = tmp_path / "frame.fits"
    site = Site(latitude_deg=49.02, longitude_deg=13.23)
    write_raw(path, Frame(mosaic=dark, info=info), site=site, durable=False)
    return path


@pytest.mark.parametrize(
    ("away_s", "said"),
    [
        (3.0, "3 s later"),
        (-90.0, "90 s earlier"),
        (3600.0, "1.00 h later"),
        (-7200.0, "2.00 h earlier"),
        (366.0 * 86400.0, "366.0 days later"),
    ],
)
def test_a_time_that_contradicts_the_header_is_said(frame: Path, away_s: float, said: str) -> None:
    (note,) = off_the_clock(_START + timedelta(seconds=away_s), frame, "--utc")
    assert f"is {said} than 2024-05-10T01:00:00Z in the header of frame.fits" in note
    assert "--utc is used." in note


@pytest.mark.parametrize(
    ("away_s", "written", "turn"),
    [
        (7200.0, "2024-05-10T03:00:00+02:00", "30°"),
        (-18000.0, "2024-05-09T20:00:00-05:00", "75°"),
        (19800.0, "2024-05-10T06:30:00+05:30", "82°"),
        (3640.0, "2024-05-10T02:00:40+01:00", "15°"),
    ],
)
def test_whole_hours_away_may_be_local_time(
    frame: Path, away_s: float, written: str, turn: str
) -> None:
    (note,) = off_the_clock(_START + timedelta(seconds=away_s), frame, "--utc")
    assert f"Is that local time? The sky turns by {turn} in between" in note
    assert f"write --utc {written}, or leave it out." in note
    # what is proposed agrees with the header, but for the seconds that were off before
    assert abs((utc_argument(written) - _START).total_seconds()) < 60.0


@pytest.mark.parametrize("away_s", [30.0, 2400.0, 15.0 * 3600.0, 366.0 * 86400.0])
def test_other_differences_are_no_time_zone(frame: Path, away_s: float) -> None:
    (note,) = off_the_clock(_START + timedelta(seconds=away_s), frame, "--utc")
    assert note.endswith("--utc is used.")


def test_a_time_that_the_header_bears_out_or_does_not_know_is_no_news(
    frame: Path, tmp_path: Path
) -> None:
    assert off_the_clock(_START + timedelta(seconds=1.5), frame, "--utc") == []
    assert off_the_clock(None, frame, "--utc") == []
    from PIL import Image

    Image.new("L", (40, 30)).save(tmp_path / "picture.png")
    assert off_the_clock(_START, tmp_path / "picture.png", "--utc") == []


def test_calibrate_says_which_time_and_place_it_uses(
    frame: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["calibrate", str(frame), "--utc", "2024-05-10T03:00:00Z", "--site", "48.2,16.4"]
    assert main(words) == 0
    said = capsys.readouterr().err
    assert "--utc 2024-05-10T03:00:00Z is 2.00 h later than 2024-05-10T01:00:00Z" in said
    assert "km from the place in the frames' headers" in said
    assert main([*words[:2]]) == 0
    assert "header" not in capsys.readouterr().err


def test_stack_says_which_time_it_uses(
    frame: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["stack", str(frame), "--out", str(tmp_path / "out"), "--start", "2024-05-10T00:00Z"]
    main(words)
    assert "--start 2024-05-10T00:00:00Z is 1.00 h earlier than" in capsys.readouterr().err
