"""Sixty cameras drawn at random, each with a frame of its own from the simulator."""

import json
from pathlib import Path

import numpy as np
from PIL import Image

_SCENARIO = """
summary = "A camera drawn at random."
start_utc = "{start}"
seed = {number}
[site]
name = "Test"
latitude_deg = {latitude:.3f}
longitude_deg = {longitude:.3f}
[camera]
sensor = "imx477"
mode = "binned"
f_number = 1.8
exposure_s = {exposure_s}
analogue_gain = 8.0
[lens]
projection = "{projection}"
focal_mm = {focal_mm:.4f}
altitude_deg = {altitude:.3f}
azimuth_deg = {azimuth:.3f}
roll_deg = {roll:.3f}
mirrored = {mirrored}
radial = [{k1:.5f}, {k2:.5f}, 0.0]
center_offset_px = [{x:.1f}, {y:.1f}]
[sky]
cloud_cover = {cloud:.3f}
{foreground}
"""
_WIDTH_MM = 6.287
_FAMILIES = ("equidistant", "equisolid", "rectilinear", "stereographic")


def camera_scenario(number: int, folder: Path) -> Path:
    """Write the scenario of a camera: field 25 to 200 degrees, tilt to 40, and what stands in it.

    Every fourth has trees over half the picture, every fifth light cloud, the rest are clean.
    """
    rng = np.random.default_rng([2026, number])
    projection = _FAMILIES[number % 4]
    widest = {"rectilinear": 95.0, "stereographic": 170.0}.get(projection, 200.0)
    field = np.radians(np.exp(rng.uniform(np.log(25.0), np.log(widest))))
    half = {
        "equidistant": lambda t: t,
        "equisolid": lambda t: 2.0 * np.sin(t / 2.0),
        "rectilinear": np.tan,
        "stereographic": lambda t: 2.0 * np.tan(t / 2.0),
    }[projection](field / 2.0)
    trees, clouds = number % 4 == 1, number % 5 == 2
    foreground = '[foreground]\nkind = "none"'
    if trees:
        mask = folder / f"trees{number}.png"
        _trees(rng, mask)
        foreground = f'[foreground]\nkind = "picture"\nmask_file = "{mask}"'
    path = folder / f"camera{number}.toml"
    path.write_text(
        _SCENARIO.format(
            start="2024-05-10T01:00:00Z",
            number=number,
            latitude=rng.uniform(47.5, 50.5),
            longitude=rng.uniform(11.0, 15.0),
            exposure_s=10.0 if field > 1.0 else 4.0,
            projection=projection,
            focal_mm=0.5 * _WIDTH_MM / half,
            altitude=90.0 - rng.uniform(0.0, 40.0),
            azimuth=rng.uniform(0.0, 360.0),
            roll=rng.uniform(0.0, 360.0),
            mirrored=str(bool(rng.random() < 0.3)).lower(),
            k1=rng.uniform(-0.012, 0.012),
            k2=rng.uniform(-0.002, 0.002),
            x=rng.uniform(-60.0, 60.0),
            y=rng.uniform(-60.0, 60.0),
            cloud=0.25 if clouds else 0.0,
            foreground=foreground,
        )
    )
    return path


def is_clean(number: int) -> bool:
    """Return whether nothing but sky is in the frame of a camera."""
    return number % 4 != 1 and number % 5 != 2


def _trees(rng: np.random.Generator, path: Path) -> None:
    """Draw tree tops over half of the picture, from one side of it."""
    width, height = 1014, 760
    x = np.arange(width)
    line = 0.5 * height + sum(
        rng.uniform(8, 60) / k * np.sin(k * x / width * 2 * np.pi + rng.uniform(0, 6))
        for k in (1, 2, 5, 11, 29)
    )
    sky = np.arange(height)[:, None] < line[None, :]
    turned = np.rot90(sky, 2) if rng.random() < 0.5 else sky
    Image.fromarray(np.where(turned, 255, 0).astype(np.uint8)).save(path)


def truth_errors(lens_found: Path, lens_true: Path) -> np.ndarray:
    """Return distances in px between two lenses over the sky they draw."""
    from issgaze.optics.lens import Lens

    found, true = (Lens.from_document(json.loads(p.read_text())) for p in (lens_found, lens_true))
    x, y = np.meshgrid(
        np.linspace(0, true.width_px - 1, 41), np.linspace(0, true.height_px - 1, 31)
    )
    pixels = np.stack((x.ravel(), y.ravel()), axis=-1)
    directions = true.to_directions(pixels)
    sky = directions[:, 2] > np.sin(np.radians(10.0))
    return np.linalg.norm(found.to_pixels(directions[sky]) - pixels[sky], axis=1)
