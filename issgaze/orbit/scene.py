"""One satellite over one site under Sun and Moon, as functions of seconds."""

from datetime import datetime

import numpy as np

from issgaze.arrays import Float64Array
from issgaze.civil import JulianDates
from issgaze.orbit.brightness import phase_angle_rad, visual_magnitude
from issgaze.orbit.illumination import sun_margin_rad
from issgaze.orbit.limb import limb_distance_km, limb_light
from issgaze.orbit.propagate import Propagator
from issgaze.sky.almanac import Almanac
from issgaze.sky.coordinates import altaz_from_enu
from issgaze.sky.moon import illuminated_fraction
from issgaze.sky.refraction import refract_deg
from issgaze.sky.site import Site
from issgaze.sky.topocentre import enu_from_teme


class Scene:
    """Everything a search asks, each answer of the shape of the seconds it is given.

    Instants that SGP4 refuses count as below the horizon and unlit.
    """

    def __init__(
        self, propagator: Propagator, site: Site, start: datetime, almanac: Almanac
    ) -> None:
        self._propagator = propagator
        self.site = site
        self.start = start
        self.almanac = almanac
        self._limb = limb_light(limb_distance_km(propagator.elements))

    @property
    def norad_id(self) -> int:
        """The satellite's catalogue number."""
        return self._propagator.elements.norad_id

    @property
    def period_s(self) -> float:
        """The time of one revolution in seconds."""
        return self._propagator.period_s

    def dates(self, seconds: Float64Array) -> JulianDates:
        """Return the instants as Julian dates."""
        return JulianDates.after(self.start, seconds)

    def position_km(self, seconds: Float64Array) -> Float64Array:
        """Return TEME positions in km, shape (..., 3), NaN where SGP4 refuses."""
        position, _sound = self._propagator.positions_km(self.dates(seconds))
        return position

    def relative_km(self, seconds: Float64Array) -> Float64Array:
        """Return vectors in km (east, north, up) from the site, shape (..., 3)."""
        return enu_from_teme(self.position_km(seconds), self.site, self.dates(seconds))

    def altitude_sine(self, seconds: Float64Array) -> Float64Array:
        """Return the sine of the true altitude, -1 where SGP4 refuses."""
        relative = self.relative_km(seconds)
        sine = relative[..., 2] / np.sqrt(np.sum(relative * relative, axis=-1))
        return np.asarray(np.nan_to_num(sine, nan=-1.0), dtype=np.float64)

    def sun_altitude_deg(self, seconds: Float64Array) -> Float64Array:
        """Return the Sun's geometric altitude in degrees."""
        sun = enu_from_teme(self.almanac.sun_km(seconds), self.site, self.dates(seconds))
        return altaz_from_enu(sun)[0]

    def apparent(self, seconds: Float64Array) -> tuple[Float64Array, Float64Array, Float64Array]:
        """Return apparent altitude_deg, azimuth_deg and range_km."""
        relative = self.relative_km(seconds)
        altitude, azimuth = altaz_from_enu(relative)
        return refract_deg(altitude), azimuth, np.linalg.norm(relative, axis=-1)

    def magnitude(self, seconds: Float64Array, standard_magnitude: float) -> Float64Array:
        """Return the visual magnitude with phase, range, fade and extinction."""
        relative = self.relative_km(seconds)
        sun = self.almanac.sun_km(seconds)
        return visual_magnitude(
            np.linalg.norm(relative, axis=-1),
            phase_angle_rad(relative, enu_from_teme(sun, self.site, self.dates(seconds))),
            refract_deg(altaz_from_enu(relative)[0]),
            self._limb.at(self.margin_rad(seconds)[0]),
            standard_magnitude=standard_magnitude,
        )

    def moon_altitude_deg(self, seconds: Float64Array) -> Float64Array:
        """Return the Moon's apparent altitude in degrees, parallax included."""
        return refract_deg(altaz_from_enu(self._moon_km(seconds))[0])

    def moon_illuminated(self, seconds: Float64Array) -> Float64Array:
        """Return the sunlit part of the Moon's disc, 0 to 1."""
        return illuminated_fraction(self.almanac.moon_km(seconds), self.almanac.sun_km(seconds))

    def moon_cosine(self, seconds: Float64Array) -> Float64Array:
        """Return the cosine of the angle between the satellite and the Moon."""
        moon, satellite = self._moon_km(seconds), self.relative_km(seconds)
        return np.asarray(
            np.sum(moon * satellite, axis=-1)
            / (np.linalg.norm(moon, axis=-1) * np.linalg.norm(satellite, axis=-1))
        )

    def _moon_km(self, seconds: Float64Array) -> Float64Array:
        return enu_from_teme(self.almanac.moon_km(seconds), self.site, self.dates(seconds))

    def margin_rad(self, seconds: Float64Array) -> tuple[Float64Array, Float64Array]:
        """Return the Sun's centre above the limb, seen from the satellite, and its radius."""
        margin, radius = sun_margin_rad(self.position_km(seconds), self.almanac.sun_km(seconds))
        return np.nan_to_num(margin, nan=-np.pi), radius

    def half_light_margin_rad(self, seconds: Float64Array) -> Float64Array:
        """Return how far the satellite is from half light, positive towards full light."""
        return self.margin_rad(seconds)[0] - self._limb.half_rad

    def umbra_margin_rad(self, seconds: Float64Array) -> Float64Array:
        """Return the Sun's upper edge above the solid limb: negative in the umbra."""
        margin, radius = self.margin_rad(seconds)
        return margin + radius

    def full_light_margin_rad(self, seconds: Float64Array) -> Float64Array:
        """Return how far the satellite is inside full light, of which the limb takes nothing."""
        return self.margin_rad(seconds)[0] - self._limb.full_rad

    def no_light_margin_rad(self, seconds: Float64Array) -> Float64Array:
        """Return how far the satellite is outside of no light worth mentioning."""
        return self.margin_rad(seconds)[0] - self._limb.none_rad
