"""Places with coordinates and time zones, offline, for whoever sets a device up."""

import gzip
import math
import unicodedata
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
    name, country, latitude, longitude, zone, *others = line.split("\t")
    return City(
        name=name,
        country=countries.get(country, country),
        latitude_deg=float(latitude),
        longitude_deg=float(longitude),
        time_zone=zones[int(zone)],
        others=tuple(others[0].split("|")) if others else (),
    )


def find_cities(text: str, *, most: int = 9) -> list[City]:
    """Return the places that a text may mean, the likeliest first.

    Args:
        text: A name or its beginning, a country may follow after a comma; accents do not matter.
        most: How many at most.
    """
    wanted, _, country = (plain(part.strip()) for part in text.partition(","))
    if not wanted:
        return []
    whole: list[City] = []
    begun: list[City] = []
    for city in cities():
        if not plain(city.country).startswith(country):
            continue
        names = [plain(city.name), *(plain(other) for other in city.others)]
        if wanted in names:
            whole.append(city)
        elif names[0].startswith(wanted):
            begun.append(city)
    return (whole + begun)[:most]


def nearest_city(latitude_deg: float, longitude_deg: float) -> City:
    """Return the place nearest to a point, for its time zone."""
    scale = math.cos(math.radians(latitude_deg))

    def away(city: City) -> float:
        east = (city.longitude_deg - longitude_deg + 180.0) % 360.0 - 180.0
        return math.hypot(city.latitude_deg - latitude_deg, east * scale)

    return min(cities(), key=away)


def plain(name: str) -> str:
    """Return a name without accents, in small letters."""
    spread = unicodedata.normalize("NFKD", name)
    return "".join(each for each in spread if not unicodedata.combining(each)).casefold()
