"""Reads OMM records in JSON: an array of objects or one object."""

import json
from functools import partial
from typing import NoReturn

from issgaze.orbit.elements import ElementSet
from issgaze.orbit.fields import element_set_from_fields
from issgaze.orbit.records import Harvest, ParsedElements, broken
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
    harvest = Harvest()
    for number, record in enumerate(records, start=1):
        if not isinstance(record, dict):
            harvest.refuse(f"record {number}", "it is no object")
            continue
        fields = {key: value for key, value in record.items() if isinstance(value, str)}
        name = fields.get("OBJECT_NAME") or fields.get("tle0") or fields.get("NORAD_CAT_ID")
        harvest.take(name or f"record {number}", partial(_element_set, fields, source))
    return harvest.parsed()


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
