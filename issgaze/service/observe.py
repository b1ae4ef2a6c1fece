"""observe: element sets on disk, passes, waiting, raw frames into a pass folder."""

import math
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from issgaze.archive.elements import ElementStore
from issgaze.archive.horizonfile import HorizonStore
from issgaze.archive.layout import Archive
from issgaze.archive.ledger import Ledger
from issgaze.archive.lenshistory import LensHistory
from issgaze.archive.pacefile import measured_interval_s
from issgaze.archive.passfolder import PassFolder, pass_folders
from issgaze.archive.planfile import PlanFile
from issgaze.archive.requests import Requests
from issgaze.civil import later, local, seconds_between, time_zone
from issgaze.config import Settings
from issgaze.errors import ArchiveError, CameraError, ConfigurationError
from issgaze.orbit.formats import element_record
from issgaze.planning.capture import plan_capture
from issgaze.planning.choose import Conditions
from issgaze.planning.plan import CapturePlan, Choice
from issgaze.service.bookkeeping import Bookkeeper
from issgaze.service.capture import Progress, Stage, capture, darks_start_lead_s
from issgaze.service.conditions import conditions_now, memory_complaint, needed_gb
from issgaze.service.desk import Desk, Handler
from issgaze.service.devices import Devices
from issgaze.service.focusing import Focusing
from issgaze.service.gnss import gnss_document, publish_gnss
from issgaze.service.healing import HealingRecord
from issgaze.service.nextchart import publish_charts
from issgaze.service.prediction import Prediction, predict, predict_for_guests, publish_prediction
from issgaze.service.preflight import Preflight, Subject, metering_optics, preflight
from issgaze.service.reporter import Reporter

# predictions are renewed this often, and whenever a pass is over
_REFRESH_S = 6 * 3600.0
_ARM_LEAD_S = 60.0
_LAST_LOOK_S = 15.0 * 60.0
_LATEST_START_S = 5.0
_DISK_PAUSE_S = 60.0
# what a preflight may take at most, a camera that hangs and is opened again included
_PREFLIGHT_S = 120.0
# astronomical twilight is over, with room for a quarter of an hour
_DARK_SUN_DEG = -21.0
# an upgrade takes effect so long before a pass, a new configuration at the last moment
_QUIET_S = 30.0 * 60.0
_RELOAD_LEAD_S = 120.0

# why the observer ends: it was told to, to begin anew with other settings, or as another version
Ending = Literal["stopped", "reload", "replaced"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ObserverParts:
    """What the observer works with.

    Attributes:
        stop: Becomes true when the program shall end; asked in every wait and after every frame.
        watched: True when a unit starts the program again after it has ended.
        replaced: Becomes true when another version of the program is installed.
        check_settings: Raises what is wrong with the configuration file as it is now; None where
            nobody may change it.
        complaint: What is wrong with the file while the last good settings hold.
        handlers: What else is done on request, by kind.
    """

    archive: Archive
    settings: Settings
    devices: Devices
    stop: Callable[[], bool]
    log: Callable[[str], None]
    watched: bool = False
    replaced: Callable[[], bool] = lambda: False
    check_settings: Callable[[], None] | None = None
    complaint: str = ""
    handlers: Mapping[str, Handler] = field(default_factory=dict)


class Observer:
    """The program on the roof: waits for passes and photographs them."""

    def __init__(self, parts: ObserverParts) -> None:
        self._archive = parts.archive
        self._settings = parts.settings
        self._devices = parts.devices
        self._clock = parts.devices.clock
        self._log = parts.log
        self._replaced = parts.replaced
        self._check_settings = parts.check_settings
        self._complaint = parts.complaint
        self._facts = _facts(parts.settings, parts.devices)
        self._facts["configuration"] = _configuration(parts.complaint)
        self._wants_reload = False
        # when the next pass begins to be worked on, None without one
        self._arms: datetime | None = None
        self._focusing = Focusing(parts.archive.run, self._clock)
        handlers = {
            "reload": self._on_reload,
            "focus": self._focusing.on_request,
            **parts.handlers,
        }
        desk = Desk(Requests(parts.archive.run), handlers, monotonic_s=self._clock.monotonic_s)

        def stop() -> bool:
            # every wait and frame asks whether to stop: that is when requests are answered
            desk.look()
            return parts.stop()

        self._stop = stop
        self._zone = time_zone(parts.settings.site.time_zone)
        self._store = ElementStore(parts.archive.elements)
        self._ledger = Ledger(parts.archive.ledger)
        self._books = Bookkeeper(parts.archive, self._ledger, self._clock.now_utc())
        self._done: set[str] = set()
        # passes whose capture the disk broke off, with the reason to seal them with
        self._broken_off: dict[str, str] = {}
        self._gnss_complaint = ""
        self._looked: dict[str, Preflight] = {}
        record = HealingRecord(parts.archive.root / "healing.json", self._clock.now_utc)
        self._may_restart = record.may_restart if parts.watched else None

    def run(self, passes: int | None = None) -> Ending:
        """Work until stopped, or until that many passes are photographed, developed and settled.

        Raises:
            ArchiveError: The archive cannot be written.
            ConfigurationError: The site is not known.
            RestartNeeded: A new process may heal the camera; the pass goes on with it.
        """
        self._seal_interrupted()
        self._say_what_memory_forbids()
        facts = self._facts
        with Reporter(self._archive.run, self._clock, facts, self._log) as reporter:
            developed = 0
            complaint = ""
            while not self._stop():
                try:
                    prediction = self._predict(reporter)
                    if passes is not None and developed >= passes:
                        return "stopped"
                    choice = self._next(prediction)
                    self._arms = self._arm_time(choice) if choice else None
                    ending = self._ending()
                    if ending is not None:
                        return ending
                    self._focus(reporter)
                    developed += self._step(prediction, reporter)
                except ArchiveError as error:
                    # a disk that is full or failing ends one pass, not the watch over the next
                    if error.message != complaint:
                        self._log(f"{error.message}. {error.remedy}")
                    complaint = error.message
                    reporter.say("waiting", f"The disk refuses: {error.message}")
                    again = later(self._clock.now_utc(), _DISK_PAUSE_S)
                    self._clock.sleep_until(again, wake=self._stop)
        return "stopped"

    def _on_reload(self, _facts: Mapping[str, Any]) -> str:
        """Look at the configuration file; a wrong one changes nothing but what the status says."""
        if self._check_settings is None:
            raise ConfigurationError(
                "nothing is read from a file here", remedy="Start it anew with other arguments."
            )
        try:
            self._check_settings()
        except ConfigurationError as error:
            self._complaint = error.message
            self._facts.update(configuration=_configuration(self._complaint))
            raise
        self._complaint = ""
        self._facts.update(configuration=_configuration(""))
        self._wants_reload = True
        return "taken now, or after the pass if one is near"

    def _ending(self) -> Ending | None:
        """Return why to end between passes, None to go on; a pass that is near comes first."""
        left_s = self._left_s()
        if self._wants_reload and left_s > _RELOAD_LEAD_S:
            return "reload"
        if self._replaced() and left_s > _QUIET_S:
            return "replaced"
        return None

    def _woken(self) -> bool:
        self._focusing.free_s = self._left_s()
        return self._stop() or self._ending() is not None or self._focusing.wanted

    def _left_s(self) -> float:
        """Return the seconds until the next pass is worked on."""
        if self._arms is None:
            return math.inf
        return seconds_between(self._clock.now_utc(), self._arms)

    def _focus(self, reporter: Reporter) -> None:
        """Focus, if somebody wants to; a camera that fails at it ends no more than that."""
        if not self._focusing.wanted:
            return
        reporter.say("focusing", "Focusing.")

        def stop() -> bool:
            self._focusing.free_s = self._left_s()
            return self._stop()

        try:
            self._focusing.session(
                self._devices.camera,
                roof=self._devices.roof,
                mode=self._settings.camera.mode,
                stop=stop,
            )
        except CameraError as error:
            self._log(f"{error.message}. {error.remedy}")

    def _step(self, prediction: Prediction, reporter: Reporter) -> int:
        """Wait for the next pass and photograph it; return how many were developed meanwhile."""
        choice = self._next(prediction)
        if choice is None:
            self._idle(reporter, self._next_look(prediction))
        elif self._wait_for(choice, self._next_look(prediction), reporter):
            return self._photograph(choice, reporter)
        return 0

    def _say_what_memory_forbids(self) -> None:
        settings = self._settings
        complaint = memory_complaint(self._devices.sensor, settings.camera.mode, settings.develop)
        if complaint is not None:
            self._log(complaint)

    def _seal_interrupted(self) -> None:
        """Seal what was left open, to be developed as it is; a pass still up goes on."""
        now = self._clock.now_utc()
        for folder in pass_folders(self._archive):
            if not folder.is_sealed and _is_over(folder, now):
                folder.seal(now, self._broken_off.get(folder.id, "interrupted"))

    def _predict(self, reporter: Reporter) -> Prediction:
        self._seal_interrupted()
        self._ask_gnss()
        now = self._clock.now_utc()
        known = self._conditions()
        learnt = HorizonStore(self._archive.calibration).line()
        prediction = predict(self._store, self._settings, now, known, learnt=learnt)
        self._books.foresee(prediction.choices, now)
        self._books.settle(now)
        guest = predict_for_guests(self._store, self._settings, now, known)
        publish_prediction(self._archive, prediction, guest)
        horizon = self._settings.horizon() or learnt
        publish_charts(self._archive, self._settings, prediction, guest, horizon)
        reporter.foresee(prediction, self._next(prediction))
        return prediction

    def _conditions(self) -> Conditions:
        devices = self._devices
        room_gb = needed_gb(devices.sensor, self._settings.camera.mode)
        return conditions_now(self._clock, devices.roof, self._archive.root, room_gb)

    def _ask_gnss(self) -> None:
        receiver = self._devices.gnss
        if receiver is None:
            return
        document = gnss_document(receiver, self._settings.site, self._clock.now_utc())
        publish_gnss(self._archive.run, document)
        complaint = str(document["reason"])
        if complaint and complaint != self._gnss_complaint:
            self._log(f"GNSS: {complaint}")
        self._gnss_complaint = complaint

    def _next(self, prediction: Prediction) -> Choice | None:
        """Return the pass to photograph next; one that has begun still counts."""
        now = self._clock.now_utc()
        wanted = (
            choice
            for choice in prediction.choices
            if choice.verdict == "shoot"
            and choice.iss_pass.id not in self._done
            and choice.iss_pass.lit
            and choice.iss_pass.lit[-1].end.utc > later(now, _LATEST_START_S)
        )
        return next(wanted, None)

    def _plan(self, choice: Choice) -> CapturePlan:
        elements = self._store.latest(choice.iss_pass.norad_id, at=self._clock.now_utc())
        if elements is None:
            raise ArchiveError(
                f"no element set of {choice.iss_pass.norad_id} in {self._archive.elements}",
                remedy="Run `issgaze elements fetch` or `issgaze elements import FILE`.",
            )
        devices, mode = self._devices, self._settings.camera.mode
        return plan_capture(
            choice.iss_pass,
            elements=elements,
            site=self._settings.require_site(),
            sensor=devices.sensor,
            mode=mode,
            focal_px=devices.focal_px,
            f_number=self._settings.camera.f_number,
            minimum_interval_s=self._pace_s(mode) or devices.minimum_interval_s,
            binned_interval_s=self._pace_s("binned"),
            has_cover=devices.roof is not None,
            clock_bound_s=self._clock.quality().bound_s,
            sky_mag_arcsec2=self._metered_sky(choice),
            standard_magnitude=self._settings.passes.standard_magnitude,
        )

    def _pace_s(self, mode: str) -> float | None:
        """Return what a frame takes on this device; a simulated camera waits for develop."""
        return None if self._devices.simulated else measured_interval_s(self._archive, mode)

    def _next_look(self, prediction: Prediction) -> datetime:
        """Return when to predict anew: now and then, and shortly before each pass to be seen.

        The last look sees the newest element set, the weather and the disk; a pass that was to be
        skipped may be shot after all.
        """
        now = self._clock.now_utc()
        looks = (
            later(choice.iss_pass.lit[0].start.utc, -_LAST_LOOK_S)
            for choice in prediction.visible()
        )
        return min([later(now, _REFRESH_S), *(look for look in looks if look > now)])

    def _wait_for(self, choice: Choice, look: datetime, reporter: Reporter) -> bool:
        """Wait until it is time to arm for a pass; False when something else comes first."""
        rise = local(choice.iss_pass.rise.utc, self._zone)
        arm = self._arm_time(choice)
        reporter.say("waiting", f"Waiting for the pass at {rise:%H:%M} on {rise:%A, %-d %B}.")
        if arm > look:
            self._idle(reporter, look)
            return False
        self._preflight(choice, arm)
        return self._clock.sleep_until(arm, wake=self._woken)

    def _preflight(self, choice: Choice, arm: datetime) -> None:
        """Look at everything once, if there is time to mend what is found."""
        pass_id = choice.iss_pass.id
        if pass_id in self._looked or later(self._clock.now_utc(), _PREFLIGHT_S) > arm:
            return
        elements = self._store.latest(choice.iss_pass.norad_id, at=self._clock.now_utc())
        if elements is None:
            return
        devices, mode = self._devices, self._settings.camera.mode
        found = preflight(
            Subject(
                clock=self._clock,
                camera=devices.camera,
                roof=devices.roof,
                mode=mode,
                optics=metering_optics(
                    devices.sensor, mode, devices.focal_px, self._settings.camera.f_number
                ),
                conditions=self._conditions(),
                element_age_days=seconds_between(elements.epoch, self._clock.now_utc()) / 86400.0,
                stop=self._stop,
            )
        )
        self._looked[pass_id] = found
        for check in found.complaints():
            self._log(f"{check.name}: {check.value}, the limit is {check.limit}. {check.remedy}")

    def _metered_sky(self, choice: Choice) -> float | None:
        """Return the sky as metered, where twilight does not change it until the pass."""
        found = self._looked.get(choice.iss_pass.id)
        dark = choice.iss_pass.sun_altitude_deg < _DARK_SUN_DEG
        return found.sky_mag_arcsec2 if found is not None and dark else None

    def _arm_time(self, choice: Choice) -> datetime:
        plan = self._plan(choice)
        return later(plan.lights[0].start_utc, -darks_start_lead_s(plan) - _ARM_LEAD_S)

    def _idle(self, reporter: Reporter, until: datetime) -> None:
        if not any(True for _ in self._ledger.rows()):
            reporter.say("waiting", "Waiting: no visible pass in the next ten days.")
        self._clock.sleep_until(until, wake=self._woken)

    def _photograph(self, choice: Choice, reporter: Reporter) -> int:
        """Photograph one pass; return 1 when it is developed already, as at full speed."""
        self._focusing.free_s = 0.0
        self._ask_gnss()
        plan = self._plan(choice)
        row = self._books.row_of(choice)
        folder = PassFolder.create(self._archive, self._plan_file(row.id, plan))
        self._books.captured(row, folder)
        looked = self._looked.get(choice.iss_pass.id)
        if looked is not None:
            folder.note(self._clock.now_utc(), "preflight", **looked.document())
        relative = str(folder.path.relative_to(self._archive.root))

        def on_progress(progress: Progress) -> None:
            reporter.capturing(row.id, relative, progress)
            if progress.phase == "lights":
                self._await_digest(folder, progress.done)

        stage = Stage(
            clock=self._clock,
            camera=self._devices.camera,
            roof=self._devices.roof,
            stop=self._stop,
            on_progress=on_progress,
            frame_shape=_shape_of(self._devices, plan.mode),
            may_restart=self._may_restart,
        )
        self._done.add(choice.iss_pass.id)
        try:
            reason = capture(folder, plan, stage)
        except ArchiveError as error:
            self._broken_off[folder.id] = error.message
            raise
        self._log(f"{row.id}: {len(folder.lights())} frames, {reason}")
        reporter.say("developing", "Developing the picture.", capture=None)
        self._clock.sleep_until(later(choice.iss_pass.set.utc, 180.0), wake=self._stop)
        return int(self._await_report(folder))

    def _plan_file(self, pass_id: str, plan: CapturePlan) -> PlanFile:
        site = self._settings.require_site()
        elements = self._store.latest(plan.iss_pass.norad_id, at=self._clock.now_utc())
        assert elements is not None
        return PlanFile(
            pass_id=pass_id,
            plan=plan,
            site=site,
            site_name=self._settings.site.name,
            time_zone=self._settings.site.time_zone,
            satellite=elements.name,
            elements=element_record(elements),
            lens=self._lens(),
            simulated=self._devices.simulated,
        )

    def _lens(self) -> dict[str, Any] | None:
        """Return the lens as the last pass left it, else as the camera came with it."""
        kept = LensHistory(self._archive.calibration).current()
        given = self._devices.lens
        if kept is None or (given is not None and kept.width_px != given["width_px"]):
            return given
        return kept.to_document()

    def _await_digest(self, folder: PassFolder, count: int) -> None:
        """Hold the simulated clock, which outruns develop at full speed, until it has the frame."""
        if self._devices.holds_for_develop:
            _wait(lambda: folder.digested() >= count or self._stop(), limit_s=30.0)

    def _await_report(self, folder: PassFolder) -> bool:
        if self._devices.holds_for_develop:
            _wait(lambda: folder.is_developed or self._stop(), limit_s=300.0)
        return folder.is_developed


def _shape_of(devices: Devices, mode: str) -> tuple[int, int] | None:
    """Return height and width of the frames that a mode gives; None for a mode of another name."""
    modes = {each.name: each for each in devices.sensor.modes}
    found = modes.get(mode)
    return (found.height_px, found.width_px) if found is not None else None


def _is_over(folder: PassFolder, now: datetime) -> bool:
    try:
        return folder.plan_file().plan.iss_pass.set.utc < now
    except ArchiveError:
        return True


def _wait(ready: Callable[[], bool], *, limit_s: float) -> None:
    pause = threading.Event()
    for _ in range(int(limit_s / 0.02)):
        if ready():
            return
        pause.wait(0.02)


def _configuration(complaint: str) -> dict[str, Any]:
    """Return what the status says of the configuration file."""
    return {"right": not complaint, "complaint": complaint}


def _facts(settings: Settings, devices: Devices) -> dict[str, Any]:
    site = settings.require_site()
    return {
        "simulated": devices.simulated,
        "speed": devices.speed,
        "site": {
            "name": settings.site.name,
            "latitude_deg": site.latitude_deg,
            "longitude_deg": site.longitude_deg,
            "height_m": site.height_m,
            "time_zone": settings.site.time_zone,
        },
        "camera": {
            "sensor": devices.sensor.name,
            "mode": settings.camera.mode,
            "lens_known": devices.lens is not None,
        },
    }
