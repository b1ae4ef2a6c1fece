"""The core's lens, sky and orbit against the simulator's own: neither can err without the other.

Both take UT1 for UTC. The mutations that these tests must catch stand in test_mutations.py.
"""

import dataclasses

import numpy as np
import pytest

from issgaze.archive.starcatalogue import load_catalogue
from issgaze.arrays import Float64Array
from issgaze.optics.lens import Lens
from issgaze.orbit.formats import parse_elements
from issgaze.orbit.tracks import compute_track
from issgaze.simulated.elementsource import element_records
from issgaze.simulated.lens import lens_document
from issgaze.simulated.passes import first_pass
from issgaze.simulated.projection import projection
from issgaze.simulated.scenario import Scenario, load_scenario
from issgaze.simulated.starfield import Heavens, load_stars
from issgaze.simulated.station import Station
from issgaze.sky.coordinates import enu_from_altaz
from issgaze.sky.site import Site
from issgaze.sky.stars import star_altaz_deg

_LIGHT_KM_PER_S = 299792.458
# where each formula for refraction is a formula, and not an extrapolation
_LOWEST_DEG = 3.0
SCENARIOS = ("clear", "tilted", "polar-night")


def case(name: str) -> Scenario:
    """Return a scenario at full resolution, without the seeded stars."""
    scenario = load_scenario(name)
    camera = dataclasses.replace(scenario.camera, mode="full")
    sky = dataclasses.replace(scenario.sky, faintest_mag=8.0)
    return dataclasses.replace(scenario, camera=camera, sky=sky)


def core_site(scenario: Scenario) -> Site:
    site = scenario.site
    return Site(
        latitude_deg=site.latitude_deg, longitude_deg=site.longitude_deg, height_m=site.height_m
    )


def star_errors_px(scenario: Scenario) -> Float64Array:
    """Return how far each catalogue star in the picture is from where the simulator puts it."""
    instant = first_pass(scenario).culmination
    lens = Lens.from_document(lens_document(scenario))
    catalogue = load_catalogue()
    altitude, azimuth = star_altaz_deg(catalogue.places, core_site(scenario), instant)
    core = lens.to_pixels(enu_from_altaz(altitude, azimuth))
    heavens = Heavens(scenario, instant)
    stars = load_stars(scenario)
    dated = heavens.of_date(stars.places)
    own = projection(scenario).pixels(heavens.over_roof(dated, instant))
    place = {int(hip): index for index, hip in enumerate(stars.hip) if hip > 0}
    own = own[[place[int(hip)] for hip in catalogue.hip]]
    up = np.sin(np.radians(_LOWEST_DEG))
    high = heavens.over_roof(dated, instant)[[place[int(hip)] for hip in catalogue.hip], 2] > up
    inside = high & (own[:, 0] > 0) & (own[:, 0] < lens.width_px)
    inside &= (own[:, 1] > 0) & (own[:, 1] < lens.height_px)
    assert inside.sum() > 4000
    return np.nan_to_num(np.hypot(*(core - own)[inside].T), nan=1e9)


def station_errors_px(scenario: Scenario) -> Float64Array:
    """Return how far the station is from where the simulator puts it, along the lit arc."""
    visible = first_pass(scenario)
    lens = Lens.from_document(lens_document(scenario))
    elements = parse_elements(element_records(scenario), source="test").sets[0]
    seconds = np.linspace(-120.0, 120.0, 49)
    sight = Station(scenario).see(visible.culmination, seconds)
    own = projection(scenario).pixels(sight.directions)
    # the core leaves out the time that the light takes, 5 arcsec: it is put in here
    lag = sight.range_km / _LIGHT_KM_PER_S
    site = core_site(scenario)
    track = compute_track(elements, site, visible.culmination, seconds - lag)
    core = lens.to_pixels(enu_from_altaz(track.altitude_deg, track.azimuth_deg))
    inside = (own[:, 0] > 0) & (own[:, 0] < lens.width_px) & (sight.directions[:, 2] > 0.1)
    assert inside.sum() > 15
    return np.nan_to_num(np.hypot(*(core - own)[inside].T), nan=1e9)


@pytest.mark.parametrize("name", SCENARIOS)
def test_stars_of_the_core_land_on_the_simulators(name: str) -> None:
    assert star_errors_px(case(name)).max() < 0.05


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_cores_station_lands_on_the_simulators(name: str) -> None:
    assert station_errors_px(case(name)).max() < 0.05


@pytest.mark.parametrize("name", ["clear", "moon", "twilight"])
def test_the_fade_is_the_cores_though_no_line_is_shared(name: str) -> None:
    """Steep and grazing passes: the light within 0.05 at any instant."""
    scenario = case(name)
    visible = first_pass(scenario)
    elements = parse_elements(element_records(scenario), source="test").sets[0]
    seconds = np.arange(-500.0, 500.0, 0.1)
    own = Station(scenario).see(visible.culmination, seconds).light
    core = compute_track(elements, core_site(scenario), visible.culmination, seconds).light
    fading = (own > 0.01) & (own < 0.99)
    assert fading.sum() > 150
    assert np.abs(own - core).max() < 0.05
    # what leaves the air out is 10 s off, and far outside of that
    assert np.abs(own - np.roll(core, 100)).max() > 0.15
    # the last hundredth has come through the low air, bent by a degree
    last_own, last_core = (seconds[np.flatnonzero(light > 0.01)[[0, -1]]] for light in (own, core))
    assert last_own == pytest.approx(last_core, abs=0.35)


def test_the_magnitude_is_the_cores() -> None:
    scenario = case("clear")
    visible = first_pass(scenario)
    elements = parse_elements(element_records(scenario), source="test").sets[0]
    seconds = np.arange(-200.0, 300.0, 0.5)
    own = Station(scenario).see(visible.culmination, seconds)
    track = compute_track(elements, core_site(scenario), visible.culmination, seconds)
    both = (own.light > 0.999) & (track.light > 0.999) & (own.directions[:, 2] > 0.2)
    lost = 0.2 - scenario.sky.extinction_mag
    air = 1.0 / own.directions[both, 2]
    assert both.sum() > 300
    assert track.magnitude[both] - lost * air == pytest.approx(own.magnitude[both], abs=0.06)
