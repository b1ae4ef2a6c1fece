import pytest

from issgaze.simulated.scenario import Scenario, parse_scenario

# small and quick: a 960x540 mosaic, nothing in front of the sky, no seeded stars to speak of
_PLAIN = """
start_utc = "2024-05-10T01:00:00Z"
seed = 7
[site]
latitude_deg = 49.02
longitude_deg = 13.23
height_m = 620.0
[camera]
sensor = "imx462"
mode = "binned"
exposure_s = 4.0
hot_pixels_per_million = 0.0
row_noise_e = 0.0
amp_glow_e_per_s = 0.0
[lens]
projection = "equidistant"
focal_mm = 2.5
altitude_deg = 52.0
azimuth_deg = 175.0
roll_deg = 6.0
blur_um = 7.0
edge_blur_um = 7.0
falloff = 0.0
[sky]
milky_way = 0.0
faintest_mag = 8.0
[foreground]
kind = "none"
"""


@pytest.fixture(scope="session")
def plain() -> Scenario:
    return parse_scenario(_PLAIN, name="plain")
