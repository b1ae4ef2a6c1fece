"""Developing a series of sub-exposures: from raw frames to picture, time-lapse, caption, report."""

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from issgaze.archive.mappedarrays import MappedArrays
from issgaze.devices.memory import keep_memory_of_bands, return_memory_at_once
from issgaze.errors import ArchiveError, FrameError
from issgaze.imaging.frame import Frame
from issgaze.imaging.masterdark import MasterDark
from issgaze.service.anchorstars import anchor_stars
from issgaze.service.darkroom import Darkroom
from issgaze.service.darks import master_of
from issgaze.service.developjob import DevelopJob
from issgaze.service.finishing import Finishing, Steps
from issgaze.service.hands import hands
from issgaze.service.outcome import judge
from issgaze.service.products import Products
from issgaze.service.report import report_document
from issgaze.service.series import FrameRecord, digest_series, exposed_spans
from issgaze.stacking.checkpoint import Checkpoint
from issgaze.stacking.digest import Digest, DigestSetup
from issgaze.stacking.drift import Drift
from issgaze.stacking.resolution import needed_memory_mb, resolution_for
from issgaze.stacking.stacks import Stacks
from issgaze.stacking.storage import InMemory, Storage
from issgaze.stacking.together import Workers


@dataclass(frozen=True, slots=True, kw_only=True)
class _Digested:
    """What is known of a series besides its stacks.

    Attributes:
        dark: The master dark.
        darks: What the report says of it.
        mount: What bright stars said of the mount, None when they were not watched.
        records: What became of each frame.
    """

    dark: MasterDark | None
    darks: dict[str, Any]
    mount: Drift | None
    records: Sequence[FrameRecord]


def develop(
    job: DevelopJob,
    *,
    on_frame: Callable[[int], None],
    on_stage: Callable[[str], None] = lambda _text: None,
) -> dict[str, Any] | None:
    """Develop a series; return the report, which is the last file written.

    None is returned when the job was stopped before; what was digested is kept then.

    Args:
        job: What is known of the series.
        on_frame: Told how many frames are done, good or bad, after each.
        on_stage: Told in words what begins after the last frame.

    Raises:
        FrameError: No frame could be used.
        LensError: The lens is of another size than the frames.
        ArchiveError: The disk refuses the products.
    """
    return_memory_at_once()
    steps = Steps()
    with hands() as workers:
        done = _digest(job, workers, on_frame)
        if done is None:
            return None
        digest, digested = done
        # what follows is the owner's waiting; the frames are digested while they come
        steps.done("digest")
        on_stage("putting the stack together")
        _review(digest, digested.records, job)
        stacks = [digest.finish(_storage(digest.setup, job))]
        del digest, done
        steps.done("finish")
        report = _developed(job, stacks, digested, workers, steps, on_stage)
    job.keeper.forget()
    return report


def _developed(
    job: DevelopJob,
    handed_over: list[Stacks],
    done: _Digested,
    workers: Workers,
    steps: Steps,
    on_stage: Callable[[str], None],
) -> dict[str, Any]:
    """Return the report of stacks, which are handed over so that nobody else holds them."""
    on_stage("measuring stars and trail")
    keep_memory_of_bands()
    records = done.records
    products = Products(job.out)
    room = Darkroom(job, handed_over.pop(), records, products=products, workers=workers)
    exposed = exposed_spans(records)
    outcome = judge(
        room.fit,
        iss_pass=job.iss_pass,
        exposed=exposed,
        star_count=room.quality.star_count,
        track_stars=job.track_stars,
        sealed_reason=job.sealed_reason(),
    )
    report = report_document(job, room, records, outcome, darks=done.darks, mount=done.mount)
    steps.done("measure")
    on_stage("composing the picture")
    finishing = Finishing(
        job, room, report, exposed, products=products, workers=workers, steps=steps
    )
    # the films need none of the stacks
    del room
    on_stage("making the films")
    finishing.films(records, dark=done.dark)
    finishing.words()
    return report


def _digest(
    job: DevelopJob, workers: Workers, on_frame: Callable[[int], None]
) -> tuple[Digest, _Digested] | None:
    """Digest what was not digested before a power cut or a stop; None when stopped again."""
    dark, facts = master_of(job.darks)

    def begin(frame: Frame) -> Digest:
        return Digest(_setup(job, frame, dark), workers=workers)

    def resume(first: str, saved: Checkpoint) -> Digest:
        return Digest.resume(_setup(job, job.reread(first), dark), saved, workers=workers)

    before = job.keeper.go_on(resume)
    lights = job.lights(len(before.records))
    done = digest_series(lights, begin, on_frame, so_far=before, witness=job.keeper)
    if job.stopped():
        job.keeper.save(done.digest, done.records)
        return None
    if done.digest is None or not any(record.used for record in done.records):
        raise _nothing_to_use(done.records)
    return done.digest, _Digested(
        dark=dark, darks=facts, mount=done.digest.drift, records=done.records
    )


def _review(digest: Digest, records: Sequence[FrameRecord], job: DevelopJob) -> None:
    """Let the digest see again what it judged too early; what cannot be read stays as it is."""
    names = [record.file for record in records if record.used]
    for number in digest.doubtful:
        with contextlib.suppress(FrameError, ArchiveError):
            digest.review(number, job.reread(names[number]))


def _setup(job: DevelopJob, frame: Frame, dark: MasterDark | None) -> DigestSetup:
    """Return what the digest is made for; the first frame tells size and kind."""
    height, width = frame.mosaic.shape
    info = frame.info
    lens = job.lens.scaled_to(width, height) if job.lens and job.timed and job.site else None
    reference_utc = job.reference_utc or info.start_utc
    anchors = anchor_stars(lens, job.site, reference_utc) if lens and job.site else None
    return DigestSetup(
        width_px=width,
        height_px=height,
        bayer_pattern=info.bayer_pattern,
        black_level_adu=info.black_level_adu,
        white_level_adu=info.white_level_adu,
        lens=lens,
        site=job.site,
        reference_utc=reference_utc,
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
        anchors_px=anchors,
        reuse_frames=True,
    )


def _storage(setup: DigestSetup, job: DevelopJob) -> Storage:
    """Return where the products live: in files where the budget is too small for them."""
    needed = needed_memory_mb(setup.width_px, setup.height_px, setup.resolution)
    return MappedArrays(job.out) if needed > setup.memory_budget_mb else InMemory()


def _nothing_to_use(records: Sequence[FrameRecord]) -> FrameError:
    if not records:
        return FrameError("there is no frame to develop", remedy="Give at least one frame.")
    first = records[0]
    return FrameError(
        f"none of {len(records)} frames could be used; {first.file}: {first.reason}",
        remedy="Give raw frames of one camera, one size and one exposure.",
    )
