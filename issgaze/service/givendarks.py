"""Darks that the owner names: what is no dark is left out by name, and none at all is an error."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from issgaze.archive.fitsimage import ImageRoom, read_header
from issgaze.archive.framefile import FITS_SUFFIXES, PICTURE_SUFFIXES, FrameHints
from issgaze.errors import FrameError
from issgaze.imaging.frame import Frame
from issgaze.imaging.uncovered import light_in
from issgaze.service.darks import Darks
from issgaze.service.frameset import FrameSet

# what a FITS header calls a frame that light fell on; a bias is a dark of no length
_NO_DARKS = ("light", "flat")


def given_darks(paths: Sequence[Path], *, log: Callable[[str], None]) -> Darks:
    """Return the darks among files that are named as darks, read one at a time when asked for.

    Reading them raises FrameError for a file that cannot be read, and when none is a dark.

    Args:
        paths: The files; none gives no darks.
        log: Told in words which is left out, and why.
    """
    left_out: list[str] = []
    return Darks(frames=_dark_ones(paths, left_out, log), source="given", left_out=left_out)


def _dark_ones(
    paths: Sequence[Path], left_out: list[str], log: Callable[[str], None]
) -> Iterator[Frame]:
    frames = FrameSet(paths, FrameHints())
    room = ImageRoom()
    for number in range(len(frames)):
        path = frames.path(number)
        frame = frames.load(number, room=room).frame
        reason = _kind_told(path) or light_in(
            frame, demosaiced=path.suffix.lower() in PICTURE_SUFFIXES
        )
        if reason:
            left_out.append(f"{path.name}: {reason}")
            log(f"{path.name} left out of the darks: {reason}")
        else:
            yield frame
        # not held while the next one is read
        del frame
    if left_out and len(left_out) == len(frames):
        raise FrameError(
            f"--darks: none of {len(frames)} frames is a dark; {left_out[0]}",
            remedy="Give frames of the same exposure under a cap, or leave --darks out: hot pixels "
            "are then found in the frames themselves.",
        )


def _kind_told(path: Path) -> str:
    """Return what the header says if that is no dark, empty otherwise."""
    if path.suffix.lower() not in FITS_SUFFIXES:
        return ""
    header = read_header(path)
    told = str(header.get("IMAGETYP", header.get("FRAME", ""))).strip()
    # "dark flat": the dark of a flat's exposure, taken under a cap
    is_light = "dark" not in told.lower() and any(kind in told.lower() for kind in _NO_DARKS)
    return f"its header calls it {told!r}" if is_light else ""
