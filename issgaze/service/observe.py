"""observe: element sets on disk, passes, waiting, raw frames into a pass folder."""

import math
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from issgaze.archive.darklibrary import DarkLibrary
from issgaze.archive.elements import ElementStore
from issgaze.archive.horizonfile import HorizonStore
from issgaze.archive.ledger import Ledger, Row
from issgaze.archive.passfolder import PassFolder, pass_folders
from issgaze.archive.requests import Requests
from issgaze.archive.wear import Nights
from issgaze.civil import later, local, seconds_between, time_zone
from issgaze.errors import ArchiveError, CameraError, ConfigurationError
from issgaze.planning.plan import CapturePlan, Choice
from issgaze.service.between import Between
from issgaze.service.bookkeeping import Bookkeeper
from issgaze.service.capture import Progress, Stage, capture, darks_start_lead_s
from issgaze.service.conditions import memory_complaint, room_complaint
from issgaze.service.darktaking import DarkTaker, dark_block
from issgaze.service.desk import Desk
from issgaze.service.firstlook import PREFLIGHT_S, FirstLook
from issgaze.service.focusing import Focusing
from issgaze.service.gnss import gnss_document, publish_gnss
from issgaze.service.healing import HealingRecord
from issgaze.service.health import Health, Sources
from issgaze.service.hindrances import Hindrances, disk_refusal
from issgaze.service.nextchart import publish_charts
from issgaze.service.observerfacts import (
    configuration_facts,
    frame_shape,
    is_over,
    last_temperature_c,
    standing_facts,
    wait_until,
)
from issgaze.service.observerparts import Ending, ObserverParts
from issgaze.service.outlook import planned
from issgaze.service.passplan import PassPlanner
from issgaze.service.prediction import Prediction, predict, predict_for_guests, publish_prediction
from issgaze.service.reporter import Reporter

# predictions are renewed this often, and whenever a pass is over
_REFRESH_S = 6 * 3600.0
_ARM_LEAD_S = 60.0
_LAST_LOOK_S = 15.0 * 60.0
_LATEST_START_S = 5.0
_DISK_PAUSE_S = 60.0
# an upgrade takes effect so long before a pass, a new configuration at the last moment
_QUIET_S = 30.0 * 60.0
_RELOAD_LEAD_S = 120.0


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
        self._facts = standing_facts(parts.settings, parts.devices)
        self._facts["configuration"] = configuration_facts(parts.complaint)
        self._wants_reload = False
        # when the next pass begins to be worked on, None without one
        self._arms: datetime | None = None
        self._focusing = Focusing(parts.archive.run, self._clock)
        handlers = {
            "reload": self._on_reload,
            "focus": self._focusing.on_request,
            "darks": self._on_darks,
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
        self._hindrances = Hindrances(self._clock)
        self._books = Bookkeeper(
            parts.archive, self._ledger, self._clock.now_utc(), self._hindrances.of
        )
        self._planner = PassPlanner(parts.archive, parts.settings, parts.devices)
        self._between = Between(
            parts.archive,
            parts.settings,
            parts.devices,
            stop=stop,
            facts=self._facts,
            log=parts.log,
            watched=parts.watched,
        )
        self._darks = DarkTaker(
            library=DarkLibrary(parts.archive.calibration),
            clock=parts.devices.clock,
            camera=parts.devices.camera,
            roof=parts.devices.roof,
            shape=lambda mode: frame_shape(parts.devices, mode),
            stop=stop,
            log=parts.log,
        )
        self._foreseen: Prediction | None = None
        self._done: set[str] = set()
        # passes whose capture the disk broke off, with the reason to seal them with
        self._broken_off: dict[str, str] = {}
        self._gnss_complaint = ""
        self._complaints: tuple[str, ...] = ()
        self._first_look = FirstLook(
            parts.settings,
            parts.devices,
            elements=self._planner.elements,
            conditions=self._between.conditions,
            stop=stop,
            log=parts.log,
        )
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
        health = Health(
            Sources(
                archive=self._archive.root,
                nights=Nights(self._archive.wear),
                longitude_deg=self._settings.require_site().longitude_deg,
                clock=self._clock,
                roof=self._devices.roof,
            )
        )
        roof = self._devices.roof
        with Reporter(self._archive.run, self._clock, facts, self._log, health, roof) as reporter:
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
                    self._hindrances.note_refusal(error)
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
            self._facts.update(configuration=configuration_facts(self._complaint))
            raise
        self._complaint = ""
        self._facts.update(configuration=configuration_facts(""))
        self._wants_reload = True
        return "taken now, or after the pass if one is near"

    def _on_darks(self, facts: Mapping[str, Any]) -> str:
        """Take darks under a hand's cap, unless a pass is near."""
        block = dark_block(facts, self._clock.now_utc())
        mode = self._settings.camera.mode
        return self._darks.under_the_cap(block, mode, left_s=self._idle_s())

    def _ending(self) -> Ending | None:
        """Return why to end between passes, None to go on; a pass that is near comes first."""
        left_s = self._idle_s()
        if self._wants_reload and left_s > _RELOAD_LEAD_S:
            return "reload"
        if self._replaced() and left_s > _QUIET_S:
            return "replaced"
        return None

    def _free_s(self) -> float:
        """Return how long the camera is free, until the next pass begins to be worked on."""
        choice = self._next(self._foreseen) if self._foreseen is not None else None
        if choice is None:
            return math.inf
        return seconds_between(self._clock.now_utc(), self._arm_time(choice)) - PREFLIGHT_S

    def _darks_in_rain(self, prediction: Prediction) -> None:
        """Take the darks that a visible pass would have had which the rain forbids."""
        now = self._clock.now_utc()
        for choice in prediction.visible():
            away_s = seconds_between(now, choice.iss_pass.rise.utc)
            soon = choice.verdict == "skip" and 0.0 < away_s < _LAST_LOOK_S + 60.0
            if soon and self._between.conditions().rain:
                self._darks.take(self._plan(choice), left_s=self._free_s())

    def _woken(self) -> bool:
        self._focusing.free_s = self._idle_s()
        news = self._books.has_news(self._clock.now_utc())
        return news or self._stop() or self._ending() is not None or self._focusing.wanted

    def _idle_s(self) -> float:
        """Return the seconds until the next pass is worked on, without planning it anew."""
        if self._arms is None:
            return math.inf
        return seconds_between(self._clock.now_utc(), self._arms)

    def _focus(self, reporter: Reporter) -> None:
        """Focus, if somebody wants to; a camera that fails at it ends no more than that."""
        if not self._focusing.wanted:
            return
        reporter.say("focusing", "Focusing.")

        def stop() -> bool:
            self._focusing.free_s = self._idle_s()
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
        self._darks_in_rain(prediction)
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
            if not folder.borrows and not folder.is_sealed and is_over(folder, now):
                folder.seal(now, self._broken_off.get(folder.id, "interrupted"))

    def _predict(self, reporter: Reporter) -> Prediction:
        self._seal_interrupted()
        self._ask_gnss()
        self._hindrances.look_at_clock()
        self._claim_blind_frames()
        now = self._clock.now_utc()
        known = self._between.conditions()
        learnt = HorizonStore(self._archive.calibration).line()
        prediction = predict(self._store, self._settings, now, known, learnt=learnt)
        self._foreseen = prediction
        for complaint in prediction.complaints:
            if complaint not in self._complaints:
                self._log(complaint)
        self._complaints = prediction.complaints
        if self._clock.quality().trust != "untrusted":
            self._books.foresee(prediction.choices, now)
            self._books.settle(now)
        guest = predict_for_guests(self._store, self._settings, now, known)
        plans = planned(prediction.choices, lambda choice: self._planner.plan(choice, ()))
        publish_prediction(self._archive, prediction, guest, plans=plans)
        horizon = self._settings.horizon() or learnt
        publish_charts(self._archive, self._settings, prediction, guest, horizon)
        reporter.foresee(prediction, self._next(prediction))
        return prediction

    def _claim_blind_frames(self) -> None:
        """Give frames that were taken before the time was known to the passes they show."""

        def choices(since: datetime) -> tuple[Choice, ...]:
            known = self._between.conditions()
            learnt = HorizonStore(self._archive.calibration).line()
            return predict(self._store, self._settings, since, known, learnt=learnt).choices

        for folder in self._between.passes_gone_over(choices, self._planner, self._books):
            self._done.add(folder.id)
            self._log(f"{folder.id}: {len(folder.lights())} frames taken before the time was known")

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
            and choice.shares is None
            and choice.iss_pass.id not in self._done
            and choice.iss_pass.lit
            and choice.iss_pass.lit[-1].end.utc > later(now, _LATEST_START_S)
        )
        return next(wanted, None)

    def _plan(self, choice: Choice) -> CapturePlan:
        sky = self._first_look.sky_mag(choice)
        return self._planner.plan(choice, self._sharing(choice), sky_mag_arcsec2=sky)

    def _sharing(self, choice: Choice) -> tuple[Choice, ...]:
        """Return the passes that share the frames of one."""
        known = self._foreseen.choices if self._foreseen is not None else ()
        return tuple(c for c in known if c.shares == choice.iss_pass.id)

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
        self._first_look.at(choice, arm)
        return self._clock.sleep_until(arm, wake=self._woken)

    def _arm_time(self, choice: Choice) -> datetime:
        plan = self._plan(choice)
        return later(plan.lights[0].start_utc, -darks_start_lead_s(plan) - _ARM_LEAD_S)

    def _idle(self, reporter: Reporter, until: datetime) -> None:
        if self._clock.quality().trust == "untrusted":
            reporter.say(
                "waiting",
                "The time is not known, so no pass can be predicted. By night frames are taken "
                "all the same, until the network or a GNSS receiver tells the time.",
            )
        elif not any(True for _ in self._ledger.rows()):
            reporter.say("waiting", "Waiting: no visible pass in the next ten days.")
        self._between.rest(until, wake=self._woken)

    def _photograph(self, choice: Choice, reporter: Reporter) -> int:
        """Photograph one pass; return 1 when it is developed already, as at full speed."""
        self._focusing.free_s = 0.0
        self._ask_gnss()
        plan = self._plan(choice)
        row = self._books.row_of(choice)
        folder = PassFolder.create(self._archive, self._planner.plan_file(row.id, choice, plan))
        self._books.captured(row, folder)
        self._lend(row, choice, plan)
        looked = self._first_look.document(choice)
        if looked is not None:
            folder.note(self._clock.now_utc(), "preflight", **looked)
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
            frame_shape=frame_shape(self._devices, plan.mode),
            may_restart=self._may_restart,
            has_darks=self._darks.knows,
            room=partial(room_complaint, self._archive.root),
        )
        self._done.add(choice.iss_pass.id)
        try:
            reason = capture(folder, plan, stage)
        except ArchiveError as error:
            self._broken_off[folder.id] = disk_refusal(error)
            raise
        self._log(f"{row.id}: {len(folder.lights())} frames, {reason}")
        folder.note(self._clock.now_utc(), "health", **reporter.health())
        reporter.say("developing", "Developing the picture.", capture=None)
        if folder.lights():
            self._darks.take(plan, left_s=self._free_s(), temperature_c=last_temperature_c(folder))
        self._clock.sleep_until(later(choice.iss_pass.set.utc, 180.0), wake=self._stop)
        return int(self._await_report(folder))

    def _lend(self, row: Row, choice: Choice, plan: CapturePlan) -> None:
        """Make a folder for each pass that the frames show as well."""
        for other in self._sharing(choice):
            own = self._books.row_of(other)
            sharing = self._planner.sharing_file(own.id, other, plan, lights_from=row.id)
            self._books.captured(own, PassFolder.create(self._archive, sharing))

    def _await_digest(self, folder: PassFolder, count: int) -> None:
        """Hold the simulated clock, which outruns develop at full speed, until it has the frame."""
        if self._devices.holds_for_develop:
            wait_until(lambda: folder.digested() >= count or self._stop(), limit_s=30.0)

    def _await_report(self, folder: PassFolder) -> bool:
        if self._devices.holds_for_develop:
            wait_until(lambda: folder.is_developed or self._stop(), limit_s=300.0)
        return folder.is_developed
