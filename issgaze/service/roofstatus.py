"""What the roof says, for status.json and for answers."""

import dataclasses
from typing import Any

from issgaze.errors import DeviceError
from issgaze.planning.cloud import cloud_fraction
from issgaze.ports import RoofController, RoofState


def roof_document(state: RoofState) -> dict[str, Any]:
    """Return a report as it goes into a file."""
    return dataclasses.asdict(state) | {
        "cloud_fraction": cloud_fraction(state.sky_temperature_c, state.air_temperature_c)
    }


def roof_status(roof: RoofController | None) -> dict[str, Any] | None:
    """Return what the roof says now, None without one.

    Of one that is silent nothing is known but that its cover shuts by itself.
    """
    if roof is None:
        return None
    try:
        return roof_document(roof.state())
    except DeviceError as error:
        return {"cover": "closed", "silent": error.message}
