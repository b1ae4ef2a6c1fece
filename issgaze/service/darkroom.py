"""From the stacks of a series to its products on disk."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A product that could not be made, and why."""

    what: str
    reason: str
