"""Builds all of the hardware headless: prints, STEP files, drawings, wiring, bill of materials.

make hardware
"""

import re
import subprocess
import sys
from pathlib import Path

import yaml
from build123d import Align, Cylinder, Part, Pos, Vector, export_step, export_stl

from bom import page
from dimensions import PI_TRAY, POWER_TRAY, SIZES
from drawings import DRAWINGS
from enclosure import PARTS, assembled, boards, hoods, spacers
from views import Sheet, seen, spot

HERE = Path(__file__).parent
FIGURES, PRINT = HERE / "figures", HERE / "print"
STEP = HERE.parent / "build" / "hardware"
_CORNER = (1.0, -1.6, 0.9)
# as the guide calls what it prints
_NAMES = {
    "power_tray": "lower tray", "pi_tray": "upper tray", "camera_plate": "camera plate",
    "mast_plate": "mast plate",
}  # fmt: skip
# the boards that no other one hides: seen from their front, or from the right
_SEEN = {"PICO": True, "PI": True, "BUCK_PICO": False, "FET": False}


def main() -> None:
    """Build everything."""
    for folder in (FIGURES, PRINT, STEP):
        folder.mkdir(parents=True, exist_ok=True)
    for name, make in PARTS.items():
        part = make()
        export_stl(part, PRINT / f"{name}.stl", tolerance=0.08, angular_tolerance=0.3)
        export_step(part, STEP / f"{name}.step")
        (FIGURES / f"{name}.svg").write_text(DRAWINGS[name](part, SIZES))
        print(f"{name}: {part.volume / 1000.0:.1f} cm3", flush=True)
    (FIGURES / "closed.svg").write_text(_picture(0.0, "The cover shut"))
    (FIGURES / "open.svg").write_text(_picture(SIZES.open_deg, "The cover open"))
    (FIGURES / "exploded.svg").write_text(_exploded())
    (FIGURES / "tower.svg").write_text(_tower())
    (FIGURES / "mast.svg").write_text(_mast())
    (HERE / "BOM.md").write_text(page())
    for sheet in sorted(HERE.glob("wiring-*.yaml")):
        (FIGURES / f"{sheet.stem}.svg").write_text(_wiring(sheet))


def _wiring(sheet: Path) -> str:
    """Return the drawing of a sheet, narrow enough for a page."""
    document = yaml.safe_load(sheet.read_text())
    # the widest font that a reader may have, so that no word leaves its box
    document["options"] = {"fontname": "DejaVu Sans"}
    document["tweak"] = {"append": "ranksep=0.55;"}
    for part in document["connectors"].values():
        part["show_pincount"] = False
        # without numbers of its own a part has its labels alone
        if "pins" not in part:
            part["pins"] = part.pop("pinlabels")
    for cable in document["cables"].values():
        cable.update(show_wirenumbers=False, show_wirecount=False)
    made = STEP / sheet.name
    made.write_text(yaml.safe_dump(document, sort_keys=False))
    subprocess.run(
        [Path(sys.executable).parent / "wireviz", "-f", "st", "-o", STEP, made],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    # comments name the version of graphviz; a drawing is the same with any
    bare = re.sub(r"<!--.*?-->\n?", "", made.with_suffix(".svg").read_text(), flags=re.DOTALL)
    return bare.replace('"DejaVu Sans"', '"DejaVu Sans, Verdana, Arial, sans-serif"')


def _picture(open_deg: float, title: str) -> str:
    sheet = Sheet()
    sheet.view(seen(list(assembled(open_deg).values()), _CORNER), (0.0, 0.0))
    return sheet.svg(title)


def _exploded() -> str:
    """Return the parts above each other, in the order in which they are put together."""
    lifts = {
        "mast_plate": -70.0, "body": 0.0, "power_tray": 150.0, "pi_tray": 165.0,
        "camera_plate": 180.0, "lid": 215.0, "bracket": 215.0, "dome": 260.0, "ring": 315.0,
        "cap": 350.0,
    }  # fmt: skip
    parts = {name: Pos(0, 0, lifts[name]) * part for name, part in assembled().items()}
    sheet = Sheet()
    every = list(parts.values())
    placed = sheet.view(seen(every, _CORNER), (0.0, 0.0))
    # the width of the body is that of its ears
    named = [
        (spot(every, _CORNER, _rim(part, 0.34 if name == "body" else 0.4)), _NAMES.get(name, name))
        for name, part in parts.items()
    ]
    placed.names(named, gap=12.0, size=11.0)
    return sheet.svg("The parts in the order in which they are put together")


def _tower() -> str:
    """Return trays, spacers and boards as they stand in the body, from the side."""
    parts = assembled()
    names = ("power_tray", "pi_tray", "camera_plate")
    trays, blocks = [parts[name] for name in names], boards()
    stand = trays + spacers() + blocks
    sheet = Sheet()
    placed = sheet.view(seen(stand, _CORNER), (0.0, 0.0))
    named = [
        (spot(stand, _CORNER, _rim(part, 0.47)), _NAMES.get(name, name))
        for name, part in zip(names, trays, strict=True)
    ]
    named += [
        (spot(stand, _CORNER, _side(block, front=_SEEN[place.name])), place.name)
        for place, block in zip((*POWER_TRAY, *PI_TRAY), blocks, strict=True)
        if place.name in _SEEN
    ]
    placed.names(named, gap=8.0, size=4.5)
    return sheet.svg("The tower of trays: controller and converters, the Pi, the camera's plate")


def _rim(part: Part, out: float) -> tuple[float, float, float]:
    """Return a point of a part `out` of its width left of its middle, as it is seen."""
    box = part.bounding_box()
    middle, reach = box.center(), out * min(box.size.X, box.size.Y)
    right = Vector(0, 0, 1).cross(Vector(*_CORNER)).normalized()
    # low, where a dome has its flange
    low = box.min.Z + 0.2 * box.size.Z
    return middle.X - reach * right.X, middle.Y - reach * right.Y, low


def _side(block: Part, *, front: bool) -> tuple[float, float, float]:
    """Return a point of the side of a board that looks to the front, or to the right."""
    box = block.bounding_box()
    low = box.min.Z + 0.3 * box.size.Z
    return (box.center().X, box.min.Y, low) if front else (box.max.X, box.center().Y, low)


def _mast() -> str:
    """Return the body on its plate and a mast, from below."""
    parts = assembled()
    pole = Pos(-SIZES.mast_out - SIZES.mast_back - 17.0, 0, -330.0) * Cylinder(
        24.0, 310.0, align=(Align.CENTER, Align.CENTER, Align.MIN)
    )
    chosen = [parts[name] for name in ("body", "lid", "mast_plate", "ring", "dome")]
    sheet = Sheet()
    sheet.view(seen([*chosen, pole, *hoods()], (-1.2, -1.6, -0.7)), (0.0, 0.0))
    return sheet.svg("The camera on its plate at a mast, from below")


if __name__ == "__main__":
    main()
