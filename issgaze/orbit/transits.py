"""How near a satellite comes to Sun and Moon, and where it may cross their faces."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from issgaze.arrays import Float64Array
from issgaze.civil import later
from issgaze.orbit.arcs import Arcs
from issgaze.orbit.passes import Transit
from issgaze.orbit.roots import refine_maxima
from issgaze.orbit.scene import Scene
from issgaze.sky.sun import SUN_RADIUS_KM

_SAMPLES = 13
_RADIUS_KM = {"sun": SUN_RADIUS_KM, "moon": 1737.4}
_BODY = {"sun": Scene.sun_local_km, "moon": Scene.moon_local_km}
# A site given to 0.001 deg is known to 80 m, and a fresh element set strays some 300 m across its
# path; an old one strays more, but foremost along it.
_ACROSS_KM = 0.4
# an error beyond this says nothing of a disc half a degree wide
_LARGEST_ERROR_DEG = 0.5
# Sun and Moon cross the sky this fast while a satellite is late
_SKY_DEG_PER_S = 15.0 / 3600.0
# nearest sample to a body within this: a satellite overhead moves 1.2 deg in a second
_NEAR_COSINE = math.cos(math.radians(40.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Approach:
    """Least separation from a body in arcs: which arc, seconds and degrees, shape (n,)."""

    arc: NDArray[np.intp]
    when_s: Float64Array
    separation_deg: Float64Array


def approach_moon(scene: Scene, arcs: Arcs) -> Approach:
    """Return the least separation of the satellite from the Moon in each arc."""
    return _approach(scene, arcs, scene.moon_local_km, np.arange(arcs.culmination_s.size), -2.0)


def _approach(
    scene: Scene,
    arcs: Arcs,
    body_km: Callable[[Float64Array], Float64Array],
    chosen: NDArray[np.intp],
    near_cosine: float,
) -> Approach:
    """Return the least separations in chosen arcs, where the nearest sample is near enough."""
    rise, setting = arcs.rise_s[chosen], arcs.set_s[chosen]
    length = (setting - rise)[:, np.newaxis]
    times = rise[:, np.newaxis] + length * np.linspace(0.0, 1.0, _SAMPLES)
    # Sun and Moon hardly move in an arc: to find the nearest sample their places at the top will do
    there = body_km(arcs.culmination_s[chosen])[:, np.newaxis]
    cosine = _cosine(there, scene.ephemeris.relative_km(times))
    best = np.argmax(cosine, axis=1)
    rows = np.flatnonzero(cosine[np.arange(len(times)), best] > near_cosine)

    near_s = times[rows, best[rows]]
    # for the minute about the nearest sample it moves straight on, within an arcsecond
    place = body_km(near_s)
    rate = body_km(near_s + 1.0) - place

    def closeness(seconds: Float64Array) -> Float64Array:
        body = place + rate * (seconds - near_s)[..., np.newaxis]
        return _cosine(body, scene.ephemeris.relative_km(seconds))

    when = refine_maxima(closeness, near_s, float(np.max(length, initial=0.0)) / (_SAMPLES - 1))
    when = np.clip(when, rise[rows], setting[rows])
    apart = np.degrees(np.arccos(np.clip(closeness(when), -1.0, 1.0)))
    return Approach(arc=chosen[rows], when_s=when, separation_deg=np.asarray(apart))


def _cosine(one: Float64Array, other: Float64Array) -> Float64Array:
    dot = np.einsum("...i,...i", one, other)
    squares = np.einsum("...i,...i", one, one) * np.einsum("...i,...i", other, other)
    return np.asarray(dot / np.sqrt(squares), dtype=np.float64)


def transits(
    scene: Scene, arcs: Arcs, moon: Approach, uncertainty_s: Sequence[float]
) -> list[tuple[Transit, ...]]:
    """Return for each arc what crosses Sun and Moon within the error of the site."""
    found: list[list[Transit]] = [[] for _ in range(arcs.culmination_s.size)]
    day = np.flatnonzero(scene.sun_altitude_deg(arcs.culmination_s) > -1.0)
    sun = _approach(scene, arcs, scene.sun_local_km, day, _NEAR_COSINE)
    late_deg = _SKY_DEG_PER_S * np.array(uncertainty_s)
    for body, approach in (("sun", sun), ("moon", moon)):
        # no satellite is nearer than 150 km
        reach_deg = 0.3 + math.degrees(_ACROSS_KM / 150.0) + late_deg[approach.arc]
        for row in np.flatnonzero(approach.separation_deg < reach_deg).tolist():
            number, when = int(approach.arc[row]), approach.when_s[row : row + 1]
            radius_deg = math.degrees(_RADIUS_KM[body] / _far(_BODY[body](scene, when)))
            error_deg = math.degrees(_ACROSS_KM / _far(scene.ephemeris.relative_km(when)))
            error_deg += float(late_deg[number])
            apart_deg = float(approach.separation_deg[row])
            if apart_deg < radius_deg + error_deg and error_deg < _LARGEST_ERROR_DEG:
                found[number].append(
                    Transit(
                        body="sun" if body == "sun" else "moon",
                        utc=later(scene.start, float(when[0])),
                        separation_deg=apart_deg,
                        radius_deg=radius_deg,
                        error_deg=error_deg,
                    )
                )
    return [tuple(each) for each in found]


def _far(vectors_km: Float64Array) -> float:
    return float(np.linalg.norm(vectors_km))
