"""A second picture with words on it: the station's way, star and constellation names."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from PIL import Image, ImageDraw

from issgaze.arrays import Float32Array, Float64Array, UInt8Array
from issgaze.picture.labels import Box, Label, LabelPlacer

_COLOURS: dict[str, tuple[int, int, int, int]] = {
    "constellation": (150, 178, 214, 190),
    "star": (226, 232, 240, 225),
    "planet": (255, 224, 170, 235),
    "event": (255, 205, 130, 245),
}
_PATH_COLOUR = (255, 205, 130, 170)
_OUTLINE = (8, 10, 16, 200)
# height of the type as a share of the picture's height
_TYPE_SHARE = 1.0 / 62.0
_LEAST_TYPE_PX = 11
_SKY_SHARE = 0.5
_DASH_PX, _GAP_PX = 1.2, 1.0

Kind = Literal["constellation", "star", "planet", "event"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A name at a pixel of the picture.

    Attributes:
        x_px, y_px: Where it is.
        name: What to write; a constellation is written over the place, the rest beside it.
        kind: What it is; events come first where room is short, constellations last.
    """

    x_px: float
    y_px: float
    name: str
    kind: Kind


def draw_overlay(
    picture: UInt8Array,
    *,
    path_px: Float64Array,
    shown: Sequence[bool],
    marks: Sequence[Mark],
    sky: Float32Array,
    font: Callable[[int], Any],
) -> UInt8Array:
    """Return the picture with the way of the station dashed and the names written.

    Args:
        picture: (h, w, 3), as it is to be seen.
        path_px: Way of the station over the picture, (n, 2), nan where the lens sees none of it.
        shown: For each point of the way whether the trail is in the picture: no dashes there.
        marks: Names.
        sky: Share of sky of each pixel (h, w): nothing is written about what roof or tree hides.
        font: Returns a font of Pillow of a height in px.
    """
    height, width = picture.shape[:2]
    size = max(_LEAST_TYPE_PX, round(height * _TYPE_SHARE))
    layer = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    pen = ImageDraw.Draw(layer)
    seen = np.array([_in_sky(x, y, sky) for x, y in path_px], dtype=np.bool_)
    _dashes(pen, path_px, seen & ~np.asarray(shown, dtype=np.bool_), size)
    placer = LabelPlacer(
        [(x, y) for x, y in path_px[np.isfinite(path_px).all(axis=1)].tolist()],
        Box(0.4 * size, 0.4 * size, width - 0.4 * size, height - 0.4 * size),
        size=size,
    )
    order: dict[str, int] = {"event": 0, "planet": 1, "star": 2, "constellation": 3}
    for mark in sorted(marks, key=lambda one: order[one.kind]):
        if _in_sky(mark.x_px, mark.y_px, sky):
            _write(pen, placer, mark, size, font, sky)
    base = Image.fromarray(picture).convert("RGBA")
    return np.asarray(Image.alpha_composite(base, layer).convert("RGB"))


def _in_sky(x: float, y: float, sky: Float32Array) -> bool:
    if not (np.isfinite(x) and np.isfinite(y)):
        return False
    row, column = round(float(y)), round(float(x))
    inside = 0 <= row < sky.shape[0] and 0 <= column < sky.shape[1]
    return bool(inside and sky[row, column] > _SKY_SHARE)


def _whole_in_sky(label: Label, width_px: float, sky: Float32Array) -> bool:
    """Return whether a line of text lies before the sky from end to end."""
    first = {"start": 0.0, "middle": -0.5, "end": -1.0}[label.anchor] * width_px + label.x
    places = np.linspace(first, first + width_px, 9)
    return all(_in_sky(float(x), label.y, sky) for x in places)


def _dashes(pen: Any, path: Float64Array, drawn: Any, size: int) -> None:
    """Draw dashes along the drawn part of the way, evenly in pixels."""
    step = np.hypot(*np.diff(path, axis=0).T)
    along = np.concatenate(([0.0], np.cumsum(np.nan_to_num(step))))
    period = (_DASH_PX + _GAP_PX) * size
    width = max(1, round(size / 11))
    for number in range(len(path) - 1):
        on = (along[number] % period) < _DASH_PX * size
        if on and drawn[number] and drawn[number + 1]:
            pen.line([tuple(path[number]), tuple(path[number + 1])], fill=_PATH_COLOUR, width=width)


def _write(
    pen: Any,
    placer: LabelPlacer,
    mark: Mark,
    size: int,
    font: Callable[[int], Any],
    sky: Float32Array,
) -> None:
    colour = _COLOURS[mark.kind]
    if mark.kind == "constellation":
        # letters set wide, and only where nothing else stands
        text = " ".join(mark.name.upper())
        label = placer.place(mark.x_px, mark.y_px, (text,), must=False, gap=0.0)
    else:
        radius = 0.42 * size
        place = (mark.x_px - radius, mark.y_px - radius, mark.x_px + radius, mark.y_px + radius)
        if mark.kind != "event":
            pen.ellipse(place, outline=colour, width=max(1, round(size / 14)))
        text = mark.name
        label = placer.place(
            mark.x_px, mark.y_px, (text,), must=mark.kind == "event", gap=0.75 * size
        )
    if label is None:
        return
    if mark.kind == "constellation" and not _whole_in_sky(label, len(text) * 0.56 * size, sky):
        return
    anchors = {"start": "ls", "middle": "ms", "end": "rs"}
    face = font(round(0.82 * size) if mark.kind == "constellation" else size)
    pen.text(
        (label.x, label.y - 0.12 * size),
        text,
        fill=colour,
        font=face,
        anchor=anchors[label.anchor],
        stroke_width=max(1, round(size / 12)),
        stroke_fill=_OUTLINE,
    )
