"""Reads OMM records in JSON: an array of objects or one object."""

import json
from typing import NoReturn

from issgaze.errors import ElementError
from issgaze.orbit.elements import ElementSet
from issgaze.orbit.fields import element_set_from_fields
from issgaze.orbit.records import ParsedElements, RefusedRecord, broken
from issgaze.orbit.tle import parse_tle


def parse_json(text: str, *, source: str) -> ParsedElements:
    """Read one record or an array of them; also objects that carry a TLE as tle0, tle1, tle2.

    Raises:
        ElementError: The JSON does not parse, so that nothing in it can be believed.
    """
    try:
        # numbers stay text, to be judged as in every other format
        document = json.loads(
            text,
            parse_float=str,
            parse_int=str,
            parse_constant=_refuse_constant,
            object_pairs_hook=_without_repeats,
        )
    except (json.JSONDecodeError, RecursionError) as error:
        where = f" at character {error.pos}" if isinstance(error, json.JSONDecodeError) else ""
        raise broken(f"the JSON of {source} is broken{where}, perhaps cut off") from error
    records = document if isinstance(document, list) else [document]
    sets: list[ElementSet] = []
    refused: list[RefusedRecord] = []
    for number, record in enumerate(records, start=1):
        name = f"record {number}"
        try:
            if not isinstance(record, dict):
                raise broken("it is no object")
            fields = {key: value for key, value in record.items() if isinstance(value, str)}
            name = fields.get("OBJECT_NAME") or fields.get("NORAD_CAT_ID") or name
            sets.append(_element_set(fields, source))
        except ElementError as error:
            refused.append(RefusedRecord(name=name, reason=error.message))
    return ParsedElements(sets=tuple(sets), refused=tuple(refused))


def _element_set(fields: dict[str, str], source: str) -> ElementSet:
    if "tle1" in fields and "tle2" in fields:
        name = fields.get("tle0", "").removeprefix("0 ").strip()
        return parse_tle(name, fields["tle1"].rstrip(), fields["tle2"].rstrip(), source=source)
    return element_set_from_fields(fields, source=source)


def _refuse_constant(constant: str) -> NoReturn:
    raise broken(f"the JSON holds {constant}, which is no number")


def _without_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    record = dict(pairs)
    if len(record) != len(pairs):
        raise broken("the JSON gives the same key twice in one record")
    return record
