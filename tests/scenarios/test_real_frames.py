"""Real night frames of unknown lenses go through `issgaze stack`, and nothing is made up."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from issgaze.cli.main import main

pytestmark = pytest.mark.real_data
FRAMES = {
    "kho/LYR-Sony-111220_200933.jpg": False,
    "indi/indi_20210930_224951.jpg": True,
    "indi/indi_20210421_043940.jpg": True,
    "indi/indi_test_full_clouds.jpg": False,
    "indi/indi_test_moon.jpg": False,
    "tetra3/2019-07-29T204726_Alt60_Azi45_Try1.tiff": False,
}
QUICK = ("indi/indi_20210930_224951.jpg", "tetra3/2019-07-29T204726_Alt60_Azi45_Try1.tiff")


def _every() -> list[object]:
    return [
        name if name in QUICK else pytest.param(name, marks=pytest.mark.long) for name in FRAMES
    ]


@pytest.mark.parametrize("name", _every())
def test_a_frame_of_an_unknown_lens_gives_a_picture_and_an_honest_report(
    real_data: Path, tmp_path: Path, name: str
) -> None:
    assert main(["stack", str(real_data / "images" / name), "--out", str(tmp_path)]) == 0
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["proof"]["accepted"] is False
    assert report["outcome"] != "caught"
    assert report["lens"] is None
    assert report["frames"][0]["start_utc"] is None, "no time without a zone"
    missing = {item["what"] for item in report["missing"]}
    assert {"lens.json", "stars.fits", "timelapse.mp4"} <= missing
    # the streaks of a meteor and a re-entry are found; lamps, cloud edges and aurora are none
    assert report["trail_found"] is FRAMES[name]
    with Image.open(tmp_path / "picture.jpg") as picture:
        tones = np.asarray(picture.convert("L"))
    assert np.ptp(tones) > 120
    assert 3 < np.median(tones) < 130
    caption = (tmp_path / "caption.txt").read_text()
    assert "Space Station" not in caption


def test_an_exif_time_is_used_with_a_zone(real_data: Path, tmp_path: Path) -> None:
    frame = real_data / "images" / "kho" / "LYR-Sony-111220_200933.jpg"
    from issgaze.archive.framefile import FrameHints, load_frame
    from issgaze.civil import parse_utc, time_zone

    loaded = load_frame(frame, number=0, hints=FrameHints(zone=time_zone("UTC")))
    assert loaded.facts.timed
    assert loaded.frame.info.start_utc == parse_utc("2020-12-11T20:09:13Z")
    assert loaded.frame.info.exposure_s == 4.0
    assert "has no zone" in load_frame(frame, number=0, hints=FrameHints()).facts.note
