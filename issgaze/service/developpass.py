"""Developing one pass folder, live while it fills or later."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from issgaze.archive.atomic import write_atomic
from issgaze.archive.darklibrary import DarkLibrary
from issgaze.archive.fits import read_raw
from issgaze.archive.fitsimage import ImageRoom
from issgaze.archive.lenshistory import LensHistory
from issgaze.archive.lock import folder_lock
from issgaze.archive.passfiles import REPORT_FILE
from issgaze.archive.passfolder import PassFolder
from issgaze.archive.planfile import PlanFile
from issgaze.civil import later, seconds_between, time_zone
from issgaze.config import DevelopSettings
from issgaze.devices.memory import memory_budget_mb
from issgaze.errors import ArchiveError, FrameError
from issgaze.orbit.elements import ElementSet
from issgaze.orbit.formats import parse_elements
from issgaze.picture.caption import known_languages
from issgaze.planning.plan import CapturePlan
from issgaze.service.darks import darks_for
from issgaze.service.develop import develop
from issgaze.service.developjob import DevelopJob
from issgaze.service.keeper import CHECKPOINT_FILE, WORTH, Keeper
from issgaze.service.livepreview import with_live_preview
from issgaze.service.passsky import PassSky
from issgaze.service.series import Light

_POLL_S = 0.1


def develop_folder(
    folder: PassFolder,
    settings: DevelopSettings,
    *,
    stop: Callable[[], bool],
    log: Callable[[str], None],
    worth: float = WORTH,
    history: LensHistory | None = None,
) -> dict[str, object] | None:
    """Develop a pass folder, waiting for more frames until it is sealed; return the report.

    None is returned when it was stopped before all frames were digested, and when a capture that
    had ended went on meanwhile: that report does not stay, the next develop sees all frames. A
    stopped or killed develop goes on from its checkpoint, to the same products.

    Args:
        folder: The pass.
        settings: Of developing.
        stop: Becomes true when the program shall end.
        log: Told in words why a checkpoint could not be used or written.
        worth: See `Keeper`.
        history: Where the lens of tonight is kept, beside the dark library; None to keep it in
            the report alone.

    Raises:
        ArchiveError: The plan is broken, the raw frames are gone since it was developed, or the
            disk refuses the products.
        LensError: The lens in the plan is of another size than the frames.
    """
    with folder_lock(folder.path, wait=True):
        folder.remove_leftovers()
        plan_file = folder.plan_file()
        elements = _elements(plan_file)
        sky = PassSky(plan_file, elements, _follow(folder, 0, stop), history)
        library = DarkLibrary(history.folder) if history is not None else None
        job = DevelopJob(
            lights=lambda first: with_live_preview(_follow(folder, first, stop), folder.path),
            darks=darks_for(folder.darks(), folder.lights, library),
            reread=lambda name: read_raw(folder.frames_folder.path / name),
            expected_frames=sum(block.count for block in plan_file.plan.lights),
            reference_utc=_middle(plan_file.plan),
            timed=True,
            exposed=True,
            lens=sky.lens,
            lens_check=sky.facts(),
            lens_reason=sky.reason,
            track_stars=sky.track_stars(),
            site=plan_file.site,
            elements=elements,
            iss_pass=plan_file.plan.iss_pass,
            satellite=plan_file.satellite,
            site_name=plan_file.site_name,
            out=folder.path,
            resolution=None if settings.resolution == "auto" else settings.resolution,
            zone=time_zone(plan_file.time_zone),
            languages=_spoken(settings.languages, log),
            memory_budget_mb=memory_budget_mb(settings.memory_budget_mb),
            variants=settings.also,
            sealed_reason=folder.sealed_reason,
            simulated=plan_file.simulated,
            overlay=settings.overlay,
            on_sky=sky.learn_horizon,
            keeper=Keeper(folder.path / CHECKPOINT_FILE, worth=worth, log=log),
            stopped=stop,
        )
        try:
            report = develop(job, on_frame=folder.mark_digested)
        except FrameError as error:
            return _lost(folder, error)
        if report is not None and _went_on(folder, report):
            folder.take_back_report()
            return None
        return report


def _spoken(languages: Sequence[str], log: Callable[[str], None]) -> tuple[str, ...]:
    """Return the languages that there are captions in: a wrong one costs no picture."""
    known = known_languages()
    spoken = tuple(code for code in languages if code in known)
    if len(spoken) < max(1, len(languages)):
        spoken = spoken or DevelopSettings().languages
        log(
            f"develop.languages = {list(languages)}: there are captions in {', '.join(known)}; "
            f"written in {', '.join(spoken)}."
        )
    return spoken


def _went_on(folder: PassFolder, report: Mapping[str, Any]) -> bool:
    """Return whether a capture that had been stopped went on while its picture was made."""
    return not folder.is_sealed or len(folder.lights()) > len(report["frames"])


def _lost(folder: PassFolder, error: FrameError) -> dict[str, object]:
    """Write the report of a pass of which no frame can be used.

    Raises:
        ArchiveError: There were frames once, and a report of them, which stays.
    """
    before = folder.report()
    if before is not None and before.get("frames"):
        raise ArchiveError(
            f"{folder.path}: the raw frames are gone; what was made of them stays",
            remedy="Nothing to do. Star a pass, and its raw frames are kept.",
        )
    report: dict[str, object] = {"outcome": "missed", "reason": error.message, "frames": []}
    write_atomic(folder.path / REPORT_FILE, json.dumps(report, indent=1).encode() + b"\n")
    return report


def _middle(plan: CapturePlan) -> datetime:
    first, end = plan.lights[0].start_utc, plan.lights[-1].end_utc
    return later(first, 0.5 * seconds_between(first, end))


def _elements(plan_file: PlanFile) -> ElementSet | None:
    record = json.dumps(plan_file.elements).encode()
    return next(iter(parse_elements(record, source="plan.json").sets), None)


def _follow(folder: PassFolder, first: int, stop: Callable[[], bool]) -> Iterator[Light]:
    """Yield the lights from a number on as they come; end with the last of a sealed folder."""
    given = first
    pause = threading.Event()
    room = ImageRoom()
    while True:
        sealed = folder.is_sealed
        lights = folder.lights()
        for path in lights[given:]:
            if stop():
                return
            yield _light(path, room)
        given = len(lights)
        if sealed or stop():
            return
        pause.wait(_POLL_S)


def _light(path: Path, room: ImageRoom) -> Light:
    name = f"{path.parent.name}/{path.name}"
    try:
        return Light(file=name, frame=read_raw(path, room=room), error=None)
    except FrameError as error:
        return Light(file=name, frame=None, error=error.message)
