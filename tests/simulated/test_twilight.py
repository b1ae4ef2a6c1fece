"""Twilight against the published zenith, and a line of sight integrated step by step."""

import math

import numpy as np
import pytest

from issgaze.simulated.air import density, extinction_per_km, grazing_depth, rayleigh_depth
from issgaze.simulated.earth import airmass
from issgaze.simulated.twilight import once_scattered, twilight, zenith_mag


def _sun(depth_deg: float) -> np.ndarray:
    depth = math.radians(depth_deg)
    return np.array([math.cos(depth), 0.0, -math.sin(depth)])


def _sky(depth_deg: float, altitudes_deg: list[float], turn_deg: float) -> np.ndarray:
    altitude, turn = np.radians(altitudes_deg), math.radians(turn_deg)
    level = np.cos(altitude)
    rays = np.stack((level * math.cos(turn), level * math.sin(turn), np.sin(altitude)), axis=-1)
    return twilight(rays, _sun(depth_deg), airmass(rays[:, 2]))[:, 1]


# Patat et al. 2006, table 1, V: 11.84 + 1.518 d - 0.057 d^2, d degrees beyond 95 from the zenith
@pytest.mark.parametrize(
    ("depth_deg", "published"),
    [(5.0, 11.84), (7.0, 14.65), (9.0, 17.00), (11.0, 18.90), (13.0, 20.34)],
)
def test_the_zenith_is_as_bright_as_it_was_measured(depth_deg: float, published: float) -> None:
    assert zenith_mag(depth_deg) == pytest.approx(published, abs=0.01)
    assert -2.5 * math.log10(_sky(depth_deg, [90.0], 0.0)[0]) == pytest.approx(published, abs=0.08)


def test_it_ends_where_starlight_takes_over() -> None:
    assert zenith_mag(16.0) > 23.5
    # by day the prolonged fit would outshine the Sun
    assert zenith_mag(-60.0) == zenith_mag(-10.0) == 3.0
    assert not _sky(18.6, [5.0, 90.0], 0.0).any()
    depths = np.arange(0.0, 18.0, 0.25)
    assert (np.diff([zenith_mag(depth) for depth in depths.tolist()]) > 0.0).all()


@pytest.mark.parametrize("depth_deg", [6.0, 9.0, 11.0])
def test_the_arch_stands_above_the_horizon_and_dies_in_the_thick_air_below(
    depth_deg: float,
) -> None:
    """The brightest part lies a few degrees up; the horizon itself is seen through 38 airmasses."""
    altitudes = [0.0, 1.0, 2.0, 4.0, 6.0, 10.0, 20.0, 45.0, 90.0]
    toward = _sky(depth_deg, altitudes, 0.0)
    over = toward / toward[-1]
    assert altitudes[int(np.argmax(over))] in {4.0, 6.0, 10.0}
    assert 10.0 < over.max() < 60.0
    assert over[0] < 0.25 * over.max()
    away = _sky(depth_deg, altitudes, 180.0)
    assert (away / away[-1] < 1.6).all()


def test_one_scattering_is_what_a_plain_sum_gives() -> None:
    """One line of sight, 8 degrees up towards a Sun 7 degrees down, in green."""
    altitude, depth = math.radians(8.0), math.radians(7.0)
    step, total, dimmed = 0.5, 0.0, 0.0
    beta = rayleigh_depth(0.535) / 8.43
    psi = math.cos(altitude + depth)
    forward = (1 - 0.49) / (1.49 - 1.4 * psi) ** 1.5 / (4 * math.pi)
    for number in range(3000):
        s = (number + 0.5) * step
        x, z = s * math.cos(altitude), 6371.0 + s * math.sin(altitude)
        height = math.hypot(x, z) - 6371.0
        ahead = x * math.cos(depth) - z * math.sin(depth)
        lowest = math.sqrt(x * x + z * z - ahead * ahead) - 6371.0
        taken = float(extinction_per_km(np.array([height]))[0, 1]) * step
        if lowest > 0.0 and height < 130.0:
            lit = math.exp(-float(grazing_depth(np.array([lowest]))[0, 1]))
            source = beta * float(density(np.array([height]))[0]) * 3 / (16 * math.pi)
            source = source * (1 + psi * psi) + 0.08 / 1.4 * math.exp(-height / 1.4) * forward
            total += source * lit * math.exp(-dimmed - taken / 2) * step
        dimmed += taken
    expected = total * 10.0 ** (0.4 * 26.74) / 206264.806**2
    assert once_scattered(7.0)[8, 0, 1] == pytest.approx(expected, rel=0.1)


def test_it_is_a_part_of_the_measured_zenith_and_not_more() -> None:
    for depth in (4.0, 5.0, 6.0, 8.0):
        assert once_scattered(depth)[-1, 0, 1] < 10.0 ** (-0.4 * zenith_mag(depth))
