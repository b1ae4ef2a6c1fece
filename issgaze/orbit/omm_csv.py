"""Reads OMM records in CSV, one a row under a header of keywords."""

import csv
import io

from issgaze.errors import ElementError
from issgaze.orbit.elements import ElementSet
from issgaze.orbit.fields import element_set_from_fields
from issgaze.orbit.records import ParsedElements, RefusedRecord, broken


def parse_csv(text: str, *, source: str) -> ParsedElements:
    """Read the rows; one with too few or too many columns is refused.

    Raises:
        ElementError: The text cannot be read as CSV at all.
    """
    try:
        rows = [row for row in csv.reader(io.StringIO(text), strict=True) if any(row)]
    except csv.Error as error:
        raise broken(f"the CSV of {source} is broken: {error}") from error
    header = [key.strip().upper() for key in rows[0]]
    if len(set(header)) != len(header):
        raise broken(f"the CSV of {source} gives the same column twice")
    sets: list[ElementSet] = []
    refused: list[RefusedRecord] = []
    for number, row in enumerate(rows[1:], start=1):
        fields = dict(zip(header, row, strict=False))
        name = fields.get("OBJECT_NAME", "").strip() or f"row {number}"
        try:
            if len(row) != len(header):
                raise broken(f"the row has {len(row)} columns, the header {len(header)}")
            sets.append(element_set_from_fields(fields, source=source))
        except ElementError as error:
            refused.append(RefusedRecord(name=name, reason=error.message))
    return ParsedElements(sets=tuple(sets), refused=tuple(refused))
