"""Real element sets that need no file."""

import pytest

from issgaze.civil import parse_utc
from issgaze.orbit.elements import ElementSet


@pytest.fixture(scope="session")
def iss() -> ElementSet:
    """The station on 2024-05-09, the set that ships with the package."""
    return ElementSet(
        norad_id=25544,
        name="ISS (ZARYA)",
        cospar_id="1998-067A",
        epoch=parse_utc("2024-05-09T08:48:19.938816"),
        mean_motion_rev_per_day=15.51043222,
        eccentricity=0.0003466,
        inclination_deg=51.6381,
        raan_deg=147.859,
        arg_of_perigee_deg=150.467,
        mean_anomaly_deg=338.5502,
        bstar=0.00027777,
    )
