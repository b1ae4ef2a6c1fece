"""issgaze calibrate: the lens of a camera from the stars of one picture, without any help."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from issgaze.cli.arguments import (
    add_site,
    configured_site,
    positive,
    require_files,
    settings,
    utc_argument,
)
from issgaze.cli.contradictions import far_from_home, off_the_clock
from issgaze.cli.outputs import require_place, say_replaced

if TYPE_CHECKING:
    from issgaze.cli.output import Output
    from issgaze.optics.plateproof import PlateSolution

SUMMARY = "Find out from the stars where a camera looks and how its lens draws the sky."
EXAMPLE = (
    "issgaze calibrate night.jpg --utc 2026-03-01T20:00:00Z --site 48.2,16.3 --lens-out lens.json"
)
_ENOUGH_SOLVED = 3
_NARROWEST_DEG, _WIDEST_DEG = 5.0, 220.0


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "images", nargs="+", type=Path, metavar="IMAGE", help="FITS, camera raw, TIFF, PNG or JPEG"
    )
    parser.add_argument("--utc", type=utc_argument, metavar="T", help="start of the first exposure")
    parser.add_argument("--exposure", type=positive, metavar="S", help="of every image")
    add_site(parser)
    parser.add_argument(
        "--field",
        type=_field,
        metavar="DEG",
        help="about how wide the picture's longer side is, 5 to 220: tried first",
    )
    parser.add_argument("--lens-out", type=Path, metavar="FILE", help="write lens.json here")


def _field(text: str) -> float:
    value = positive(text)
    if not _NARROWEST_DEG <= value <= _WIDEST_DEG:
        raise argparse.ArgumentTypeError(
            f"{text} degrees, the limits are {_NARROWEST_DEG:g} and {_WIDEST_DEG:g}"
        )
    return value


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Solve the images one after the other and keep the solution with the most stars."""
    import time

    from issgaze.archive.framefile import FrameHints, load_frame
    from issgaze.archive.lensfile import write_lens
    from issgaze.service.calibrate import calibrate

    started = time.monotonic()
    require_files(arguments.images)
    require_place(arguments.lens_out, "--lens-out")
    fallback = configured_site(settings(arguments))
    hints = FrameHints(start_utc=arguments.utc, exposure_s=arguments.exposure)
    for note in off_the_clock(arguments.utc, arguments.images[0], "--utc"):
        output.log(note)
    solutions: list[PlateSolution] = []
    for number, path in enumerate(arguments.images):
        loaded = load_frame(path, number=number, hints=hints)
        site = arguments.site or loaded.facts.site or fallback
        if number == 0:
            for note in far_from_home(arguments.site, loaded.facts.site):
                output.log(note)
        if site is None or not loaded.facts.timed:
            what = "site" if loaded.facts.timed else "time"
            output.log(f"{path.name}: the {what} is not known, so right ascension is all there is")
        before = next((one for one in solutions if one.solved), None)
        solutions.append(calibrate(path, loaded, site, field_deg=arguments.field, before=before))
        if len(arguments.images) > 1:
            output.line(_each(path, solutions[-1]))
        if sum(one.solved for one in solutions) >= _ENOUGH_SOLVED:
            break
    if len(solutions) < len(arguments.images):
        left = len(arguments.images) - len(solutions)
        output.line(f"{left} more were not looked at: {_ENOUGH_SOLVED} solved are enough")
    best = max(solutions, key=lambda one: (one.solved, one.stars_matched))
    written = None
    if best.lens is not None and arguments.lens_out is not None:
        say_replaced([arguments.lens_out], "--lens-out", output)
        write_lens(arguments.lens_out, best.lens)
        written = arguments.lens_out
    document = _document(best, time.monotonic() - started)
    document["images"] = [
        {
            "file": str(path),
            "solved": one.solved,
            "stars_matched": one.stars_matched if one.solved else None,
            "median_residual_px": _rounded(one.median_residual_px),
            "reason": one.reason or None,
        }
        for path, one in zip(arguments.images, solutions, strict=False)
    ]
    for line in _lines(best, document, written, wanted=arguments.lens_out is not None):
        output.line(line)
    output.document(document)
    return 0


def _each(path: Path, solution: PlateSolution) -> str:
    """Return what became of one of several pictures."""
    if not solution.solved or solution.median_residual_px is None:
        return f"{path.name}: unsolved: {solution.reason}"
    return (
        f"{path.name}: {solution.stars_matched} stars, median residual "
        f"{solution.median_residual_px:.2f} px"
    )


def _document(solution: PlateSolution, seconds: float) -> dict[str, Any]:
    from issgaze.service.calibrate import pointing

    lens = solution.lens
    where = None if lens is None else pointing(lens)
    names = ("altitude_deg", "azimuth_deg") if solution.local else ("dec_deg", "ra_deg")
    solved = lens is not None
    return {
        "solved": solved,
        "stars_matched": solution.stars_matched if solved else None,
        "median_residual_px": _rounded(solution.median_residual_px),
        "p95_residual_px": _rounded(solution.p95_residual_px),
        "held_out_median_px": _rounded(solution.held_out_median_px),
        "zones": None
        if not solved
        else [
            {
                "zone": part.zone,
                "stars": part.stars,
                "held_out_median_px": _rounded(part.held_out_median_px),
            }
            for part in solution.zones
        ],
        "chance_of_accident": solution.chance_of_accident,
        "projection": lens.projection if lens else None,
        "focal_px": _rounded(lens.focal_px) if lens else None,
        "pointing": (
            None
            if where is None
            else {
                names[0]: round(where.latitude_deg, 4),
                names[1]: round(where.longitude_deg, 4),
            }
        ),
        "rotation_deg": None if where is None else round(where.rotation_deg, 4),
        "mirrored": lens.mirrored if lens else None,
        "image_circle_px": _rounded(lens.valid_radius_px) if lens else None,
        "seconds": round(seconds, 2),
        "reason": solution.reason or None,
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _lines(
    solution: PlateSolution, document: dict[str, Any], written: Path | None, *, wanted: bool
) -> list[str]:
    if not solution.solved:
        kept = ["no lens file is written"] if wanted else []
        return [f"unsolved: {solution.reason}", *kept]
    where = ", ".join(
        f"{name.removesuffix('_deg').replace('_', ' ')} {value:.2f}°"
        for name, value in document["pointing"].items()
    )
    lines = [
        f"solved: {solution.stars_matched} stars, median residual "
        f"{document['median_residual_px']:.2f} px, 95 % within {document['p95_residual_px']:.2f}, "
        f"held out {document['held_out_median_px']:.2f}",
        "held out by zone: "
        + ", ".join(
            f"{part.zone} {part.held_out_median_px:.2f} px ({part.stars})"
            for part in solution.zones
            if part.held_out_median_px is not None
        ),
        f"{document['projection']}, focal length {document['focal_px']:.1f} px"
        f"{', mirrored' if document['mirrored'] else ''}; looks at {where}",
        f"chance of an accident at most {document['chance_of_accident']:.0e}",
    ]
    return [*lines, f"lens written to {written}"] if written else lines
