"""issgaze lens: between pixels and the sky, by a lens file."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from issgaze.cli.arguments import actions_of
from issgaze.errors import LensError, UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from issgaze.cli.output import Output

SUMMARY = "Turn altitude and azimuth into pixels, or pixels into altitude and azimuth."
EXAMPLE = "issgaze lens to-pixel lens.json < points.csv"

_CHUNK_LINES = 65536


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_action = actions_of(parser)
    to_pixel = add_action(
        "to-pixel",
        "altitude_deg,azimuth_deg lines on stdin become x,y lines",
        "echo 45,180 | issgaze lens to-pixel lens.json",
    )
    to_sky = add_action(
        "to-sky",
        "x,y lines on stdin become altitude_deg,azimuth_deg lines",
        "echo 1014,760 | issgaze lens to-sky lens.json",
    )
    for action in (to_pixel, to_sky):
        action.add_argument("lens", type=Path, metavar="LENS", help="a lens.json")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Convert stdin to stdout; what sees no sky becomes nan,nan."""
    import numpy as np

    from issgaze.archive.lensfile import read_lens
    from issgaze.sky.coordinates import altaz_from_enu, enu_from_altaz

    lens = read_lens(arguments.lens)
    if lens.source.endswith("sky-only"):
        raise LensError(
            f"{arguments.lens}: a solution among the stars, it knows no altitude and azimuth",
            remedy="Calibrate with site and time: `issgaze calibrate --site LAT,LON --utc T`.",
        )
    results: list[list[float | None]] = []
    low = outside = 0
    for rows in _chunks(sys.stdin):
        points = np.array(rows, dtype=np.float64)
        if arguments.action == "to-pixel":
            values = lens.to_pixels(enu_from_altaz(points[:, 0], points[:, 1]))
            inside = (values > -0.5) & (values < [lens.width_px - 0.5, lens.height_px - 0.5])
            # the horizon is where the sky ends, whatever the lens could draw below it
            below = points[:, 0] < 0.0
        else:
            altitude, azimuth = altaz_from_enu(lens.to_directions(points))
            values = np.stack((altitude, azimuth), axis=1)
            inside = (points > -0.5) & (points < [lens.width_px - 0.5, lens.height_px - 0.5])
            below = altitude < 0.0
        values[below | ~inside.all(axis=1)] = np.nan
        # whatever the lens itself refuses lies outside, too
        unseen = np.isnan(values).any(axis=1)
        low += int((unseen & below).sum())
        outside += int((unseen & ~below).sum())
        for first, second in values.tolist():
            output.line("nan,nan" if math.isnan(first) else f"{first:.6f},{second:.6f}")
            if output.json:
                results.append([None, None] if math.isnan(first) else [first, second])
    output.document({"action": arguments.action, "points": results})
    for count, where in (
        (low, "below the horizon"),
        (outside, "outside the picture or its circle"),
    ):
        if count:
            output.log(f"nan,nan: {count} {'point lies' if count == 1 else 'points lie'} {where}")
    return 0


def _chunks(lines: Iterator[str]) -> Iterator[list[tuple[float, float]]]:
    chunk: list[tuple[float, float]] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        chunk.append(_pair(line, number))
        if len(chunk) == _CHUNK_LINES:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _pair(line: str, number: int) -> tuple[float, float]:
    parts = line.split(",")
    try:
        first, second = (float(part) for part in parts)
    except ValueError as error:
        raise UsageError(
            f"line {number} of stdin is {line.strip()!r}, not two numbers with a comma between",
            remedy="Give one point a line, without a header, as in 45.0,180.0.",
        ) from error
    return first, second
