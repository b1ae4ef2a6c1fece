import dataclasses

import numpy as np
import pytest

from issgaze.civil import later
from issgaze.simulated.movers import Mover
from issgaze.simulated.passes import first_pass
from issgaze.simulated.scenario import MoverScenario, Scenario
from issgaze.simulated.scene import Scene
from issgaze.simulated.stamps import RowShare


def test_an_aircraft_flashes_and_a_satellite_shines_steadily(plain: Scenario) -> None:
    seconds = np.arange(0.0, 6.0, 0.01)
    lights = {}
    for kind in ("aircraft", "satellite"):
        mover = MoverScenario(kind=kind, mag=0.0, lasts_s=10.0)  # type: ignore[arg-type]
        lights[kind] = Mover(mover, plain.start_utc).see(plain.start_utc, seconds)[1][:, 1]
    assert lights["aircraft"].max() > 10.0 * lights["aircraft"].min() > 0.0
    assert np.ptp(lights["satellite"]) == 0.0


def test_a_mover_is_there_in_its_own_time_only_and_goes_from_here_to_there(
    plain: Scenario,
) -> None:
    mover = MoverScenario(
        start_s=5.0, lasts_s=10.0, from_altitude_deg=90.0, to_altitude_deg=30.0, to_azimuth_deg=90.0
    )
    directions, light = Mover(mover, plain.start_utc).see(
        plain.start_utc, np.array([4.9, 5.0, 10.0, 15.0, 15.1])
    )
    assert np.array_equal(light[:, 1] > 0.0, [False, True, True, True, False])
    altitudes = np.degrees(np.arcsin(directions[1:4, 2]))
    assert altitudes == pytest.approx([90.0, 60.0, 30.0])
    assert directions[3, 0] == pytest.approx(np.cos(np.radians(30.0)))


def test_a_rolling_shutter_sees_each_instant_in_its_own_rows() -> None:
    share = RowShare(
        np.array([0.0005, 0.5, 1.0055]), 0.001, exposure_s=1.0, row_time_s=0.001, height_px=100
    )
    seen = share.of(np.arange(3), np.full(3, 32.0 + 5.0), 5)  # rows 0 to 10
    assert seen[0] == pytest.approx([1.0] + [0.0] * 10)
    assert seen[1] == pytest.approx(np.ones(11))
    assert seen[2] == pytest.approx([0.0] * 6 + [1.0] * 5)


def test_the_light_of_a_pass_is_kept_whatever_the_exposures(plain: Scenario) -> None:
    """Two exposures of one second hold the electrons of one of two seconds."""
    visible = first_pass(plain)
    scene = Scene(plain, middle=visible.culmination)
    scene.stars = dataclasses.replace(
        scene.stars, magnitude=np.full_like(scene.stars.magnitude, 30.0)
    )
    sky = scene.expose(later(visible.culmination, -3600.0), 1.0) * 0.0
    whole = scene.expose(visible.culmination, 2.0)
    halves = sky + scene.expose(visible.culmination, 1.0)
    halves += scene.expose(later(visible.culmination, 1.0), 1.0)
    assert halves.sum() == pytest.approx(whole.sum(), rel=2e-3)
    assert np.abs(halves - whole).max() < 0.02 * whole.max()
