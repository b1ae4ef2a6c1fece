"""Reads OMM records in XML, alone or in a navigation data message."""

from functools import partial
from xml.etree import ElementTree as ET

from issgaze.orbit.elements import ElementSet
from issgaze.orbit.fields import element_set_from_fields
from issgaze.orbit.records import Harvest, ParsedElements, broken


def parse_xml(text: str, *, source: str) -> ParsedElements:
    """Read every omm element, whatever its namespace.

    Raises:
        ElementError: The XML does not parse, or brings its own document type, which no source of
            element sets needs and which can be made to grow without bound.
    """
    if "<!" in text.replace("<!--", "").replace("<![CDATA[", ""):
        raise broken(f"the XML of {source} brings a document type of its own")
    try:
        # bytes, because a declared encoding is refused in text
        root = ET.fromstring(text.strip().encode("utf-8"))
    except (ET.ParseError, ValueError, LookupError) as error:
        raise broken(f"the XML of {source} is broken, perhaps cut off: {error}") from error
    harvest = Harvest()
    for number, message in enumerate(_named(root, "omm"), start=1):
        names = [(element.text or "").strip() for element in _named(message, "OBJECT_NAME")]
        name = "".join(names[:1]) or f"record {number}"
        harvest.take(name, partial(_element_set, message, source))
    return harvest.parsed()


def _element_set(message: ET.Element, source: str) -> ElementSet:
    return element_set_from_fields(_fields(message), source=source)


def _fields(message: ET.Element) -> dict[str, str]:
    fields: dict[str, str] = {}
    for element in message.iter():
        if len(element) or _local(element) in {"USER_DEFINED", "COMMENT"}:
            continue
        key = _local(element)
        if key in fields:
            raise broken(f"{key} is given twice")
        unit = element.get("units")
        value = (element.text or "").strip()
        fields[key] = f"{value} [{unit}]" if unit else value
    return fields


def _named(root: ET.Element, name: str) -> list[ET.Element]:
    return [element for element in root.iter() if _local(element) == name]


def _local(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]
