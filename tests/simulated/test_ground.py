"""The ground before the sky: built in, from the owner's picture, and as bright as its night."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from issgaze.civil import later
from issgaze.errors import ScenarioError
from issgaze.simulated.passes import first_pass
from issgaze.simulated.scenario import Scenario, load_scenario
from issgaze.simulated.scene import Scene


def _with_mask(plain: Scenario, path: Path | str) -> Scenario:
    foreground = dataclasses.replace(plain.foreground, kind="picture", mask_file=str(path))
    return dataclasses.replace(plain, foreground=foreground)


def test_an_owners_mask_hides_the_sky(plain: Scenario, tmp_path: Path) -> None:
    mask = np.full((270, 480), 255, dtype=np.uint8)
    mask[180:, 100:300] = 0
    Image.fromarray(mask).save(tmp_path / "mask.png")
    instant = first_pass(plain).culmination
    scene = Scene(_with_mask(plain, tmp_path / "mask.png"), middle=instant)
    assert scene.clear.shape == (540, 960)
    assert scene.clear[450, 400] == 0.0
    assert scene.clear[100, 400] == 1.0
    frame = scene.expose(instant, 4.0)
    assert np.median(frame[400:500, 250:550]) < 0.2 * np.median(frame[400:500, 700:900])


def test_a_mask_that_does_not_fit_says_why(plain: Scenario, tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match='kind = "picture" names no mask_file'):
        Scene(_with_mask(plain, ""))
    with pytest.raises(ScenarioError, match=r"mask_file: .*none.png cannot be read"):
        Scene(_with_mask(plain, tmp_path / "none.png"))
    Image.fromarray(np.full((270, 480), 90, dtype=np.uint8)).save(tmp_path / "black.png")
    with pytest.raises(ScenarioError, match="shows no sky, its brightest pixel is 90"):
        Scene(_with_mask(plain, tmp_path / "black.png"))
    Image.fromarray(np.zeros((100, 100), dtype=np.uint8)).save(tmp_path / "square.png")
    with pytest.raises(ScenarioError, match=r"square.png is 100x100, 960x540 or the same shape"):
        Scene(_with_mask(plain, tmp_path / "square.png"))


def test_the_roof_is_lit_by_what_stands_in_the_sky(plain: Scenario) -> None:
    """Moon and twilight brighten the tiles, not the lamp behind the window."""
    lens = load_scenario("clear").lens
    ground = dataclasses.replace(plain.foreground, kind="rooftop")
    tiles, lamps = {}, {}
    for name, start in (
        ("dark", plain.start_utc),
        ("moon", load_scenario("moon").start_utc),
        ("dusk", load_scenario("twilight").start_utc),
    ):
        scenario = dataclasses.replace(plain, lens=lens, foreground=ground, start_utc=start)
        instant = first_pass(scenario).culmination
        scene = Scene(scenario, middle=instant)
        frame = scene.expose(instant, 1.0)
        height, width = frame.shape
        tiles[name] = float(np.median(frame[int(0.75 * height) :, : int(0.1 * width)]))
        lamps[name] = float(scene._ground.lamps.max())
    assert tiles["moon"] > 10.0 * tiles["dark"]
    assert tiles["dusk"] > 10.0 * tiles["dark"]
    assert lamps["moon"] == lamps["dusk"] == pytest.approx(lamps["dark"], rel=1e-6)


def test_beyond_the_image_circle_there_is_no_light(plain: Scenario) -> None:
    lens = dataclasses.replace(plain.lens, circle_mm=1.2, altitude_deg=90.0)
    scene = Scene(dataclasses.replace(plain, lens=lens), middle=plain.start_utc)
    frame = scene.expose(later(plain.start_utc, 60.0), 1.0)
    y, x = np.mgrid[: frame.shape[0], : frame.shape[1]]
    radius = np.hypot(x - scene.projection.center_px[0], y - scene.projection.center_px[1])
    edge = 1200.0 / (2.9 * 2.0)
    assert frame[radius > edge + 1.0].max() == 0.0
    assert frame[radius < edge - 1.0].min() > 0.0
