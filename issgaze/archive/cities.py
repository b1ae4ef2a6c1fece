"""Places with coordinates and time zones, offline, for whoever sets a device up."""

import gzip
import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

_FILE = "cities.txt.gz"


@dataclass(frozen=True, slots=True, kw_only=True)
class City:
    """A place.

    Attributes:
        name: In English, as GeoNames has it.
        country: Its country in English.
        state: Its state, where that has a name of its own here: in the United States.
        latitude_deg: Of its middle, to 0.001 deg.
        longitude_deg: East positive.
        time_zone: IANA name.
        others: Further names in Latin letters.
    """

    name: str
    country: str
    latitude_deg: float
    longitude_deg: float
    time_zone: str
    others: tuple[str, ...]
    state: str = ""

    @property
    def label(self) -> str:
        """The name with what it lies in, as people write it."""
        return ", ".join(part for part in (self.name, self.state, self.country) if part)

    def is_called(self, text: str) -> bool:
        """Return whether a text, without what follows a comma, is one of its names."""
        wanted = plain(text.partition(",")[0].strip())
        return wanted in {plain(self.name), *(plain(other) for other in self.others)}


@cache
def cities() -> tuple[City, ...]:
    """Return all places above 15,000 people, the largest first."""
    data = resources.files("issgaze.data").joinpath(_FILE).read_bytes()
    zones, countries, *lines = gzip.decompress(data).decode().splitlines()
    zone_names = zones.split("\t")
    country_names = dict(each.split("=", 1) for each in countries.split("\t"))
    return tuple(_city(line, zone_names, country_names) for line in lines)


def _city(line: str, zones: list[str], countries: dict[str, str]) -> City:
    name, region, latitude, longitude, zone, *others = line.split("\t")
    country = region.partition("-")[0]
    return City(
        name=name,
        country=countries.get(country, country),
        state=countries[region] if region != country else "",
        latitude_deg=float(latitude),
        longitude_deg=float(longitude),
        time_zone=zones[int(zone)],
        others=tuple(others[0].split("|")) if others else (),
    )


def find_cities(text: str, *, most: int = 9) -> list[City]:
    """Return the places that a text may mean, the likeliest first.

    Args:
        text: A name or its beginning, a country or state may follow after a comma; accents do not
            matter.
        most: How many at most.
    """
    wanted, _, country = (plain(part.strip()) for part in text.partition(","))
    # Springfield, Illinois, United States: the state says it all
    country = country.partition(",")[0].strip()
    if not wanted:
        return []
    whole: list[City] = []
    begun: list[City] = []
    for city in cities():
        if not any(plain(part).startswith(country) for part in (city.country, city.state)):
            continue
        names = [plain(city.name), *(plain(other) for other in city.others)]
        if wanted in names:
            whole.append(city)
        elif names[0].startswith(wanted):
            begun.append(city)
    return (whole + begun)[:most]


def labels(places: Sequence[City]) -> list[str]:
    """Return the labels of some places; namesakes are told apart by the largest place nearby."""
    plainly = [city.label for city in places]
    return [
        f"{label}, near {_large_neighbour(city)}" if plainly.count(label) > 1 else label
        for city, label in zip(places, plainly, strict=True)
    ]


def _large_neighbour(city: City) -> str:
    """Return the name of the largest other place within a degree, else of the nearest.

    The list is in order of size.
    """
    others = [one for one in cities() if one.name != city.name]
    near = next((one for one in others if _away_deg(one, city) < 1.0), None)
    return (near or min(others, key=lambda one: _away_deg(one, city))).name


def _away_deg(one: City, other: City) -> float:
    return _distance_deg(one, other.latitude_deg, other.longitude_deg)


def _distance_deg(city: City, latitude_deg: float, longitude_deg: float) -> float:
    """Return about how far a place is from a point: good enough to compare."""
    east = (city.longitude_deg - longitude_deg + 180.0) % 360.0 - 180.0
    return math.hypot(city.latitude_deg - latitude_deg, east * math.cos(math.radians(latitude_deg)))


def nearest_city(latitude_deg: float, longitude_deg: float) -> City:
    """Return the place nearest to a point, for its time zone."""
    return min(cities(), key=lambda city: _distance_deg(city, latitude_deg, longitude_deg))


def plain(name: str) -> str:
    """Return a name without accents, in small letters."""
    spread = unicodedata.normalize("NFKD", name)
    return "".join(each for each in spread if not unicodedata.combining(each)).casefold()
