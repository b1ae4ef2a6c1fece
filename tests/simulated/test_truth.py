"""What truth.json and the arrays beside it say is what is in the frames."""

import dataclasses
import io

import numpy as np
import pytest

from issgaze.civil import later
from issgaze.simulated.scenario import Scenario, load_scenario
from issgaze.simulated.scene import Scene
from issgaze.simulated.sequence import Sequence, sequence
from issgaze.simulated.truth import truth_arrays, truth_document


@pytest.fixture(scope="module")
def run(plain: Scenario) -> tuple[Scene, Sequence, dict[str, np.ndarray]]:
    lens = load_scenario("clear").lens
    foreground = dataclasses.replace(plain.foreground, kind="rooftop")
    scenario = dataclasses.replace(plain, lens=lens, foreground=foreground)
    plan = sequence(scenario, mode="binned", count=5)
    scene = Scene(scenario, middle=later(plan.first_utc, 10.0))
    arrays = {name: np.load(io.BytesIO(held)) for name, held in truth_arrays(scene, plan)}
    return scene, plan, arrays


def test_the_layers_add_up_to_the_noiseless_frame(run) -> None:  # type: ignore[no-untyped-def]
    scene, plan, arrays = run
    layers = ("clear", "glow", "ground", "movers", "station", "stars")
    assert set(arrays) == {*(f"{name}.npy" for name in layers), "stars.npz", "track.npz"}
    sky = sum(arrays[f"{name}.npy"] for name in ("glow", "stars", "station", "movers"))
    whole = sky * arrays["clear.npy"] + arrays["ground.npy"]
    frame = scene.expose(later(plan.first_utc, 2 * plan.interval_s), plan.exposure_s)
    assert np.abs(whole - frame).max() < 1e-3 * frame.max()
    assert 0.3 < np.mean(arrays["clear.npy"] > 0.5) < 0.97


def test_a_star_is_told_at_any_instant(run) -> None:  # type: ignore[no-untyped-def]
    scene, plan, arrays = run
    stars = arrays["stars.npz"]
    second = 7.3
    there = scene.star_pixels(later(plan.first_utc, second))
    by_hip = {int(hip): i for i, hip in enumerate(scene.stars.hip) if hip > 0}
    told = np.flatnonzero((stars["hip"] > 0) & ~np.isnan(stars["x"]).any(axis=0))
    after = float(np.interp(second, stars["seconds"], np.arange(len(stars["seconds"]))))
    early, part = int(after), after % 1.0
    here = [
        stars[axis][early, told] * (1.0 - part) + stars[axis][early + 1, told] * part
        for axis in ("x", "y")
    ]
    right = there[[by_hip[hip] for hip in stars["hip"][told].tolist()]]
    assert len(told) > 1000
    assert np.hypot(*(right.T - here)).max() < 0.002


def test_the_track_is_the_stations(run) -> None:  # type: ignore[no-untyped-def]
    scene, plan, arrays = run
    track = arrays["track.npz"]
    seconds = track["seconds"][[0, 57, -1]]
    seen = scene.projection.pixels(scene.station.see(plan.first_utc, seconds).directions)
    assert np.stack((track["x"], track["y"]), axis=-1)[[0, 57, -1]] == pytest.approx(seen)
    document = truth_document(scene, plan)
    assert document["frames"][2]["file"] == "lights/0003.fits"
    assert len(document["stars"]) > 100
    assert all(planet["name"] for planet in document["planets"])


def test_the_pipeline_never_reads_the_truth() -> None:
    """Nobody but the simulator and its command names these files."""
    from pathlib import Path

    root = Path(__file__).parents[2] / "issgaze"
    naming = {
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        if "truth.json" in path.read_text() or "truth_arrays" in path.read_text()
    }
    # keys.py tells people about it
    assert naming <= {"cli/simulate.py", "simulated/truth.py", "simulated/keys.py"}
