"""issgaze stack: the whole of developing on any frames of any camera."""

from __future__ import annotations

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
from issgaze.errors import ConfigurationError, ElementError, LensError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from issgaze.cli.output import Output
    from issgaze.config import Settings
    from issgaze.optics.lens import Lens
    from issgaze.orbit.elements import ElementSet
    from issgaze.orbit.passes import Pass
    from issgaze.service.frameset import FrameSet
    from issgaze.sky.site import Site
    from issgaze.stacking.stacks import Resolution

SUMMARY = "Stack frames of any camera into stars, trail, ground, picture and time-lapse."
EXAMPLE = "issgaze stack night/*.fits --lens lens.json --elements iss.json --out result"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "frames", nargs="+", type=Path, metavar="FRAME", help="FITS, camera raw, TIFF, PNG or JPEG"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="for the results")
    parser.add_argument(
        "--darks", nargs="+", type=Path, default=[], metavar="F", help="dark frames"
    )
    parser.add_argument("--lens", type=Path, metavar="FILE", help="lens.json of the camera")
    add_site(parser)
    parser.add_argument("--elements", type=Path, metavar="FILE", help="element sets, any format")
    parser.add_argument(
        "--resolution", choices=("half", "full"), help="default: full from 12 frames on"
    )
    parser.add_argument(
        "--also", nargs="+", choices=("star_trails", "all_lights", "ground_only", "stars_only"),
        default=[], metavar="KIND",
        help="further pictures: star_trails, all_lights (aircraft and satellites kept), "
        "ground_only, stars_only",
    )  # fmt: skip
    parser.add_argument("--start", type=utc_argument, metavar="UTC", help="of the first exposure")
    parser.add_argument("--exposure", type=positive, metavar="S", help="of every frame")
    parser.add_argument("--interval", type=positive, metavar="S", help="from start to start")
    parser.add_argument("--time-zone", metavar="Z", help="of EXIF times, such as Europe/Vienna")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Stack and develop."""
    from issgaze.archive.framefile import FrameHints
    from issgaze.archive.lensfile import read_lens
    from issgaze.civil import time_zone
    from issgaze.cli.stackfolder import StackFolder
    from issgaze.devices.memory import memory_budget_mb
    from issgaze.service.blindlens import blind_lens
    from issgaze.service.checkconfig import language_faults
    from issgaze.service.develop import develop
    from issgaze.service.developjob import DevelopJob
    from issgaze.service.frameset import FrameSet
    from issgaze.service.givendarks import given_darks

    configured = settings(arguments)
    zone = time_zone(arguments.time_zone) if arguments.time_zone else None
    hints = FrameHints(
        start_utc=arguments.start,
        exposure_s=arguments.exposure,
        interval_s=arguments.interval,
        zone=zone,
    )
    require_files([*arguments.frames, *arguments.darks])
    for fault in language_faults(configured.develop.languages):
        raise ConfigurationError(fault.message, remedy=fault.remedy)
    # what is named wrongly is said before minutes go by
    sets = _element_sets(arguments.elements, output)
    folder = StackFolder(arguments.out, lens=arguments.lens)
    frames = FrameSet(arguments.frames, hints)
    lens = read_lens(arguments.lens) if arguments.lens else None
    if lens is not None and lens.source.endswith("sky-only"):
        raise LensError(
            f"{arguments.lens}: a solution among the stars, not of a camera on a site",
            remedy="Calibrate with site and time: `issgaze calibrate IMAGE --site LAT,LON`.",
        )
    site = arguments.site or frames.site or configured_site(configured)
    if lens is not None and site is not None and frames.timed:
        output.stage("comparing the stars with the lens")
    doubts = [
        *far_from_home(arguments.site, frames.site),
        *off_the_clock(arguments.start, arguments.frames[0], "--start"),
        *_off_the_sky(frames, lens, site),
    ]
    output.progress("")
    for doubt in doubts:
        output.log(doubt)
    lens_reason = ""
    if lens is None:
        lens, lens_reason = blind_lens(frames, site, output.log)
    elements, iss_pass = _station(sets, frames, site)
    folder.make()
    job = DevelopJob(
        lights=frames.lights,
        darks=given_darks(arguments.darks, log=output.log),
        reread=frames.reread,
        expected_frames=len(arguments.frames),
        reference_utc=frames.middle_utc,
        timed=frames.timed,
        exposed=frames.exposed,
        lens=lens,
        site=site,
        elements=elements,
        iss_pass=iss_pass,
        satellite=elements.name if elements else "",
        site_name=configured.site.name,
        out=folder.path,
        resolution=arguments.resolution or _resolution(configured),
        zone=zone or time_zone(configured.site.time_zone),
        languages=configured.develop.languages,
        memory_budget_mb=memory_budget_mb(configured.develop.memory_budget_mb),
        notes=(*frames.notes, *doubts),
        variants=tuple(dict.fromkeys([*arguments.also, *configured.develop.also])),
        lens_reason=lens_reason,
        lens_given_in_out=folder.holds_given_lens,
        simulated=frames.simulated,
        overlay=configured.develop.overlay,
    )
    total = len(arguments.frames)
    output.stage(f"stacking {total} {'frame' if total == 1 else 'frames'}")
    try:
        report = develop(
            job,
            on_frame=lambda done: output.progress(f"frames {done}/{total}"),
            on_stage=output.stage,
        )
    except BaseException:
        folder.take_back()
        raise
    output.progress("")
    folder.settle(output)
    assert report is not None, "nothing stops it"
    for frame in report["frames"]:
        if not frame["used"]:
            output.log(f"{frame['file']} left out: {frame['reason']}")
    for item in report["missing"]:
        output.log(f"no {item['what']}: {item['reason']}")
    for line in _advice(report):
        output.log(line)
    output.line(f"{report['outcome']}: {report['reason']}")
    output.line(str(folder.path / "picture.jpg"))
    output.document(report)
    return 0


def _off_the_sky(frames: FrameSet, lens: Lens | None, site: Site | None) -> list[str]:
    """Return a note where the stars are not where the given lens, site and time put them."""
    from issgaze.errors import FrameError
    from issgaze.service.calibrate import fits_sky

    middle = len(frames) // 2
    if lens is None or site is None or not frames.timed:
        return []
    try:
        fits = fits_sky(lens, frames.path(middle), frames.load(middle), site)
    except FrameError:
        return []
    if fits is not False:
        return []
    return [
        f"The stars of {frames.path(middle).name} are not where lens, site and time put them: one "
        "of the three is wrong, or cloud hides them. Leave --lens out to find the lens anew; look "
        "at --site and --start."
    ]


def _advice(report: dict[str, Any]) -> Iterator[str]:
    """Yield what would make the result better."""
    if report["darks"]["source"] == "none":
        yield (
            "Hot pixels were found and repaired without darks; frames of the same exposure under a "
            "cap, given with --darks, do it better."
        )


def _resolution(configured: Settings) -> Resolution | None:
    wanted = configured.develop.resolution
    return None if wanted == "auto" else wanted


def _element_sets(path: Path | None, output: Output) -> tuple[ElementSet, ...]:
    """Return the sets of a file, none where none is named.

    Raises:
        ElementError: It cannot be read, or holds nothing of use.
    """
    from issgaze.cli.elementfile import read_element_file

    if path is None:
        return ()
    parsed = read_element_file(path)
    for refused in parsed.refused:
        output.log(f"{path}: {refused.name} is left out: {refused.reason}")
    if not parsed.sets:
        raise ElementError(
            f"{path}: no element set in it can be used",
            remedy="Give a file of element sets: OMM as JSON, XML, CSV or KVN, or TLE.",
        )
    return tuple(parsed.sets)


def _station(
    sets: tuple[ElementSet, ...], frames: FrameSet, site: Site | None
) -> tuple[ElementSet | None, Pass | None]:
    """Return the satellite and its pass that the frames show, as far as they are known."""
    from issgaze.civil import later
    from issgaze.cli.elementfile import select_sets
    from issgaze.orbit.elements import ISS_NORAD_ID
    from issgaze.orbit.finder import find_passes

    middle = frames.middle_utc
    if middle is None:
        return None, None
    chosen = select_sets(sets, None, middle)
    elements = next((one for one in chosen if one.norad_id == ISS_NORAD_ID), None)
    elements = elements or next(iter(chosen), None)
    if elements is None or site is None:
        return elements, None
    first, last = frames.span_utc
    passes = find_passes(elements, site, later(first, -1800.0), later(last, 1800.0))
    during = [one for one in passes if one.rise.utc < last and one.set.utc > first]
    return elements, next(iter(during), None)
