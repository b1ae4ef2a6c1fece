"""The horizon on disk, and the owner's picture of it."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from issgaze.archive.horizonfile import HorizonStore
from issgaze.errors import ArchiveError
from issgaze.optics.lens import Lens
from issgaze.picture.horizonmap import HorizonMap

_LENS = Lens(
    width_px=400,
    height_px=320,
    projection="equidistant",
    focal_px=120.0,
    center_px=(199.5, 159.5),
    rotation=((-1.0, 0.0, 0.0), (0.0, -1.0, 0.0), (0.0, 0.0, 1.0)),
    valid_radius_px=180.0,
)


def _learnt() -> HorizonMap:
    sky = np.ones((320, 400), dtype=np.float32)
    sky[:, :120] = 0.0
    return HorizonMap.empty(400, 320).with_pass(sky, np.zeros((0, 2)), np.zeros(0, dtype=bool))


def test_what_is_saved_is_loaded_again(tmp_path: Path):
    store = HorizonStore(tmp_path)
    assert store.line() is None
    assert store.load(400, 320).passes == 0.0
    store.save(_learnt(), _LENS)
    again = store.load(400, 320)
    assert again.passes == 1.0
    assert np.array_equal(again.sky, _learnt().sky)
    assert store.load(800, 640).passes == 0.0, "another camera starts anew"
    line = store.line()
    assert line is not None
    assert max(line.altitude_deg) > 40.0
    with Image.open(store.picture_file) as picture:
        assert picture.size == (100, 80)


def test_the_owners_picture_wins_and_is_left_alone(tmp_path: Path):
    store = HorizonStore(tmp_path)
    Image.new("L", (100, 80), 255).save(store.owner_file)
    painted = store.owner_file.read_bytes()
    store.save(_learnt(), _LENS)
    line = store.line()
    assert line is not None
    assert max(line.altitude_deg) == 0.0
    assert store.owner_file.read_bytes() == painted


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: path.write_bytes(b"no picture"), "not a picture that can be read"),
        (lambda path: Image.new("L", (10, 10)).save(path), "10x10 px, 100x80 are needed"),
    ],
)
def test_an_owners_picture_that_does_not_fit_is_named(tmp_path: Path, make, message: str):
    store = HorizonStore(tmp_path)
    make(store.owner_file)
    with pytest.raises(ArchiveError, match=message):
        store.save(_learnt(), _LENS)


def test_a_broken_file_is_as_none(tmp_path: Path):
    store = HorizonStore(tmp_path)
    store.save(_learnt(), _LENS)
    whole = (tmp_path / "horizon.npz").read_bytes()
    for cut in (0, 10, len(whole) // 2, len(whole) - 1):
        (tmp_path / "horizon.npz").write_bytes(whole[:cut])
        assert store.load(400, 320).passes == 0.0
    (tmp_path / "horizon.json").write_text("{")
    assert store.line() is None
