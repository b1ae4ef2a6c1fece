"""Bright lonely stars by which a digest notices that the camera turns."""

from datetime import datetime

import numpy as np

from issgaze.arrays import Float64Array
from issgaze.optics.lens import Lens
from issgaze.service.calibrate import sky_stars
from issgaze.sky.site import Site

# refraction and cloud spoil what is lower
_LOWEST_DEG = 15.0
_MARGIN_PX = 24.0
# no other star as bright as a sixth (two magnitudes fainter) stands so near
_LONELY_PX = 30.0
_RIVAL_MAG = 2.0
# the brightest few of each field of the picture, so that all of it is watched
_FIELDS = 6
_OF_EACH_FIELD = 2
_MOST = 40


def anchor_stars(lens: Lens, site: Site, instant: datetime) -> Float64Array:
    """Return where up to 40 bright stars stand in a frame at an instant, raw px, shape (n, 2)."""
    stars = sky_stars(instant, site)
    order = np.argsort(stars.magnitude, kind="stable")
    pixels = lens.to_pixels(stars.directions[order])
    magnitude = stars.magnitude[order]
    high = stars.directions[order, 2] > np.sin(np.radians(_LOWEST_DEG))
    size = np.array([lens.width_px, lens.height_px])
    with np.errstate(invalid="ignore"):
        inside = np.all((pixels > _MARGIN_PX) & (pixels < size - _MARGIN_PX), axis=1) & high
    pixels, magnitude = pixels[inside], magnitude[inside]
    taken: list[int] = []
    in_field: dict[tuple[int, int], int] = {}
    for number, (x, y) in enumerate(pixels.tolist()):
        field = int(x / size[0] * _FIELDS), int(y / size[1] * _FIELDS)
        if in_field.get(field, 0) == _OF_EACH_FIELD:
            continue
        near = np.hypot(pixels[:, 0] - x, pixels[:, 1] - y) < _LONELY_PX
        if np.count_nonzero(near & (magnitude < magnitude[number] + _RIVAL_MAG)) > 1:
            continue
        in_field[field] = in_field.get(field, 0) + 1
        taken.append(number)
        if len(taken) == _MOST:
            break
    return np.asarray(pixels[taken])
