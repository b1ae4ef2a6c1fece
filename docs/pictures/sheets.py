"""Make the contact sheets of docs/pictures.md: what developing makes of each kind of sky.

    .venv/bin/python docs/pictures/sheets.py FOLDER...

Each FOLDER is what `issgaze stack` wrote; its name becomes the sheet's. Without one the scenarios
are simulated and stacked first, which takes some minutes.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

# name of the sheet and scenario: dark, twilight, moonlit with shadow entry, aurora, cloud
SCENARIOS = ("clear", "twilight", "moon", "polar-night", "cloudy")
_WIDE_PX, _GAP_PX = 960, 8


def main(folders: list[Path]) -> None:
    """Write one sheet for each folder."""
    here = Path(__file__).parent
    with tempfile.TemporaryDirectory() as scratch:
        for folder in folders or [stacked(name, Path(scratch)) for name in SCENARIOS]:
            sheet(folder).save(here / f"{folder.name}.jpg", quality=85, optimize=True)


def stacked(name: str, scratch: Path) -> Path:
    """Simulate a scenario and stack it; return the folder of the results."""
    night, out = scratch / f"{name}-night", scratch / name
    issgaze = [sys.executable, "-m", "issgaze"]
    subprocess.run([*issgaze, "simulate", "--scenario", name, "--out", str(night)], check=True)
    lights, darks = (sorted(map(str, (night / kind).iterdir())) for kind in ("lights", "darks"))
    subprocess.run(
        [
            *issgaze, "stack", *lights, "--darks", *darks, "--lens", str(night / "lens.json"),
            "--elements", str(night / "elements.json"), "--out", str(out),
        ],
        check=True,
    )  # fmt: skip
    return out


def sheet(folder: Path) -> Image.Image:
    """Return the whole picture and three details of it at full size."""
    with Image.open(folder / "picture.jpg") as opened:
        picture = opened.convert("RGB")
    high = round(_WIDE_PX * picture.height / picture.width)
    side = (_WIDE_PX - 2 * _GAP_PX) // 3
    whole = Image.new("RGB", (_WIDE_PX, high + _GAP_PX + side), (20, 20, 20))
    whole.paste(picture.resize((_WIDE_PX, high), Image.Resampling.LANCZOS), (0, 0))
    # the middle of the sky, the chimney with the trail, the trees: parts of width and height
    for number, (x, y) in enumerate(((0.5, 0.35), (0.22, 0.62), (0.8, 0.68))):
        left = min(max(0, round(x * picture.width) - side // 2), picture.width - side)
        top = min(max(0, round(y * picture.height) - side // 2), picture.height - side)
        detail = picture.crop((left, top, left + side, top + side))
        whole.paste(detail, (number * (side + _GAP_PX), high + _GAP_PX))
    return whole


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]])
