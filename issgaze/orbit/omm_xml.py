"""Reads OMM records in XML, alone or in a navigation data message."""

from xml.etree import ElementTree

from issgaze.errors import ElementError
from issgaze.orbit.elements import ElementSet
from issgaze.orbit.fields import element_set_from_fields
from issgaze.orbit.records import ParsedElements, RefusedRecord, broken


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
        root = ElementTree.fromstring(text.strip().encode("utf-8"))
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise broken(f"the XML of {source} is broken, perhaps cut off: {error}") from error
    sets: list[ElementSet] = []
    refused: list[RefusedRecord] = []
    for number, message in enumerate(_named(root, "omm"), start=1):
        name = f"record {number}"
        try:
            name = next((e.text or "" for e in _named(message, "OBJECT_NAME")), "") or name
            sets.append(element_set_from_fields(_fields(message), source=source))
        except ElementError as error:
            refused.append(RefusedRecord(name=name, reason=error.message))
    return ParsedElements(sets=tuple(sets), refused=tuple(refused))


def _fields(message: ElementTree.Element) -> dict[str, str]:
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


def _named(root: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    return [element for element in root.iter() if _local(element) == name]


def _local(element: ElementTree.Element) -> str:
    # comments and instructions carry a function in place of a name
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
