"""The satellite over the simulated roof: place, light and magnitude at any instant."""

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from sgp4 import omm
from sgp4.api import Satrec

from issgaze.arrays import Float64Array
from issgaze.civil import SECONDS_PER_DAY, julian_date, later
from issgaze.errors import ScenarioError
from issgaze.simulated.earth import (
    Moment,
    airmass,
    gmst_1982_rad,
    local_axes,
    raised,
    site_km,
    turned,
)
from issgaze.simulated.elementsource import element_record
from issgaze.simulated.limb import limb_table
from issgaze.simulated.scenario import Scenario
from issgaze.simulated.sun import sun_km, sun_margin_rad

_LIGHT_KM_PER_S = 299792.458


@dataclass(frozen=True, slots=True, kw_only=True)
class Sightings:
    """A satellite as seen from the roof at many instants, arrays of shape (n,) or (n, 3).

    Attributes:
        directions: Apparent unit vectors (east, north, up), refraction included.
        range_km: Distance.
        light_rgb: Part of full sunlight that reaches it past the Earth's limb, red, green, blue.
        magnitude: Visual, extinction included; inf without light.
    """

    directions: Float64Array
    range_km: Float64Array
    light_rgb: Float64Array
    magnitude: Float64Array

    @property
    def light(self) -> Float64Array:
        """Part of full sunlight that is left in green, 0 to 1."""
        return np.asarray(self.light_rgb[:, 1])


class Station:
    """The scenario's satellite."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._satellite = satellite(element_record(scenario))
        self._site = site_km(scenario.site)
        self._axes = local_axes(scenario.site)

    def see(self, start: datetime, seconds: Float64Array) -> Sightings:
        """Return the satellite at instants `seconds` after `start`."""
        scenario = self._scenario
        moment = Moment.of(start, ut1_minus_utc_s=scenario.site.ut1_minus_utc_s)
        position, velocity = self._teme(start, seconds - scenario.station.along_track_s)
        turn = gmst_1982_rad(moment.ut1_days + seconds / SECONDS_PER_DAY)
        observer = _turned(np.broadcast_to(self._site, position.shape), turn)
        # seen where it was when the light left it
        delay = np.linalg.norm(position - observer, axis=-1) / _LIGHT_KM_PER_S
        position = position - velocity * delay[:, np.newaxis]
        line = position - observer
        distance = np.linalg.norm(line, axis=-1)
        fixed = _turned(line / distance[:, np.newaxis], -turn)
        directions = raised(turned(fixed, self._axes))
        # TEME and the true equator of date differ by half an arcminute at most: nothing to shadows
        sun = sun_km(moment)
        center_km = float(np.linalg.norm(position, axis=-1).mean())
        light = limb_table(center_km).at(sun_margin_rad(position, sun))
        magnitude = self._magnitude(line, distance, sun, light[:, 1], directions[:, 2])
        return Sightings(
            directions=directions, range_km=distance, light_rgb=light, magnitude=magnitude
        )

    def _teme(self, start: datetime, seconds: Float64Array) -> tuple[Float64Array, Float64Array]:
        whole, fraction = julian_date(start)
        dates = np.full(seconds.shape, whole)
        error, position, velocity = self._satellite.sgp4_array(
            dates, fraction + seconds / SECONDS_PER_DAY
        )
        if np.any(error):
            raise ScenarioError(
                f"the element set gives no place at {later(start, float(seconds[0]))}",
                remedy="Start the scenario within a few days of the set's epoch.",
            )
        return position, velocity

    def _magnitude(
        self,
        line: Float64Array,
        distance: Float64Array,
        sun: Float64Array,
        light: Float64Array,
        sine_altitude: Float64Array,
    ) -> Float64Array:
        """Return magnitudes: a diffuse sphere, the standard one at 1000 km and half phase."""
        cosine = -(line * sun).sum(axis=-1) / (distance * float(np.linalg.norm(sun)))
        phase = np.arccos(np.clip(cosine, -1.0, 1.0))
        # the phase angle at the satellite is that between the Sun and the observer
        shape = np.maximum(np.sin(phase) + (np.pi - phase) * np.cos(phase), 1e-9)
        with np.errstate(divide="ignore"):
            faint = -2.5 * np.log10(shape * light)
        lost = self._scenario.sky.extinction_mag * airmass(sine_altitude)
        standard = self._scenario.station.standard_mag
        return np.asarray(standard + 5.0 * np.log10(distance / 1000.0) + faint + lost)


def satellite(record: dict[str, Any]) -> Satrec:
    """Return SGP4's own object of an OMM record."""
    fields = {key: str(value) for key, value in record.items()}
    fields["EPOCH"] = fields["EPOCH"].rstrip("Z")
    model = Satrec()
    omm.initialize(model, fields)
    return model


def _turned(vectors: Float64Array, angle_rad: Float64Array) -> Float64Array:
    """Return vectors turned about the pole, counter-clockwise for a positive angle."""
    c, s = np.cos(angle_rad), np.sin(angle_rad)
    x, y, z = vectors[:, 0], vectors[:, 1], vectors[:, 2]
    return np.stack((c * x - s * y, s * x + c * y, z), axis=-1)


def sun_altitude_deg(scenario: Scenario, instant: datetime) -> float:
    """Return the Sun's geometric altitude."""
    return math.degrees(math.asin(float(sun_direction(scenario, instant)[2])))


def sun_direction(scenario: Scenario, instant: datetime) -> Float64Array:
    """Return the Sun's geometric direction (east, north, up)."""
    from issgaze.simulated.earth import gast_rad

    moment = Moment.of(instant, ut1_minus_utc_s=scenario.site.ut1_minus_utc_s)
    sun = sun_km(moment)
    fixed = _turned((sun / np.linalg.norm(sun))[np.newaxis], np.array([-gast_rad(moment)]))
    return np.asarray((fixed @ local_axes(scenario.site).T)[0])
