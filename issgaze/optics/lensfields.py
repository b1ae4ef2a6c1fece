"""The keys of lens.json, read with errors that name the key."""

import math
from collections.abc import Mapping
from typing import Any

from issgaze.errors import LensError

REMEDY = "Calibrate again: `issgaze calibrate IMAGE --lens-out FILE`."


def lens_fields(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of a `Lens` from a parsed lens.json.

    Raises:
        KeyError: A key is missing.
        LensError: A value has the wrong kind.
    """
    numbers = {key: _number(document, key) for key in ("focal_px", "valid_radius_px")}
    extra = {key: _number(document, key) for key in ("aspect", "shear") if key in document}
    covariance = document.get("covariance")
    mirrored = document["mirrored"]
    if not isinstance(mirrored, bool):
        raise LensError(f"mirrored is {mirrored!r}, true or false is needed", remedy=REMEDY)
    return {
        **numbers,
        **extra,
        "width_px": _whole(document, "width_px"),
        "height_px": _whole(document, "height_px"),
        "projection": document["projection"],
        "center_px": _row(document["center_px"], 2, "center_px"),
        "rotation": tuple(_row(row, 3, "rotation") for row in document["rotation"]),
        "mirrored": mirrored,
        "radial": _row(document.get("radial", (0, 0, 0)), 3, "radial"),
        "tangential": _row(document.get("tangential", (0, 0)), 2, "tangential"),
        "covariance": (
            None
            if covariance is None
            else tuple(_row(row, len(covariance), "covariance") for row in covariance)
        ),
        "source": str(document.get("source", "")),
    }


def _number(document: Mapping[str, Any], key: str) -> float:
    value: float = _row([document[key]], 1, key)[0]
    return value


def _whole(document: Mapping[str, Any], key: str) -> int:
    value: object = document[key]
    if isinstance(value, bool) or not isinstance(value, int):
        raise LensError(f"{key} is {value!r}, a whole number is needed", remedy=REMEDY)
    return value


def _row(values: Any, length: int, key: str) -> Any:
    row = tuple(values)
    good = all(
        isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        for value in row
    )
    if len(row) != length or not good:
        raise LensError(f"{key} is {values!r}, {length} numbers are needed", remedy=REMEDY)
    return tuple(float(value) for value in row)
