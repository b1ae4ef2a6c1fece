import dataclasses
import json

import numpy as np
import pytest

from issgaze.archive.darklibrary import DarkKey, DarkLibrary
from issgaze.civil import later, parse_utc
from issgaze.errors import ArchiveError
from issgaze.imaging.frame import Frame, FrameInfo

UTC = parse_utc("2026-03-01T20:00:00Z")
KEY = DarkKey(width_px=6, height_px=4, analogue_gain=4.0, exposure_s=10.0, temperature_c=12.0)


def darks(count=3, *, day=0, **changes):
    known = {"exposure_s": 10.0, "analogue_gain": 4.0, "temperature_c": 12.0} | changes
    for number in range(count):
        start = later(UTC, day * 86400.0 + 10.0 * number)
        yield Frame(mosaic=np.full((4, 6), 256 + number, np.uint16),
                    info=FrameInfo(start_utc=start, **known))  # fmt: skip


def test_the_nearest_set_is_found_and_the_newest_of_equals(tmp_path):
    library = DarkLibrary(tmp_path)
    assert library.find(KEY) is None
    warm = library.add(darks(day=0, temperature_c=22.0))
    cold = library.add(darks(day=1, temperature_c=2.0))
    short = library.add(darks(day=2, exposure_s=5.0))
    assert {held.path for held in library.sets()} == {warm.path, cold.path, short.path}
    assert [path.name for path in cold.frames()] == ["0001.fits", "0002.fits", "0003.fits"]
    for wanted_c, expected in ((21.0, warm), (3.0, cold), (12.0, short)):
        key = dataclasses.replace(KEY, temperature_c=wanted_c)
        assert library.find(key).path == expected.path
    # without a thermometer the exposure decides, and then the date
    unknown = dataclasses.replace(KEY, temperature_c=None)
    assert library.find(unknown).path == cold.path


@pytest.mark.parametrize(
    "change",
    [{"width_px": 8}, {"analogue_gain": 2.0}, {"exposure_s": 50.0}, {"temperature_c": 40.0}],
)
def test_what_does_not_fit_is_not_given(tmp_path, change):
    library = DarkLibrary(tmp_path)
    library.add(darks())
    assert library.find(KEY) is not None
    assert library.find(dataclasses.replace(KEY, **change)) is None


def test_a_set_is_fresh_for_some_days(tmp_path):
    library = DarkLibrary(tmp_path)
    library.add(darks())
    for days_later, fresh in ((0.5, True), (9.9, True), (10.1, False), (-0.1, False)):
        now = later(UTC, days_later * 86400.0)
        assert library.is_fresh(KEY, now, days=10.0, distance=0.5) is fresh
    far = dataclasses.replace(KEY, temperature_c=19.0)
    assert not library.is_fresh(far, later(UTC, 60.0), days=10.0, distance=0.5)


def test_a_set_that_was_broken_off_is_none_and_goes(tmp_path):
    library = DarkLibrary(tmp_path)
    broken = library.add(darks())
    (broken.path / "set.json").unlink()
    assert library.sets() == []
    unreadable = library.add(darks(day=1))
    assert not broken.path.exists()
    (unreadable.path / "set.json").write_text("{}")
    assert library.find(KEY) is None
    assert library.add(iter(())) is None


def test_a_disk_that_refuses_leaves_no_half_set(tmp_path):
    library = DarkLibrary(tmp_path)

    def failing():
        yield from darks(2)
        raise ArchiveError("no space left on device", remedy="Make room.")

    with pytest.raises(ArchiveError, match="no space left"):
        library.add(failing())
    assert list((tmp_path / "darks").iterdir()) == []
    (tmp_path / "other").write_text("")
    with pytest.raises(ArchiveError, match="other"):
        DarkLibrary(tmp_path / "other").add(darks())


def test_only_the_newest_six_of_a_kind_are_kept(tmp_path):
    library = DarkLibrary(tmp_path)
    made = [library.add(darks(1, day=day)) for day in range(8)]
    other = library.add(darks(1, day=9, analogue_gain=1.0))
    held = {one.path for one in library.sets()}
    assert held == {one.path for one in made[2:]} | {other.path}
    document = json.loads((made[-1].path / "set.json").read_text())
    assert document["key"]["temperature_c"] == 12.0
