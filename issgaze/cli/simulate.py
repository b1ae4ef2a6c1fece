"""issgaze simulate: what tonight would look like from a roof, as raw frames."""

import argparse
from pathlib import Path

from issgaze.archive.jsonfile import without_nan
from issgaze.cli.arguments import whole, whole_positive
from issgaze.cli.output import Output
from issgaze.cli.outputs import require_possible_folder

SUMMARY = "Render a pass under a simulated sky, as raw frames with their truth."
_OLD_DAYS = 14.0
_MARK = "scenario.toml"
EXAMPLE = "issgaze simulate --out night --frames 16"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where to write")
    parser.add_argument(
        "--scenario", default="clear", metavar="NAME|FILE", help="the night (default: clear)"
    )
    parser.add_argument("--seed", type=whole, metavar="N", help="of everything left to chance")
    parser.add_argument(
        "--frames", type=whole_positive, metavar="N", help="default: the whole lit arc"
    )
    parser.add_argument("--size", choices=("binned", "full"), help="default: the scenario's")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Render and write."""
    import dataclasses
    import json

    from issgaze.archive.atomic import write_atomic
    from issgaze.archive.fits import write_raw
    from issgaze.civil import format_utc, later, parse_utc, seconds_between
    from issgaze.simulated.chip import Chip
    from issgaze.simulated.elementsource import element_record, element_records
    from issgaze.simulated.ground import check_mask
    from issgaze.simulated.lens import lens_document
    from issgaze.simulated.scenario import load_scenario, scenario_text
    from issgaze.simulated.scene import Scene
    from issgaze.simulated.sequence import frames, sequence
    from issgaze.simulated.truth import truth_arrays, truth_document
    from issgaze.sky.site import Site

    require_possible_folder(arguments.out, "--out")
    scenario = load_scenario(arguments.scenario)
    check_mask(scenario)
    if arguments.seed is not None:
        scenario = dataclasses.replace(scenario, seed=arguments.seed)
    mode = arguments.size or scenario.camera.mode
    plan = sequence(scenario, mode=mode, count=arguments.frames)
    age_days = (
        seconds_between(parse_utc(str(element_record(scenario)["EPOCH"])), plan.first_utc) / 86400.0
    )
    if abs(age_days) > _OLD_DAYS:
        output.log(
            f"The element set is {abs(age_days):.0f} days away from this night: the real station "
            "will be elsewhere. Give a newer one as station.elements_file."
        )
    out: Path = arguments.out
    _require_own(out, output)
    scene = Scene(
        scenario, mode=mode, middle=later(plan.first_utc, plan.count * plan.interval_s / 2)
    )
    chip = Chip(scenario, mode)
    site = Site(
        latitude_deg=scenario.site.latitude_deg,
        longitude_deg=scenario.site.longitude_deg,
        height_m=scenario.site.height_m,
    )
    # first of all: it tells these frames from real ones, whatever interrupts this
    told = scenario_text(arguments.scenario, scenario.seed).encode()
    write_atomic(out / _MARK, told, durable=False)
    for folder, dark in (("darks", True), ("lights", False)):
        _remove_old(out / folder)
        for number, frame in enumerate(frames(scenario, scene, chip, plan, dark=dark), start=1):
            write_raw(out / folder / f"{number:04d}.fits", frame, site=site, durable=False)
            output.progress(f"{folder} {number}")
    output.progress_done()
    written = {
        "elements.json": element_records(scenario),
        "lens.json": json.dumps(lens_document(scenario, mode), indent=2).encode(),
        "truth.json": json.dumps(without_nan(truth_document(scene, plan))).encode(),
    }
    for name, content in written.items():
        write_atomic(out / name, content, durable=False)
    for name, content in truth_arrays(scene, plan):
        write_atomic(out / "truth" / name, content, durable=False)
    output.line(
        f"{plan.count} {'light' if plan.count == 1 else 'lights'} of {plan.exposure_s:g} s from "
        f"{format_utc(plan.first_utc)} in {out}"
    )
    output.document(
        {
            "folder": str(out),
            "scenario": scenario.name,
            "seed": scenario.seed,
            "lights": plan.count,
            "first_utc": format_utc(plan.first_utc),
            "exposure_s": plan.exposure_s,
            "interval_s": plan.interval_s,
            "culmination_utc": format_utc(plan.visible.culmination),
            "culmination_deg": round(plan.visible.culmination_deg, 2),
        }
    )
    return 0


def _require_own(out: Path, output: Output) -> None:
    """Refuse a folder whose frames are not those of an earlier simulation: they would be lost.

    Raises:
        UsageError: It holds others.
    """
    from issgaze.errors import UsageError

    held = [path for name in ("lights", "darks") for path in (out / name).glob("*.fits")]
    if held and not (out / _MARK).is_file():
        raise UsageError(
            f"--out {out}: the {len(held)} frames in it are no simulation's, they would be lost",
            remedy="Give another folder.",
        )
    if held:
        output.log(f"--out: the {len(held)} frames of an earlier simulation in {out} are replaced")


def _remove_old(folder: Path) -> None:
    """Remove the frames of an earlier run, which would mingle with these."""
    for path in folder.glob("[0-9][0-9][0-9][0-9].fits"):
        path.unlink()
