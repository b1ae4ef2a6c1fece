"""The devices of a simulated world; those of this machine are in `realdevices`."""

import dataclasses
import math
from datetime import datetime
from pathlib import Path

from issgaze.archive.atomic import guard_writes
from issgaze.archive.layout import Archive
from issgaze.archive.status import STATUS_FILE, read_status
from issgaze.civil import format_utc, parse_utc
from issgaze.config import Settings
from issgaze.optics.profiles import sensor_profile
from issgaze.service.devices import Devices
from issgaze.simulated.camera import SimulatedCamera
from issgaze.simulated.clock import SimulatedClock
from issgaze.simulated.devicetime import DeviceTime
from issgaze.simulated.disk import SimulatedDisk
from issgaze.simulated.elementsource import SimulatedElementSource, element_record
from issgaze.simulated.gnss import SimulatedGnss
from issgaze.simulated.lens import lens_document
from issgaze.simulated.roof import SimulatedRoof
from issgaze.simulated.scenario import Scenario


def simulated_settings(settings: Settings, scenario: Scenario) -> Settings:
    """Return the settings with the scenario's site and camera in place of the owner's."""
    site = scenario.site
    return dataclasses.replace(
        settings,
        site=dataclasses.replace(
            settings.site,
            name=site.name,
            latitude_deg=site.latitude_deg,
            longitude_deg=site.longitude_deg,
            height_m=site.height_m,
            time_zone=site.time_zone,
        ),
        passes=dataclasses.replace(
            settings.passes, norad_ids=(int(element_record(scenario)["NORAD_CAT_ID"]),)
        ),
        camera=dataclasses.replace(
            settings.camera,
            adapter="simulated",
            sensor=scenario.camera.sensor,
            mode=scenario.camera.mode,
            focal_mm=scenario.lens.focal_mm,
            f_number=scenario.camera.f_number,
            has_cover=True,
        ),
    )


def simulated_devices(
    scenario: Scenario, *, start: datetime | None, speed: float | None, kept_clock: Path
) -> Devices:
    """Return a simulated world.

    Args:
        scenario: What the world is like.
        start: What its clock shows first; None goes on where `kept_clock` says, else at the true
            start of the scenario, whatever the clock shows then. After a kill it goes on at the
            last status.
        speed: Of its clock against real time; None jumps.
        kept_clock: File that holds the clock between runs.
    """
    begin = start or _kept(kept_clock) or DeviceTime(scenario).reading(scenario.start_utc)
    clock = SimulatedClock(begin, speed=speed, scenario=scenario)
    if any(cue.what.startswith("disk_") for cue in scenario.failures):
        disk = SimulatedDisk(scenario, clock, below=kept_clock.parent / "passes")
        guard_writes(disk.before_write)
    roof = SimulatedRoof(scenario, clock)
    lens = lens_document(scenario)
    return Devices(
        clock=clock,
        camera=SimulatedCamera(scenario, clock, roof=roof),
        roof=roof,
        element_source=SimulatedElementSource(scenario),
        sensor=sensor_profile(scenario.camera.sensor),
        lens=lens,
        focal_px=float(lens["focal_px"]),
        minimum_interval_s=1.0,
        simulated=True,
        speed="max" if speed is None else speed,
        holds_for_develop=speed is None,
        gnss=SimulatedGnss(scenario, clock),
    )


def _kept(path: Path) -> datetime | None:
    """Return where the clock was; one that was killed has left no more than its last status."""
    run = Archive(path.parent).run
    try:
        written_s = path.stat().st_mtime
    except OSError:
        written_s = -math.inf
    try:
        if (run / STATUS_FILE).stat().st_mtime > written_s:
            status = read_status(run)
            if status.get("simulated") is True:
                return parse_utc(str(status.get("utc")))
    except (OSError, ValueError, AttributeError):
        pass
    try:
        return parse_utc(path.read_text())
    except (OSError, ValueError):
        return None


def kept_clock_text(now: datetime) -> bytes:
    """Return what to write into the file that keeps the simulated clock."""
    return format_utc(now).encode() + b"\n"
