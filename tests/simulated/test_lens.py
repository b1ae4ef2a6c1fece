"""The simulator's lens against the formulas of docs/formats.md, written out one by one."""

import dataclasses
import math
from typing import Any

import numpy as np
import pytest

from issgaze.simulated.lens import lens_document
from issgaze.simulated.projection import projection
from issgaze.simulated.scenario import LensScenario, load_scenario

_G = {
    "equidistant": lambda t: t,
    "equisolid": lambda t: 2.0 * math.sin(t / 2.0),
    "rectilinear": math.tan,
    "stereographic": lambda t: 2.0 * math.tan(t / 2.0),
    "orthographic": math.sin,
}


def _by_the_book(lens: dict[str, Any], altitude_deg: float, azimuth_deg: float) -> list[float]:
    a, z = math.radians(altitude_deg), math.radians(azimuth_deg)
    enu = (math.cos(a) * math.sin(z), math.cos(a) * math.cos(z), math.sin(a))
    cx, cy, cz = (sum(r * e for r, e in zip(row, enu, strict=True)) for row in lens["rotation"])
    theta, phi = math.acos(cz), math.atan2(cy, cx)
    k1, k2, k3 = lens["radial"]
    bent = k1 * theta**3 + k2 * theta**5 + k3 * theta**7
    r = lens["focal_px"] * (_G[lens["projection"]](theta) + bent)
    u, v = r * math.cos(phi), r * math.sin(phi)
    if lens["mirrored"]:
        u = -u
    f, (p1, p2) = lens["focal_px"], lens["tangential"]
    q, s = u / f, v / f
    w = q * q + s * s
    u += f * (2 * p1 * q * s + p2 * (w + 2 * q * q))
    v += f * (p1 * (w + 2 * s * s) + 2 * p2 * q * s)
    return [lens["center_px"][0] + u, lens["center_px"][1] + v]


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("kind", sorted(_G))
def test_pixels_are_those_of_the_lens_file_and_come_back(kind: str, mirrored: bool) -> None:
    tilted = load_scenario("tilted")
    lens: LensScenario = dataclasses.replace(tilted.lens, projection=kind, mirrored=mirrored)  # type: ignore[arg-type]
    scenario = dataclasses.replace(tilted, lens=lens)
    seen, document = projection(scenario), lens_document(scenario)
    for altitude, azimuth in ((38.0, 158.0), (60.0, 120.0), (25.0, 190.0), (70.0, 240.0)):
        book = _by_the_book(document, altitude, azimuth)
        a, z = np.radians([altitude, azimuth])
        direction = np.array([[np.cos(a) * np.sin(z), np.cos(a) * np.cos(z), np.sin(a)]])
        ours = seen.pixels(direction)[0]
        assert ours == pytest.approx(book, abs=1e-6)
        assert seen.directions(ours[:1], ours[1:])[0] == pytest.approx(direction[0], abs=2e-6)


def test_up_is_up_and_right_is_clockwise_from_above() -> None:
    """Whoever looks south sees west on the right and higher things higher up."""
    seen = projection(load_scenario("clear"))

    def pixel(altitude_deg: float, azimuth_deg: float) -> Any:
        a, z = np.radians([altitude_deg, azimuth_deg])
        return seen.pixels(np.array([[np.cos(a) * np.sin(z), np.cos(a) * np.cos(z), np.sin(a)]]))[0]

    assert pixel(38.0, 200.0)[0] > pixel(38.0, 150.0)[0]
    assert pixel(60.0, 172.0)[1] < pixel(20.0, 172.0)[1]
    assert np.linalg.det(seen.axes) == pytest.approx(1.0)


def test_full_and_binned_pixels_follow_the_rule_of_quads() -> None:
    """x of the binned mode is (x - 0.5)/2 of the full one."""
    scenario = load_scenario("tilted")
    full, binned = projection(scenario, "full"), projection(scenario, "binned")
    direction = np.array([[0.3, -0.7, 0.6481]])
    direction /= np.linalg.norm(direction)
    assert binned.pixels(direction) == pytest.approx((full.pixels(direction) - 0.5) / 2, abs=1e-9)
