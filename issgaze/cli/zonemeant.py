"""Which time zone is meant by a name that is none."""

import difflib
import zoneinfo


def zone_meant(text: str) -> str:
    """Return the IANA zone that a text may mean, empty where none is near.

    That is the one of that name in other letters, else that of the city in it, in any language the
    list of cities knows (Europe/Wien), else the one most alike.
    """
    from issgaze.archive.cities import find_cities, plain

    wanted = "_".join(plain(text.strip().strip("\"'")).split())
    zones = {plain(zone): zone for zone in sorted(zoneinfo.available_timezones())}
    if wanted in zones:
        return zones[wanted]
    place = wanted.rpartition("/")[2].replace("_", " ")
    named = [city for city in find_cities(place) if city.is_called(place)]
    if named:
        return named[0].time_zone
    near = difflib.get_close_matches(wanted, zones, n=1, cutoff=0.7)
    return zones[near[0]] if near else ""
