"""A look at the sky now and then: what one frame tells of clouds, and when the camera looks."""

import dataclasses
import json
import subprocess
import sys

import numpy as np
import pytest

from issgaze.civil import later, parse_utc, seconds_between
from issgaze.errors import CameraError, DeviceError
from issgaze.imaging.frame import Frame
from issgaze.optics.profiles import sensor_profile
from issgaze.service.preflight import metering_optics
from issgaze.service.skychild import examine_in_child
from issgaze.service.skywatch import SkyWatch, Watchtower, examine_here, measure_sky
from issgaze.sky.horizon import HorizonMask
from issgaze.sky.site import Site
from tests.service.test_capture import JumpingClock, ScriptedCamera, ScriptedRoof
from tests.service.test_lensupkeep import camera  # noqa: F401 - a fixture

SITE = Site(latitude_deg=49.02, longitude_deg=13.23, height_m=620.0)
OPTICS = metering_optics(sensor_profile("imx462"), "full", 760.0, 1.8)


def test_a_clear_sky_shows_its_bright_stars(camera) -> None:  # noqa: F811
    frame, lens = camera
    look = measure_sky(frame, OPTICS, SITE, lens, None)
    assert look.bright_expected > 12
    assert look.cloud_fraction < 0.15
    assert 18.0 < look.sky_mag_arcsec2 < 22.5
    assert look.document()["cloud_fraction"] == round(look.cloud_fraction, 3)


def test_clouds_hide_as_many_as_they_cover(camera) -> None:  # noqa: F811
    """Over one half of the picture the mosaic is a grey cloud with its noise."""
    frame, lens = camera
    random = np.random.default_rng(4)
    mosaic = frame.mosaic.copy()
    half = mosaic.shape[1] // 2
    mosaic[:, :half] = random.normal(700.0, 9.0, mosaic[:, :half].shape)
    look = measure_sky(Frame(mosaic=mosaic, info=frame.info), OPTICS, SITE, lens, None)
    assert 0.25 < look.cloud_fraction < 0.75
    mosaic[:, half:] = random.normal(700.0, 9.0, mosaic[:, half:].shape)
    look = measure_sky(Frame(mosaic=mosaic, info=frame.info), OPTICS, SITE, lens, None)
    assert look.cloud_fraction > 0.9


def test_what_trees_hide_is_no_cloud(camera) -> None:  # noqa: F811
    frame, lens = camera
    open_sky = measure_sky(frame, OPTICS, SITE, lens, None)
    hill = HorizonMask(azimuth_deg=(0.0, 180.0), altitude_deg=(60.0, 60.0))
    behind = measure_sky(frame, OPTICS, SITE, lens, hill)
    assert 0 < behind.bright_expected < open_sky.bright_expected
    unknown = measure_sky(frame, OPTICS, SITE, None, hill)
    assert (unknown.bright_expected, unknown.cloud_fraction) == (None, None)
    assert unknown.stars > 50


class World:
    def __init__(self, tmp_path, **parts) -> None:
        self.clock = JumpingClock()
        self.clock.now = parse_utc("2024-05-09T12:00:00Z")
        self.log: list[str] = []
        self.folder = tmp_path
        known = {
            "clock": self.clock, "camera": ScriptedCamera(self.clock), "roof": ScriptedRoof(),
            "mode": "full", "optics": OPTICS, "site": SITE, "lens": lambda: None,
            "horizon": lambda: None, "nights": tmp_path / "nights", "run": tmp_path / "run",
            "log": self.log.append,
        } | parts  # fmt: skip
        self.watch = SkyWatch(Watchtower(**known))
        self.parts = known


def test_by_day_the_camera_stays_closed_and_by_night_it_looks_every_quarter_hour(tmp_path) -> None:
    world = World(tmp_path)
    end = parse_utc("2024-05-10T12:00:00Z")
    looks = []
    while (instant := world.watch.next_look(end)) is not None:
        world.clock.now = instant
        looks.append(world.watch.look().utc)
    # in Zwiesel the Sun is 9 degrees down from 19:36 to 02:30 UTC, by astropy
    assert parse_utc("2024-05-09T19:35:00Z") < looks[0] < parse_utc("2024-05-09T19:52:00Z")
    assert parse_utc("2024-05-10T02:14:00Z") < looks[-1] < parse_utc("2024-05-10T02:31:00Z")
    gaps = np.diff([each.timestamp() for each in looks])
    assert gaps.min() >= 900.0
    assert gaps.max() < 960.0
    (night,) = (tmp_path / "nights").iterdir()
    assert night.name == "2024-05-09.jsonl"
    assert len([json.loads(line) for line in night.read_text().splitlines()]) == len(looks)
    assert (tmp_path / "run" / "sky.jpg").read_bytes()[:2] == b"\xff\xd8"
    assert world.parts["roof"].calls[-1] == "close"
    assert world.parts["roof"].calls.count("open") == len(looks)


def test_a_look_never_runs_into_what_comes_next(tmp_path) -> None:
    world = World(tmp_path)
    world.clock.now = parse_utc("2024-05-09T22:00:00Z")
    assert world.watch.next_look(later(world.clock.now, 40.0)) is None
    assert world.watch.next_look(later(world.clock.now, 50.0)) == world.clock.now


def test_what_was_seen_is_forgotten_after_a_while(tmp_path) -> None:
    world = World(tmp_path)
    world.clock.now = parse_utc("2024-05-09T22:00:00Z")
    look = world.watch.look()
    assert world.watch.recent() == look
    world.clock.now = later(world.clock.now, 3600.0)
    assert world.watch.recent() is None


class Failing:
    def __init__(self, error) -> None:
        self.error = error

    def __enter__(self):
        raise self.error

    def __exit__(self, *_exception) -> None:
        return None


@pytest.mark.parametrize(
    "error",
    [CameraError("no camera found", remedy="Check its cable."), DeviceError("x", remedy="")],
)
def test_a_camera_that_fails_costs_a_look_and_shuts_the_cover(tmp_path, error) -> None:
    world = World(tmp_path, camera=Failing(error))
    world.clock.now = parse_utc("2024-05-09T22:00:00Z")
    assert world.watch.look() is None
    assert error.message in world.log[0]
    assert world.parts["roof"].calls == ["open", "close"]
    # not tried again at once
    assert world.watch.next_look(later(world.clock.now, 7200.0)) == later(world.clock.now, 900.0)


def test_another_process_measures_the_same(camera, tmp_path) -> None:  # noqa: F811
    frame, lens = camera
    hill = HorizonMask(azimuth_deg=(0.0, 180.0), altitude_deg=(30.0, 30.0))
    for known, horizon in ((lens, hill), (None, None)):
        here = examine_here(frame, OPTICS, SITE, known, horizon)
        there = examine_in_child(tmp_path, frame, OPTICS, SITE, known, horizon)
        # a stamp in a file has fewer digits
        assert abs(seconds_between(there.look.utc, here.look.utc)) < 1e-3
        same_time = dataclasses.replace(there.look, utc=here.look.utc)
        assert dataclasses.replace(there, look=same_time) == here
    assert list(tmp_path.iterdir()) == []


def test_a_child_that_fails_costs_a_look(camera, tmp_path) -> None:  # noqa: F811
    frame, _ = camera
    unknown = dataclasses.replace(OPTICS, sensor=dataclasses.replace(OPTICS.sensor, name="imx000"))
    with pytest.raises(CameraError, match="the look at the sky was not measured"):
        examine_in_child(tmp_path, frame, unknown, SITE, None, None)
    assert list(tmp_path.iterdir()) == []


def test_the_observer_stays_small() -> None:
    """What paints and stacks is not even imported: that is develop's."""
    code = (
        "import sys, issgaze.service.observe, issgaze.cli.observe\n"
        "from issgaze.service.installed import import_everything\n"
        "import_everything('orbit', 'planning', 'sky')\n"
        "print([name for name in ('PIL', 'av', 'issgaze.picture.encode',"
        " 'issgaze.optics.blindsearch', 'ssl') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
