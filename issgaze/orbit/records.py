"""What reading a document of element sets gives."""

from collections.abc import Callable
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


class Harvest:
    """Gathers the records of a document, the sound and the refused."""

    def __init__(self) -> None:
        self._sets: list[ElementSet] = []
        self._refused: list[RefusedRecord] = []

    def take(self, name: str, read: Callable[[], ElementSet]) -> None:
        """Add what `read` returns, or the record's name with the reason of its ElementError."""
        try:
            self._sets.append(read())
        except ElementError as error:
            self.refuse(name, error.message)

    def refuse(self, name: str, reason: str) -> None:
        """Add a record that cannot even be tried."""
        self._refused.append(RefusedRecord(name=name, reason=reason))

    def parsed(self) -> ParsedElements:
        """Return what was gathered."""
        return ParsedElements(sets=tuple(self._sets), refused=tuple(self._refused))


def broken(reason: str) -> ElementError:
    """Return the error of a record or document that cannot be used."""
    return ElementError(reason, remedy=GET_ANOTHER)
