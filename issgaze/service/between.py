"""What the observer does between passes: sleep, look at the sky, or take frames blindly."""

import dataclasses
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from issgaze.archive.horizonfile import HorizonStore
from issgaze.archive.layout import Archive
from issgaze.archive.lenshistory import LensHistory
from issgaze.archive.passfiles import folder_path
from issgaze.archive.passfolder import PassFolder
from issgaze.civil import later, seconds_between
from issgaze.config import Settings
from issgaze.optics.lens import Lens
from issgaze.planning.choose import Conditions
from issgaze.planning.plan import Choice, ExposureBlock
from issgaze.service.blindnight import BlindNight, Dated, dated, readable
from issgaze.service.bookkeeping import Bookkeeper
from issgaze.service.conditions import conditions_now, free_gb, needed_gb
from issgaze.service.devices import Devices
from issgaze.service.passplan import PassPlanner
from issgaze.service.preflight import metering_optics
from issgaze.service.skychild import examine_in_child
from issgaze.service.skywatch import SkyWatch, Watchtower, examine_here

# frames so long before rise and after set are a pass's as well
_MARGIN_S = 60.0
_FEWEST_FRAMES = 3
BLIND = "taken before the time was known"


class Between:
    """Sleeps until something is to be done, and uses the night meanwhile.

    Args:
        archive: Where lens, horizon and nights are kept.
        settings: Site and camera.
        devices: Camera, clock and roof.
        stop: Becomes true when the program shall end.
        facts: What the status says; the last look at the sky is put in.
        log: Told in words.
        watched: True for a service that idles for weeks: what takes memory is done in a process
            of its own.
    """

    def __init__(
        self,
        archive: Archive,
        settings: Settings,
        devices: Devices,
        *,
        stop: Callable[[], bool],
        facts: dict[str, Any],
        log: Callable[[str], None],
        watched: bool = False,
    ) -> None:
        self._archive = archive
        self._settings = settings
        self._devices = devices
        self._facts = facts
        self._room_gb = needed_gb(devices.sensor, settings.camera.mode)
        mode = settings.camera.mode
        optics = metering_optics(devices.sensor, mode, devices.focal_px, settings.camera.f_number)
        self._sky = SkyWatch(
            Watchtower(
                clock=devices.clock,
                camera=devices.camera,
                roof=devices.roof,
                mode=mode,
                optics=optics,
                site=settings.require_site(),
                lens=self._lens,
                horizon=lambda: settings.horizon() or HorizonStore(archive.calibration).line(),
                nights=archive.nights,
                run=archive.run,
                log=log,
                examine=partial(examine_in_child, archive.run) if watched else examine_here,
            )
        )
        self._blind = BlindNight(
            archive.blind,
            clock=devices.clock,
            camera=devices.camera,
            roof=devices.roof,
            mode=mode,
            optics=optics,
            free_gb=lambda: free_gb(archive.root),
            stop=stop,
            log=log,
            boot_id=devices.boot_id,
        )

    def _lens(self) -> Lens | None:
        kept = LensHistory(self._archive.calibration).current()
        if kept is not None:
            return kept
        return Lens.from_document(self._devices.lens) if self._devices.lens else None

    def conditions(self) -> Conditions:
        """Return clock, disk and weather; the stars tell of clouds where no sensor does."""
        devices = self._devices
        known = conditions_now(devices.clock, devices.roof, self._archive.root, self._room_gb)
        look = self._sky.recent()
        if known.cloud_fraction is not None or look is None or look.cloud_fraction is None:
            return known
        return dataclasses.replace(known, cloud_fraction=look.cloud_fraction, weather_utc=look.utc)

    def rest(self, until: datetime, *, wake: Callable[[], bool]) -> bool:
        """Sleep until then; return False when something else comes first.

        Args:
            until: When the camera is needed, or passes are to be predicted anew.
            wake: Becomes true when something else comes first.
        """
        clock = self._devices.clock
        while True:
            if clock.quality().trust == "untrusted":
                self._blind.watch(until, wake)
                return clock.now_utc() >= until
            look = self._may_look(until)
            if look is None:
                return clock.sleep_until(until, wake=wake)
            if not clock.sleep_until(look, wake=wake):
                return False
            seen = self._sky.look()
            if seen is not None:
                self._facts.update(sky=seen.document())

    def _may_look(self, until: datetime) -> datetime | None:
        """Return when to look at the sky; never in rain, where the cover stays shut."""
        return None if self.conditions().rain else self._sky.next_look(until)

    def passes_gone_over(
        self,
        choices: Callable[[datetime], tuple[Choice, ...]],
        planner: PassPlanner,
        books: Bookkeeper,
    ) -> list[PassFolder]:
        """Give the frames of a blind night to the passes they show, once the time is known.

        Args:
            choices: Gives the passes from an instant on.
            planner: Makes their plans.
            books: The ledger.

        Raises:
            ArchiveError: The disk refuses a folder.
        """
        clock = self._devices.clock
        if clock.quality().trust == "untrusted":
            return []
        frames = dated(self._blind.frames(), clock)
        if not frames:
            return []
        made: list[PassFolder] = []
        for choice in choices(frames[0].start_utc):
            own = _of(choice, frames)
            if choice.verdict != "shoot" or choice.shares or len(own) < _FEWEST_FRAMES:
                continue
            frame = next(readable(own), None)
            if frame is None:
                continue
            row, first = books.row_of(choice), frame.info
            if PassFolder(folder_path(self._archive, row.id)).is_sealed:
                # this program was ended while it gave them away: they are developed as they are
                continue
            block = ExposureBlock(
                start_utc=first.start_utc,
                exposure_s=first.exposure_s,
                analogue_gain=first.analogue_gain,
                count=len(own),
                interval_s=first.exposure_s,
            )
            plan = dataclasses.replace(
                planner.plan(choice, ()), lights=(block,), darks=None, reasons=(BLIND,)
            )
            folder = PassFolder.create(self._archive, planner.plan_file(row.id, choice, plan))
            for light in readable(own):
                folder.add_light(light)
            folder.seal(clock.now_utc(), BLIND)
            books.captured(row, folder)
            made.append(folder)
        self._blind.forget()
        return made


def _of(choice: Choice, frames: tuple[Dated, ...]) -> tuple[Dated, ...]:
    """Return the frames taken while a pass was up."""
    first = later(choice.iss_pass.rise.utc, -_MARGIN_S)
    last = later(choice.iss_pass.set.utc, _MARGIN_S)
    return tuple(
        each
        for each in frames
        if seconds_between(first, each.start_utc) >= 0.0
        and seconds_between(each.start_utc, last) >= 0.0
    )
