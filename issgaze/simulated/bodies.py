"""The Moon and the planets of the simulator: places and brightness, its own short theories."""

import math
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from issgaze.arrays import Float64Array
from issgaze.simulated.earth import (
    Moment,
    gast_rad,
    local_axes,
    nutation_rad,
    obliquity_rad,
    raised,
    rotation_z,
    site_km,
)
from issgaze.simulated.scenario import Scenario
from issgaze.simulated.sun import AU_KM, sun_km

_MOON_RADIUS_KM = 1737.4
_MOON_MEAN_KM = 385000.56
# Meeus, Astronomical Algorithms (1998), tables 47.A and 47.B, their largest terms: multiples of
# D, M, M' and F with longitude (sine, degrees) and distance (cosine, km); then latitude (sine).
_MOON_LONGITUDE = np.array(
    [
        [0, 0, 1, 0, 6.288774, -20905.355],
        [2, 0, -1, 0, 1.274027, -3699.111],
        [2, 0, 0, 0, 0.658314, -2955.968],
        [0, 0, 2, 0, 0.213618, -569.925],
        [0, 1, 0, 0, -0.185116, 48.888],
        [0, 0, 0, 2, -0.114332, -3.149],
        [2, 0, -2, 0, 0.058793, 246.158],
        [2, -1, -1, 0, 0.057066, -152.138],
        [2, 0, 1, 0, 0.053322, -170.733],
        [2, -1, 0, 0, 0.045758, -204.586],
        [0, 1, -1, 0, -0.040923, -129.620],
        [1, 0, 0, 0, -0.034720, 108.743],
        [0, 1, 1, 0, -0.030383, 104.755],
        [2, 0, 0, -2, 0.015327, 10.321],
    ]
)
_MOON_LATITUDE = np.array(
    [
        [0, 0, 0, 1, 5.128122],
        [0, 0, 1, 1, 0.280602],
        [0, 0, 1, -1, 0.277693],
        [2, 0, 0, -1, 0.173237],
        [2, 0, -1, 1, 0.055413],
        [2, 0, -1, -1, 0.046271],
        [2, 0, 0, 1, 0.032573],
        [0, 0, 2, 1, 0.017198],
    ]
)
# Standish, "Keplerian elements for approximate positions of the major planets" (JPL), 1800-2050:
# a (au), e, i, mean longitude, longitude of perihelion, node (degrees), then their rates a century
_EARTH = (
    (1.00000261, 0.01671123, -0.00001531, 100.46457166, 102.93768193, 0.0),
    (0.00000562, -0.00004392, -0.01294668, 35999.37244981, 0.32327364, 0.0),
)
_PLANETS = {
    "Mercury": (
        (0.38709927, 0.20563593, 7.00497902, 252.25032350, 77.45779628, 48.33076593),
        (0.00000037, 0.00001906, -0.00594749, 149472.67411175, 0.16047689, -0.12534081),
    ),
    "Venus": (
        (0.72333566, 0.00677672, 3.39467605, 181.97909950, 131.60246718, 76.67984255),
        (0.00000390, -0.00004107, -0.00078890, 58517.81538729, 0.00268329, -0.27769418),
    ),
    "Mars": (
        (1.52371034, 0.09339410, 1.84969142, -4.55343205, -23.94362959, 49.55953891),
        (0.00001847, 0.00007882, -0.00813131, 19140.30268499, 0.44441088, -0.29257343),
    ),
    "Jupiter": (
        (5.20288700, 0.04838624, 1.30439695, 34.39644051, 14.72847983, 100.47390909),
        (-0.00011607, -0.00013253, -0.00183714, 3034.74612775, 0.21252668, 0.20469106),
    ),
    "Saturn": (
        (9.53667594, 0.05386179, 2.48599187, 49.95424423, 92.59887831, 113.66242448),
        (-0.00125060, -0.00050991, 0.00193609, 1222.49362201, -0.41897216, -0.28867794),
    ),
}
PLANETS = tuple(_PLANETS)
# Visual magnitudes at 1 au from both: constant and terms of the phase angle in degrees (Mueller's
# law in Meeus, chapter 41; Saturn without the changing tilt of its rings).
_MAGNITUDE = {
    "Mercury": (-0.42, 0.0380, -0.000273, 2e-6),
    "Venus": (-4.40, 0.0009, 0.000239, -6.5e-7),
    "Mars": (-1.52, 0.016, 0.0, 0.0),
    "Jupiter": (-9.40, 0.005, 0.0, 0.0),
    "Saturn": (-8.88, 0.044, 0.0, 0.0),
}
# B-V of the sunlight that they send back
PLANET_BV = {"Mercury": 0.93, "Venus": 0.82, "Mars": 1.36, "Jupiter": 0.83, "Saturn": 1.04}


@dataclass(frozen=True, slots=True, kw_only=True)
class MoonSight:
    """The Moon as it stands over the roof.

    Attributes:
        direction: Apparent unit vector (east, north, up), refraction included.
        sunward: Unit vector from the Moon to the Sun, east, north, up.
        radius_rad: Apparent.
        phase_angle_deg: 0 full, 180 new.
        magnitude: V, without air.
    """

    direction: Float64Array
    sunward: Float64Array
    radius_rad: float
    phase_angle_deg: float
    magnitude: float

    @property
    def illuminated(self) -> float:
        """Part of the disc in sunlight."""
        return 0.5 * (1.0 + math.cos(math.radians(self.phase_angle_deg)))


def moon_km(moment: Moment) -> Float64Array:
    """Return the Moon from the Earth's centre, true equator of date: within 0.05 degrees."""
    t = moment.tt_centuries
    elongation, sun, anomaly, node = np.radians(
        [
            297.8501921 + 445267.1114034 * t,
            357.5291092 + 35999.0502909 * t,
            134.9633964 + 477198.8675055 * t,
            93.2720950 + 483202.0175233 * t,
        ]
    )
    arguments = np.array([elongation, sun, anomaly, node])
    angles = (_MOON_LONGITUDE[:, :4] * arguments).sum(axis=1)
    longitude = 218.3164477 + 481267.88123421 * t
    longitude += float(np.sum(_MOON_LONGITUDE[:, 4] * np.sin(angles)))
    distance = _MOON_MEAN_KM + float(np.sum(_MOON_LONGITUDE[:, 5] * np.cos(angles)))
    across = (_MOON_LATITUDE[:, :4] * arguments).sum(axis=1)
    latitude = float(np.sum(_MOON_LATITUDE[:, 4] * np.sin(across)))
    nutation, tilt = nutation_rad(t)
    return distance * _equatorial(
        math.radians(longitude) + nutation, math.radians(latitude), obliquity_rad(t) + tilt
    )


def moon_sight(scenario: Scenario, instant: datetime) -> MoonSight:
    """Return the Moon over a scenario's roof, parallax included."""
    moment = Moment.of(instant, ut1_minus_utc_s=scenario.site.ut1_minus_utc_s)
    axes = local_axes(scenario.site)
    turn = axes @ rotation_z(gast_rad(moment))
    here = axes @ site_km(scenario.site)
    line = turn @ moon_km(moment) - here
    sun = turn @ sun_km(moment) - here
    distance = float(np.linalg.norm(line))
    sunward = (sun - line) / float(np.linalg.norm(sun - line))
    phase = math.degrees(math.acos(float(np.clip(-(sunward @ line) / distance, -1.0, 1.0))))
    return MoonSight(
        direction=raised((line / distance)[np.newaxis])[0],
        sunward=sunward,
        radius_rad=_MOON_RADIUS_KM / distance,
        phase_angle_deg=phase,
        magnitude=moon_magnitude(phase, distance),
    )


def moon_magnitude(phase_angle_deg: float, distance_km: float = 384400.0) -> float:
    """Return V of the Moon (Allen's law, as in Krisciunas & Schaefer, PASP 103 (1991) 1033)."""
    phase = abs(phase_angle_deg)
    law = -12.73 + 0.026 * phase + 4e-9 * phase**4
    return law + 5.0 * math.log10(distance_km / 384400.0)


def planets_of_date(moment: Moment) -> tuple[Float64Array, Float64Array]:
    """Return unit vectors of the planets in the order of PLANETS and their magnitudes.

    True equator of date, light time included; within 0.1 degrees from 1950 to 2050.
    """
    t = moment.tt_centuries
    earth = _heliocentric(_EARTH, t)
    nutation, tilt = nutation_rad(t)
    # the elements are those of the equinox of J2000.0
    precession = math.radians(1.39697 * t)
    obliquity = obliquity_rad(t) + tilt
    places: list[Float64Array] = []
    magnitudes: list[float] = []
    for name, elements in _PLANETS.items():
        planet = _heliocentric(elements, t)
        delay = float(np.linalg.norm(planet - earth)) * AU_KM / 299792.458 / 86400.0 / 36525.0
        planet = _heliocentric(elements, t - delay)
        # the Earth's aberration is that of light time seen the other way round
        line = planet - _heliocentric(_EARTH, t - delay)
        far, sun_far = float(np.linalg.norm(line)), float(np.linalg.norm(planet))
        phase = math.degrees(math.acos(float(np.clip(line @ planet / (far * sun_far), -1, 1))))
        longitude = math.atan2(line[1], line[0]) + precession + nutation
        places.append(_equatorial(longitude, math.asin(line[2] / far), obliquity))
        base, *terms = _MAGNITUDE[name]
        law = sum(term * phase ** (power + 1) for power, term in enumerate(terms))
        magnitudes.append(base + law + 5.0 * math.log10(far * sun_far))
    return np.stack(places), np.array(magnitudes)


def _heliocentric(
    elements: tuple[tuple[float, ...], tuple[float, ...]], centuries: float
) -> Float64Array:
    """Return a planet's place in au, ecliptic of J2000.0."""
    axis, e, i, mean, perihelion, node = (
        value + rate * centuries for value, rate in zip(*elements, strict=True)
    )
    anomaly = math.radians((mean - perihelion + 180.0) % 360.0 - 180.0)
    eccentric = anomaly + e * math.sin(anomaly)
    for _ in range(8):
        miss = eccentric - e * math.sin(eccentric) - anomaly
        eccentric -= miss / (1.0 - e * math.cos(eccentric))
    x = axis * (math.cos(eccentric) - e)
    y = axis * math.sqrt(1.0 - e * e) * math.sin(eccentric)
    argument, ascending, tilt = (math.radians(a) for a in (perihelion - node, node, i))
    along = x * math.cos(argument) - y * math.sin(argument)
    up = x * math.sin(argument) + y * math.cos(argument)
    level, height = up * math.cos(tilt), up * math.sin(tilt)
    c, s = math.cos(ascending), math.sin(ascending)
    return np.array([along * c - level * s, along * s + level * c, height])


def _equatorial(longitude: float, latitude: float, obliquity: float) -> Float64Array:
    c, s = math.cos(obliquity), math.sin(obliquity)
    x = math.cos(latitude) * math.cos(longitude)
    y = math.cos(latitude) * math.sin(longitude)
    z = math.sin(latitude)
    return np.array([x, y * c - z * s, y * s + z * c])
