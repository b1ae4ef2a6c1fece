"""Builds all of the hardware headless: prints, STEP files, drawings, wiring, bill of materials.

make hardware
"""

import re
import subprocess
import sys
from pathlib import Path

from build123d import Pos, export_step, export_stl

from bom import page
from dimensions import SIZES
from drawings import DRAWINGS
from enclosure import PARTS, assembled
from views import Sheet, seen

HERE = Path(__file__).parent
FIGURES, PRINT = HERE / "figures", HERE / "print"
STEP = HERE.parent / "build" / "hardware"
_CORNER = (1.0, -1.6, 0.9)


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
    (HERE / "BOM.md").write_text(page())
    for sheet in sorted(HERE.glob("wiring-*.yaml")):
        subprocess.run(
            [Path(sys.executable).parent / "wireviz", "-f", "st", "-o", STEP, sheet],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        drawn = STEP / f"{sheet.stem}.svg"
        # comments name the version of graphviz; a drawing is the same with any
        bare = re.sub(r"<!--.*?-->\n?", "", drawn.read_text(), flags=re.DOTALL)
        (FIGURES / drawn.name).write_text(bare)


def _picture(open_deg: float, title: str) -> str:
    sheet = Sheet()
    sheet.view(seen(list(assembled(open_deg).values()), _CORNER), (0.0, 0.0))
    return sheet.svg(title)


def _exploded() -> str:
    """Return the parts above each other, in the order in which they are put together."""
    lifts = {
        "body": 0.0, "camera_plate": 110.0, "lid": 150.0, "bracket": 150.0, "dome": 195.0,
        "ring": 250.0, "cap": 285.0,
    }  # fmt: skip
    parts = {name: Pos(0, 0, lifts[name]) * part for name, part in assembled().items()}
    sheet = Sheet()
    view = seen(list(parts.values()), _CORNER)
    sheet.view(view, (0.0, 0.0))
    return sheet.svg("The parts in the order in which they are put together")


if __name__ == "__main__":
    main()
