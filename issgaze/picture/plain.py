"""A picture of one exposure, or of a stack, when nothing is known of its lens."""

import numpy as np

from issgaze.arrays import Float32Array, UInt16Array
from issgaze.picture.colour import find_stars
from issgaze.picture.layers import BLOCK_PX, ComposedLinear
from issgaze.picture.render import render
from issgaze.picture.smooth import block_medians, median_and_sigma


def plain_layers(
    planes: Float32Array, *, saturation_adu: float, trail: Float32Array | None = None
) -> ComposedLinear:
    """Return linear planes (3, h, w), or (1, h, w) for one without colour, as one layer of sky."""
    colour = np.repeat(planes, 3, axis=0) if planes.shape[0] == 1 else planes
    shape = colour.shape[1:]
    step = colour[1, :, 8:] - colour[1, :, :-8]
    return ComposedLinear(
        sky=colour,
        trail=np.zeros_like(colour) if trail is None else trail,
        ground=colour,
        sky_fraction=np.ones(shape, dtype=np.float32),
        seen=np.ones(shape, dtype=np.bool_),
        sky_noise_adu=max(median_and_sigma(step.ravel())[1] / 1.414, 1e-3),
        saturation_adu=saturation_adu,
        backdrop=np.stack([block_medians(plane, BLOCK_PX) for plane in colour]),
        top=0,
        height=shape[0],
    )


def plain_picture(
    planes: Float32Array, *, saturation_adu: float, trail: Float32Array | None = None
) -> UInt16Array:
    """Return a plainly stretched picture, sRGB-encoded uint16 (h, w, 3), of linear planes.

    Args:
        planes: Linear light above black, shape (3, h, w), or (1, h, w) without colour.
        saturation_adu: Where a pixel saturates, in the same units.
        trail: A trail found in it (3, h, w), None for none.
    """
    return render(plain_layers(planes, saturation_adu=saturation_adu, trail=trail))


def count_stars(planes: Float32Array) -> int:
    """Return how many point sources stand out of linear planes (3, h, w)."""
    return len(find_stars(planes, np.ones(planes.shape[1:], dtype=np.bool_)).x_px)
