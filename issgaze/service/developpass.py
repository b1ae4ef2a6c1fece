"""Developing one pass folder, live while it fills or later."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from issgaze.archive.fits import read_raw
from issgaze.archive.lock import folder_lock
from issgaze.archive.passfolder import PassFolder
from issgaze.civil import time_zone
from issgaze.config import DevelopSettings
from issgaze.errors import FrameError
from issgaze.imaging.frame import Frame
from issgaze.optics.lens import Lens
from issgaze.orbit.formats import parse_element_record
from issgaze.service.develop import DevelopJob, Light, develop

_POLL_S = 0.1


def develop_folder(
    folder: PassFolder, settings: DevelopSettings, *, stop: Callable[[], bool]
) -> dict[str, object]:
    """Develop a pass folder, waiting for more frames until it is sealed; return the report.

    Raises:
        ArchiveError: The plan is broken, or the disk refuses the products.
        LockedError: Never: it waits for whoever is at work on the folder.
    """
    with folder_lock(folder.path, wait=True):
        plan_file = folder.plan_file()
        lens = Lens.from_document(plan_file.lens) if plan_file.lens else None
        job = DevelopJob(
            lights=_follow(folder, stop),
            darks=tuple(_readable(folder.darks())),
            lens=lens,
            site=plan_file.site,
            elements=parse_element_record(plan_file.elements, source="plan.json"),
            iss_pass=plan_file.plan.iss_pass,
            out=folder.path,
            resolution=settings.resolution,
            zone=time_zone(plan_file.time_zone),
            languages=settings.languages,
            memory_budget_mb=settings.memory_budget_mb,
        )
        return develop(job, on_frame=folder.mark_digested)


def _follow(folder: PassFolder, stop: Callable[[], bool]) -> Iterator[Light]:
    """Yield the lights as they come; end when the folder is sealed and all were given."""
    given = 0
    pause = threading.Event()
    while True:
        sealed = folder.is_sealed
        lights = folder.lights()
        for path in lights[given:]:
            yield _light(path)
        given = len(lights)
        if sealed or stop():
            return
        pause.wait(_POLL_S)


def _light(path: Path) -> Light:
    name = f"{path.parent.name}/{path.name}"
    try:
        return Light(file=name, frame=read_raw(path), error=None)
    except FrameError as error:
        return Light(file=name, frame=None, error=error.message)


def _readable(paths: list[Path]) -> Iterator[Frame]:
    for path in paths:
        try:
            yield read_raw(path)
        except FrameError:
            continue
