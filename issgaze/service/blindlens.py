"""The lens of a series of frames that came without one, from the stars in a few of them."""

from collections.abc import Callable

from issgaze.errors import FrameError
from issgaze.optics.lens import Lens
from issgaze.service.calibrate import calibrate
from issgaze.service.frameset import FrameSet
from issgaze.sky.site import Site

# frames tried before giving up: a cloud or a lamp may spoil one, hardly three
_MOST_TRIED = 3


def blind_lens(
    frames: FrameSet, site: Site | None, say: Callable[[str], None]
) -> tuple[Lens | None, str]:
    """Return the lens that solves a frame of the series, else None and the reason.

    Args:
        frames: The series.
        site: Where it was taken.
        say: Told what is tried, for people.
    """
    if site is None or not frames.timed:
        what = "site" if frames.timed else "time of the frames"
        return None, f"the {what} is not known, so the stars cannot tell the lens"
    reason = "no frame could be read"
    for number in _spread(len(frames)):
        try:
            loaded = frames.load(number)
        except FrameError as error:
            reason = error.message
            continue
        path = frames.path(number)
        say(f"looking for the lens in {path.name}")
        solution = calibrate(path, loaded, site)
        if solution.lens is not None:
            return solution.lens, ""
        reason = f"{path.name}: {solution.reason}"
    return None, reason


def _spread(count: int) -> list[int]:
    """Return the middle, then the first and last: what spoils one is seldom in all."""
    places = dict.fromkeys((count // 2, 0, count - 1))
    return [place for place in places if 0 <= place < count][:_MOST_TRIED]
