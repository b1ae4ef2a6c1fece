"""Which resolution a board can give, said before the pass and not by running out of memory."""

from issgaze.errors import ConfigurationError
from issgaze.stacking.stacks import Resolution

# below this many frames the colours of a full-resolution stack have too many holes
FEWEST_FRAMES_FOR_FULL = 12
# interpreter, numpy and what does not grow with the frame
_FIXED_MB = 40.0
# per pixel of the mosaic: the raw frame and its calibrated copy, dark, sums, maximum, indices
_COMMON_BYTES = 2.0 + 2.0 + 2.0 + 3.0 + 2.0 + 0.5
_REGISTERED_BYTES: dict[Resolution, float] = {"half": 3.5, "full": 12.5}
_PRODUCT_BYTES: dict[Resolution, float] = {"half": 9.0, "full": 46.0}


def needed_memory_mb(width_px: int, height_px: int, resolution: Resolution) -> float:
    """Return the memory in MB that a digest of such frames and its products need at most."""
    digest = _COMMON_BYTES + _REGISTERED_BYTES[resolution]
    finish = _REGISTERED_BYTES[resolution] + 8.0 + _PRODUCT_BYTES[resolution]
    return _FIXED_MB + max(digest, finish) * width_px * height_px / 1e6


def resolution_for(
    *,
    width_px: int,
    height_px: int,
    expected_frames: int,
    memory_budget_mb: float,
    wanted: Resolution | None = None,
) -> Resolution:
    """Return the resolution of the products: full from 12 frames on if memory allows, else half.

    Args:
        width_px: Width of the raw mosaic.
        height_px: Its height.
        expected_frames: Of the pass.
        memory_budget_mb: What the whole process may use.
        wanted: What the owner asked for, None to choose.

    Raises:
        ConfigurationError: The budget is too small for it, or for anything.
    """
    fits = {
        name: needed_memory_mb(width_px, height_px, name) <= memory_budget_mb
        for name in _REGISTERED_BYTES
    }
    if wanted is not None:
        if not fits[wanted]:
            raise _too_small(width_px, height_px, wanted, memory_budget_mb)
        return wanted
    if not fits["half"]:
        raise _too_small(width_px, height_px, "half", memory_budget_mb)
    return "full" if fits["full"] and expected_frames >= FEWEST_FRAMES_FOR_FULL else "half"


def _too_small(
    width_px: int, height_px: int, resolution: Resolution, budget_mb: float
) -> ConfigurationError:
    needed = needed_memory_mb(width_px, height_px, resolution)
    instead = (
        "Choose half resolution, or raise memory_budget_mb."
        if resolution == "full"
        else "Capture in the binned mode, or develop on a board with more memory."
    )
    return ConfigurationError(
        f"a stack of {width_px}x{height_px} px at {resolution} resolution needs {needed:.0f} MB, "
        f"the budget is {budget_mb:.0f} MB",
        remedy=instead,
    )
