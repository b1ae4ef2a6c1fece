"""Darks named by their owner: what is none is left out, and said."""

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from issgaze.archive.fits import write_raw
from issgaze.civil import later, parse_utc
from issgaze.errors import FrameError
from issgaze.imaging.frame import Frame, FrameInfo
from issgaze.service.darks import master_of
from issgaze.service.givendarks import given_darks
from tests.conftest import splat

UTC = parse_utc("2026-03-01T20:00:00Z")


def written(path: Path, number: int, *, stars: int = 0) -> Path:
    random = np.random.default_rng(number)
    image = random.normal(262.0, 3.0, (128, 192))
    places = random.uniform(20.0, 108.0, (stars, 2))
    splat(image, places, np.full(stars, 3000.0))
    info = FrameInfo(start_utc=later(UTC, 10.0 * number), exposure_s=10.0)
    write_raw(path, Frame(mosaic=np.rint(image).astype(np.uint16), info=info), site=None)
    return path


def test_a_light_among_darks_is_left_out_by_name(tmp_path: Path) -> None:
    paths = [written(tmp_path / f"{number}.fits", number) for number in range(4)]
    light = written(tmp_path / "light.fits", 4, stars=40)
    log: list[str] = []
    dark, facts = master_of(given_darks([*paths, light], log=log.append))
    assert dark is not None
    assert dark.frame_count == 4
    (line,) = log
    assert line.startswith("light.fits left out of the darks: ")
    assert line.endswith("points of light in it are spread as stars are")
    assert facts["left_out"] == [line.replace(" left out of the darks", "")]


def test_honest_darks_are_taken_without_a_word(tmp_path: Path) -> None:
    paths = [written(tmp_path / f"{number}.fits", number) for number in range(3)]
    log: list[str] = []
    _, facts = master_of(given_darks(paths, log=log.append))
    assert (facts["frames"], log) == (3, [])
    assert "left_out" not in facts


@pytest.mark.parametrize("told", ["Light Frame", "LIGHT", "Flat Field"])
def test_a_header_that_says_so_is_believed(tmp_path: Path, told: str) -> None:
    path = written(tmp_path / "0001.fits", 1)
    with fits.open(path, mode="update") as opened:
        opened[0].header["IMAGETYP"] = told
    with pytest.raises(FrameError, match=r"none of 1 frames is a dark; 0001\.fits: its header"):
        master_of(given_darks([path], log=lambda _: None))
    with fits.open(path, mode="update") as opened:
        opened[0].header["IMAGETYP"] = "Dark Frame"
    dark, _ = master_of(given_darks([path], log=lambda _: None))
    assert dark is not None
    # of a flat's exposure, and taken under a cap all the same
    with fits.open(path, mode="update") as opened:
        opened[0].header["IMAGETYP"] = "DARKFLAT"
    assert master_of(given_darks([path], log=lambda _: None))[0] is not None


def test_lights_alone_are_refused_with_a_remedy(tmp_path: Path) -> None:
    paths = [written(tmp_path / f"{number}.fits", number, stars=40) for number in range(2)]
    with pytest.raises(FrameError, match="--darks: none of 2 frames is a dark") as caught:
        master_of(given_darks(paths, log=lambda _: None))
    assert "under a cap" in caught.value.remedy


def test_no_darks_are_no_fault() -> None:
    dark, facts = master_of(given_darks([], log=lambda _: None))
    assert (dark, facts["source"]) == (None, "none")
