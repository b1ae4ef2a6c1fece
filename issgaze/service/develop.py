"""Developing a series of sub-exposures: from raw frames to picture, time-lapse, caption, report."""

import contextlib
from collections.abc import Callable, Sequence
from typing import Any

from issgaze.devices.memory import keep_memory_of_bands, return_memory_at_once
from issgaze.errors import ArchiveError, FrameError
from issgaze.imaging.frame import Frame
from issgaze.imaging.masterdark import MasterDark, master_dark
from issgaze.service.darkroom import Darkroom
from issgaze.service.developjob import DevelopJob
from issgaze.service.finishing import Finishing, Steps
from issgaze.service.hands import hands
from issgaze.service.outcome import judge
from issgaze.service.products import Products
from issgaze.service.report import report_document
from issgaze.service.series import FrameRecord, digest_series, exposed_spans
from issgaze.stacking.digest import Digest, DigestSetup
from issgaze.stacking.resolution import resolution_for
from issgaze.stacking.stacks import Stacks
from issgaze.stacking.together import Workers


def develop(job: DevelopJob, *, on_frame: Callable[[int], None]) -> dict[str, Any]:
    """Develop a series; return the report, which is the last file written.

    Raises:
        FrameError: No frame could be used.
        LensError: The lens is of another size than the frames.
        ArchiveError: The disk refuses the products.
    """
    return_memory_at_once()
    steps = Steps()
    dark = master_dark(job.darks)
    with hands() as workers:
        begin = _beginner(job, workers, dark)
        digest, records = digest_series(job.lights, begin, on_frame)
        if digest is None or not any(record.used for record in records):
            raise _nothing_to_use(records)
        # what follows is the owner's waiting; the frames are digested while they come
        steps.done("digest")
        _review(digest, records, job)
        stacks = [digest.finish()]
        del digest
        steps.done("finish")
        return _developed(job, stacks, records, dark, workers, steps)


def _developed(
    job: DevelopJob,
    handed_over: list[Stacks],
    records: Sequence[FrameRecord],
    dark: MasterDark | None,
    workers: Workers,
    steps: Steps,
) -> dict[str, Any]:
    """Return the report of stacks, which are handed over so that nobody else holds them."""
    keep_memory_of_bands()
    products = Products(job.out)
    room = Darkroom(job, handed_over.pop(), records, products=products, workers=workers)
    outcome = judge(
        room.fit,
        iss_pass=job.iss_pass,
        exposed=exposed_spans(records),
        star_count=room.quality.star_count,
        sealed_reason=job.sealed_reason(),
    )
    report = report_document(job, room, records, outcome)
    steps.done("measure")
    finishing = Finishing(job, room, report, products=products, workers=workers, steps=steps)
    # the films need none of the stacks
    del room
    finishing.films(records, dark=dark)
    finishing.words()
    return report


def _review(digest: Digest, records: list[FrameRecord], job: DevelopJob) -> None:
    """Let the digest see again what it judged too early; what cannot be read stays as it is."""
    names = [record.file for record in records if record.used]
    for number in digest.doubtful:
        with contextlib.suppress(FrameError, ArchiveError):
            digest.review(number, job.reread(names[number]))


def _beginner(
    job: DevelopJob, workers: Workers, dark: MasterDark | None
) -> Callable[[Frame], Digest]:
    """Return what makes the digest when the first frame is there to tell size and kind."""

    def begin(frame: Frame) -> Digest:
        height, width = frame.mosaic.shape
        info = frame.info
        lens = job.lens.scaled_to(width, height) if job.lens and job.timed and job.site else None
        setup = DigestSetup(
            width_px=width,
            height_px=height,
            bayer_pattern=info.bayer_pattern,
            black_level_adu=info.black_level_adu,
            white_level_adu=info.white_level_adu,
            lens=lens,
            site=job.site,
            reference_utc=job.reference_utc or info.start_utc,
            exposure_s=info.exposure_s,
            resolution=resolution_for(
                width_px=width,
                height_px=height,
                expected_frames=job.expected_frames,
                memory_budget_mb=job.memory_budget_mb,
                wanted=job.resolution,
            ),
            dark=dark,
            memory_budget_mb=job.memory_budget_mb,
            expected_frames=job.expected_frames,
            reuse_frames=True,
        )
        return Digest(setup, workers=workers)

    return begin


def _nothing_to_use(records: list[FrameRecord]) -> FrameError:
    if not records:
        return FrameError("there is no frame to develop", remedy="Give at least one frame.")
    first = records[0]
    return FrameError(
        f"none of {len(records)} frames could be used; {first.file}: {first.reason}",
        remedy="Give raw frames of one camera, one size and one exposure.",
    )
