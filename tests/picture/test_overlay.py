"""Names and the station's way, drawn on the pixels where they belong."""

import numpy as np
from PIL import ImageFont

from issgaze.picture.overlay import Mark, draw_overlay

_HEIGHT, _WIDTH = 300, 400


def _font(height_px: int) -> object:
    return ImageFont.load_default()


def _drawn(marks: list[Mark], *, shown: bool = False, sky: np.ndarray | None = None) -> np.ndarray:
    x = np.arange(20.0, 380.0)
    path = np.stack((x, np.full(len(x), 250.0)), axis=-1)
    picture = np.full((_HEIGHT, _WIDTH, 3), 40, dtype=np.uint8)
    everywhere = np.ones((_HEIGHT, _WIDTH), dtype=np.float32)
    return draw_overlay(
        picture,
        path_px=path,
        shown=[shown] * len(path),
        marks=marks,
        sky=everywhere if sky is None else sky,
        font=_font,
    ).astype(int)


def _touched(drawn: np.ndarray) -> np.ndarray:
    return np.abs(drawn - 40).max(axis=-1) > 12


def test_a_ring_is_drawn_about_the_star_and_the_star_left_free():
    touched = _touched(_drawn([Mark(x_px=150.0, y_px=100.0, name="Vega", kind="star")], shown=True))
    left, above, below = touched[100, :150], touched[:100, 150], touched[101:, 150]
    # the ring is as far from the star on every side
    radius = 150 - float(np.flatnonzero(left).mean())
    assert 4.0 < radius < 9.0
    assert abs(100 - float(np.flatnonzero(above).mean()) - radius) <= 1.0
    assert abs(1 + float(np.flatnonzero(below).mean()) - radius) <= 1.0
    assert not touched[98:103, 148:153].any()
    assert touched[:, 165:200].any(), "its name stands beside it"


def test_the_way_is_dashed_where_there_is_no_trail():
    line = _touched(_drawn([]))[249:252].any(axis=0)
    assert 0.3 < line[20:380].mean() < 0.8
    assert not line[:18].any()
    assert not _touched(_drawn([], shown=True)).any()


def test_nothing_is_written_about_what_the_roof_hides():
    sky = np.ones((_HEIGHT, _WIDTH), dtype=np.float32)
    sky[:, 200:] = 0.0
    mark = Mark(x_px=300.0, y_px=100.0, name="Antares", kind="star")
    touched = _touched(_drawn([mark], sky=sky))
    assert not touched[:, 205:].any()
    assert touched[249:252, :200].any()


def test_a_constellation_gives_way_to_a_star():
    star = Mark(x_px=200.0, y_px=100.0, name="Vega of the Lyre", kind="star")
    crowd = Mark(x_px=240.0, y_px=100.0, name="Lyra", kind="constellation")
    free = Mark(x_px=100.0, y_px=200.0, name="Lyra", kind="constellation")
    alone = _drawn([star], shown=True)
    assert np.array_equal(_drawn([star, crowd], shown=True), alone)
    assert not np.array_equal(_drawn([star, free], shown=True), alone)


def test_what_lies_outside_the_picture_or_nowhere_is_left_out():
    marks = [
        Mark(x_px=-50.0, y_px=100.0, name="Deneb", kind="star"),
        Mark(x_px=float("nan"), y_px=float("nan"), name="Sirius", kind="star"),
    ]
    assert not _touched(_drawn(marks, shown=True)).any()
