"""What the page asks of develop: stars and masks."""

import base64
import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from issgaze.archive.horizonfile import HorizonStore
from issgaze.archive.layout import Archive
from issgaze.archive.passfiles import folder_path
from issgaze.errors import ArchiveError
from issgaze.service.wishes import wishes

PASS = "20260227T1803Z-25544"


def png(width: int = 60, height: int = 40, shade: int = 200) -> str:
    stream = io.BytesIO()
    Image.fromarray(np.full((height, width), shade, np.uint8)).save(stream, "PNG")
    return base64.b64encode(stream.getvalue()).decode()


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    archive = Archive(tmp_path)
    folder_path(archive, PASS).mkdir(parents=True)
    archive.calibration.mkdir()
    HorizonStore(archive.calibration).picture_file.write_bytes(base64.b64decode(png(shade=0)))
    return archive


def test_a_pass_gets_a_star_and_loses_it(archive: Archive) -> None:
    give = wishes(archive)["star"]
    mark = folder_path(archive, PASS) / "starred"
    assert give({"pass_id": PASS, "starred": True}) == "starred"
    assert mark.is_file()
    assert give({"pass_id": PASS, "starred": False}) == "the star is gone"
    assert give({"pass_id": PASS, "starred": False}) == "the star is gone"
    assert not mark.exists()


@pytest.mark.parametrize("pass_id", ["20260227T1803Z-1", "../../x", "", "a/b"])
def test_no_other_folder_gets_one(archive: Archive, pass_id: str) -> None:
    with pytest.raises(ArchiveError, match="no such pass"):
        wishes(archive)["star"]({"pass_id": pass_id, "starred": True})


def test_the_owner_replaces_the_mask_and_takes_it_back(archive: Archive) -> None:
    change = wishes(archive)["mask"]
    owner = HorizonStore(archive.calibration).owner_file
    assert change({"png": png()}) == "the mask is replaced"
    with Image.open(owner) as kept:
        assert np.asarray(kept).tolist() == [[200] * 60] * 40
    assert change({"png": None}) == "what the passes have shown holds again"
    assert not owner.exists()


@pytest.mark.parametrize(
    ("packed", "words"),
    [
        ("!", "not a PNG"),
        (base64.b64encode(b"GIF89a").decode(), "not a PNG"),
        (png(61), "61x40 px, 60x40 are needed"),
    ],
)
def test_what_is_no_mask_is_refused(archive: Archive, packed: str, words: str) -> None:
    with pytest.raises(ArchiveError, match=words):
        wishes(archive)["mask"]({"png": packed})
    assert not HorizonStore(archive.calibration).owner_file.exists()


def test_before_the_first_clear_pass_there_is_nothing_to_paint_on(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="no pass has shown the horizon yet"):
        wishes(Archive(tmp_path))["mask"]({"png": png()})
    assert json.dumps(list(tmp_path.iterdir())) == "[]"
