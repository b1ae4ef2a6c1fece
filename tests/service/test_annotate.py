"""What the overlay names is where the sky has it: against Skyfield's stars and constellations."""

import numpy as np
import pytest

from issgaze.archive.starcatalogue import constellation_places, load_catalogue


def test_the_middle_of_each_constellation_lies_in_it():
    from skyfield.api import load_constellation_map, position_of_radec

    names, places = constellation_places()
    within = load_constellation_map()
    codes = [
        within(position_of_radec(ra / 15.0, dec))
        for ra, dec in zip(places.ra_deg, places.dec_deg, strict=True)
    ]
    assert len(names) == 89
    assert len(set(codes)) == 88
    known = dict(zip(names, codes, strict=True))
    assert known["Orion"] == "Ori"
    assert known["Ophiuchus"] == "Oph"
    assert known["Crux"] == "Cru"
    assert known["Serpens Caput"] == known["Serpens Cauda"] == "Ser"


@pytest.mark.parametrize(
    ("name", "ra_deg", "dec_deg"),
    [("Vega", 279.235, 38.784), ("Antares", 247.352, -26.432), ("Polaris", 37.955, 89.264)],
)
def test_a_named_star_stands_at_its_published_place(name: str, ra_deg: float, dec_deg: float):
    catalogue = load_catalogue(faintest=3.0)
    hip = next(number for number, held in catalogue.names.items() if held == name)
    (place,) = np.flatnonzero(catalogue.hip == hip)
    assert catalogue.places.ra_deg[place] == pytest.approx(ra_deg, abs=0.01)
    assert catalogue.places.dec_deg[place] == pytest.approx(dec_deg, abs=0.002)
