"""The folder of a stack: nobody else's files are lost in it, and it is of one run.

Products of an earlier stack are replaced by those of the same name; what this stack does not make
is removed, but for lens.json, which may be the owner's own.
"""

from pathlib import Path

from issgaze.archive.passfiles import GUEST_FILE, PICTURE_FILE, REPORT_FILE, read_object
from issgaze.archive.planfile import PLAN_FILE
from issgaze.cli.output import Output
from issgaze.cli.outputs import listed, name_changed, require_folder, require_possible_folder
from issgaze.errors import UsageError
from issgaze.picture.caption import known_languages
from issgaze.service.annotate import ANNOTATED_FILE
from issgaze.service.finishing import VARIANT_FILES
from issgaze.service.livepreview import LIVE_FILE
from issgaze.service.products import SMALLER_PX

# each of ours carries one of _MARKS; of these the live picture is only removed
_MARKED = (PICTURE_FILE, "stars.fits", "trail.fits", "ground.fits", "picture.tif",
           "timelapse.mp4", "timelapse-stars.mp4", REPORT_FILE, "report.html", GUEST_FILE,
           "single.jpg", "preview.webp", ANNOTATED_FILE, LIVE_FILE,
           *SMALLER_PX, *VARIANT_FILES.values())  # fmt: skip
# these carry none: they are ours where something marked lies beside them
_TEXTS = tuple(
    f"{kind}{language}.txt"
    for kind in ("caption", "alt")
    for language in ("", *(f".{code}" for code in known_languages()))
)
_LENS = "lens.json"
_FOREIGN = "of no earlier stack and would be lost"
_MARKS = (b"issgaze", b"REJFRAC")
# of the beginning and of the end, where a WebP has its metadata
_MARKED_WITHIN = 1 << 18


class StackFolder:
    """A folder for the products of one stack.

    Args:
        path: The folder; it need not be there.
        lens: The lens file that was given, None for none. In the folder it stays as it is.

    Attributes:
        holds_given_lens: Whether the lens file that was given is the lens.json of this folder.

    Raises:
        UsageError: It cannot be made or written, is a pass folder, or holds something of these
            names that no stack made.
    """

    def __init__(self, path: Path, *, lens: Path | None = None) -> None:
        self.path = path
        require_possible_folder(path, "--out")
        if (path / PLAN_FILE).is_file():
            raise UsageError(
                f"--out {path}: that is a pass folder of the archive",
                remedy=f"Give another folder, or develop the pass anew: `issgaze develop {path}`.",
            )
        self._made: list[Path] = []
        there = [each for each in _named(path) if each.exists() or each.is_symlink()]
        self.holds_given_lens = _is_same(path / _LENS, lens)
        kept = path / _LENS if self.holds_given_lens else None
        _require_ours(path, [each for each in there if each != kept])
        self._before = {each: _state(each) for each in there}

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
        """Remove what is left of an earlier stack, and name what was replaced and removed."""
        lens = self.path / _LENS
        for path, state in self._before.items():
            if path != lens and _state(path) == state:
                path.unlink(missing_ok=True)
        after = {path: _state(path) for path in self._before}
        replaced = [path for path, now in after.items() if now not in (None, self._before[path])]
        removed = [path for path, now in after.items() if now is None]
        for paths, change in ((replaced, "replaced"), (removed, "removed")):
            name_changed(paths, change, f"--out {self.path}", output)


def _named(folder: Path) -> list[Path]:
    """Return what a stack may write or remove in a folder, there or not."""
    return [folder / name for name in (*_MARKED, _LENS, *_TEXTS)]


def _require_ours(folder: Path, there: list[Path]) -> None:
    """Refuse what is called as a product is and no earlier stack made."""
    _refuse(folder, [each for each in there if not each.is_file()], "no file and in the way")
    marked = {each for each in there if _is_marked(each)}
    lens = folder / _LENS
    products = marked - {lens}
    # texts are ours beside a product alone
    texts = _TEXTS if products else ()
    ours = {*marked, *(folder / name for name in texts)}
    _refuse(folder, [each for each in there if each not in ours], _FOREIGN)
    if lens in marked and not (products and _made_lens(folder)):
        raise UsageError(
            f"--out {folder}: {_LENS} in it is {_FOREIGN}",
            remedy=f"Use it: `--lens {lens}`; or give another folder, or move it away.",
        )


def _refuse(folder: Path, paths: list[Path], what: str) -> None:
    """Refuse what is in the way of a product, if there is any."""
    if paths:
        verb, them = ("are", "them") if len(paths) > 1 else ("is", "it")
        raise UsageError(
            f"--out {folder}: {listed(paths)} in it {verb} {what}",
            remedy=f"Give another folder, or move {them} away.",
        )


def _is_same(path: Path, given: Path | None) -> bool:
    return given is not None and path.is_file() and given.is_file() and path.samefile(given)


def _made_lens(folder: Path) -> bool:
    """Return whether an earlier stack made lens.json, as far as its report tells."""
    report = read_object(folder / REPORT_FILE) or {}
    if "lens_file" not in report:
        return True
    return report["lens_file"] == "made" and report.get("lens") == read_object(folder / _LENS)


def _state(path: Path) -> tuple[int, int] | None:
    """Return what differs after a file was written anew, None for one that is gone."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_mtime_ns


def _is_marked(path: Path) -> bool:
    """Return whether a file says that this program made it."""
    try:
        with path.open("rb") as file:
            ends = [file.read(_MARKED_WITHIN)]
            file.seek(max(0, path.stat().st_size - _MARKED_WITHIN))
            ends.append(file.read())
    except OSError:
        return False
    return any(mark in end for mark in _MARKS for end in ends)
