"""FITS header cards: 80 characters of keyword, value and comment (FITS standard 4.0, section 4)."""

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from issgaze.errors import FrameError

BLOCK = 2880
CardValue: TypeAlias = bool | int | float | str
Cards: TypeAlias = Mapping[str, tuple[CardValue, str]]
Header: TypeAlias = dict[str, CardValue]


def header_bytes(cards: Iterable[tuple[str, CardValue, str]]) -> bytes:
    """Return the header of the cards, END included, padded to whole blocks."""
    text = "".join(_card(*card) for card in cards) + "END".ljust(80)
    return text.ljust(-(-len(text) // BLOCK) * BLOCK).encode("ascii")


def _card(keyword: str, value: CardValue, comment: str) -> str:
    if isinstance(value, bool):
        field = ("T" if value else "F").rjust(20)
    elif isinstance(value, int):
        field = str(value).rjust(20)
    elif isinstance(value, float):
        field = _real(value).rjust(20)
    else:
        safe = value.encode("ascii", "replace").decode().replace("'", "''")
        field = f"'{safe[:66]:<8}'".ljust(20)
    return f"{keyword:<8}= {field} / {comment}"[:80].ljust(80)


def _real(value: float) -> str:
    text = repr(float(value)).upper()
    if text in {"NAN", "INF", "-INF"}:
        raise FrameError(
            f"a FITS header cannot hold the value {value}", remedy="Leave the unknown key out."
        )
    return text if "." in text or "E" in text else text + ".0"


def parse_header(block: bytes) -> Header:
    """Return the values of a header; comments, history and keys without a value are left out."""
    header: Header = {}
    for start in range(0, len(block), 80):
        card = block[start : start + 80].decode("ascii", "replace")
        keyword = card[:8].rstrip()
        if keyword == "END":
            break
        if card[8:10] == "= ":
            value = _value(card[10:])
            if value is not None:
                header.setdefault(keyword, value)
    return header


def _value(field: str) -> CardValue | None:
    text = field.strip()
    if text.startswith("'"):
        return _quoted(text)
    text = text.split("/", 1)[0].strip()
    if text in {"T", "F"}:
        return text == "T"
    for convert in (int, float):
        try:
            return convert(text.replace("D", "E"))
        except ValueError:
            continue
    return None


def _quoted(text: str) -> str:
    end = 1
    while True:
        end = text.find("'", end)
        if end < 0:
            return text[1:].rstrip()
        if text[end : end + 2] != "''":
            return text[1:end].replace("''", "'").rstrip()
        end += 2
