"""The sky chart of the next pass that will be shot, for the status page."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from issgaze.archive.atomic import write_atomic
from issgaze.archive.layout import Archive
from issgaze.civil import format_utc, seconds_between, time_zone
from issgaze.config import Settings
from issgaze.errors import PropagationError
from issgaze.orbit.elements import ElementSet
from issgaze.orbit.passes import Pass
from issgaze.orbit.tracks import compute_track
from issgaze.picture.skychart import sky_chart_svg
from issgaze.service.passchart import pass_chart
from issgaze.service.prediction import Prediction
from issgaze.sky.horizon import HorizonMask

# of the track that the page reads between: the station moves some 5 degrees in it
_TRACK_STEP_S = 5.0


def publish_charts(
    archive: Archive,
    settings: Settings,
    prediction: Prediction,
    guest: Prediction,
    horizon: HorizonMask | None,
) -> None:
    """Write the chart for the owner, and the one of the rounded site for everybody else.

    Args:
        archive: Where the page looks.
        settings: For zone and brightness.
        prediction: Of the site.
        guest: Of the rounded site.
        horizon: What stands around the site; guests do not see it, it would name the roof.

    Raises:
        ArchiveError: The disk refuses it.
    """
    _publish(archive.chart, settings, prediction, horizon, seconds=True)
    _publish(archive.guest_chart, settings, guest, None, seconds=False)


def _publish(
    path: Path,
    settings: Settings,
    prediction: Prediction,
    horizon: HorizonMask | None,
    *,
    seconds: bool,
) -> None:
    following = next(
        (
            choice.iss_pass
            for choice in prediction.visible()
            if choice.verdict == "shoot" and choice.iss_pass.set.utc > prediction.computed_utc
        ),
        None,
    )
    elements = next(
        (held for held in prediction.elements if following and held.norad_id == following.norad_id),
        None,
    )
    document: dict[str, Any] = {"id": None, "svg": ""}
    if following is not None and elements is not None:
        try:
            chart = pass_chart(
                following,
                elements=elements,
                site=prediction.site,
                zone=time_zone(settings.site.time_zone),
                site_name=settings.site.name,
                horizon=horizon,
                standard_magnitude=settings.passes.standard_magnitude,
                seconds=seconds,
            )
        except PropagationError:
            pass
        else:
            document = {
                "id": following.id,
                "svg": sky_chart_svg(chart, standalone=False),
                "track": _track(
                    following, elements, prediction, settings.passes.standard_magnitude
                ),
            }
    write_atomic(path, json.dumps(document).encode() + b"\n")


def _track(
    following: Pass, elements: ElementSet, prediction: Prediction, standard_magnitude: float
) -> dict[str, Any]:
    """Return the track as numbers, for the place of the station during the pass."""
    length_s = seconds_between(following.rise.utc, following.set.utc)
    track = compute_track(
        elements,
        prediction.site,
        following.rise.utc,
        np.arange(0.0, length_s + _TRACK_STEP_S, _TRACK_STEP_S),
        standard_magnitude=standard_magnitude,
    )
    columns = (
        track.altitude_deg.round(2).tolist(),
        track.azimuth_deg.round(2).tolist(),
        track.range_km.round(1).tolist(),
        [round(value, 1) if np.isfinite(value) else None for value in track.magnitude.tolist()],
        track.light.round(2).tolist(),
    )
    return {
        "from_utc": format_utc(following.rise.utc),
        "step_s": _TRACK_STEP_S,
        "points": [list(point) for point in zip(*columns, strict=True)],
    }
