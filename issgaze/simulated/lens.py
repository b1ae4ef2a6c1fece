"""The lens of a simulated camera as its owner would have calibrated it, without error."""

from typing import Any

from issgaze.simulated.projection import projection
from issgaze.simulated.scenario import Scenario


def lens_document(scenario: Scenario, mode: str | None = None) -> dict[str, Any]:
    """Return lens.json (docs/formats.md) of the scenario's lens, in its own mode or another."""
    seen = projection(scenario, mode)
    return {
        "format": "issgaze-lens",
        "version": 1,
        "width_px": seen.width_px,
        "height_px": seen.height_px,
        "projection": seen.lens.projection,
        "focal_px": seen.focal_px,
        "center_px": list(seen.center_px),
        "rotation": seen.axes.tolist(),
        "mirrored": seen.lens.mirrored,
        "radial": list(seen.lens.radial),
        "aspect": 0.0,
        "shear": 0.0,
        "tangential": list(seen.lens.tangential),
        "valid_radius_px": seen.valid_radius_px,
        "covariance": None,
        "source": f"scenario {scenario.name}",
    }
