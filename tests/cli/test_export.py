"""`issgaze export`: DNG that others open, and what of a pass may leave the device."""

import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rawpy
from PIL import Image

from issgaze.archive.fits import read_raw, write_raw
from issgaze.civil import parse_utc
from issgaze.cli.main import main
from issgaze.imaging.frame import Frame, FrameInfo
from issgaze.picture.encode import jpeg_from_8bit
from issgaze.sky.site import Site


@pytest.mark.parametrize("pattern", ["RGGB", "GBRG"])
def test_a_dng_holds_the_very_pixels(tmp_path: Path, pattern: str) -> None:
    mosaic = np.random.default_rng(1).integers(256, 4095, (60, 80)).astype(np.uint16)
    info = FrameInfo(
        start_utc=parse_utc("2024-05-10T01:40:29.498Z"),
        exposure_s=10.0,
        bayer_pattern=pattern,
        black_level_adu=256.0,
        white_level_adu=4095.0,
        analogue_gain=8.0,
        instrument="imx477",
    )
    site = Site(latitude_deg=49.0234, longitude_deg=13.2345)
    write_raw(tmp_path / "lights" / "0001.fits", Frame(mosaic=mosaic, info=info), site=site)
    assert main(["export", "--dng", str(tmp_path)]) == 0
    path = tmp_path / "dng" / "0001.dng"
    with rawpy.imread(str(path)) as raw:
        assert np.array_equal(raw.raw_image_visible, mosaic)
        assert raw.black_level_per_channel == [256] * 4
        assert raw.white_level == 4095
        letters = "".join(chr(raw.color_desc[n]) for n in raw.raw_pattern.ravel())
    assert letters == pattern
    assert np.array_equal(read_raw(tmp_path / "lights" / "0001.fits").mosaic, mosaic)


def test_a_folder_without_frames_or_picture_is_refused(tmp_path: Path, capsys: Any) -> None:
    assert main(["export", "--dng", str(tmp_path)]) == 1
    assert "no raw frames in lights/" in capsys.readouterr().err
    assert main(["export", "--share", str(tmp_path)]) == 1
    assert "no finished picture to share" in capsys.readouterr().err
    assert main(["export", "--share", str(tmp_path / "none")]) == 1
    assert "no such folder" in capsys.readouterr().err


def test_a_place_to_export_to_is_there_or_refused(tmp_path: Path, capsys: Any) -> None:
    folder = tmp_path / "pass"
    (folder / "lights").mkdir(parents=True)
    (folder / "lights" / "0001.fits").write_bytes(b"")
    (tmp_path / "file").write_text("")
    for kind, out, said in (
        ("--dng", tmp_path / "file", "that is a file"),
        ("--dng", tmp_path / "file" / "dng", "--out"),
        ("--share", tmp_path / "none" / "iss.zip", f"there is no folder {tmp_path / 'none'}"),
        ("--share", folder, "that is a folder"),
    ):
        assert main(["export", kind, str(folder), "--out", str(out)]) == 2
        err = capsys.readouterr().err
        assert said in err
        assert "dmesg" not in err


GUEST = {
    "site_name": "Zwiesel",
    "time_zone": "Europe/Berlin",
    "satellite": {"norad_id": 25544, "name": "ISS"},
    "proof": {"accepted": True},
    "frames": [{"used": True, "start_utc": "2024-05-10T01:42:00Z", "exposure_s": 10.0}],
    "crops": {
        "4x5": {"top": 0, "bottom": 100, "left": 20, "right": 100},
        "9x16": {"top": 0, "bottom": 96, "left": 20, "right": 74},
        "1x1": {"top": 0, "bottom": 100, "left": 10, "right": 110},
    },
    "captions": {
        "en": {"title": "Space station", "caption": "Seen & kept.", "alt_text": "A night sky."},
        "fr": {"title": "Station", "caption": "Vue.", "alt_text": "Un ciel."},
    },
}


def test_a_pack_holds_picture_crops_words_and_credit(tmp_path: Path, capsys: Any) -> None:
    folder = tmp_path / "pass"
    folder.mkdir()
    (folder / "guest.json").write_text(json.dumps(GUEST))
    (folder / "picture.jpg").write_bytes(jpeg_from_8bit(np.zeros((100, 140, 3), np.uint8)))
    (folder / "timelapse.mp4").write_bytes(b"film")
    for name in ("report.json", "plan.json", "lens.json", "report.html"):
        (folder / name).write_text("secret")
    out = tmp_path / "share.zip"
    assert main(["export", "--share", str(folder), "--out", str(out)]) == 0
    first = out.read_bytes()
    assert "replaced" not in capsys.readouterr().err
    assert main(["export", "--share", str(folder), "--out", str(out)]) == 0
    assert "--out: share.zip in" in capsys.readouterr().err
    with zipfile.ZipFile(io.BytesIO(first)) as pack:
        assert set(pack.namelist()) == {
            "picture.jpg", "timelapse.mp4", "picture-4x5.jpg", "picture-9x16.jpg",
            "picture-1x1.jpg", "caption.en.txt", "caption.fr.txt", "alt.en.txt", "alt.fr.txt",
            "credit.txt",
        }  # fmt: skip
        assert pack.read("caption.fr.txt") == b"Vue.\n"
        assert pack.read("credit.txt") == b"Zwiesel / issgaze\n"
        crop = Image.open(io.BytesIO(pack.read("picture-4x5.jpg")))
        assert crop.size == (80, 100)
        exif = crop.getexif()
        assert exif[0x010E] == "Seen & kept."
        # the minute, in the site's time
        assert exif.get_ifd(0x8769)[0x9003] == "2024:05:10 03:42:00"
        # no place in it
        assert 0x8825 not in exif
        for name in pack.namelist():
            assert b"secret" not in pack.read(name)
            assert not re.search(rb"\b4\d\.\d{3,}", pack.read(name)) or name.endswith(".jpg")
    assert main(["export", "--share", str(folder), "--out", str(out)]) == 0
    assert out.read_bytes() == first
