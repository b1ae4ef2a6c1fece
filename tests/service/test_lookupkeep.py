"""Between passes: lens and horizon learn from a look at the sky, by way of a file."""

import dataclasses
import sys
from pathlib import Path

import numpy as np
import pytest

from issgaze.archive.horizonfile import HorizonStore
from issgaze.archive.layout import Archive
from issgaze.archive.lenshistory import LensHistory
from issgaze.archive.lookfile import Look, LookFile
from issgaze.civil import later
from issgaze.cli.main import main
from issgaze.errors import ArchiveError, FrameError
from issgaze.imaging.frame import Frame
from issgaze.optics.lens import Lens
from issgaze.picture.horizonmap import HorizonMap
from issgaze.service.lookupkeep import LookUpkeep, learn_from
from issgaze.service.skywatch import SkyWatch, Watchtower
from issgaze.service.watch import Watcher
from tests.service.test_capture import JumpingClock, ScriptedCamera
from tests.service.test_lensupkeep import (
    _SITE,
    _error_px,
    _turned,
    camera,  # noqa: F401 - a fixture
)
from tests.service.test_skywatch import OPTICS, SITE

Camera = tuple[Frame, Lens]


def left(run: Path, frame: Frame, lens: Lens | None) -> None:
    LookFile(run).leave(Look(frame=frame, site=_SITE, lens=lens))


def upkeep(archive: Archive, log: list[str]) -> LookUpkeep:
    return LookUpkeep(archive, log=log.append, stop=lambda: False, beat=lambda: None)


def test_a_camera_that_was_turned_between_passes_has_its_lens_before_the_next(
    tmp_path: Path,
    camera: Camera,  # noqa: F811
) -> None:
    frame, lens = camera
    archive, log = Archive(tmp_path), list[str]()
    left(archive.run, frame, _turned(lens, 2.0))
    # the work is done by another process
    upkeep(archive, log).look()
    assert _error_px(LensHistory(archive.calibration).current(), lens) < 0.5
    assert len(log) == 1
    assert log[0].startswith("between passes: the camera has turned by 2.0°")
    (row,) = LensHistory(archive.calibration).rows()
    assert row["event"] == "bumped"
    # of 8 s at another gain: no measure for how clear a pass was
    assert "frame_zero_point_mag" not in row
    assert not list(archive.run.glob("looks/*"))


def test_the_first_lens_is_found_before_the_first_pass(tmp_path: Path, camera: Camera) -> None:  # noqa: F811
    frame, lens = camera
    told = learn_from(Look(frame=frame, site=_SITE, lens=None), tmp_path)
    assert told.startswith("between passes: found blind")
    assert _error_px(LensHistory(tmp_path).current(), lens) < 0.5


def test_a_lens_that_still_holds_is_not_written_again(tmp_path: Path, camera: Camera) -> None:  # noqa: F811
    frame, lens = camera
    assert learn_from(Look(frame=frame, site=_SITE, lens=lens), tmp_path) == ""
    assert list(tmp_path.iterdir()) == []


def test_clouds_teach_nothing(tmp_path: Path, camera: Camera) -> None:  # noqa: F811
    frame, lens = camera
    random = np.random.default_rng(3)
    grey = random.normal(700.0, 9.0, frame.mosaic.shape).astype(np.uint16)
    cloud = Frame(mosaic=grey, info=frame.info)
    assert learn_from(Look(frame=cloud, site=_SITE, lens=lens), tmp_path) == ""
    assert list(tmp_path.iterdir()) == []


def test_the_horizon_that_passes_began_hears_the_stars_of_a_look(
    tmp_path: Path,
    camera: Camera,  # noqa: F811
) -> None:
    frame, lens = camera
    store = HorizonStore(tmp_path)
    empty = HorizonMap.empty(lens.width_px, lens.height_px)
    sky = np.ones_like(empty.sky)
    store.save(dataclasses.replace(empty, sky=sky, passes=1.0), lens)
    learn_from(Look(frame=frame, site=_SITE, lens=lens), tmp_path)
    once = store.load(lens.width_px, lens.height_px)
    learn_from(Look(frame=frame, site=_SITE, lens=lens), tmp_path)
    known = store.load(lens.width_px, lens.height_px)
    assert known.passes == 1.0
    assert known.seen.sum() > 30.0
    assert known.seen.sum() <= known.expected.sum() < 2.0 * 400.0
    # the older look has faded by one part in 240
    most = once.expected.max()
    assert known.expected.max() == pytest.approx(most * (2.0 - 1.0 / 240.0), abs=2e-3)


def test_a_look_that_cannot_be_read_is_taken_away(tmp_path: Path, camera: Camera) -> None:  # noqa: F811
    frame, lens = camera
    archive, log = Archive(tmp_path), list[str]()
    left(archive.run, frame, lens)
    (archive.run / "looks" / "look.fits").write_bytes(b"lost")
    upkeep(archive, log).look()
    assert "look.fits" in log[0]
    assert not LookFile(archive.run).waits
    with pytest.raises(ArchiveError, match="no look at the sky"), LookFile(archive.run).taken():
        pass
    left(archive.run, frame, lens)
    (archive.run / "looks" / "look.fits").unlink()
    with pytest.raises((ArchiveError, FrameError)), LookFile(archive.run).taken():
        pass
    assert not LookFile(archive.run).waits


def test_a_process_that_dies_leaves_nothing_behind(
    tmp_path: Path,
    camera: Camera,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    frame, lens = camera
    archive, log = Archive(tmp_path), list[str]()
    left(archive.run, frame, lens)
    monkeypatch.setattr(sys, "executable", "/bin/false")
    upkeep(archive, log).look()
    assert log == ["a look at the sky was not worked on: status 1"]
    assert not LookFile(archive.run).waits


def test_a_pass_comes_before_a_look(tmp_path: Path, camera: Camera) -> None:  # noqa: F811
    frame, _ = camera
    archive, log = Archive(tmp_path), list[str]()
    left(archive.run, frame, None)
    LookUpkeep(
        archive, log=log.append, stop=lambda: False, beat=lambda: None, gives_way=lambda: True
    ).look()
    assert log == []
    assert LensHistory(archive.calibration).current() is None
    assert not LookFile(archive.run).waits


def test_develop_works_on_looks_between_passes(
    tmp_path: Path,
    camera: Camera,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    frame, lens = camera
    archive = Archive(tmp_path)
    left(archive.run, frame, _turned(lens, 2.0))
    monkeypatch.setattr(Watcher, "run", lambda watcher: watcher._spare())
    assert main(["develop", "--watch", "--archive", str(tmp_path)]) == 0
    assert _error_px(LensHistory(archive.calibration).current(), lens) < 0.5


class SkyCamera(ScriptedCamera):
    """Gives the same frame at each look, at its time."""

    def __init__(self, clock: JumpingClock, frame: Frame) -> None:
        super().__init__(clock)
        self.frame = frame

    def expose(self, block, *, mode):
        info = dataclasses.replace(self.frame.info, start_utc=block.start_utc)
        yield Frame(mosaic=self.frame.mosaic, info=info)


def test_the_observer_leaves_a_clear_look_once_an_hour(tmp_path: Path, camera: Camera) -> None:  # noqa: F811
    frame, _ = camera
    clock = JumpingClock()
    clock.now = frame.info.start_utc
    tower = Watchtower(
        clock=clock, camera=SkyCamera(clock, frame), roof=None, mode="full", optics=OPTICS,
        site=SITE, lens=lambda: None, horizon=lambda: None, nights=tmp_path / "nights",
        run=tmp_path, log=print,
    )  # fmt: skip
    watch, file = SkyWatch(tower), LookFile(tmp_path)
    assert watch.look() is not None
    with file.taken() as look:
        assert np.array_equal(look.frame.mosaic, frame.mosaic)
        assert look.frame.info.start_utc == frame.info.start_utc
        assert (look.site, look.lens) == (SITE, None)
    clock.now = later(clock.now, 1800.0)
    watch.look()
    assert not file.waits
    clock.now = later(clock.now, 1801.0)
    watch.look()
    assert file.waits
    dull = Frame(mosaic=np.full_like(frame.mosaic, 400), info=frame.info)
    file.forget()
    watch = SkyWatch(dataclasses.replace(tower, camera=SkyCamera(clock, dull)))
    watch.look()
    assert not file.waits
