"""Element sets from a file or stdin, and the choice among many of one object."""

import sys
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from issgaze.errors import ElementError
from issgaze.orbit.elements import ElementSet
from issgaze.orbit.formats import parse_elements
from issgaze.orbit.records import ParsedElements

# The whole public catalogue is 30 MB in the longest format.
_LARGEST_BYTES = 100_000_000


def read_element_file(path: Path) -> ParsedElements:
    """Read a file in any format; "-" is stdin.

    Raises:
        ElementError: It cannot be read, or holds nothing of use.
    """
    if str(path) == "-":
        return parse_elements(sys.stdin.buffer.read(_LARGEST_BYTES), source="stdin")
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST_BYTES)
        return parse_elements(data, source=path.name)
    except ElementError as error:
        # what the core says of replies from the network is true of a file in other words
        raise ElementError(
            f"{path}: {_of_a_file(error.message, path.name)}",
            remedy="Give a file of element sets: OMM as JSON, XML, CSV or KVN, or TLE.",
        ) from error
    except OSError as error:
        raise ElementError(
            f"{path}: {(error.strerror or str(error)).lower()}",
            remedy="Check the name of the file and that you may read it.",
        ) from error


def _of_a_file(message: str, name: str) -> str:
    """Return what is wrong with a reply as what is wrong with a file of that name."""
    for said, meant in (
        (f"{name} sent a", "a"),
        (f"{name} sent", "holds"),
        (f"the reply of {name} is empty", "is empty"),
        (f"the document of {name} holds", "holds"),
    ):
        message = message.replace(said, meant)
    return message


def sets_before(sets: Iterable[ElementSet], chosen: ElementSet) -> tuple[ElementSet, ...]:
    """Return the sets of the same object with earlier epochs, newest first."""
    earlier = (one for one in sets if one.norad_id == chosen.norad_id and one.epoch < chosen.epoch)
    return tuple(sorted(earlier, key=lambda one: one.epoch, reverse=True))


def select_sets(
    sets: Iterable[ElementSet], norad_ids: Iterable[int] | None, at: datetime
) -> tuple[ElementSet, ...]:
    """Return one set for each object: the newest epoch not after `at`, else the oldest.

    Args:
        sets: Any number of sets of any number of objects.
        norad_ids: Objects wanted, all when None.
        at: The instant the prediction begins.
    """
    wanted = None if norad_ids is None else set(norad_ids)
    by_object: dict[int, list[ElementSet]] = {}
    for one in sets:
        if wanted is None or one.norad_id in wanted:
            by_object.setdefault(one.norad_id, []).append(one)
    chosen: list[ElementSet] = []
    for held in by_object.values():
        before = [one for one in held if one.epoch <= at]
        chosen.append(
            max(before, key=lambda one: one.epoch)
            if before
            else min(held, key=lambda one: one.epoch)
        )
    return tuple(chosen)
