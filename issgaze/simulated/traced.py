"""What a ray from the camera meets on the ground."""

from dataclasses import dataclass

import numpy as np

from issgaze.arrays import Float64Array


@dataclass(slots=True, kw_only=True)
class Traced:
    """What rays met, arrays of shape (n,) or (n, 3); filled in from the far to the near.

    Attributes:
        distance_m: How far away it is, inf for the sky.
        natural: What it sends back of the night's own light, three colours, 1 for sunlit white.
        lamps: What it sends back of lamps, in units of a dark zenith.
        facing: Cosine between its face and the Moon, 0 to 1.
        sway: How far it is moved by the wind, 0 to 1 at a tree's top.
    """

    distance_m: Float64Array
    natural: Float64Array
    lamps: Float64Array
    facing: Float64Array
    sway: Float64Array

    @classmethod
    def nothing(cls, count: int) -> "Traced":
        """Return rays that meet nothing."""
        return cls(
            distance_m=np.full(count, np.inf),
            natural=np.zeros((count, 3)),
            lamps=np.zeros((count, 3)),
            facing=np.zeros(count),
            sway=np.zeros(count),
        )
