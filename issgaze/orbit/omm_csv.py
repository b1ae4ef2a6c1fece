"""Reads OMM records in CSV, one a row under a header of keywords."""

import csv
import io
from functools import partial

from issgaze.orbit.fields import element_set_from_fields
from issgaze.orbit.records import Harvest, ParsedElements, broken


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
    harvest = Harvest()
    for number, row in enumerate(rows[1:], start=1):
        fields = dict(zip(header, row, strict=False))
        name = fields.get("OBJECT_NAME", "").strip() or f"row {number}"
        if len(row) == len(header):
            harvest.take(name, partial(element_set_from_fields, fields, source=source))
        else:
            harvest.refuse(name, f"the row has {len(row)} columns, the header {len(header)}")
    return harvest.parsed()
