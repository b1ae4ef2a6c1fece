"""What a language gives to captions, alt texts and the report for people."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The sentences of one language, with {names} to be filled in.

    Attributes:
        months: January to December.
        directions: The sixteen winds from north through east, as used after "in the".
        decimal: The decimal mark.
        date: With {day}, {month}, {year}.
        sentences: By name; see `caption` for which are needed.
    """

    months: tuple[str, ...]
    directions: tuple[str, ...]
    decimal: str
    date: str
    sentences: Mapping[str, str]
    plural: Callable[[int], bool]
