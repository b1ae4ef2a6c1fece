"""What a caption tells of the trail lies within the edges of the picture."""

import dataclasses

import numpy as np
import pytest

from issgaze.civil import seconds_between
from issgaze.optics.lens import Lens
from issgaze.optics.platefit import in_picture
from issgaze.orbit.elements import ElementSet
from issgaze.orbit.passes import Event, Pass
from issgaze.service.shownpath import event_at, shown_path
from issgaze.sky.coordinates import enu_from_altaz
from issgaze.sky.site import Site
from tests.service.test_guests import as_developed, elements, passes_over

__all__ = ["elements"]
SITE = Site(latitude_deg=48.1512, longitude_deg=16.3534, height_m=160.0)


def looking(altitude_deg: float, azimuth_deg: float, *, focal_px: float) -> Lens:
    """Return a lens of 2028x1520 that looks there, its upper edge up."""
    out = enu_from_altaz(np.array(altitude_deg), np.array(azimuth_deg))
    right = np.cross(out, (0.0, 0.0, 1.0))
    right /= np.linalg.norm(right)
    rotation = (_row(right), _row(np.cross(out, right)), _row(out))
    return Lens(
        width_px=2028, height_px=1520, projection="equidistant", focal_px=focal_px,
        center_px=(1013.5, 759.5), rotation=rotation, valid_radius_px=1600.0,
    )  # fmt: skip


def _row(axis: np.ndarray) -> tuple[float, float, float]:
    first, second, third = axis.tolist()
    return first, second, third


def pixel(lens: Lens, event: Event) -> np.ndarray:
    direction = enu_from_altaz(np.array([event.altitude_deg]), np.array([event.azimuth_deg]))
    return lens.to_pixels(direction)


def lit_s(iss_pass: Pass) -> float:
    return seconds_between(iss_pass.lit[0].start.utc, iss_pass.lit[-1].end.utc)


def test_a_trail_that_leaves_the_picture_is_told_as_far_as_the_picture_goes(
    elements: ElementSet,
) -> None:
    iss_pass = max(passes_over(elements, SITE), key=lit_s)
    _report, job, spans = as_developed(elements, SITE, iss_pass)
    whole = shown_path(job, spans)
    assert whole is not None
    end = whole.end
    lens = looking(30.0, end.azimuth_deg, focal_px=1400.0)
    shown = shown_path(dataclasses.replace(job, lens=lens), spans)
    assert shown is not None
    # the end is in view and stays as it is; the beginning is where it comes over the edge
    assert shown.end == end
    assert seconds_between(whole.begin.utc, shown.begin.utc) > 60.0
    assert in_picture(pixel(lens, shown.begin), 2028, 1520).all()
    before = event_at(elements, SITE, whole.begin.utc)
    assert not in_picture(pixel(lens, before), 2028, 1520).any()
    x, y = pixel(lens, shown.begin)[0].tolist()
    # half a second of the station's way, and the gap between two exposures
    assert min(x, y, 2028.0 - x, 1520.0 - y) < 30.0


def test_a_picture_of_another_part_of_the_sky_shows_no_trail(elements: ElementSet) -> None:
    iss_pass = min(passes_over(elements, SITE), key=lambda one: one.culmination.altitude_deg)
    _report, job, spans = as_developed(elements, SITE, iss_pass)
    away = (iss_pass.culmination.azimuth_deg + 180.0) % 360.0
    lens = looking(40.0, away, focal_px=3000.0)
    assert shown_path(dataclasses.replace(job, lens=lens), spans) is None


@pytest.mark.parametrize("late_s", [0.0, 100.0])
def test_a_lens_that_sees_everything_changes_nothing(elements: ElementSet, late_s: float) -> None:
    iss_pass = passes_over(elements, SITE)[0]
    _report, job, spans = as_developed(elements, SITE, iss_pass, late_s=late_s)
    lens = looking(89.9, 0.0, focal_px=450.0)
    assert shown_path(dataclasses.replace(job, lens=lens), spans) == shown_path(job, spans)
