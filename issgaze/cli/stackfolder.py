"""The folder of a stack: nobody else's files are lost in it, and it is of one run.

Products of an earlier stack are replaced by those of the same name; what this stack does not make
goes, but for lens.json, which may be the owner's own.
"""

from pathlib import Path

from issgaze.archive.planfile import PLAN_FILE
from issgaze.cli.output import Output
from issgaze.cli.outputs import name_replaced, require_folder
from issgaze.errors import UsageError
from issgaze.service.annotate import ANNOTATED_FILE
from issgaze.service.finishing import VARIANT_FILES
from issgaze.service.products import SMALLER_PX

_PRODUCTS = ("picture.jpg", "stars.fits", "trail.fits", "ground.fits", "picture.tif",
             "timelapse.mp4", "timelapse-stars.mp4", "report.json", "report.html", "guest.json",
             "caption.txt", "alt.txt", "single.jpg", "preview.webp", ANNOTATED_FILE,
             *SMALLER_PX, *VARIANT_FILES.values())  # fmt: skip
_IN_LANGUAGES = ("caption.??.txt", "alt.??.txt")
_LENS = "lens.json"
# each of ours carries one of these near its beginning, but for texts and films
_MARKS = (b"issgaze", b"REJFRAC")
_MARKED_WITHIN = 1 << 16


class StackFolder:
    """A folder for the products of one stack.

    Args:
        path: The folder; it need not be there.

    Raises:
        UsageError: It is a pass folder, or holds files of these names that no stack made.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        if (path / PLAN_FILE).is_file():
            raise UsageError(
                f"--out {path}: that is a pass folder of the archive",
                remedy=f"Give another folder, or develop the pass anew: `issgaze develop {path}`.",
            )
        self._made: list[Path] = []
        self._before = {each: _state(each) for each in _held(path)}
        # a lens alone may be its owner's: a calibration puts it where the frames are
        told = [each for each in self._before if each.name != _LENS]
        if told and not any(_is_ours(each) for each in told):
            raise UsageError(
                f"--out {path}: {told[0].name} in it is of no earlier stack, it would be lost",
                remedy="Give another folder, or move it away.",
            )

    def make(self) -> None:
        """Make the folder, unless it is there.

        Raises:
            UsageError: It cannot be made.
        """
        self._made = require_folder(self.path, "--out")

    def take_back(self) -> None:
        """Remove the folders that were made, after a failure that left nothing in them."""
        # one that holds something stays, and so do those around it
        try:
            for folder in self._made:
                folder.rmdir()
        except OSError:
            return

    def settle(self, output: Output) -> None:
        """Name what was replaced, and remove what is left of an earlier stack."""
        lens = self.path / _LENS
        for path, state in self._before.items():
            if path != lens and _state(path) == state:
                path.unlink(missing_ok=True)
        name_replaced(list(self._before), f"--out {self.path}", output)


def _held(folder: Path) -> list[Path]:
    """Return the files of a folder that are called as products are."""
    named = [folder / name for name in (*_PRODUCTS, _LENS)]
    told = [path for pattern in _IN_LANGUAGES for path in sorted(folder.glob(pattern))]
    return [path for path in (*named, *told) if path.is_file()]


def _state(path: Path) -> tuple[int, int] | None:
    """Return what differs after a file was written anew, None for one that is gone."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_mtime_ns


def _is_ours(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            begin = file.read(_MARKED_WITHIN)
    except OSError:
        return False
    return any(mark in begin for mark in _MARKS)
