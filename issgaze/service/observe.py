"""observe: element sets on disk, passes, waiting, raw frames into a pass folder."""

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from issgaze.archive.ledger import Ledger
from issgaze.archive.requests import Requests
from issgaze.archive.wear import Nights
from issgaze.civil import later, seconds_between, time_zone, wall_minute
from issgaze.errors import ArchiveError, CameraError, ConfigurationError
from issgaze.planning.plan import Choice
from issgaze.service.between import Between
from issgaze.service.bookkeeping import Bookkeeper
from issgaze.service.chooser import Chooser
from issgaze.service.conditions import memory_complaint
from issgaze.service.darktaking import dark_block
from issgaze.service.desk import Desk
from issgaze.service.firstlook import FirstLook
from issgaze.service.focusing import Focusing
from issgaze.service.gnss import gnss_document, publish_gnss
from issgaze.service.health import Health, Sources
from issgaze.service.hindrances import Hindrances
from issgaze.service.observerfacts import configuration_facts, standing_facts
from issgaze.service.observerparts import Ending, ObserverParts
from issgaze.service.passplan import PassPlanner
from issgaze.service.photographer import Photographer
from issgaze.service.reporter import Reporter

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
        # a unit is started again with systemctl, a hand's run with its own command
        self._facts["by_hand"] = not parts.watched
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
        self._ledger = Ledger(parts.archive.ledger)
        self._hindrances = Hindrances(self._clock)
        self._books = Bookkeeper(
            parts.archive, self._ledger, self._clock.now_utc(), self._hindrances.of
        )
        planner = PassPlanner(parts.archive, parts.settings, parts.devices)
        self._between = Between(
            parts.archive,
            parts.settings,
            parts.devices,
            stop=stop,
            facts=self._facts,
            log=parts.log,
            watched=parts.watched,
        )
        self._first_look = FirstLook(
            parts.settings,
            parts.devices,
            elements=planner.elements,
            conditions=self._between.conditions,
            stop=stop,
            log=parts.log,
        )
        self._chooser = Chooser(
            parts,
            planner=planner,
            between=self._between,
            books=self._books,
            sky_mag=self._first_look.sky_mag,
        )
        self._photographer = Photographer(
            parts,
            chooser=self._chooser,
            planner=planner,
            books=self._books,
            first_look=self._first_look,
            stop=stop,
        )
        self._gnss_complaint = ""

    def run(self, passes: int | None = None) -> Ending:
        """Work until stopped, or until that many passes are photographed, developed and settled.

        Raises:
            ArchiveError: The archive cannot be written.
            ConfigurationError: The site is not known.
            RestartNeeded: A new process may heal the camera; the pass goes on with it.
        """
        self._photographer.seal_interrupted()
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
            complaint = ""
            while not self._stop():
                try:
                    self._predict(reporter)
                    if passes is not None and self._books.finished() >= passes:
                        reporter.end_with(_done(passes))
                        return "stopped"
                    choice = self._chooser.next()
                    self._arms = self._chooser.arm_time(choice) if choice else None
                    ending = self._ending()
                    if ending is not None:
                        return ending
                    self._focus(reporter)
                    self._step(reporter)
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
        return self._photographer.darks_under_the_cap(block, left_s=self._idle_s())

    def _ending(self) -> Ending | None:
        """Return why to end between passes, None to go on; a pass that is near comes first."""
        left_s = self._idle_s()
        if self._wants_reload and left_s > _RELOAD_LEAD_S:
            return "reload"
        if self._replaced() and left_s > _QUIET_S:
            return "replaced"
        return None

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
            self._focusing.end()
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

    def _step(self, reporter: Reporter) -> None:
        """Wait for the next pass and photograph it, unless something else comes first."""
        self._photographer.darks_in_rain(raining=lambda: bool(self._between.conditions().rain))
        choice, look = self._chooser.next(), self._chooser.next_look()
        if choice is None:
            self._idle(reporter, look)
        elif self._wait_for(choice, look, reporter):
            self._focusing.free_s = 0.0
            self._ask_gnss()
            self._photographer.photograph(choice, reporter)

    def _say_what_memory_forbids(self) -> None:
        settings = self._settings
        complaint = memory_complaint(self._devices.sensor, settings.camera.mode, settings.develop)
        if complaint is not None:
            self._log(complaint)

    def _predict(self, reporter: Reporter) -> None:
        self._photographer.seal_interrupted()
        self._ask_gnss()
        # a time that is known ends the blind one, whatever the disk says to what follows
        self._hindrances.look_at_clock()
        for folder in self._chooser.claim_blind_frames():
            reporter.say("developing", "Developing the picture.")
            self._photographer.await_report(folder)
        prediction = self._chooser.predict()
        reporter.foresee(prediction, self._chooser.next())

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

    def _wait_for(self, choice: Choice, look: datetime, reporter: Reporter) -> bool:
        """Wait until it is time to arm for a pass; False when something else comes first."""
        rise = wall_minute(choice.iss_pass.rise.utc, self._zone)
        arm = self._chooser.arm_time(choice)
        reporter.say("waiting", f"Waiting for the pass at {rise:%H:%M} on {rise:%A, %-d %B}.")
        if arm > look:
            self._idle(reporter, look)
            return False
        self._first_look.at(choice, arm)
        return self._clock.sleep_until(arm, wake=self._woken)

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


def _done(passes: int) -> str:
    what = "1 pass is" if passes == 1 else f"{passes} passes are"
    return f"Done: {what} photographed and developed."
