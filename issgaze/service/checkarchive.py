"""The archive under doctor's eyes: disk, element sets, lens, services, the last pass."""

import os
import tempfile
from collections.abc import Iterator, Sequence
from datetime import datetime

from issgaze.archive.elements import ElementStore
from issgaze.archive.fetchstate import FetchState
from issgaze.archive.horizonfile import HorizonStore
from issgaze.archive.layout import Archive
from issgaze.archive.ledger import Ledger
from issgaze.archive.lenshistory import LensHistory
from issgaze.archive.status import read_status
from issgaze.civil import parse_utc, seconds_between
from issgaze.config import Settings
from issgaze.devices.diskfacts import disk_facts
from issgaze.errors import ArchiveError, IssgazeError
from issgaze.optics.profiles import sensor_profile
from issgaze.orbit.elements import ElementSet
from issgaze.service.check import Check, State
from issgaze.service.conditions import memory_complaint, needed_gb

_FRESH_S = 10.0
_YOUNG_DAYS, _OLD_DAYS = 3.0, 7.0
_QUIET_BEFORE_S = 30 * 60.0
_UPGRADE_GB = 0.3
# those whose failure speaks against an upgrade now; issgaze-rollback asks for the first by name
UPGRADE_CHECKS = ("time to upgrade", "room to upgrade")


def archive_checks(archive: Archive, settings: Settings, now: datetime) -> Iterator[Check]:
    """Yield what the archive says.

    Args:
        archive: It need not exist yet.
        settings: The configuration.
        now: The system's clock.
    """
    yield _disk(archive, settings)
    yield _writable(archive)
    yield _stacking(settings)
    yield from _elements(archive, settings, now)
    yield _sources(archive)
    yield _lens(archive)
    yield _horizon(archive, settings)
    yield _observe(archive, now)
    yield _last_pass(archive)


def upgrade_check(archive: Archive, now: datetime) -> Check:
    """Return whether an upgrade now could cost a pass."""
    name, limit = UPGRADE_CHECKS[0], "30 min to the next pass"
    try:
        status = read_status(archive.run)
    except ArchiveError as error:
        if isinstance(error.__cause__, FileNotFoundError):
            return Check(name=name, state="ok", value="nothing runs here", limit=limit)
        # what cannot be seen may be a pass
        return Check(name=name, state="fail", value=error.message, limit=limit, remedy=error.remedy)
    if status.get("simulated"):
        return Check(name=name, state="ok", value="a simulated sky", limit=limit)
    if status.get("capture"):
        return Check(
            name=name,
            state="fail",
            value="a pass is being photographed",
            limit=limit,
            remedy="Wait until `issgaze status` says that it is over.",
        )
    upcoming = status.get("next_pass")
    if not isinstance(upcoming, dict):
        return Check(name=name, state="ok", value="no pass ahead", limit=limit)
    left_s = seconds_between(now, parse_utc(upcoming["rise"]["utc"]))
    if 0.0 < left_s < _QUIET_BEFORE_S:
        return Check(
            name=name,
            state="fail",
            value=f"the next pass rises in {left_s / 60.0:.0f} min",
            limit=limit,
            remedy="Upgrade after it.",
        )
    return Check(name=name, state="ok", value=f"{left_s / 3600.0:.1f} h to the next", limit=limit)


def upgrade_room(archive: Archive) -> Check:
    """Return whether a new version, and the old one that is kept, find room."""
    name, limit = UPGRADE_CHECKS[1], f"{_UPGRADE_GB:.1f} GB"
    free_gb = disk_facts(archive.root).free_gb
    if free_gb is None:
        return Check(name=name, state="skip", value="not shown here")
    short = free_gb < _UPGRADE_GB
    return Check(
        name=name,
        state="fail" if short else "ok",
        value=f"{free_gb:.1f} GB free",
        limit=limit,
        remedy="Free some room first: `sudo apt clean`." if short else "",
    )


def _disk(archive: Archive, settings: Settings) -> Check:
    place = next(
        (path for path in (archive.root, *archive.root.parents) if path.exists()), archive.root
    )
    try:
        held = os.statvfs(place)
    except OSError as error:
        return Check(
            name="disk",
            state="fail",
            value=(error.strerror or str(error)).lower(),
            remedy="Look at `dmesg`: the card may be dying. Save what is on it.",
        )
    free_gb = held.f_bavail * held.f_frsize / 1e9
    needed = needed_gb(sensor_profile(settings.camera.sensor), settings.camera.mode)
    short = free_gb < needed
    return Check(
        name="disk",
        state="fail" if short else "warn" if free_gb < 3.0 * needed else "ok",
        value=f"{free_gb:.1f} GB free",
        limit=f"{needed:.1f} GB for one pass, {settings.archive.budget_gb:.0f} GB budget",
        remedy="Free some room: raw frames of old passes take the most."
        if free_gb < 3.0 * needed
        else "",
    )


def _writable(archive: Archive) -> Check:
    name, limit = "archive", "can be written"
    if not archive.root.exists():
        return Check(name=name, state="skip", value="not made yet", limit=limit)
    try:
        with tempfile.TemporaryFile(dir=archive.root) as file:
            file.write(b"x" * 4096)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        return Check(
            name=name,
            state="fail",
            value=f"cannot be written: {(error.strerror or str(error)).lower()}",
            limit=limit,
            remedy="Run as the user of the archive, or look at `dmesg` for a card gone read-only.",
        )
    return Check(name=name, state="ok", value="can be written", limit=limit)


def _stacking(settings: Settings) -> Check:
    sensor = sensor_profile(settings.camera.sensor)
    limit = "the memory that developing may take"
    complaint = memory_complaint(sensor, settings.camera.mode, settings.develop)
    if complaint is None:
        value = "what the camera gives fits"
        return Check(name="stacking", state="ok", value=value, limit=limit)
    return Check(
        name="stacking",
        state="fail",
        value=complaint,
        limit=limit,
        remedy='Set `camera.mode` to "binned", or give develop.memory_budget_mb more.',
    )


def _elements(archive: Archive, settings: Settings, now: datetime) -> Iterator[Check]:
    store = ElementStore(archive.elements)
    for norad_id in settings.passes.norad_ids:
        name = f"elements {norad_id}"
        limit = f"{_YOUNG_DAYS:.0f} days, {_OLD_DAYS:.0f} at most"
        remedy = "Run `issgaze elements fetch`, or `issgaze elements import FILE` without network."
        held = store.in_force(norad_id, at=now)
        if held is None:
            value = _too_old(store.history(norad_id), now)
            yield Check(name=name, state="fail", value=value, limit=limit, remedy=remedy)
            continue
        age = seconds_between(held.elements.epoch, now) / 86400.0
        state: State = "ok" if age <= _YOUNG_DAYS else "warn" if age <= _OLD_DAYS else "fail"
        doubt = "" if held.standing == "confirmed" else f", {held.standing}"
        if state == "ok" and held.standing == "suspect":
            state = "warn"
        yield Check(
            name=name,
            state=state,
            value=f"{age:.1f} days old{doubt}",
            limit=limit,
            remedy="" if state == "ok" else remedy,
        )


def _too_old(history: Sequence[ElementSet], now: datetime) -> str:
    """Say what is held of a satellite of which no set is in force."""
    if not history:
        return "none held"
    age_days = min(abs(seconds_between(one.epoch, now)) for one in history) / 86400.0
    return f"{len(history)} held, the youngest {age_days:.0f} days old: too old to use"


def _sources(archive: Archive) -> Check:
    latched = FetchState(archive.elements).latches()
    if not latched:
        return Check(
            name="element sources", state="ok", value="none has shut us out", limit="none shut"
        )
    name, reason = next(iter(latched.items()))
    return Check(
        name="element sources",
        state="warn",
        value=f"{name}: {reason}",
        limit="none shut",
        remedy="Ask the source what it minds, then `issgaze fetch --release`.",
    )


def _lens(archive: Archive) -> Check:
    history = LensHistory(archive.calibration)
    limit = "known, and where it was"
    rows = history.rows()
    if history.current() is None:
        return Check(
            name="lens", state="warn", value="not known", limit=limit,
            remedy="The next clear pass finds it, or `issgaze calibrate` on a frame of stars.",
        )  # fmt: skip
    last = rows[-1] if rows else {}
    bumped = last.get("event") == "bumped"
    return Check(
        name="lens",
        state="warn" if bumped else "ok",
        value=str(last.get("reason", "known")),
        limit=limit,
        remedy="Fasten the camera; the new place is used already." if bumped else "",
    )


def _horizon(archive: Archive, settings: Settings) -> Check:
    store = HorizonStore(archive.calibration)
    lens = LensHistory(archive.calibration).current()
    if lens is not None:
        try:
            store.owner(store.load(lens.width_px, lens.height_px).sky.shape)
        except ArchiveError as error:
            return Check(name="horizon", state="warn", value=error.message, remedy=error.remedy)
    if settings.horizon() is not None:
        return Check(name="horizon", state="ok", value="written in the configuration")
    if store.line() is not None:
        return Check(name="horizon", state="ok", value="learnt from clear passes")
    return Check(name="horizon", state="skip", value="not known, learnt from the next clear pass")


def _observe(archive: Archive, now: datetime) -> Check:
    name, limit = "observe", f"a status younger than {_FRESH_S:.0f} s"
    remedy = "Start it: `sudo systemctl start issgaze-observe`, or `issgaze run`."
    try:
        status = read_status(archive.run)
    except ArchiveError:
        return Check(name=name, state="warn", value="not running", limit=limit, remedy=remedy)
    if status.get("simulated"):
        return Check(name=name, state="skip", value="a simulated sky")
    age_s = seconds_between(parse_utc(status["utc"]), now)
    stale = not -_FRESH_S <= age_s <= _FRESH_S
    return Check(
        name=name,
        state="warn" if stale else "ok",
        value=f"silent for {age_s:.0f} s" if stale else str(status.get("sentence", "running")),
        limit=limit,
        remedy=remedy if stale else "",
    )


def _last_pass(archive: Archive) -> Check:
    name, limit = "last pass", "anything but missed"
    try:
        rows = [
            row for row in Ledger(archive.ledger).rows() if row.outcome not in {None, "withdrawn"}
        ]
    except IssgazeError as error:
        return Check(name=name, state="fail", value=error.message, limit=limit, remedy=error.remedy)
    if not rows:
        return Check(name=name, state="skip", value="none yet", limit=limit)
    last = rows[-1]
    missed = last.outcome == "missed"
    return Check(
        name=name,
        state="warn" if missed else "ok",
        value=f"{last.outcome}: {last.reason}",
        limit=limit,
        remedy="The reason names what to mend." if missed else "",
    )
