"""What stacking gives to the picture: the stacks of one pass on one grid."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from issgaze.arrays import Float32Array, UInt16Array

Resolution = Literal["half", "full"]
NO_FRAME = 65535


@dataclass(frozen=True, slots=True, kw_only=True)
class Stacks:
    """The stacks of one pass, linear, in ADU of a calibrated single frame (black level removed).

    All arrays lie on one grid of shape (h, w); a half-resolution pixel is one Bayer quad. Planes
    are red, green, blue.

    Attributes:
        resolution: "half" or "full".
        stars: Registered to the sky at `reference_utc`, outliers rejected, background kept;
            float32 (3, h, w). Equal to `ground` where the lens is not known.
        ground: The plain mean, unregistered; float32 (3, h, w).
        peak: The maximum over the frames, unregistered, background kept; float32 (3, h, w).
        peak_frame: Number of the frame that gave the brightest green of `peak`, in the order in
            which frames were added, NO_FRAME where none; uint16 (h, w). Of the two greens of a
            Bayer cell it is the one in the right column.
        coverage: Part of the frames that `stars` is made of, 0 to 1; float32 (h, w).
        variance: Of the mean in `stars`, green, ADU^2; float32 (h, w).
        saturation_adu: Value of a calibrated pixel at saturation.
        reference_utc: Instant to which the stars are registered.
        frame_count: Frames that went in.
        frame_start_utc, exposure_s: Of each frame that went in.
        reject_fraction: Part of all samples that were rejected from `stars`.
    """

    resolution: Resolution
    stars: Float32Array
    ground: Float32Array
    peak: Float32Array
    peak_frame: UInt16Array
    coverage: Float32Array
    variance: Float32Array
    saturation_adu: float
    reference_utc: datetime
    frame_count: int
    frame_start_utc: tuple[datetime, ...]
    exposure_s: tuple[float, ...]
    reject_fraction: float
