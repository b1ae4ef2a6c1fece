"""Photographing one pass: from the plan on disk to the sealed folder, and the darks around it."""

from collections.abc import Callable
from functools import partial

from issgaze.archive.darklibrary import DarkLibrary
from issgaze.archive.ledger import Row
from issgaze.archive.passfiles import folder_path
from issgaze.archive.passfolder import PassFolder, pass_folders
from issgaze.archive.planfile import PlanFile
from issgaze.civil import later, seconds_between
from issgaze.errors import ArchiveError
from issgaze.planning.plan import CapturePlan, Choice, ExposureBlock
from issgaze.service.bookkeeping import Bookkeeper
from issgaze.service.capture import Progress, Stage, capture
from issgaze.service.chooser import LAST_LOOK_S, Chooser
from issgaze.service.conditions import room_complaint
from issgaze.service.darktaking import DarkTaker
from issgaze.service.firstlook import PREFLIGHT_S, FirstLook
from issgaze.service.healing import HealingRecord
from issgaze.service.hindrances import disk_refusal
from issgaze.service.observerfacts import frame_shape, is_over, last_temperature_c, wait_until
from issgaze.service.observerparts import ObserverParts
from issgaze.service.passplan import PassPlanner
from issgaze.service.reporter import Reporter


class Photographer:
    """Fills pass folders and seals them.

    Args:
        parts: Of the observer.
        chooser: Knows the plan of a pass, and which passes share its frames.
        planner: Makes what goes to disk with a plan.
        books: The ledger.
        first_look: Knows what was found before the pass.
        stop: Becomes true when the program shall end; asked in every wait and after every frame.
    """

    def __init__(
        self,
        parts: ObserverParts,
        *,
        chooser: Chooser,
        planner: PassPlanner,
        books: Bookkeeper,
        first_look: FirstLook,
        stop: Callable[[], bool],
    ) -> None:
        self._archive = parts.archive
        self._mode = parts.settings.camera.mode
        self._devices = parts.devices
        self._clock = parts.devices.clock
        self._log = parts.log
        self._chooser = chooser
        self._planner = planner
        self._books = books
        self._first_look = first_look
        self._stop = stop
        self._darks = DarkTaker(
            library=DarkLibrary(parts.archive.calibration),
            clock=parts.devices.clock,
            camera=parts.devices.camera,
            roof=parts.devices.roof,
            shape=lambda mode: frame_shape(parts.devices, mode),
            stop=stop,
            log=parts.log,
        )
        # passes whose capture the disk broke off, with the reason to seal them with
        self._broken_off: dict[str, str] = {}
        record = HealingRecord(parts.archive.root / "healing.json", self._clock.now_utc)
        self._may_restart = record.may_restart if parts.watched else None

    def photograph(self, choice: Choice, reporter: Reporter) -> None:
        """Photograph one pass; at full speed it is developed then, too.

        Raises:
            ArchiveError: The disk refuses; what is on it stays.
            RestartNeeded: A new process may heal the camera; the pass goes on with it.
        """
        row = self._books.row_of(choice)
        plan_file = self._begun(row.id)
        if plan_file is None:
            plan_file = self._planner.plan_file(row.id, choice, self._chooser.plan(choice))
        plan = plan_file.plan
        folder = PassFolder.create(self._archive, plan_file)
        self._books.captured(row, folder)
        self._lend(row, choice, plan)
        looked = self._first_look.document(choice)
        if looked is not None:
            folder.note(self._clock.now_utc(), "preflight", **looked)
        self._chooser.take(choice)
        try:
            reason = capture(folder, plan, self._stage(folder, plan, reporter))
        except ArchiveError as error:
            self._broken_off[folder.id] = disk_refusal(error)
            raise
        self._log(f"{row.id}: {_taken(folder, plan, reason)}")
        folder.note(self._clock.now_utc(), "health", **reporter.health())
        reporter.say("developing", "Developing the picture.", capture=None)
        if folder.lights():
            self._darks.take(plan, left_s=self._free_s(), temperature_c=last_temperature_c(folder))
        self._clock.sleep_until(later(choice.iss_pass.set.utc, 180.0), wake=self._stop)
        self.await_report(folder)

    def await_report(self, folder: PassFolder) -> None:
        """Hold the simulated clock at full speed until a pass is developed."""
        if self._devices.holds_for_develop:
            wait_until(lambda: folder.is_developed or self._stop(), limit_s=300.0)

    def seal_interrupted(self) -> None:
        """Seal what was left open, to be developed as it is; a pass still up goes on."""
        now = self._clock.now_utc()
        for folder in pass_folders(self._archive):
            if not folder.borrows and not folder.is_sealed and is_over(folder, now):
                folder.seal(now, self._broken_off.get(folder.id, "interrupted"))

    def darks_under_the_cap(self, block: ExposureBlock, *, left_s: float) -> str:
        """Take a set of darks with a hand's cap on the lens; return what was taken, for people.

        Args:
            block: What to take.
            left_s: Until the camera is needed for something else.

        Raises:
            DeviceError: There is no time for it, or the lens is not covered.
            CameraError: The camera fails.
            ArchiveError: The disk refuses the frames.
        """
        return self._darks.under_the_cap(block, self._mode, left_s=left_s)

    def darks_in_rain(self, *, raining: Callable[[], bool]) -> None:
        """Take the darks that a visible pass would have had which the rain forbids.

        Args:
            raining: Asked when such a pass is near.
        """
        now = self._clock.now_utc()
        for choice in self._chooser.visible():
            away_s = seconds_between(now, choice.iss_pass.rise.utc)
            soon = choice.verdict == "skip" and 0.0 < away_s < LAST_LOOK_S + 60.0
            if soon and raining():
                self._darks.take(self._chooser.plan(choice), left_s=self._free_s())

    def _stage(self, folder: PassFolder, plan: CapturePlan, reporter: Reporter) -> Stage:
        relative = str(folder.path.relative_to(self._archive.root))

        def on_progress(progress: Progress) -> None:
            reporter.capturing(folder.id, relative, progress)
            if progress.phase == "lights":
                self._await_digest(folder, progress.done)

        return Stage(
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

    def _free_s(self) -> float:
        """Return how long the camera is free, until the look before the next pass."""
        return self._chooser.left_s() - PREFLIGHT_S

    def _begun(self, pass_id: str) -> PlanFile | None:
        """Return the plan of a pass that goes on after a restart, None for one that begins.

        Its lens, exposure and middle stay those of the frames that are there: what develop has
        digested belongs to them, and frames of two exposures make no stack.
        """
        folder = PassFolder(folder_path(self._archive, pass_id))
        try:
            held = folder.plan_file()
        except ArchiveError:
            return None
        goes_on = held.plan.lights[-1].end_utc > self._clock.now_utc()
        return held if goes_on and folder.lights() else None

    def _lend(self, row: Row, choice: Choice, plan: CapturePlan) -> None:
        """Make a folder for each pass that the frames show as well."""
        for other in self._chooser.sharing(choice):
            own = self._books.row_of(other)
            sharing = self._begun(own.id)
            if sharing is None:
                sharing = self._planner.sharing_file(own.id, other, plan, lights_from=row.id)
            self._books.captured(own, PassFolder.create(self._archive, sharing))

    def _await_digest(self, folder: PassFolder, count: int) -> None:
        """Hold the simulated clock, which outruns develop at full speed, until it has the frame."""
        if self._devices.holds_for_develop:
            wait_until(lambda: folder.digested() >= count or self._stop(), limit_s=30.0)


def _taken(folder: PassFolder, plan: CapturePlan, reason: str) -> str:
    """Return in words what was taken; what became of the pass is for develop to say."""
    planned = sum(block.count for block in plan.lights)
    why = "" if reason == "complete" else f", {reason}"
    return f"{len(folder.lights())} of {planned} frames{why}"
