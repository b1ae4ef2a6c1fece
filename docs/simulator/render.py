"""Make the pictures of docs/simulator.md: one frame of each scenario, stretched as one would."""

import sys
from pathlib import Path

import numpy as np
from PIL import Image

from issgaze.arrays import Float64Array, UInt16Array
from issgaze.civil import later
from issgaze.optics.profiles import sensor_profile
from issgaze.simulated.chip import Chip
from issgaze.simulated.passes import first_pass
from issgaze.simulated.scenario import Scenario, load_scenario, scenario_names
from issgaze.simulated.scene import Scene
from issgaze.simulated.stamps import colour_cell

_WIDTH_PX = 676
# sunlight comes out grey
_BALANCE = np.array([1.0 / 0.62, 1.0, 1.0 / 0.66])


def main(names: list[str], folder: Path) -> None:
    """Write one picture for each scenario."""
    for name in names or scenario_names():
        scenario = load_scenario(name)
        picture = developed(frame(scenario), scenario)
        height = round(_WIDTH_PX * picture.height / picture.width)
        small = picture.resize((_WIDTH_PX, height), Image.Resampling.LANCZOS)
        small.save(folder / f"{name}.jpg", quality=84, optimize=True)


def frame(scenario: Scenario) -> UInt16Array:
    """Return a raw frame around the scenario's culmination."""
    camera = scenario.camera
    start = later(first_pass(scenario).culmination, -camera.exposure_s / 2)
    scene = Scene(scenario, middle=start)
    return Chip(scenario, scene.mode).read(
        scene.expose(start, camera.exposure_s),
        exposure_s=camera.exposure_s,
        analogue_gain=camera.analogue_gain,
        frame=1,
    )


def developed(mosaic: UInt16Array, scenario: Scenario) -> Image.Image:
    """Return a picture of half the mosaic's size, its sky at a fifth of full light."""
    sensor = sensor_profile(scenario.camera.sensor)
    cell = colour_cell(sensor.bayer_pattern)
    signal = mosaic.astype(np.float64) - sensor.black_level_adu
    rgb: Float64Array = np.zeros((mosaic.shape[0] // 2, mosaic.shape[1] // 2, 3))
    for row in (0, 1):
        for column in (0, 1):
            share = 0.5 if cell[row][column] == 1 else 1.0
            rgb[..., cell[row][column]] += share * signal[row::2, column::2]
    # a saturated pixel is white, whatever the balance makes of it
    white = float((1 << sensor.bit_depth) - 1 - sensor.black_level_adu)
    rgb = np.minimum(rgb * _BALANCE, white * 0.98)
    light = rgb.mean(axis=2)
    low = float(np.percentile(light, 1.0)) * 0.6
    sky = max(float(np.percentile(light, 60.0)) - low, 1.0)
    strength = 9.0 / sky
    stretched = np.arcsinh(np.maximum(rgb - low, 0.0) * strength)
    stretched /= np.arcsinh(max(white, sky * 40.0) * strength)
    grey = stretched.mean(axis=2, keepdims=True)
    vivid = np.clip(grey + 1.25 * (stretched - grey), 0.0, 1.0) ** 1.55
    return Image.fromarray(np.rint(vivid * 255.0).astype(np.uint8))


if __name__ == "__main__":
    main(sys.argv[1:], Path(__file__).parent)
