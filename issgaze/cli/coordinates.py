"""Latitude and longitude as people write and copy them."""

import re

from issgaze.sky.site import Site

_MINUS = "\N{MINUS SIGN}"
_MINUTE = "'\N{PRIME}\N{RIGHT SINGLE QUOTATION MARK}"
_SECOND = '"\N{DOUBLE PRIME}\N{RIGHT DOUBLE QUOTATION MARK}'
_DEGREES = r"\d+(?:[.,]\d+)?"
# 48.2, -33.9°, N 48° 12.5', 48°12'30" N
_ANGLE = (
    rf"([NSEW]?)\s*([-+{_MINUS}]?)\s*({_DEGREES})\s*°?"
    rf"(?:\s*({_DEGREES})\s*[{_MINUTE}])?"
    rf"(?:\s*({_DEGREES})\s*(?:[{_SECOND}]|''))?"
    r"\s*([NSEW]?)"
)
_BETWEEN = r"\s*[,;\s]\s*"
_PLACE = re.compile(
    rf"\s*{_ANGLE}{_BETWEEN}{_ANGLE}(?:{_BETWEEN}([-+]?{_DEGREES})\s*m?)?\s*", re.IGNORECASE
)
_GROUPS = 6


def parse_coordinates(text: str) -> tuple[float, ...]:
    """Return latitude, longitude and, where it is given, height of a place, in degrees and metres.

    Read are degrees with a point or a comma, with minutes and seconds, with signs or with the
    letters N, S, E and W, which may also tell that longitude comes first. The limits of latitude
    and longitude are not looked at.

    Raises:
        ValueError: It is none of these, or may mean several places.
    """
    found = _PLACE.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is not latitude, longitude")
    groups = found.groups()
    first, second = groups[:_GROUPS], groups[_GROUPS : 2 * _GROUPS]
    marked = re.search(r"[°;NSEW]", text, re.IGNORECASE)
    if not marked and ("," in first[2]) != ("," in second[2]):
        raise ValueError(f"{text!r} may mean several places, with a comma that is no point")
    values = [_angle(text, *first), _angle(text, *second)]
    axes = [_axis(first), _axis(second)]
    if axes in (["E", ""], ["", "N"], ["E", "N"]):
        values.reverse()
    elif axes[0] == axes[1] != "":
        raise ValueError(f"{text!r} gives the same of latitude and longitude twice")
    height = groups[-1]
    return (*values, _number(height)) if height else tuple(values)


def _axis(groups: tuple[str | None, ...]) -> str:
    """Return N for a latitude, E for a longitude, empty where no letter tells."""
    letter = (groups[0] or groups[-1] or "").upper()
    return {"S": "N", "W": "E"}.get(letter, letter)


def _angle(
    text: str,
    before: str,
    sign: str,
    degrees: str,
    minutes: str | None,
    seconds: str | None,
    after: str,
) -> float:
    if sum(map(bool, (before, sign, after))) > 1:
        raise ValueError(f"{text!r}: a number has a sign or one letter, not both")
    value = _number(degrees)
    for part, size in ((minutes, 60.0), (seconds, 3600.0)):
        if part is not None:
            if _number(part) >= 60.0:
                raise ValueError(f"{text!r}: minutes and seconds end at 60")
            value += _number(part) / size
    south_or_west = (before or after).upper() in {"S", "W"}
    return -value if south_or_west or sign in {"-", _MINUS} else value


def _number(text: str) -> float:
    return float(text.replace(",", "."))


def site_words(site: Site) -> str:
    """Return a place so that its owner sees whether it was understood."""
    return (
        f"{abs(site.latitude_deg):.4f}° {'S' if site.latitude_deg < 0.0 else 'N'}, "
        f"{abs(site.longitude_deg):.4f}° {'W' if site.longitude_deg < 0.0 else 'E'}, "
        f"{site.height_m:.0f} m"
    )
