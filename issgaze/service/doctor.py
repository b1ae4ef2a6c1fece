"""Everything an experienced helper would ask for over the phone."""

import contextlib
import errno
import importlib.metadata
import importlib.util
import os
import platform
from collections.abc import Iterator
from pathlib import Path

from issgaze import __version__
from issgaze.archive.layout import Archive
from issgaze.archive.status import device_now
from issgaze.config import Settings, load_settings
from issgaze.devices.board import board_facts
from issgaze.devices.picamera import attached_sensors, is_kin
from issgaze.devices.systemclock import SystemClock
from issgaze.errors import ConfigurationError, IssgazeError, remedy_for
from issgaze.ports import ClockQuality
from issgaze.service.check import Check, State
from issgaze.service.checkarchive import archive_checks, upgrade_check, upgrade_room
from issgaze.service.checkboard import board_checks
from issgaze.service.checkconfig import config_faults
from issgaze.service.checkhealth import health_checks


def examine(
    configuration: Path | None, archive: Archive | None, *, before_upgrade: bool = False
) -> list[Check]:
    """Return all findings.

    Args:
        configuration: The file, None where defaults hold.
        archive: Where to look instead of where the configuration says.
        before_upgrade: Ask whether an upgrade now could cost a pass, too.
    """
    return list(_findings(configuration, archive, before_upgrade=before_upgrade))


def _findings(
    configuration: Path | None, archive: Archive | None, *, before_upgrade: bool
) -> Iterator[Check]:
    yield _versions()
    try:
        settings = load_settings(configuration)
    except ConfigurationError as error:
        # the rest is looked at with defaults: a wrong file must not hide a dying card
        settings = Settings()
        yield Check(
            name="configuration", state="fail", value=error.message, limit="no fault",
            remedy=error.remedy,
        )  # fmt: skip
    else:
        yield _configuration(settings, configuration)
    yield _site(settings)
    yield _camera(settings)
    clock = SystemClock()
    yield _clock(clock.quality())
    yield from board_checks(board_facts())
    where = archive or Archive(settings.archive_path())
    # of a simulated device the age of everything counts from its own clock
    now = device_now(where.run, clock.now_utc())
    if where.root.is_dir() and not os.access(where.root, os.R_OK | os.X_OK):
        forbidden = PermissionError(errno.EACCES, "permission denied")
        yield Check(
            name="archive", state="fail", value="you may not read it", limit="can be written",
            remedy=remedy_for(forbidden),
        )  # fmt: skip
    else:
        yield from archive_checks(where, settings, now)
        yield from health_checks(where, settings, now)
    if before_upgrade:
        yield upgrade_check(where, clock.now_utc())
        yield upgrade_room(where)


def _configuration(settings: Settings, file: Path | None) -> Check:
    """Return what becomes of settings that could be read."""
    faults = config_faults(settings, file)
    where = str(file) if file else "none: defaults hold"
    return Check(
        name="configuration",
        state="fail" if faults else "ok",
        value="; ".join(fault.message for fault in faults) or where,
        limit="no fault",
        remedy=" ".join(dict.fromkeys(fault.remedy for fault in faults)),
    )


def _versions() -> Check:
    names = ("numpy", "sgp4", "Pillow", "av", "bottle")
    parts = [f"issgaze {__version__}", f"Python {platform.python_version()}"]
    for name in names:
        try:
            parts.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            parts.append(f"{name} missing")
    missing = any(part.endswith("missing") for part in parts)
    with contextlib.suppress(importlib.metadata.PackageNotFoundError):
        # where there is a camera to drive
        parts.append(f"picamera2 {importlib.metadata.version('picamera2')}")
    with contextlib.suppress(OSError):
        system = platform.freedesktop_os_release()
        parts.append(f"{system['PRETTY_NAME']}, kernel {platform.release()}")
    return Check(
        name="versions",
        state="warn" if missing else "ok",
        value=", ".join(parts),
        limit="none missing",
        remedy="Install what is missing: `sudo apt install ./issgaze_*.deb`." if missing else "",
    )


def _site(settings: Settings) -> Check:
    limit = "latitude and longitude"
    try:
        settings.require_site()
    except ConfigurationError as error:
        return Check(name="site", state="fail", value="not set", limit=limit, remedy=error.remedy)
    # the place itself is nobody's business: findings are sent to others
    value = f"set, times in {settings.site.time_zone}"
    return Check(name="site", state="ok", value=value, limit=limit)


def _camera(settings: Settings) -> Check:
    limit = f"{settings.camera.sensor.upper()} seen by picamera2"
    if settings.camera.adapter != "picamera":
        return Check(name="camera", state="skip", value=f"the {settings.camera.adapter} adapter")
    if importlib.util.find_spec("picamera2") is None:
        return Check(
            name="camera",
            state="fail",
            value="picamera2 is not installed",
            limit=limit,
            remedy="On a Raspberry Pi: `sudo apt install python3-picamera2`.",
        )
    wanted = settings.camera.sensor
    try:
        found = attached_sensors()
    except IssgazeError as error:
        return Check(
            name="camera", state="fail", value=error.message, limit=limit, remedy=error.remedy
        )
    except (RuntimeError, OSError) as error:
        remedy = "Restart the board; then `rpicam-hello --list-cameras`."
        return Check(name="camera", state="fail", value=str(error), limit=limit, remedy=remedy)
    if not any(is_kin(wanted, each) for each in found):
        shown = ", ".join(each.upper() for each in found) or "none is seen"
        return Check(
            name="camera", state="fail", value=shown, limit=limit,
            remedy="Check the ribbon cable at both ends, contacts and clips, and restart."
            if not found
            else f"Run `issgaze config set camera.sensor {found[0]}`.",
        )  # fmt: skip
    return Check(name="camera", state="ok", value=f"{wanted.upper()} is seen", limit=limit)


def _clock(quality: ClockQuality) -> Check:
    bound = "unknown" if quality.bound_s is None else f"good to {quality.bound_s * 1000:.0f} ms"
    states: dict[str, State] = {"trusted": "ok", "coarse": "warn", "untrusted": "fail"}
    state = states[quality.trust]
    return Check(
        name="clock",
        state=state,
        value=f"{quality.trust}, {bound} ({quality.source})",
        limit="trusted below 100 ms, no capture above 30 s",
        remedy=""
        if state == "ok"
        else "Connect to the network so that chrony or systemd-timesyncd can set it, or add GNSS.",
    )
