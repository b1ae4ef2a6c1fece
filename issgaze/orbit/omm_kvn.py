"""Reads OMM records in keyword = value notation."""

import re
from functools import partial

from issgaze.orbit.fields import element_set_from_fields
from issgaze.orbit.records import Harvest, ParsedElements

_LINE = re.compile(r"\s*([A-Z][A-Z0-9_]*)\s*=\s*(.*?)\s*")
# what the prediction does not depend on; cut off in the middle, these do no harm
_HARMLESS = {"MEAN_MOTION_DDOT", "MEAN_MOTION_DOT", "REV_AT_EPOCH", "ELEMENT_SET_NO"}


def looks_like_kvn(text: str) -> bool:
    """Return whether the text has lines of the mean elements in this notation."""
    return (
        re.search(r"^\s*(CCSDS_OMM_VERS|MEAN_MOTION|NORAD_CAT_ID|EPOCH)\s*=", text, re.M)
        is not None
    )


def parse_kvn(text: str, *, source: str) -> ParsedElements:
    """Read one record after another; a new one begins at its version or where a keyword repeats."""
    records: list[dict[str, str]] = [{}]
    faults: dict[int, str] = {}
    last_key = ""
    for line in text.splitlines():
        if not line.strip() or re.match(r"\s*COMMENT\b", line):
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            faults[len(records) - 1] = f"the line {line.strip()[:60]!r} is no keyword = value"
            continue
        last_key = match[1]
        if last_key == "CCSDS_OMM_VERS" or (last_key == "OBJECT_NAME" and "EPOCH" in records[-1]):
            if records[-1]:
                records.append({})
        elif last_key in records[-1]:
            faults[len(records) - 1] = f"{last_key} is given twice"
        records[-1][last_key] = match[2]
    if not text.endswith("\n") and last_key not in _HARMLESS:
        faults[len(records) - 1] = f"the document ends within {last_key}, perhaps cut off"
    harvest = Harvest()
    for number, record in enumerate(records):
        name = record.get("OBJECT_NAME") or f"record {number + 1}"
        if number in faults:
            harvest.refuse(name, faults[number])
        else:
            harvest.take(name, partial(element_set_from_fields, record, source=source))
    return harvest.parsed()
