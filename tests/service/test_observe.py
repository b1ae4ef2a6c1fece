"""The observer over a whole night, with a scripted camera on a clock that jumps."""

import dataclasses
import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from issgaze.archive.darklibrary import DarkLibrary
from issgaze.archive.elements import ElementStore
from issgaze.archive.fits import read_raw
from issgaze.archive.layout import Archive
from issgaze.archive.ledger import Ledger, ledger_document
from issgaze.archive.lenshistory import LensHistory
from issgaze.archive.passfolder import PassFolder, pass_folders
from issgaze.archive.status import read_status
from issgaze.civil import later, parse_utc, seconds_between
from issgaze.config import Settings, parse_settings
from issgaze.optics.lens import Lens
from issgaze.optics.sensor import CaptureMode, SensorProfile
from issgaze.orbit.formats import parse_elements
from issgaze.service.devices import Devices
from issgaze.service.firstlook import FirstLook
from issgaze.service.observe import Observer
from issgaze.service.observerparts import ObserverParts
from issgaze.simulated.lens import lens_document
from issgaze.simulated.scenario import load_scenario
from tests.service.test_capture import JumpingClock, ScriptedCamera, ScriptedRoof

_DATA = Path(__file__).parents[2] / "issgaze" / "data" / "iss_omm.json"
EVENING = parse_utc("2024-05-09T18:00:00Z")
SENSOR = SensorProfile(
    name="imx477", pixel_um=1.55, bit_depth=12, bayer_pattern="RGGB", black_level_adu=256,
    full_well_e=8180, electrons_per_adu=2.0, read_noise_e=3.0, read_noise_gain=1.0,
    max_analogue_gain=22.0, longest_exposure_s=200.0,
    modes=(CaptureMode(name="full", width_px=4, height_px=4, row_time_s=2.8e-5,
                       dead_time_s=0.00063),),
)  # fmt: skip
SETTINGS = parse_settings(
    "[site]\nlatitude_deg = 48.2082\nlongitude_deg = 16.3738\nheight_m = 190.0\n"
    'time_zone = "Europe/Vienna"\n[camera]\nhas_cover = true\n',
    name="test",
)


class Developer:
    """Stands in for develop: writes a report into every sealed folder when the clock moves."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive

    def work(self) -> None:
        for folder in pass_folders(self.archive):
            if folder.is_sealed and folder.lights() and not folder.is_developed:
                report = {"outcome": "caught", "reason": f"{len(folder.lights())} frames"}
                (folder.path / "report.json").write_text(json.dumps(report))


class World:
    def __init__(self, root: Path, fails_after: tuple[int, ...] = ()) -> None:
        self.archive = Archive(root)
        self.clock = JumpingClock()
        self.clock.now = EVENING
        self.camera = ScriptedCamera(self.clock, fails_after)
        self.roof = ScriptedRoof()
        self.log: list[str] = []
        self.boot_id = ""
        (elements,) = parse_elements(_DATA.read_bytes(), source="test").sets
        ElementStore(self.archive.elements).add(elements)

    def observe(
        self,
        *,
        until: str | None = None,
        passes: int | None = None,
        settings: Settings = SETTINGS,
        stop: Callable[[], bool] | None = None,
        **more: Any,
    ) -> str:
        developer = Developer(self.archive)
        end = parse_utc(until) if until else None

        def over() -> bool:
            developer.work()
            return (end is not None and self.clock.now >= end) or (stop is not None and stop())

        devices = Devices(
            clock=self.clock, camera=self.camera, roof=self.roof, element_source=None,  # type: ignore[arg-type]
            sensor=SENSOR, lens=None, focal_px=1742.0, minimum_interval_s=2.0, simulated=False,
            speed=None, holds_for_develop=False, boot_id=self.boot_id,
        )  # fmt: skip
        parts = ObserverParts(
            archive=self.archive, settings=settings, devices=devices, stop=over,
            log=self.log.append, **more,
        )  # fmt: skip
        return Observer(parts).run(passes)

    def rows(self) -> dict[str, tuple[str | None, str]]:
        return {row.id: (row.outcome, row.reason) for row in Ledger(self.archive.ledger).rows()}


def lights_taken(world: World) -> int:
    return sum(len(folder.lights()) for folder in pass_folders(world.archive))


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_a_night_ends_with_every_visible_pass_explained(world: World) -> None:
    world.observe(until="2024-05-10T06:00:00Z")
    done = {key: value for key, value in world.rows().items() if key < "20240510T0600Z"}
    assert list(done) == [
        "20240510T0008Z-25544", "20240510T0144Z-25544",
    ]  # fmt: skip
    assert {outcome for outcome, _ in done.values()} == {"caught"}
    document = ledger_document(Ledger(world.archive.ledger).rows(), world.clock.now)
    assert (document["predicted"], document["unexplained"]) == (2, 0)
    assert world.roof.calls[-1] == "close"
    assert world.camera.opened == 0


def test_the_lit_arc_is_exposed_without_a_gap(world: World) -> None:
    world.observe(passes=1)
    (folder,) = pass_folders(world.archive)
    iss_pass = folder.plan_file().plan.iss_pass
    infos = [read_raw(path).info for path in folder.lights()]
    before = [info for info in infos if info.start_utc < iss_pass.lit[0].start.utc]
    assert len(before) >= 4, "three whole frames before the lit arc, for the rejection"
    last = infos[-1]
    assert last.start_utc >= iss_pass.lit[-1].end.utc
    lit_s = exposed_s = 0.0
    for stretch in iss_pass.lit:
        lit_s += seconds_between(stretch.start.utc, stretch.end.utc)
        for info in infos:
            begin = max(info.start_utc, stretch.start.utc)
            end = min(later(info.start_utc, info.exposure_s), stretch.end.utc)
            exposed_s += max(0.0, seconds_between(begin, end))
    assert exposed_s / lit_s >= 0.99
    for one, other in pairwise(infos):
        gap = seconds_between(one.start_utc, other.start_utc) - one.exposure_s
        assert gap == pytest.approx(0.00063, abs=1e-5)


def test_a_pass_whose_report_comes_late_is_counted(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = Developer.work

    def late(developer: Developer) -> None:
        if world.clock.now > parse_utc("2024-05-10T00:25:00Z"):
            work(developer)

    monkeypatch.setattr(Developer, "work", late)
    world.observe(passes=2, until="2024-05-11T12:00:00Z")
    assert len(list(pass_folders(world.archive))) == 2
    assert world.clock.now < parse_utc("2024-05-10T03:00:00Z")


def test_the_status_says_what_comes_next_and_then_that_it_stopped(world: World) -> None:
    world.observe(until="2024-05-09T19:00:00Z")
    status = read_status(world.archive.run)
    assert status["state"] == "stopped"
    assert (status["sentence"], status["by_hand"]) == ("Stopped.", True)
    assert status["next_pass"]["id"] == "20240510T0008Z-25544"
    assert status["site"]["time_zone"] == "Europe/Vienna"
    assert json.loads(world.archive.predictions.read_text())["passes"]


def test_after_the_passes_asked_for_the_status_says_that_they_are_done(world: World) -> None:
    world.observe(passes=1, watched=True)
    status = read_status(world.archive.run)
    assert (status["state"], status["by_hand"]) == ("stopped", False)
    assert status["sentence"] == "Done: 1 pass is photographed and developed."


def test_guests_get_the_passes_of_the_rounded_site(world: World) -> None:
    world.observe(until="2024-05-09T19:00:00Z")
    guest = json.loads(world.archive.guest_predictions.read_text())
    assert (guest["site"]["latitude_deg"], guest["site"]["longitude_deg"]) == (48.2, 16.4)
    assert guest["site"]["height_m"] == 200.0
    assert all(item["rise"]["utc"].endswith(":00Z") for item in guest["passes"])


def test_a_restart_in_mid_pass_goes_on_into_the_same_folder(world: World) -> None:
    world.observe(stop=lambda: lights_taken(world) >= 2)
    (folder,) = pass_folders(world.archive)
    first = len(folder.lights())
    (folder.path / "sealed").unlink()  # a power cut leaves it open
    world.clock.now = later(world.clock.now, 8.0)
    world.observe(passes=1)
    assert [found.id for found in pass_folders(world.archive)] == [folder.id]
    assert len(folder.lights()) > first
    assert world.rows()[folder.id][0] == "caught"


def test_a_pass_that_goes_on_after_a_restart_keeps_the_plan_it_began_with(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Meanwhile develop has renewed the lens, and nobody knows any more how bright the sky was."""
    monkeypatch.setattr(FirstLook, "sky_mag", lambda _self, _choice: 15.0)
    world.observe(stop=lambda: lights_taken(world) >= 2)
    monkeypatch.undo()
    (folder,) = pass_folders(world.archive)
    (folder.path / "sealed").unlink()
    first, begun = len(folder.lights()), (folder.path / "plan.json").read_bytes()
    known = lens_document(load_scenario("clear"), "full")
    lens = Lens.from_document({**known, "width_px": 4, "height_px": 4})
    LensHistory(world.archive.calibration).add(lens, utc=world.clock.now, facts={})
    world.clock.now = later(world.clock.now, 8.0)
    world.observe(passes=1)
    assert (folder.path / "plan.json").read_bytes() == begun
    infos = [read_raw(path).info for path in folder.lights()]
    assert len(infos) > first
    exposures = {(info.exposure_s, info.analogue_gain) for info in infos}
    assert len(exposures) == 1, "frames of two exposures make no stack"
    # the next pass begins with what holds now
    world.observe(passes=1)
    _, second = pass_folders(world.archive)
    assert second.plan_file().lens == lens.to_document()
    block = second.plan_file().plan.lights[0]
    assert (block.exposure_s, block.analogue_gain) not in exposures


def test_a_folder_left_open_by_a_crash_is_sealed_and_developed(world: World) -> None:
    world.observe(stop=lambda: lights_taken(world) >= 2)
    (folder,) = pass_folders(world.archive)
    (folder.path / "sealed").unlink()
    world.clock.now = parse_utc("2024-05-10T05:00:00Z")
    world.observe(until="2024-05-10T06:00:00Z")
    sealed = json.loads((PassFolder(folder.path).path / "sealed").read_text())
    assert sealed["reason"] == "interrupted"
    assert world.rows()[folder.id][0] == "caught"


def test_the_log_tells_what_was_taken_and_leaves_the_verdict_to_develop(tmp_path: Path) -> None:
    world = World(tmp_path, fails_after=(10,))
    world.observe(passes=1)
    (folder,) = pass_folders(world.archive)
    planned = sum(block.count for block in folder.plan_file().plan.lights)
    (line,) = [line for line in world.log if line.startswith(folder.id)]
    assert line == f"{folder.id}: {len(folder.lights())} of {planned} frames"
    stopped = World(tmp_path / "stopped")
    stopped.observe(stop=lambda: lights_taken(stopped) >= 2)
    (line,) = [line for line in stopped.log if line.startswith(folder.id)]
    assert line == f"{folder.id}: 2 of {planned} frames, stopped by the owner"


def test_passes_of_a_dead_camera_are_missed_with_the_reason(tmp_path: Path) -> None:
    world = World(tmp_path, fails_after=tuple(range(1)))

    class Dead(ScriptedCamera):
        def __enter__(self) -> "ScriptedCamera":
            from issgaze.errors import CameraError

            raise CameraError("no camera found", remedy="Check the cable.")

    world.camera = Dead(world.clock)
    world.observe(until="2024-05-10T06:00:00Z")
    outcomes = [value for key, value in world.rows().items() if key < "20240510T0600Z"]
    assert outcomes == [("missed", "the camera gave no frame")] * 2


def test_low_passes_are_skipped_with_the_reason(world: World) -> None:
    settings = parse_settings(
        "[site]\nlatitude_deg = 48.2082\nlongitude_deg = 16.3738\n"
        "[passes]\nmin_culmination_deg = 52.0\n",
        name="test",
    )
    world.observe(until="2024-05-10T06:00:00Z", settings=settings)
    outcomes = [value for key, value in world.rows().items() if key < "20240510T0600Z"]
    assert [outcome for outcome, _ in outcomes] == ["skipped", "caught"]
    assert "the limit is 52°" in outcomes[0][1]


def test_a_disk_that_fills_ends_one_pass_and_not_the_watch(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from issgaze.errors import ArchiveError

    add_light = PassFolder.add_light

    def full(folder: PassFolder, frame: object) -> Path:
        if folder.id.startswith("20240510T0008Z") and len(folder.lights()) >= 12:
            raise ArchiveError("/roof/0021.fits: no space left on device", remedy="Make room.")
        return add_light(folder, frame)  # type: ignore[arg-type]

    monkeypatch.setattr(PassFolder, "add_light", full)
    world.observe(until="2024-05-10T14:00:00Z")
    first, second = pass_folders(world.archive)
    assert len(first.lights()) == 12
    sealed = json.loads((first.path / "sealed").read_text())
    assert sealed["reason"] == "the disk refused: no space left on device"
    assert len(second.lights()) > 12
    assert any("no space left on device. Make room." in line for line in world.log)
    outcomes = {key: value[0] for key, value in world.rows().items() if key < "20240510T0600Z"}
    assert set(outcomes.values()) == {"caught"}, "the stand-in develops what there is"


def test_a_pass_whose_folder_the_disk_refuses_is_told_so(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from issgaze.errors import ArchiveError

    create = PassFolder.create

    def full(archive: Archive, plan_file: Any) -> PassFolder:
        if plan_file.pass_id.startswith("20240510T0008Z"):
            raise ArchiveError("/somewhere/passes: no space left on device", remedy="Make room.")
        return create(archive, plan_file)

    monkeypatch.setattr(PassFolder, "create", full)
    world.observe(until="2024-05-10T03:00:00Z")
    missed = ("missed", "the disk refused: no space left on device")
    assert world.rows()["20240510T0008Z-25544"] == missed
    assert world.rows()["20240510T0144Z-25544"][0] == "caught"


def test_a_full_disk_is_a_reason_until_there_is_room(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    import shutil
    from types import SimpleNamespace

    room = parse_utc("2024-05-10T01:00:00Z")

    def usage(_path: object) -> SimpleNamespace:
        return SimpleNamespace(free=3e8 if world.clock.now < room else 9e9, total=1e11, used=9e10)

    monkeypatch.setattr(shutil, "disk_usage", usage)
    world.observe(until="2024-05-10T06:00:00Z")
    done = [value for key, value in world.rows().items() if key < "20240510T0600Z"]
    assert done[0] == ("skipped", "The disk has 0.3 GB free, a pass needs 0.5 GB")
    assert done[1][0] == "caught", "the last look before the second pass found room"


def test_the_owners_horizon_decides_what_is_visible(world: World) -> None:
    settings = parse_settings(
        "[site]\nlatitude_deg = 48.2082\nlongitude_deg = 16.3738\nheight_m = 190.0\n"
        'horizon = "0:85"\n',
        name="test",
    )
    world.observe(until="2024-05-10T06:00:00Z", settings=settings)
    assert not [key for key in world.rows() if key < "20240510T0600Z"]


def test_the_last_look_before_a_pass_sees_the_newest_set(world: World) -> None:
    import dataclasses

    (elements,) = parse_elements(_DATA.read_bytes(), source="test").sets
    newer = dataclasses.replace(elements, epoch=later(elements.epoch, 60.0), source="newer")
    turn = 360.0 * elements.mean_motion_rev_per_day * 60.0 / 86400.0
    newer = dataclasses.replace(newer, mean_anomaly_deg=(elements.mean_anomaly_deg + turn) % 360.0)
    store = ElementStore(world.archive.elements)
    # it arrives an hour before the first pass, long after the last routine look
    arrival = parse_utc("2024-05-09T23:00:00Z")

    def stop() -> bool:
        if world.clock.now >= arrival and len(store.history(25544)) == 1:
            store.add(newer)
        return False

    world.observe(passes=1, until="2024-05-10T01:00:00Z", stop=stop)
    folder = next(iter(pass_folders(world.archive)))
    assert folder.plan_file().elements["EPOCH"].startswith("2024-05-09T08:49:19")


def test_two_satellites_at_once_are_two_pictures_of_the_same_frames(world: World) -> None:
    """A second station follows a minute behind the first."""
    (record,) = (
        json.loads(_DATA.read_text())
        if _DATA.read_text().startswith("[")
        else (json.loads(_DATA.read_text()),)
    )
    follower = record | {
        "NORAD_CAT_ID": 48274,
        "OBJECT_NAME": "FOLLOWER",
        "MEAN_ANOMALY": float(record["MEAN_ANOMALY"]) - 3.9,
    }
    (elements,) = parse_elements(json.dumps([follower]).encode(), source="test").sets
    ElementStore(world.archive.elements).add(elements)
    passes = dataclasses.replace(SETTINGS.passes, norad_ids=(25544, 48274))
    world.observe(
        until="2024-05-10T09:00:00Z", settings=dataclasses.replace(SETTINGS, passes=passes)
    )
    folders = {folder.id: folder for folder in pass_folders(world.archive)}
    borrowers = [folder for folder in folders.values() if folder.borrows]
    assert len(folders) == 4
    assert len(borrowers) == 2
    for folder in borrowers:
        lender = folders[str(folder.plan_file().lights_from)]
        assert lender.id.rpartition("-")[2] != folder.id.rpartition("-")[2]
        assert folder.lights() == lender.lights() != []
        assert not list((folder.path / "lights").glob("*"))
        assert folder.is_sealed
        assert folder.sealed_reason() == "complete"
        infos = [read_raw(path).info for path in folder.lights()]
        for each in (folder, lender):
            lit = each.plan_file().plan.iss_pass.lit
            assert sum(info.start_utc < lit[0].start.utc for info in infos) >= 3
            assert infos[-1].start_utc > later(lit[-1].end.utc, -infos[-1].exposure_s)
    done = {key: value[0] for key, value in world.rows().items() if key < "20240510T0300Z"}
    assert done == dict.fromkeys(folders, "caught")


def test_who_polls_all_passes_reads_no_plan_of_a_finished_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.observe(passes=1)
    (folder,) = pass_folders(world.archive)
    monkeypatch.setattr("issgaze.archive.passfolder.lender_of", None)
    again = PassFolder(folder.path)
    assert again.is_sealed
    assert len(again.lights()) == len(folder.lights()) > 0


def test_a_plan_that_names_no_pass_lends_nothing(world: World) -> None:
    world.observe(passes=1)
    (folder,) = pass_folders(world.archive)
    plan = json.loads((folder.path / "plan.json").read_text())
    (folder.path / "sealed").unlink()
    (folder.path / "lights").rename(folder.path / "elsewhere")
    for name in ("../../../etc", "20240510T0144Z-x", 7, ""):
        (folder.path / "plan.json").write_text(json.dumps(plan | {"lights_from": name}))
        assert not PassFolder(folder.path).borrows


def test_after_the_first_pass_the_library_spares_darks_before_a_pass(world: World) -> None:
    world.observe(until="2024-05-10T09:00:00Z")
    first, second = pass_folders(world.archive)
    assert len(first.darks()) == 8
    assert second.darks() == []
    (held,) = DarkLibrary(world.archive.calibration).sets()
    assert held.count == 8
    last = first.plan_file().plan.lights[-1]
    assert seconds_between(last.start_utc, held.taken_utc) > last.count * last.interval_s
    # the cover was shut for them
    assert any("darks of" in line and "taken for the library" in line for line in world.log)
    block = second.plan_file().plan.lights[0]
    assert held.key.exposure_s == pytest.approx(block.exposure_s, rel=0.5)


def test_when_it_rains_the_time_is_used_for_darks(world: World) -> None:
    world.roof.rain = True
    world.observe(until="2024-05-10T09:00:00Z")
    assert list(pass_folders(world.archive)) == []
    (held,) = DarkLibrary(world.archive.calibration).sets()
    assert (held.count, held.key.exposure_s, held.key.analogue_gain) == (8, 10.0, 8.0)
    assert "open" not in world.roof.calls
    outcomes = {value for key, value in world.rows().items() if key < "20240510T0600Z"}
    assert outcomes == {("skipped", "It rains, so the cover stays shut")}
