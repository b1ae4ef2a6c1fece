"""One satellite over one site under Sun and Moon, as functions of seconds."""

from datetime import datetime

import numpy as np

from issgaze.arrays import Float64Array
from issgaze.orbit.brightness import phase_angle_rad, visual_magnitude
from issgaze.orbit.elements import ElementSet
from issgaze.orbit.ephemeris import Ephemeris
from issgaze.orbit.illumination import sun_margin_rad
from issgaze.orbit.limb import limb_distance_km, limb_light
from issgaze.sky.almanac import Almanac
from issgaze.sky.coordinates import altaz_from_enu
from issgaze.sky.moon import illuminated_fraction
from issgaze.sky.refraction import refract_deg
from issgaze.sky.site import Site
from issgaze.sky.topocentre import enu_of_position


class Scene:
    """Everything a search asks, each answer of the shape of the seconds it is given.

    Instants that SGP4 refuses count as below the horizon and unlit.
    """

    def __init__(
        self, elements: ElementSet, ephemeris: Ephemeris, site: Site, almanac: Almanac
    ) -> None:
        self.norad_id = elements.norad_id
        self.ephemeris = ephemeris
        self._site = site
        self._almanac = almanac
        self.limb = limb_light(limb_distance_km(elements))

    @property
    def start(self) -> datetime:
        """The instant that seconds count from."""
        return self._almanac.start

    def altitude_sine(self, seconds: Float64Array) -> Float64Array:
        """Return the sine of the true altitude, -1 where SGP4 refuses."""
        relative = self.ephemeris.relative_km(seconds)
        sine = relative[..., 2] / _length(relative)
        return np.where(np.isnan(sine), -1.0, sine)

    def sun_altitude_deg(self, seconds: Float64Array) -> Float64Array:
        """Return the Sun's geometric altitude in degrees."""
        sun = self.sun_local_km(seconds)
        return np.asarray(np.degrees(np.arcsin(sun[..., 2] / _length(sun))), dtype=np.float64)

    def apparent(self, seconds: Float64Array) -> tuple[Float64Array, Float64Array, Float64Array]:
        """Return apparent altitude_deg, azimuth_deg and range_km."""
        relative = self.ephemeris.relative_km(seconds)
        altitude, azimuth = altaz_from_enu(relative)
        return refract_deg(altitude), azimuth, _length(relative)

    def magnitude(self, seconds: Float64Array, standard_magnitude: float) -> Float64Array:
        """Return the visual magnitude with phase, range, fade and extinction."""
        relative = self.ephemeris.relative_km(seconds)
        sun = self.sun_local_km(seconds)
        return visual_magnitude(
            _length(relative),
            phase_angle_rad(relative, sun),
            refract_deg(altaz_from_enu(relative)[0]),
            self.limb.at(self.margin_rad(seconds)[0]),
            standard_magnitude=standard_magnitude,
        )

    def moon_altitude_deg(self, seconds: Float64Array) -> Float64Array:
        """Return the Moon's apparent altitude in degrees, parallax included."""
        return refract_deg(altaz_from_enu(self.moon_local_km(seconds))[0])

    def moon_illuminated(self, seconds: Float64Array) -> Float64Array:
        """Return the sunlit part of the Moon's disc, 0 to 1."""
        return illuminated_fraction(self._almanac.moon_km(seconds), self._almanac.sun_km(seconds))

    def moon_local_km(self, seconds: Float64Array) -> Float64Array:
        """Return the Moon in km (east, north, up) from the site, shape (..., 3)."""
        return self._local(self._almanac.moon_km(seconds), seconds)

    def sun_local_km(self, seconds: Float64Array) -> Float64Array:
        """Return the Sun in km (east, north, up) from the site, shape (..., 3)."""
        return self._local(self._almanac.sun_km(seconds), seconds)

    def _local(self, position_km: Float64Array, seconds: Float64Array) -> Float64Array:
        return enu_of_position(
            position_km, self._site, self._almanac.sidereal_rad(self._site, seconds)
        )

    def margin_rad(self, seconds: Float64Array) -> tuple[Float64Array, Float64Array]:
        """Return the Sun's centre above the limb, seen from the satellite, and its radius."""
        margin, radius = sun_margin_rad(
            self.ephemeris.position_km(seconds), self._almanac.sun_km(seconds)
        )
        return np.where(np.isnan(margin), -np.pi, margin), radius

    def umbra_margin_rad(self, seconds: Float64Array) -> Float64Array:
        """Return the Sun's upper edge above the solid limb: negative in the umbra."""
        margin, radius = self.margin_rad(seconds)
        return margin + radius

    def sun_above_limb_rad(self, seconds: Float64Array) -> Float64Array:
        """Return the Sun's centre above the limb alone."""
        return self.margin_rad(seconds)[0]


def _length(vectors: Float64Array) -> Float64Array:
    return np.asarray(np.sqrt(np.einsum("...i,...i", vectors, vectors)), dtype=np.float64)
