"""What the device knows of itself and of the weather when it chooses passes."""

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from issgaze.archive.layout import Archive
from issgaze.archive.pacefile import keep_bench, measured_interval_s
from issgaze.civil import parse_utc
from issgaze.config import DevelopSettings
from issgaze.errors import DeviceError
from issgaze.optics.profiles import sensor_profile
from issgaze.ports import ClockQuality, RoofState
from issgaze.service.conditions import conditions_now, memory_complaint, needed_gb

NOW = parse_utc("2024-05-09T18:00:00Z")


class StoppedClock:
    def now_utc(self):
        return NOW

    def quality(self) -> ClockQuality:
        return ClockQuality(trust="coarse", bound_s=4.0, source="test")


class Roof:
    def __init__(self, report: RoofState | None) -> None:
        self.report = report

    def state(self) -> RoofState:
        if self.report is None:
            raise DeviceError("silent", remedy="Look at the cable.")
        return self.report


def report(rain: bool | None, sky_c: float | None) -> RoofState:
    return RoofState(
        cover="closed", rain=rain, heater_duty=0.0, air_temperature_c=10.0, humidity_percent=60.0,
        sky_temperature_c=sky_c, faults=(),
    )  # fmt: skip


def test_clock_disk_and_weather_are_told(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=7.5e9))
    known = conditions_now(StoppedClock(), Roof(report(True, -4.0)), tmp_path, 2.5)  # type: ignore[arg-type]
    assert (known.clock_trust, known.free_gb, known.needed_gb) == ("coarse", 7.5, 2.5)
    assert (known.rain, known.cloud_fraction, known.weather_utc) == (True, 0.5, NOW)


@pytest.mark.parametrize("roof", [None, Roof(None), Roof(report(None, None))])
def test_where_nothing_is_known_nothing_is_claimed(roof: Roof | None, tmp_path: Path) -> None:
    known = conditions_now(StoppedClock(), roof, tmp_path, 0.5)  # type: ignore[arg-type]
    assert known.rain is None
    assert known.cloud_fraction is None


def test_a_disk_that_is_gone_is_not_full(tmp_path: Path) -> None:
    known = conditions_now(StoppedClock(), None, tmp_path / "none", 0.5)  # type: ignore[arg-type]
    assert known.free_gb is None


def test_full_frames_need_four_times_the_room() -> None:
    sensor = sensor_profile("imx477")
    assert needed_gb(sensor, "full") == pytest.approx(4.0 * needed_gb(sensor, "binned"))
    assert 2.0 < needed_gb(sensor, "full") < 3.0


def test_what_bench_measured_is_found_again(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    assert measured_interval_s(archive, "full") is None
    cases = [
        {"capture": "full", "resolution": "full", "shortest_exposure_s": 0.9},
        {"capture": "full", "resolution": "half", "shortest_exposure_s": 0.6},
        {"capture": "binned", "resolution": "half", "shortest_exposure_s": 0.2},
    ]
    keep_bench(archive, {"cases": cases})
    assert measured_interval_s(archive, "full") == 0.6
    assert measured_interval_s(archive, "binned") == 0.2
    (archive.calibration / "bench.json").write_text("{")
    assert measured_interval_s(archive, "full") is None


def test_what_memory_forbids_is_said_before_the_pass() -> None:
    sensor = sensor_profile("imx477")
    small, large = (DevelopSettings(memory_budget_mb=size) for size in (100, 2000))
    assert memory_complaint(sensor, "full", large) is None
    assert memory_complaint(sensor, "binned", small) is None
    complaint = memory_complaint(sensor, "full", small)
    assert complaint is not None
    assert "4056x3040 px at half resolution needs 183 MB, the budget is 100 MB" in complaint
    assert "Capture in the binned mode" in complaint
    full = DevelopSettings(memory_budget_mb=200, resolution="full")
    assert "Choose half resolution" in (memory_complaint(sensor, "full", full) or "")
