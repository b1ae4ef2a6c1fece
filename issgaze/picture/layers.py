"""The layers of a picture, or of some of its rows, in linear light."""

from dataclasses import dataclass
from typing import Protocol

from issgaze.arrays import BoolArray, Float32Array

# side of the blocks of which `backdrop` holds one value each
BLOCK_PX = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class ComposedLinear:
    """The layers of rows of a picture, in ADU above black; float32 planes of shape (3, h, w).

    Attributes:
        sky: Stars on their background, continued behind the ground.
        trail: The station alone above the sky, zero elsewhere.
        ground: What stands still, continued behind the sky.
        sky_fraction: How much of each pixel is sky, 0 to 1, shape (h, w).
        seen: Pixels inside the image circle, shape (h, w).
        sky_noise_adu: Standard deviation of a background pixel of `sky`, green.
        saturation_adu: Where a pixel saturates.
        backdrop: Level of the sky in blocks of 16 px of the whole picture, shape (3, rows,
            columns), nan where the ground is.
        top: Number of the first row in the whole picture.
        height: Rows of the whole picture.
    """

    sky: Float32Array
    trail: Float32Array
    ground: Float32Array
    sky_fraction: Float32Array
    seen: BoolArray
    sky_noise_adu: float
    saturation_adu: float
    backdrop: Float32Array
    top: int
    height: int

    @property
    def whole_shape(self) -> tuple[int, int]:
        """Height and width of the whole picture."""
        return self.height, self.seen.shape[1]


class Composition(Protocol):
    """A picture that gives its layers a few rows at a time."""

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width of the whole picture."""
        ...

    def rows(self, top: int, bottom: int) -> ComposedLinear:
        """Return the layers of rows top <= y < bottom."""
        ...


class WholeComposition:
    """Layers that are there already, as a composition.

    Args:
        layers: Of the whole picture.
    """

    def __init__(self, layers: ComposedLinear) -> None:
        self._layers = layers

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width of the whole picture."""
        return self._layers.whole_shape

    def rows(self, top: int, bottom: int) -> ComposedLinear:
        """Return the layers of rows top <= y < bottom."""
        whole = self._layers
        return ComposedLinear(
            sky=whole.sky[:, top:bottom],
            trail=whole.trail[:, top:bottom],
            ground=whole.ground[:, top:bottom],
            sky_fraction=whole.sky_fraction[top:bottom],
            seen=whole.seen[top:bottom],
            sky_noise_adu=whole.sky_noise_adu,
            saturation_adu=whole.saturation_adu,
            backdrop=whole.backdrop,
            top=top,
            height=whole.height,
        )


def composition_of(picture: Composition | ComposedLinear) -> Composition:
    """Return layers as something that gives its rows."""
    return WholeComposition(picture) if isinstance(picture, ComposedLinear) else picture
