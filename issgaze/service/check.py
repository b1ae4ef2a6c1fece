"""One finding of `issgaze doctor`."""

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "warn", "fail", "skip"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What was looked at, what was found, and what to do.

    Attributes:
        name: What was looked at.
        state: "skip" where there is nothing to look at.
        value: What was found.
        limit: What it is held against, empty for none.
        remedy: What to do, empty when all is well.
    """

    name: str
    state: State
    value: str
    limit: str = ""
    remedy: str = ""
