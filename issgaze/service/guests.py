"""The report as everybody may have it: of the rounded site, in whole degrees and minutes."""

import copy
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from issgaze.archive.passdocument import pass_document
from issgaze.civil import later, seconds_between
from issgaze.errors import PropagationError
from issgaze.orbit.finder import find_passes
from issgaze.orbit.passes import Pass
from issgaze.service.developjob import DevelopJob
from issgaze.service.privacy import guest_document, guest_site
from issgaze.service.shownpath import shown_elsewhere, shown_path

_AROUND_S = 1800.0
# what tells nothing of the site; all else of a report stays at home
_OPEN = (
    "format", "version", "outcome", "simulated", "satellite", "site_name", "time_zone",
    "resolution", "camera", "trail_found",
)  # fmt: skip
_OPEN_PROOF = ("accepted", "cross_track_arcmin", "along_track_s", "along_track_sigma_s")
_OPEN_QUALITY = ("star_count", "limiting_magnitude", "fwhm_px", "background_mag_arcsec2")
_OPEN_FRAME = ("used", "exposure_s")


def guest_report(
    report: dict[str, Any], job: DevelopJob, exposed: Iterable[tuple[datetime, datetime]]
) -> dict[str, Any]:
    """Return what of a report may leave the device.

    Its pass is computed anew for the site on the grid, then rounded: rounding the exact numbers
    would still give the site away. So would the times of single frames, which begin with the pass
    as this very roof sees it; what the picture shows is told as the rounded site has it.

    Args:
        report: The document of report.json.
        job: What was known of the series.
        exposed: Start and end of every exposure that went in.
    """
    open_report: dict[str, Any] = {key: copy.deepcopy(report.get(key)) for key in _OPEN}
    proof, quality = report.get("proof") or {}, report.get("quality") or {}
    part = report.get("lit_part_exposed")
    # four digits of it would tell how long the pass was lit here
    open_report["lit_part_exposed"] = None if part is None else round(part, 2)
    open_report["proof"] = {key: proof.get(key) for key in _OPEN_PROOF}
    open_report["quality"] = {key: quality.get(key) for key in _OPEN_QUALITY}
    # frames of which nobody knows the place have times of their own
    placed = job.site is not None and job.iss_pass is not None
    kept = _OPEN_FRAME if placed else (*_OPEN_FRAME, "start_utc")
    open_report["frames"] = [
        guest_document({key: frame.get(key) for key in kept})
        for frame in report.get("frames") or ()
    ]
    elsewhere = guest_pass(job)
    open_report["pass"] = guest_document(pass_document(elsewhere)) if elsewhere else None
    shown = None
    if job.site is not None:
        here = shown_path(job, exposed)
        shown = shown_elsewhere(here, elsewhere, job.elements, guest_site(job.site))
    open_report["shown"] = guest_document(shown.document()) if shown else None
    return open_report


def guest_pass(job: DevelopJob) -> Pass | None:
    """Return the pass as the rounded site sees it, None where there is none."""
    if job.iss_pass is None or job.elements is None or job.site is None:
        return None
    middle = job.iss_pass.culmination.utc
    try:
        passes = find_passes(
            job.elements, guest_site(job.site), later(middle, -_AROUND_S), later(middle, _AROUND_S)
        )
    except PropagationError:
        return None
    return min(
        passes,
        key=lambda one: abs(seconds_between(middle, one.culmination.utc)),
        default=None,
    )
