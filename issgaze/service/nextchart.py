"""The sky chart of the next pass that will be shot, for the status page."""

import json
from pathlib import Path

from issgaze.archive.atomic import write_atomic
from issgaze.archive.layout import Archive
from issgaze.civil import time_zone
from issgaze.config import Settings
from issgaze.errors import PropagationError
from issgaze.picture.skychart import sky_chart_svg
from issgaze.service.passchart import pass_chart
from issgaze.service.prediction import Prediction
from issgaze.sky.horizon import HorizonMask


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
    document = {"id": None, "svg": ""}
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
            document = {"id": following.id, "svg": sky_chart_svg(chart, standalone=False)}
    write_atomic(path, json.dumps(document).encode() + b"\n")
