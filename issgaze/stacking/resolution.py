"""Which resolution a board can give, said before the pass and not by running out of memory."""

from issgaze.errors import ConfigurationError
from issgaze.stacking.stacks import Resolution

# below this many frames the colours of a full-resolution stack have too many holes
FEWEST_FRAMES_FOR_FULL = 12
# interpreter, numpy and what does not grow with the frame
_FIXED_MB = 35.0
# per pixel of the mosaic, as benchmarks/bench_memory.py measures the whole digest: frame 2, dark 1,
# sums 3 for the ground and 3 or 12 for the stars, maximum 2, and a little for blocks
_BYTES: dict[Resolution, float] = {"half": 12.0, "full": 20.8}
# stars, ground, peak, coverage, variance and the peak's frames, when they are kept in memory
_PRODUCT_BYTES: dict[Resolution, float] = {"half": 11.5, "full": 46.5}


def needed_memory_mb(
    width_px: int, height_px: int, resolution: Resolution, *, products_in_files: bool = False
) -> float:
    """Return the memory in MB that a digest of such frames and its products need at most.

    It holds for frames that the digest may reuse and for an allocator that gives freed memory
    back at once.
    """
    per_pixel = _BYTES[resolution]
    if not products_in_files:
        per_pixel = max(per_pixel, _PRODUCT_BYTES[resolution])
    return _FIXED_MB + per_pixel * width_px * height_px / 1e6


def resolution_for(
    *,
    width_px: int,
    height_px: int,
    expected_frames: int,
    memory_budget_mb: float,
    wanted: Resolution | None = None,
) -> Resolution:
    """Return the resolution of the products: full from 12 frames on if memory allows, else half.

    Full products that do not fit into memory may live in files; that is done where it was asked
    for, not chosen.

    Args:
        width_px: Width of the raw mosaic.
        height_px: Its height.
        expected_frames: Of the pass.
        memory_budget_mb: What the whole process may use.
        wanted: What the owner asked for, None to choose.

    Raises:
        ConfigurationError: The budget is too small for it, or for anything.
    """
    needed: dict[Resolution, float] = {
        name: needed_memory_mb(width_px, height_px, name, products_in_files=name == wanted)
        for name in _BYTES
    }
    choice = wanted or "half"
    if needed[choice] > memory_budget_mb:
        raise _too_small((width_px, height_px), choice, needed[choice], memory_budget_mb)
    if wanted is None and expected_frames >= FEWEST_FRAMES_FOR_FULL:
        return "full" if needed["full"] <= memory_budget_mb else "half"
    return choice


def _too_small(
    size_px: tuple[int, int], resolution: Resolution, needed_mb: float, budget_mb: float
) -> ConfigurationError:
    instead = (
        "Choose half resolution, or raise memory_budget_mb."
        if resolution == "full"
        else "Capture in the binned mode, or develop on a board with more memory."
    )
    return ConfigurationError(
        f"a stack of {size_px[0]}x{size_px[1]} px at {resolution} resolution needs "
        f"{needed_mb:.0f} MB, the budget is {budget_mb:.0f} MB",
        remedy=instead,
    )
