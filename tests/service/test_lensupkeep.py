"""The lens held against the frames of tonight: followed, found anew, or left alone."""

import dataclasses
import json
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from issgaze.archive.fits import read_raw
from issgaze.archive.horizonfile import HorizonStore
from issgaze.archive.layout import Archive
from issgaze.archive.lensfile import read_lens
from issgaze.archive.lenshistory import LensHistory
from issgaze.archive.planfile import PlanFile
from issgaze.cli.main import main
from issgaze.config import Settings
from issgaze.imaging.frame import Frame
from issgaze.optics.lens import Lens
from issgaze.planning.plan import CapturePlan
from issgaze.service.checkarchive import archive_checks
from issgaze.service.lensupkeep import check_lens
from issgaze.service.passsky import PassSky
from issgaze.service.series import Light
from issgaze.sky.site import Site
from tests.archive.test_ledger import iss_pass

_SITE = Site(latitude_deg=49.02, longitude_deg=13.23, height_m=620.0)
_SCENARIO = """
summary = "A camera on a roof."
start_utc = "2024-05-10T01:00:00Z"
seed = 12
[site]
name = "Test"
latitude_deg = 49.02
longitude_deg = 13.23
height_m = 620.0
[camera]
sensor = "imx462"
mode = "full"
exposure_s = 8.0
[lens]
projection = "equidistant"
focal_mm = 2.2
altitude_deg = 60.0
azimuth_deg = 170.0
"""


@pytest.fixture(scope="module")
def camera(tmp_path_factory: pytest.TempPathFactory) -> tuple[Frame, Lens]:
    folder = tmp_path_factory.mktemp("camera")
    (folder / "mine.toml").write_text(_SCENARIO)
    words = ["--scenario", str(folder / "mine.toml"), "--out", str(folder / "out"), "--frames", "1"]
    assert main(["simulate", *words]) == 0
    return read_raw(folder / "out/lights/0001.fits"), read_lens(folder / "out/lens.json")


def _turned(lens: Lens, angle_deg: float) -> Lens:
    angle = np.radians(angle_deg)
    turn = np.array(
        [[1, 0, 0], [0, np.cos(angle), -np.sin(angle)], [0, np.sin(angle), np.cos(angle)]]
    )
    rotation = turn @ np.array(lens.rotation)
    return dataclasses.replace(
        lens, rotation=tuple((float(a), float(b), float(c)) for a, b, c in rotation)
    )


def _error_px(found: Lens | None, true: Lens) -> float:
    assert found is not None
    x, y = np.meshgrid(np.linspace(100, true.width_px - 100, 12), np.linspace(100, 980, 9))
    pixels = np.stack((x.ravel(), y.ravel()), axis=-1)
    directions = true.to_directions(pixels)
    up = directions[:, 2] > 0.2
    away = np.linalg.norm(found.to_pixels(directions[up]) - pixels[up], axis=1)
    return float(np.nanmedian(away))


@pytest.mark.parametrize(
    ("angle_deg", "event", "said"),
    [
        (0.0, "refined", "stars agree with the lens of before"),
        (0.08, "drifted", "the picture has moved by"),
        (2.0, "bumped", "the camera has turned by 2.0°"),
        (25.0, "bumped", "the camera has turned by 25.0°"),
    ],
)
def test_the_lens_follows_the_camera(
    camera: tuple[Frame, Lens], angle_deg: float, event: str, said: str
) -> None:
    frame, true = camera
    check = check_lens(frame, _turned(true, angle_deg), _SITE)
    assert check.event == event
    assert said in check.reason
    assert _error_px(check.lens, true) < 0.3
    assert check.turn is not None
    assert check.turn.turned_deg == pytest.approx(angle_deg, abs=0.03)


def test_a_first_lens_is_found_blind(camera: tuple[Frame, Lens]) -> None:
    frame, true = camera
    check = check_lens(frame, None, _SITE)
    assert check.event == "solved"
    assert check.turn is None
    assert _error_px(check.lens, true) < 0.3


def test_a_frame_without_stars_leaves_the_lens_alone(camera: tuple[Frame, Lens]) -> None:
    frame, true = camera
    rng = np.random.default_rng(1)
    fog = rng.normal(600.0, 8.0, frame.mosaic.shape).astype(np.uint16)
    check = check_lens(dataclasses.replace(frame, mosaic=fog), true, _SITE)
    assert check.event == "unsolved"
    assert check.lens is true
    assert "the lens of before is kept" in check.reason


def test_the_history_keeps_every_solution_and_survives_a_torn_line(
    camera: tuple[Frame, Lens], tmp_path: Path
) -> None:
    frame, true = camera
    history = LensHistory(tmp_path / "calibration")
    assert history.current() is None
    assert history.rows() == []
    utc = frame.info.start_utc
    for angle_deg in (0.0, 0.08):
        check = check_lens(frame, _turned(true, angle_deg), _SITE)
        assert check.lens is not None
        history.add(check.lens, utc=utc + timedelta(days=angle_deg), facts=check.facts())
    with (tmp_path / "calibration/lens-history.jsonl").open("a") as file:
        file.write('{"utc": "2024-05-1')
    assert [row["event"] for row in history.rows()] == ["refined", "drifted"]
    assert history.rows()[1]["shift_px"] > 0.5
    current = history.current()
    assert current is not None
    assert _error_px(current, true) < 0.3
    (tmp_path / "calibration/lens.json").write_text(json.dumps({"format": "else"}))
    assert history.current() is None


def test_an_owners_picture_that_does_not_fit_costs_no_pass(
    camera: tuple[Frame, Lens], tmp_path: Path
) -> None:
    frame, true = camera
    history = LensHistory(tmp_path / "calibration")
    plan = CapturePlan(
        iss_pass=iss_pass(), mode="full", lights=(), darks=None, expected_snr=None, reasons=()
    )
    plan_file = PlanFile(
        pass_id="20240510T0144Z-25544", plan=plan, site=_SITE, site_name="", time_zone="UTC",
        satellite="ISS", elements={}, lens=true.to_document(),
    )  # fmt: skip
    light = Light(file="lights/0001.fits", frame=frame, error=None)
    sky = PassSky(plan_file, None, iter([light]), history)
    assert sky.lens is not None
    HorizonStore(history.folder).owner_file.write_bytes(b"no picture")
    tonight = np.full(frame.mosaic.shape, 0.5, dtype=np.float32)
    assert np.array_equal(sky.learn_horizon(tonight), tonight)
    (found,) = (
        check
        for check in archive_checks(Archive(tmp_path), Settings(), frame.info.start_utc)
        if check.name == "horizon"
    )
    assert found.state == "warn"
    assert "not a picture that can be read" in found.value
