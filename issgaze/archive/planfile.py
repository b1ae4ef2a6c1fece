"""plan.json: all that developing a pass needs to know besides the frames."""

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from issgaze.archive.atomic import disk_error, write_atomic
from issgaze.archive.passdocument import pass_document, pass_from_document
from issgaze.civil import format_utc, parse_utc
from issgaze.errors import ArchiveError
from issgaze.planning.plan import CapturePlan, ExposureBlock
from issgaze.sky.site import Site

PLAN_FILE = "plan.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFile:
    """A capture plan with what it was made from.

    Attributes:
        pass_id: Id in the ledger; the plan's own pass may bear a later prediction's id.
        plan: Blocks of exposures and the pass.
        site: Where.
        site_name: What the owner calls the place.
        time_zone: IANA name.
        satellite: Name of the satellite.
        elements: The element set in force, as an OMM record.
        lens: lens.json, None when the lens is not known.
        lights_from: Id of the pass whose frames this one shares, None for frames of its own.
        simulated: True when no real sky was involved.
    """

    pass_id: str
    plan: CapturePlan
    site: Site
    site_name: str
    time_zone: str
    satellite: str
    elements: dict[str, Any]
    lens: dict[str, Any] | None
    lights_from: str | None = None
    simulated: bool = False


def write_plan(folder: Path, plan_file: PlanFile) -> None:
    """Write plan.json into a pass folder.

    Raises:
        ArchiveError: The disk refuses it.
    """
    plan = plan_file.plan
    document = {
        "format": "issgaze-plan",
        "version": 1,
        "pass_id": plan_file.pass_id,
        "pass": pass_document(plan.iss_pass),
        "mode": plan.mode,
        "lights": [_block_document(block) for block in plan.lights],
        "darks": _block_document(plan.darks) if plan.darks else None,
        "expected_snr": plan.expected_snr,
        "reasons": list(plan.reasons),
        "site": dataclasses.asdict(plan_file.site),
        "site_name": plan_file.site_name,
        "time_zone": plan_file.time_zone,
        "satellite": plan_file.satellite,
        "elements": plan_file.elements,
        "lens": plan_file.lens,
        "lights_from": plan_file.lights_from,
        "simulated": plan_file.simulated,
    }
    write_atomic(folder / PLAN_FILE, json.dumps(document, indent=1).encode() + b"\n")


def read_plan(folder: Path) -> PlanFile:
    """Read the plan.json of a pass folder.

    Raises:
        ArchiveError: It is missing or broken.
    """
    path = folder / PLAN_FILE
    try:
        document = json.loads(path.read_text())
        plan = CapturePlan(
            iss_pass=pass_from_document(document["pass"]),
            mode=document["mode"],
            lights=tuple(_block(block) for block in document["lights"]),
            darks=_block(document["darks"]) if document["darks"] else None,
            expected_snr=document["expected_snr"],
            reasons=tuple(document["reasons"]),
        )
        return PlanFile(
            pass_id=document["pass_id"],
            plan=plan,
            site=Site(**document["site"]),
            site_name=document["site_name"],
            time_zone=document["time_zone"],
            satellite=document["satellite"],
            elements=document["elements"],
            lens=document["lens"],
            lights_from=document["lights_from"],
            simulated=document["simulated"],
        )
    except OSError as error:
        raise disk_error(path, error) from error
    except (ValueError, KeyError, TypeError) as error:
        raise ArchiveError(
            f"{path}: broken plan ({error})",
            remedy="Develop the frames by hand: `issgaze stack FRAMES --out DIR`.",
        ) from error


def _block_document(block: ExposureBlock) -> dict[str, Any]:
    return dataclasses.asdict(block) | {"start_utc": format_utc(block.start_utc, decimals=6)}


def _block(document: dict[str, Any]) -> ExposureBlock:
    values: dict[str, Any] = {**document, "start_utc": parse_utc(document["start_utc"])}
    return ExposureBlock(**values)
