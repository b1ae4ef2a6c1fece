"""report.json: every number that picture, page and caption tell, in one document."""

import dataclasses
from collections.abc import Sequence
from typing import Any

from issgaze import __version__
from issgaze.archive.passdocument import pass_document
from issgaze.civil import format_utc
from issgaze.imaging.frame import FrameInfo
from issgaze.service.darkroom import Darkroom
from issgaze.service.developjob import DevelopJob
from issgaze.service.outcome import Outcome, lit_part_exposed
from issgaze.service.series import FrameRecord, exposed_spans


def report_document(
    job: DevelopJob,
    room: Darkroom,
    records: Sequence[FrameRecord],
    outcome: Outcome,
    *,
    resources: dict[str, float],
) -> dict[str, Any]:
    """Return the report of a developed series.

    Args:
        job: What was known beforehand.
        room: What was made.
        records: What became of each frame.
        outcome: What became of the pass.
        resources: seconds, peak_rss_mb, bytes_written.
    """
    stacks = room.stacks
    info = next((record.info for record in records if record.used), None)
    return {
        "format": "issgaze-report",
        "version": __version__,
        "outcome": outcome.name,
        "reason": outcome.reason,
        "simulated": job.simulated,
        "satellite": (
            {"norad_id": job.elements.norad_id, "name": job.satellite} if job.elements else None
        ),
        "site_name": job.site_name or None,
        "time_zone": job.zone.key,
        "pass": pass_document(job.iss_pass) if job.iss_pass else None,
        "lit_part_exposed": (
            round(lit_part_exposed(job.iss_pass, exposed_spans(records)), 4)
            if job.iss_pass and job.timed
            else None
        ),
        "resolution": stacks.resolution,
        "reference_utc": format_utc(stacks.reference_utc) if job.timed else None,
        "reject_fraction": round(stacks.reject_fraction, 6),
        # chips are named in lower case inside, and in capitals among people
        "camera": info.instrument.upper() if info and info.instrument else None,
        "exposure": _exposure(info) if info and job.exposed else None,
        "frames": [record.document(timed=job.timed, exposed=job.exposed) for record in records],
        "lens": room.lens.to_document() if room.lens else None,
        "lens_check": job.lens_check,
        "stars_along_track": dataclasses.asdict(job.track_stars) if job.track_stars else None,
        "trail_found": room.trail is not None and bool(room.trail.any()),
        "proof": dataclasses.asdict(room.fit),
        "quality": dataclasses.asdict(room.quality),
        "resources": resources,
        "missing": [dataclasses.asdict(item) for item in room.missing],
        "notes": list(job.notes),
    }


def _exposure(info: FrameInfo) -> dict[str, Any]:
    """Return how the first frame that went in was exposed."""
    return {
        "exposure_s": info.exposure_s,
        "analogue_gain": info.analogue_gain,
        "sensor_temperature_c": info.temperature_c,
        "clock_error_s": info.clock_error_s,
    }
