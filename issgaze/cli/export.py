"""issgaze export: raw frames as DNG, and packs to share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from issgaze.cli.outputs import require_folder, require_place, say_replaced
from issgaze.errors import ArchiveError, FrameError

if TYPE_CHECKING:
    import argparse

    from issgaze.cli.output import Output

SUMMARY = "Export the raw frames of a pass as DNG, or a pack of its picture to share."
EXAMPLE = "issgaze export --share archive/passes/2024-05-10/20240510T0144Z-25544 --out iss.zip"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "--dng", type=Path, metavar="FOLDER", help="write every light of a pass folder as DNG"
    )
    what.add_argument(
        "--share", type=Path, metavar="FOLDER",
        help="pack picture, phone crops, time-lapses and captions of a developed folder",
    )  # fmt: skip
    parser.add_argument(
        "--out", type=Path, metavar="PATH",
        help="folder of the DNGs (default: FOLDER/dng), or the ZIP file (default: FOLDER.zip here)",
    )  # fmt: skip


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Export."""
    folder: Path = arguments.dng or arguments.share
    if not folder.is_dir():
        raise ArchiveError(f"{folder}: no such folder", remedy="Give the folder of a pass.")
    if arguments.dng:
        return _dng(folder, arguments.out or folder / "dng", output)
    from issgaze.service.sharepack import write_share_pack

    out: Path = arguments.out or Path(f"{folder.resolve().name}.zip")
    require_place(out, "--out")
    say_replaced([out], "--out", output)
    names = write_share_pack(folder, out)
    output.line(str(out))
    output.document({"file": str(out), "holds": names})
    return 0


def _dng(folder: Path, out: Path, output: Output) -> int:
    from issgaze.archive.dng import write_dng
    from issgaze.archive.fits import read_raw

    lights = sorted(folder.glob("lights/*.fits")) or sorted(folder.glob("*.fits"))
    if not lights:
        raise ArchiveError(
            f"{folder}: no raw frames in lights/",
            remedy="Give a pass folder whose raw frames are still there.",
        )
    require_folder(out, "--out")
    say_replaced([out / f"{path.stem}.dng" for path in lights], "--out", output)
    written: list[str] = []
    refused: list[dict[str, str]] = []
    for number, path in enumerate(lights):
        try:
            target = out / f"{path.stem}.dng"
            write_dng(target, read_raw(path))
            written.append(str(target))
        except FrameError as error:
            refused.append({"file": path.name, "reason": error.message})
            output.log(f"{path.name} left out: {error.message}")
        output.progress(f"frames {number + 1}/{len(lights)}")
    output.progress("")
    if not written:
        raise FrameError(
            f"none of {len(lights)} frames could be read; {refused[0]['reason']}",
            remedy="Give a folder of raw frames.",
        )
    output.line(f"{len(written)} DNG files in {out}")
    output.document({"files": written, "refused": refused})
    return 0
