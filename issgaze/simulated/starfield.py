"""The stars over the simulated roof: the catalogue's and, beyond it, seeded ones."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from issgaze.arrays import Float64Array
from issgaze.simulated.colour import hp_to_v_mag, temperature_k, thermal_rgb
from issgaze.simulated.earth import (
    Moment,
    gast_rad,
    local_axes,
    of_date,
    raised,
    rotation_z,
    turned,
)
from issgaze.simulated.galaxy import galactic_axes
from issgaze.simulated.scenario import Scenario
from issgaze.simulated.sun import earth_velocity

_CATALOGUE = Path(__file__).parents[1] / "data" / "stars.npz"
_CATALOGUE_LIMIT_MAG = 8.0
# Stars over the whole sky brighter than 8.0, and how their number grows with a magnitude
# (Allen's Astrophysical Quantities, 4th ed., table 19.10: 0.45 dex at 8 to 0.41 dex at 12).
_STARS_TO_LIMIT = 37_600.0
_GROWTH_DEX_PER_MAG = 0.43


@dataclass(frozen=True, slots=True, kw_only=True)
class Stars:
    """Stars in ICRS, for one epoch; catalogue stars first.

    Attributes:
        places: Unit vectors, shape (n, 3).
        magnitude: V, without air.
        rgb: What one of its V magnitude leaves in the three colours, shape (n, 3).
        hip: Hipparcos number, 0 for a seeded star.
    """

    places: Float64Array
    magnitude: Float64Array
    rgb: Float64Array
    hip: Float64Array


def load_stars(scenario: Scenario) -> Stars:
    """Return the stars of a scenario, proper motion up to its start included."""
    with np.load(_CATALOGUE) as held:
        ra, dec = np.radians(held["ra_mas"] / 3.6e6), np.radians(held["dec_mas"] / 3.6e6)
        east, north = held["pm_ra_mas"] / 3.6e6, held["pm_dec_mas"] / 3.6e6
        bv = held["bv_mmag"] / 1000.0
        v_mag = hp_to_v_mag(held["hp_mmag"] / 1000.0, bv)
        hip = held["hip"].astype(np.float64)
        epoch = float(held["epoch_year"])
    years = Moment.of(scenario.start_utc).tt_centuries * 100.0 + 2000.0 - epoch
    places = _vectors(ra, dec)
    meridian = np.stack((-np.sin(ra), np.cos(ra), np.zeros_like(ra)), axis=-1)
    pole = np.cross(places, meridian)
    drift = np.radians(east)[:, np.newaxis] * meridian + np.radians(north)[:, np.newaxis] * pole
    places = places + years * drift
    places /= np.linalg.norm(places, axis=-1, keepdims=True)
    faint, faint_mag, faint_bv = _seeded(scenario)
    return Stars(
        places=np.concatenate((places, faint)),
        magnitude=np.concatenate((v_mag, faint_mag)),
        rgb=thermal_rgb(temperature_k(np.concatenate((bv, faint_bv)))),
        hip=np.concatenate((hip, np.zeros(len(faint)))),
    )


def _seeded(scenario: Scenario) -> tuple[Float64Array, Float64Array, Float64Array]:
    """Return places, magnitudes and colours of stars beyond the catalogue.

    They crowd towards the Milky Way: a third everywhere alike, the rest within about 12 degrees.
    """
    rng = np.random.default_rng([scenario.seed, 0x57A5])
    reach = scenario.sky.faintest_mag - _CATALOGUE_LIMIT_MAG
    count = int(_STARS_TO_LIMIT * (10.0 ** (_GROWTH_DEX_PER_MAG * reach) - 1.0))
    share = rng.random(count)
    longitude = rng.uniform(0.0, 2.0 * np.pi, count)
    even = np.arcsin(rng.uniform(-1.0, 1.0, count))
    crowded = np.radians(np.clip(rng.laplace(0.0, 12.0, count), -89.0, 89.0))
    latitude = np.where(share < 0.45, even, crowded)
    places = turned(_vectors(longitude, latitude), galactic_axes().T)
    steps = rng.random(count) * (10.0 ** (_GROWTH_DEX_PER_MAG * reach) - 1.0)
    magnitude = _CATALOGUE_LIMIT_MAG + np.log10(1.0 + steps) / _GROWTH_DEX_PER_MAG
    bv = np.clip(rng.normal(0.75, 0.45, count), -0.2, 1.9)
    return places, magnitude, bv


def _vectors(longitude: Float64Array, latitude: Float64Array) -> Float64Array:
    c = np.cos(latitude)
    return np.stack((c * np.cos(longitude), c * np.sin(longitude), np.sin(latitude)), axis=-1)


class Heavens:
    """The turning sky: from ICRS to what stands over the roof at an instant.

    Precession, nutation and aberration are taken at `middle`; a night changes them by less than
    0.1 arcsec, 0.3 for the aberration.
    """

    def __init__(self, scenario: Scenario, middle: datetime) -> None:
        self._scenario = scenario
        moment = Moment.of(middle, ut1_minus_utc_s=scenario.site.ut1_minus_utc_s)
        self._date = of_date(moment)
        self._velocity = earth_velocity(moment)
        self._axes = local_axes(scenario.site)

    def of_date(self, places: Float64Array) -> Float64Array:
        """Return ICRS unit vectors as apparent ones of the true equator of date."""
        seen = turned(places, self._date) + self._velocity
        return np.asarray(seen / np.linalg.norm(seen, axis=-1, keepdims=True))

    def turn(self, instant: datetime) -> Float64Array:
        """Return the matrix from the true equator of date to (east, north, up), airless."""
        moment = Moment.of(instant, ut1_minus_utc_s=self._scenario.site.ut1_minus_utc_s)
        return np.asarray(self._axes @ rotation_z(gast_rad(moment)))

    def over_roof(self, dated: Float64Array, instant: datetime) -> Float64Array:
        """Return apparent directions (east, north, up), refraction included."""
        return raised(turned(dated, self.turn(instant)))

    def icrs(self, directions: Float64Array, instant: datetime) -> Float64Array:
        """Return ICRS vectors of directions over the roof, air and aberration neglected."""
        return turned(directions, (self.turn(instant) @ self._date).T)
