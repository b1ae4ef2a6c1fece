"""The star catalogue that ships with the package."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from issgaze.arrays import Float64Array, Int32Array
from issgaze.sky.stars import StarPlaces

_DATA = Path(__file__).parents[1] / "data"


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """Stars, the brightest first; arrays of shape (n,).

    Attributes:
        places: Where they stand (ICRS).
        magnitude: V.
        bv: Colour index B-V.
        hip: Hipparcos number.
        names: Of bright stars, by Hipparcos number.
    """

    places: StarPlaces
    magnitude: Float64Array
    bv: Float64Array
    hip: Int32Array
    names: dict[int, str]


def load_catalogue(*, faintest: float = 8.0) -> Catalogue:
    """Return the stars that are at least so bright in Hp; 8.0 is all there are, 37,622."""
    with np.load(_DATA / "stars.npz") as held:
        count = int(np.searchsorted(held["hp_mmag"], faintest * 1000.0, side="right"))
        hp, bv = held["hp_mmag"][:count] / 1000.0, held["bv_mmag"][:count] / 1000.0
        places = StarPlaces(
            ra_deg=held["ra_mas"][:count] / 3.6e6,
            dec_deg=held["dec_mas"][:count] / 3.6e6,
            pm_ra_mas=held["pm_ra_mas"][:count].astype(np.float64),
            pm_dec_mas=held["pm_dec_mas"][:count].astype(np.float64),
            epoch_year=float(held["epoch_year"]),
        )
        hip = held["hip"][:count].astype(np.int32)
    names = json.loads((_DATA / "star_names.json").read_text(encoding="utf-8"))
    return Catalogue(
        places=places,
        magnitude=_v_magnitude(hp, bv),
        bv=bv,
        hip=hip,
        names={int(number): name for number, name in names.items()},
    )


def constellation_places() -> tuple[tuple[str, ...], StarPlaces]:
    """Return the names of the constellations and the middle of each."""
    held = json.loads((_DATA / "constellations.json").read_text(encoding="utf-8"))
    middle = np.array(list(held.values()), dtype=np.float64)
    still = np.zeros(len(middle))
    places = StarPlaces(
        ra_deg=middle[:, 0], dec_deg=middle[:, 1], pm_ra_mas=still, pm_dec_mas=still
    )
    return tuple(held), places


def _v_magnitude(hp: Float64Array, bv: Float64Array) -> Float64Array:
    """Return V from Hp.

    A parabola through well-known pairs of both, from Sirius to Betelgeuse; within 0.05 mag up to
    B-V = 1.5, not checked for redder stars.
    """
    colour = np.clip(bv, -0.3, 1.2)
    return np.asarray(hp - (0.27 - 0.13 * colour) * colour, dtype=np.float64)
