"""What a language gives to captions, alt texts and the report for people."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

_HIGH = re.compile(r" (?=[:;?!%°](?:[\s,.)]|$))")


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The sentences of one language, with {names} to be filled in.

    Attributes:
        months: January to December.
        directions: The sixteen winds from north through east, as used after "in the".
        decimal: The decimal mark.
        date: With {day}, {month}, {year}.
        sentences: By name; see `caption` for which are needed.
        labels: What the report for people calls things, by their English names.
        reason: Returns in this language what programs say in English.
        chart: Returns a sky chart, which is drawn in English, in this language.
    """

    months: tuple[str, ...]
    directions: tuple[str, ...]
    decimal: str
    date: str
    sentences: Mapping[str, str]
    plural: Callable[[int], bool]
    labels: Mapping[str, str]
    reason: Callable[[str], str]
    chart: Callable[[str], str]


def thin(text: str) -> str:
    """Return a French text with narrow spaces that do not break before high punctuation."""
    return _HIGH.sub("\u202f", text)
