"""The personal horizon, richer after each clear pass and each clear look between passes."""

import numpy as np

from issgaze.archive.horizonfile import HorizonStore
from issgaze.arrays import BoolArray, Float32Array
from issgaze.imaging.starcount import StarCount
from issgaze.optics.lens import Lens
from issgaze.picture.horizonmap import CELL_PX, HorizonMap

# under cloud the sky looks like a wall and its stars are gone: such passes teach nothing
_CLEAR_SHARE = 0.7
_FEWEST_BRIGHT = 6
_FEWEST_SEEN = 40


def learn_horizon(
    store: HorizonStore, lens: Lens, count: StarCount, sky_fraction: Float32Array
) -> bool:
    """Add a pass to the horizon if its sky was clear; return whether it was.

    Args:
        store: Where the horizon is kept.
        lens: Of the raw mosaic.
        count: Stars of a frame of the pass.
        sky_fraction: Share of sky of each pixel of a product (h, w), from the stack of the pass.

    Raises:
        ArchiveError: The disk refuses it.
    """
    known = store.load(lens.width_px, lens.height_px)
    if not _is_clear(known, count):
        return False
    sure = _sure(count)
    store.save(known.with_pass(sky_fraction, count.pixels[sure], count.seen[sure]), lens)
    return True


def learn_from_stars(store: HorizonStore, lens: Lens, count: StarCount) -> bool:
    """Add the stars of a clear look to a horizon that passes have begun; return whether it was.

    Args:
        store: Where the horizon is kept.
        lens: Of the raw mosaic.
        count: Stars of the frame.

    Raises:
        ArchiveError: The disk refuses it.
    """
    known = store.load(lens.width_px, lens.height_px)
    # stars alone leave most cells unknown, which must not pass for hidden
    if known.passes < 1.0 or not _is_clear(known, count):
        return False
    sure = _sure(count)
    store.save(known.with_stars(count.pixels[sure], count.seen[sure]), lens)
    return True


def _sure(count: StarCount) -> BoolArray:
    """Return the stars well above the limit: they are missing because something stands there."""
    limit = count.limiting_magnitude()
    return np.asarray(count.magnitude < (4.5 if limit is None else limit - 1.0))


def _is_clear(known: HorizonMap, count: StarCount) -> bool:
    if int(count.seen.sum()) < _FEWEST_SEEN:
        return False
    if known.passes < 1.0:
        return True
    share = known.share()
    cell = np.floor((count.pixels + 0.5) / CELL_PX).astype(np.intp)
    rows, columns = share.shape
    free = share[np.clip(cell[:, 1], 0, rows - 1), np.clip(cell[:, 0], 0, columns - 1)] > 0.5
    bright = count.bright() & free
    return bool(bright.sum() >= _FEWEST_BRIGHT and count.seen[bright].mean() >= _CLEAR_SHARE)
