"""report.json: every number that picture, page and caption tell, in one document."""

import dataclasses
from collections.abc import Sequence
from math import isfinite
from statistics import median
from typing import Any

from issgaze import __version__
from issgaze.archive.passdocument import pass_document
from issgaze.civil import format_utc
from issgaze.imaging.frame import FrameInfo
from issgaze.picture.deadtime import TrailDeadTime
from issgaze.picture.lightcurve import LightCurve
from issgaze.service.darkroom import Darkroom
from issgaze.service.developjob import DevelopJob
from issgaze.service.outcome import Outcome, lit_part_exposed
from issgaze.service.series import FrameRecord, exposed_spans
from issgaze.service.shownpath import shown_path
from issgaze.stacking.drift import Drift


def report_document(
    job: DevelopJob,
    room: Darkroom,
    records: Sequence[FrameRecord],
    outcome: Outcome,
    *,
    darks: dict[str, Any],
    mount: Drift | None,
) -> dict[str, Any]:
    """Return the report of a developed series.

    Args:
        job: What was known beforehand.
        room: What was made.
        records: What became of each frame.
        outcome: What became of the pass.
        darks: What darks it had, see `service.darks.master_of`.
        mount: What bright stars said of the mount, None when they were not watched.
    """
    stacks = room.stacks
    shown = shown_path(job, exposed_spans(records))
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
        "shown": shown.document() if shown else None,
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
        "darks": darks,
        "frames": [record.document(timed=job.timed, exposed=job.exposed) for record in records],
        "lens": room.lens.to_document() if room.lens else None,
        "lens_file": _lens_file(job, room),
        "lens_check": job.lens_check,
        "mount": mount.facts() if mount else None,
        "stars_along_track": dataclasses.asdict(job.track_stars) if job.track_stars else None,
        "trail_found": room.trail_found,
        "proof": dataclasses.asdict(room.fit),
        "quality": dataclasses.asdict(room.quality),
        "light_curve": _light_curve(room.light_curve),
        "dead_time": _dead_time(records, room.trail_dead_time) if job.timed else None,
        "resources": {},
        "missing": [],
        "notes": list(job.notes),
    }


def _lens_file(job: DevelopJob, room: Darkroom) -> str | None:
    """Return where lens.json beside the report comes from, None when there is no lens."""
    if job.lens_given_in_out:
        return "given"
    return "made" if room.lens else None


def _exposure(info: FrameInfo) -> dict[str, Any]:
    """Return how the first frame that went in was exposed."""
    return {
        "exposure_s": info.exposure_s,
        "analogue_gain": info.analogue_gain,
        "sensor_temperature_c": info.temperature_c,
        "clock_error_s": info.clock_error_s,
    }


def _light_curve(curve: LightCurve | None) -> dict[str, Any] | None:
    if curve is None:
        return None
    return {
        "offset_mag": _rounded(curve.offset_mag, 3),
        "scatter_mag": _rounded(curve.scatter_mag, 3),
        "samples": [
            {
                "utc": format_utc(one.utc),
                "altitude_deg": round(one.altitude_deg, 2),
                "x_px": round(one.x_px, 1),
                "y_px": round(one.y_px, 1),
                "magnitude": round(one.magnitude, 2),
                "predicted_magnitude": _rounded(one.predicted_magnitude, 2),
                "light": round(one.light, 4),
                "saturated": one.saturated,
            }
            for one in curve.samples
        ],
        "fades": [
            {
                "direction": fade.direction,
                "predicted_utc": format_utc(fade.predicted_utc),
                "measured_utc": format_utc(fade.measured_utc) if fade.measured_utc else None,
                "late_s": _rounded(fade.late_s, 2),
                "x_px": round(fade.x_px, 1),
                "y_px": round(fade.y_px, 1),
                "away_px": _rounded(fade.away_px, 1),
            }
            for fade in curve.fades
        ],
    }


def _dead_time(records: Sequence[FrameRecord], trail: TrailDeadTime | None) -> dict[str, Any]:
    """Return the dead time by the stamps and, where the trail shows it, by the trail."""
    stamps = [r.dead_time_s for r in records if r.used and r.dead_time_s is not None]
    return {
        "stamps_s": _rounded(float(median(stamps)) if stamps else None, 6),
        "trail_s": _rounded(trail.seconds if trail else None, 4),
        "trail_sigma_s": _rounded(trail.sigma_s if trail else None, 4),
        "trail_joints": trail.joints if trail else 0,
    }


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None or not isfinite(value) else round(value, digits)
