"""Disk, focus, roof, GNSS, dew, rights and services under doctor's eyes."""

import grp
import json
import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from issgaze.archive.layout import Archive
from issgaze.archive.passfolder import pass_folders
from issgaze.archive.retention import archive_bytes
from issgaze.archive.status import FRESH_S, observe_runs, read_status
from issgaze.archive.wear import Nights, life_years
from issgaze.civil import parse_utc, seconds_between
from issgaze.config import SYSTEM_ARCHIVE, Settings
from issgaze.devices.diskfacts import DiskFacts, disk_facts
from issgaze.errors import ArchiveError, TimeError
from issgaze.service.check import Check, State
from issgaze.service.checkroof import roof_checks
from issgaze.service.gnss import GNSS_FILE

_SHORT_LIFE_YEARS = 2.0
_NEAR_DEW_C = 1.0
_GROUP = "issgaze"
_USERS = ("observe", "develop", "web", "fetch", "gnss")
_UNITS = ("issgaze-observe.service", "issgaze-develop.service", "issgaze-web.service",
          "issgaze-fetch.timer")  # fmt: skip


def health_checks(archive: Archive, settings: Settings, now: datetime) -> Iterator[Check]:
    """Yield what the device says of itself, and what its last preflight saw.

    Args:
        archive: It need not exist yet.
        settings: The configuration.
        now: The system's clock.
    """
    status = _status(archive)
    running = observe_runs(archive.run, now)
    yield disk_health(disk_facts(archive.root))
    yield _budget(archive, settings)
    yield from _preflight(archive)
    yield from roof_checks(settings.roof, status, running=running)
    yield _gnss(archive, settings, now, running=running)
    yield _dew(status, running=running)
    yield _pressure(status, running=running)
    yield permissions(archive.root)
    yield from _units()


def disk_health(disk: DiskFacts) -> Check:
    """Return whether the disk takes and keeps what it is given."""
    name, limit = "disk health", "no errors, writable"
    remedy = "Save what is on it and put in a new card; `dmesg` says more."
    if disk.read_only:
        return Check(name=name, state="fail", value="read-only", limit=limit, remedy=remedy)
    if disk.errors:
        value = f"{disk.errors} errors counted"
        return Check(name=name, state="warn", value=value, limit=limit, remedy=remedy)
    if disk.read_only is None:
        return Check(name=name, state="skip", value="not shown here")
    shown = "no errors counted" if disk.errors == 0 else "writable, errors are not counted"
    return Check(name=name, state="ok", value=f"{disk.name or 'disk'}: {shown}", limit=limit)


def _budget(archive: Archive, settings: Settings) -> Check:
    used_gb = archive_bytes(archive) / 1e9
    budget_gb = settings.archive.budget_gb
    mean = Nights(archive.wear).mean_bytes()
    disk = disk_facts(archive.root)
    life = life_years(disk.disk_gb, mean)
    value = f"{used_gb:.1f} GB of pictures and frames"
    if mean is not None:
        value += f", {mean / 1e9:.1f} GB written a night"
    if life is not None:
        value += f", a cheap card lasts {life:.0f} years so"
    wears = life is not None and life < _SHORT_LIFE_YEARS
    # the rest is removed by develop; where it is not running nobody does it
    over = used_gb > 1.1 * budget_gb
    remedy = ""
    if over:
        remedy = "issgaze-develop keeps it: see whether it runs, and how much is starred."
    elif wears:
        remedy = 'Set `camera.mode` to "binned", or put in an endurance card.'
    return Check(
        name="budget",
        state="warn" if over or wears else "ok",
        value=value,
        limit=f"{budget_gb:.0f} GB, {_SHORT_LIFE_YEARS:.0f} years",
        remedy=remedy,
    )


def _preflight(archive: Archive) -> Iterator[Check]:
    """Yield what the last look before a pass saw through the lens."""
    seen, when = _last_preflight(archive)
    for name, title in (("camera", "last frame"), ("focus", "focus"), ("cover", "cover")):
        found = seen.get(name)
        if found is None:
            if name == "focus":
                yield Check(name=title, state="skip", value="no pass was prepared yet")
            continue
        states: dict[str, State] = {"ok": "ok", "warn": "warn", "fail": "fail"}
        yield Check(
            name=title,
            state=states.get(str(found.get("state")), "skip"),
            value=f"{found.get('value')}, {when}",
            limit=str(found.get("limit", "")),
            remedy=str(found.get("remedy", "")),
        )


def _last_preflight(archive: Archive) -> tuple[dict[str, Mapping[str, Any]], str]:
    for folder in reversed(list(pass_folders(archive))):
        try:
            lines = (folder.path / "events.jsonl").read_text(errors="replace").splitlines()
        except OSError:
            continue
        for line in reversed(lines):
            try:
                event = json.loads(line)
                if event["event"] == "preflight":
                    checks = {str(each["name"]): each for each in event["checks"]}
                    return checks, str(event["utc"])[:10]
            except (ValueError, KeyError, TypeError):
                continue
    return {}, ""


def _gnss(archive: Archive, settings: Settings, now: datetime, *, running: bool) -> Check:
    name, limit = "GNSS", "a fix from 4 satellites"
    try:
        said = json.loads((archive.run / GNSS_FILE).read_text())
        state = str(said["state"])
        age_s = seconds_between(parse_utc(said["utc"]), now)
    except (OSError, ValueError, KeyError, TypeError, TimeError):
        return Check(name=name, state="skip", value="no receiver is read", limit=limit)
    # of a receiver on the roof controller observe tells when it has time to, not every second
    by_observe = running and (settings.gnss.source == "roof" or _status(archive).get("simulated"))
    if abs(age_s) > FRESH_S and not by_observe:
        return Check(name=name, state="skip", value="no receiver is read now", limit=limit)
    if state == "fix":
        return Check(name=name, state="ok", value=f"{said.get('satellites')} satellites",
                     limit=limit)  # fmt: skip
    remedies = {
        "silent": _receiver_remedy(settings),
        "no_fix": "Give its aerial a view of the sky; a first fix takes some minutes.",
    }
    return Check(
        name=name,
        state="warn",
        value=str(said.get("reason") or state),
        limit=limit,
        remedy=remedies.get(
            state, "See whether site.latitude_deg and longitude_deg are right, then the receiver."
        ),
    )


def _receiver_remedy(settings: Settings) -> str:
    if settings.gnss.source == "roof":
        return "Check the receiver on the roof controller and GNSS_RX in its firmware."
    if settings.gnss.source == "gpsd":
        return "See that gpsd runs, `systemctl status gpsd`, and hears the receiver: `cgps`."
    return f"Check the receiver's cable, and gnss.port: {settings.gnss.port}."


def _dew(status: Mapping[str, Any], *, running: bool) -> Check:
    margin = (status.get("health") or {}).get("dew_margin_c") if running else None
    limit = f"{_NEAR_DEW_C:.0f} °C"
    if margin is None:
        return Check(name="dew", state="skip", value="no humidity sensor speaks")
    near = margin < _NEAR_DEW_C
    return Check(
        name="dew",
        state="warn" if near else "ok",
        value=f"{margin:.1f} °C above the dew point",
        limit=limit,
        remedy="See whether the dome stays clear and the heater is warm." if near else "",
    )


def _pressure(status: Mapping[str, Any], *, running: bool) -> Check:
    memory = (status.get("health") or {}).get("memory") or {}
    percent = memory.get("pressure_percent") if running else None
    name, limit = "memory pressure", "10 % of the last minute"
    if percent is None:
        return Check(name=name, state="skip", value="not counted here")
    tight = percent > 10.0
    return Check(
        name=name,
        state="warn" if tight else "ok",
        value=f"{percent:.0f} %",
        limit=limit,
        remedy='End what else runs, or set `camera.mode` to "binned".' if tight else "",
    )


def permissions(root: Path, *, system: Path = SYSTEM_ARCHIVE) -> Check:
    """Return whether the programs can share the archive."""
    name, limit = "permissions", "2770 issgaze"
    if root != system or not root.is_dir():
        return Check(name=name, state="skip", value="an archive of your own", limit=limit)
    remedy = "Put it right: `sudo systemd-tmpfiles --create issgaze.conf`."
    missing = [f"issgaze-{user}" for user in _USERS if not _is_user(f"issgaze-{user}")]
    if missing:
        return Check(
            name=name, state="fail", value=f"no user {missing[0]}",
            remedy="Install the package again: `sudo apt install --reinstall ./issgaze_*.deb`.",
        )  # fmt: skip
    for path in (root, root / "passes", root / "elements", root / "calibration"):
        try:
            held = path.stat()
            group = grp.getgrgid(held.st_gid).gr_name
        except (OSError, KeyError):
            return Check(
                name=name, state="fail", value=f"{path} is missing", limit=limit, remedy=remedy
            )
        if group != _GROUP or held.st_mode & 0o2070 != 0o2070:
            shown = f"{path}: mode {held.st_mode & 0o7777:o}, group {group}"
            return Check(name=name, state="fail", value=shown, limit=limit, remedy=remedy)
    return Check(name=name, state="ok", value="each program has its own", limit=limit)


def _is_user(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def _units() -> Iterator[Check]:
    if not Path("/run/systemd/system").is_dir() or not shutil.which("systemctl"):
        return
    if not Path("/usr/lib/systemd/system/issgaze-observe.service").is_file():
        return
    # LC_ALL: the words are read by a program
    done = subprocess.run(
        ["systemctl", "is-active", *_UNITS], capture_output=True, text=True, check=False,
        env={**os.environ, "LC_ALL": "C"},
    )  # fmt: skip
    states = dict(zip(_UNITS, done.stdout.split(), strict=False))
    down = {unit: state for unit, state in states.items() if state != "active"}
    failed = [unit for unit, state in down.items() if state == "failed"]
    yield Check(
        name="services",
        state="fail" if failed else "warn" if down else "ok",
        value=", ".join(f"{unit} is {state}" for unit, state in down.items()) or "all run",
        limit="all active",
        remedy=f"`journalctl -u {next(iter(failed or down))} -n 50` says why." if down else "",
    )


def _status(archive: Archive) -> Mapping[str, Any]:
    try:
        return read_status(archive.run)
    except ArchiveError:
        return {}
