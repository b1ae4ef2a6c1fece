"""One set of mean orbital elements (GP data) of one satellite."""

from dataclasses import dataclass
from datetime import datetime

ISS_NORAD_ID = 25544


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementSet:
    """Mean elements for SGP4, named and measured as in a CCSDS orbit mean-elements message.

    Attributes:
        norad_id: Catalogue number, 1 to 999999999.
        name: Object name as the source gives it.
        cospar_id: International designator such as 1998-067A, empty if unknown.
        epoch: Instant of the elements (UTC).
        mean_motion_rev_per_day: Kozai mean motion in revolutions a day.
        eccentricity: 0 to below 1.
        inclination_deg, raan_deg, arg_of_perigee_deg, mean_anomaly_deg: Angles, TEME of epoch.
        bstar: Drag term in 1/Earth radii.
        mean_motion_dot: First derivative of the mean motion over 2, rev/day^2.
        mean_motion_ddot: Second derivative of the mean motion over 6, rev/day^3.
        element_set_no, rev_at_epoch: Counters of the source.
        source: Where it came from, for people: a file name or a host.
    """

    norad_id: int
    name: str
    cospar_id: str
    epoch: datetime
    mean_motion_rev_per_day: float
    eccentricity: float
    inclination_deg: float
    raan_deg: float
    arg_of_perigee_deg: float
    mean_anomaly_deg: float
    bstar: float
    mean_motion_dot: float = 0.0
    mean_motion_ddot: float = 0.0
    element_set_no: int = 999
    rev_at_epoch: int = 0
    source: str = ""
