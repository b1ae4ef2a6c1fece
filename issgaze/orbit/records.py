"""What reading a document of element sets gives."""

from dataclasses import dataclass

from issgaze.errors import ElementError
from issgaze.orbit.elements import ElementSet

GET_ANOTHER = "Fetch it again, or import a file from another source with `issgaze elements import`."


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedRecord:
    """A record that is not believed: its name, or number where it has none, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedElements:
    """The sound records of a document in its order, and the refused ones."""

    sets: tuple[ElementSet, ...]
    refused: tuple[RefusedRecord, ...]


def broken(reason: str) -> ElementError:
    """Return the error of a record or document that cannot be used."""
    return ElementError(reason, remedy=GET_ANOTHER)
