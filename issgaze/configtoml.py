"""TOML as owners write it: what cannot be read is named by its line, with what to write instead.

A suggestion is made only when it can be read itself.
"""

import itertools
import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_REMEDY = (
    "Correct that line: a number has a point, as in 48.2082, and a text stands in quotes, as in "
    '"Europe/Vienna".'
)
_KEY = r"[A-Za-z0-9_-]+(?:\s*\.\s*[A-Za-z0-9_-]+)*"
_STATEMENT = re.compile(rf"\s*({_KEY})\s*=\s*(.*?)\s*$")
_HEADER = re.compile(r"\s*\[+\s*([^\[\]#]*?)\s*\]*\s*(?:#.*)?$")
_WORD_QUOTES = "“”„«»‘’‚`´"  # noqa: RUF001 - these are what is looked for
_THOUSANDS = r"[-+]?[1-9]\d{0,2}(,\d{3})+"
_LONG_QUOTE = r"\"\"\"|'''"
# what begins a thing whose end is missing
_OPENINGS = {
    "Unclosed array": r"=\s*\[",
    "Unclosed inline table": r"=\s*\{",
    "Unterminated string": r"[\"']",
}
_BOOLEANS = {"true": "true", "yes": "true", "on": "true",
             "false": "false", "no": "false", "off": "false"}  # fmt: skip


class TomlError(ValueError):
    """A text is no TOML.

    Args:
        message: Which line, and what is wrong with it.
        remedy: What to write instead, in one sentence.
    """

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


def parse_toml(text: str, *, bare: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return a TOML document; a byte order mark, as Windows editors put in front, is passed over.

    Args:
        text: The document.
        bare: An example for each key whose value never stands in quotes, such as a number.

    Raises:
        TomlError: It is none.
    """
    text = without_mark(text)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _explained(text, str(error), bare or {}) from error


def without_mark(text: str) -> str:
    """Return a text without the byte order mark that may stand in front of it."""
    return text.removeprefix("\ufeff")


def _explained(text: str, said: str, bare: Mapping[str, str]) -> TomlError:
    """Return the fault in words that an owner can act on.

    Args:
        text: The document.
        said: What the reader says; its place stands at the end, in parentheses.
        bare: As for `parse_toml`.
    """
    lines = text.splitlines() or [""]
    reason = re.sub(r" \(at .*\)$", "", said)
    number = _number(lines, said, reason)
    line = lines[number - 1]
    wrong, remedy = next(
        itertools.chain(
            _twice(lines, number, reason),
            _unclosed(line, reason),
            _of_header(line, reason),
            _of_key(line, reason),
            _of_value(line, reason),
            [_unknown(line, reason)],
        )
    )
    unquoted = _without_quotes(remedy, bare)
    if unquoted != remedy:
        wrong = wrong.replace("a text stands in quotes", "the value cannot be read")
    return TomlError(f"line {number}: {wrong}", unquoted)


def _without_quotes(remedy: str, bare: Mapping[str, str]) -> str:
    """Return a remedy that puts no number in quotes: that would be the next fault."""
    quoted = re.fullmatch(rf"Write ({_KEY}) = (\".*\"|'.*') there\.", remedy)
    example = bare.get(quoted[1].rpartition(".")[2].strip()) if quoted else None
    if quoted is None or example is None:
        return remedy
    meant = quoted[2][1:-1].strip()
    if _reads(f"x = {meant}"):
        return f"Write {quoted[1]} = {meant} there."
    return f"Write a value without quotes there, as in {quoted[1]} = {example}."


def _unknown(line: str, reason: str) -> tuple[str, str]:
    """Return what is said of a line that is wrong in no way known here."""
    shown = line.strip() if line.strip().isprintable() else repr(line.strip())
    if reason == "Invalid statement" or "after a key" in reason:
        return f"neither a [section] nor key = value: {shown}", _REMEDY
    if reason.startswith("Expected newline"):
        return f"what follows the value does not belong there: {shown}", _REMEDY
    return f"{reason[:1].lower()}{reason[1:]}: {shown}", _REMEDY


def _number(lines: Sequence[str], said: str, reason: str) -> int:
    """Return the line to look at, counted from 1: of a thing that never ends, its beginning."""
    place = re.search(r"\(at line (\d+),", said)
    last = min(int(place[1]), len(lines)) if place else len(lines)
    opening = _OPENINGS.get(reason, "" if place else r"\S")
    found = [at for at, line in enumerate(lines[:last], 1) if re.search(opening, line)]
    return found[-1] if found else last


def _twice(lines: Sequence[str], number: int, reason: str) -> Iterator[tuple[str, str]]:
    """Yield what is said of a key or a section that was there before."""
    line = lines[number - 1]
    header, statement = _HEADER.match(line), _STATEMENT.match(line)
    if "twice" in reason and header:
        first = next(
            (
                at
                for at, one in enumerate(lines, 1)
                if (it := _HEADER.match(one)) and it[1] == header[1]
            ),
            number,
        )
        yield (
            f"[{header[1]}] stands there again, first in line {first}",
            f"Put its keys below line {first} and take line {number} out.",
        )
    elif reason == "Cannot overwrite a value" and statement:
        key = statement[1]
        begin = max((at for at in range(number) if _HEADER.match(lines[at])), default=-1)
        first = (
            next(
                (
                    at
                    for at in range(begin + 1, number)
                    if (it := _STATEMENT.match(lines[at])) and it[1] == key
                ),
                number - 1,
            )
            + 1
        )
        if first != number:
            yield (
                f"{key} is set again, first in line {first}",
                "Keep one of the two lines.",
            )


def _unclosed(line: str, reason: str) -> Iterator[tuple[str, str]]:
    """Yield what is said of a list that never ends, or a text of several lines."""
    if reason == "Unclosed array":
        yield f"the list that begins there is never closed: {line.strip()}", "Put a ] at its end."
    elif reason == "Unterminated string" and re.search(_LONG_QUOTE, line):
        yield (
            f"the text that begins there is never closed: {line.strip()}",
            "End it with the three quotes that it begins with.",
        )


def _of_header(line: str, reason: str) -> Iterator[tuple[str, str]]:
    """Yield what is said of a broken section header."""
    header = _HEADER.match(line)
    if header and reason.startswith("Expected ']'"):
        name = re.sub(r"\W+", "_", header[1]).strip("_")
        mended = f"[{name}]"
        if _reads(mended):
            yield f"{line.strip()} names no section", f"Write {mended} there."


def _of_key(line: str, reason: str) -> Iterator[tuple[str, str]]:
    """Yield what is said of a key that no = follows, or no value."""
    if "after a key" in reason:
        spaced = re.match(r"\s*([\w-]+(?: +[\w-]+)+)\s*=\s*(\S.*?)\s*$", line)
        apart = spaced or re.match(rf"\s*({_KEY})\s*[:\s]\s*(\S.*?)\s*$", line)
        if apart:
            key, value = re.sub(r" +", "_", apart[1]), apart[2]
            mended = f"{key} = {value if _reads(f'x = {value}') else _value(_bare(value))}"
            wrong = "a key has no spaces" if spaced else "no = between key and value"
            if _reads(mended):
                yield f"{wrong}: {line.strip()}", f"Write {mended} there."
    statement = _STATEMENT.match(line)
    if statement and _bare(statement[2]) == "":
        yield (
            f"nothing stands after {statement[1]} =",
            "Give it a value, or put a # before the line: then its default holds.",
        )


def _of_value(line: str, reason: str) -> Iterator[tuple[str, str]]:
    """Yield what is said of a value that is none."""
    statement = _STATEMENT.match(line)
    # a line that is right by itself suffers from another
    if not statement or _reads(line):
        return
    key, value = statement[1], statement[2]
    if re.fullmatch(_THOUSANDS, _bare(value)):
        whole, broken = _bare(value).replace(",", ""), _bare(value).replace(",", ".")
        yield (
            f"a number has no comma: {key} = {value}",
            f"Write {key} = {whole} or {key} = {broken} there, as it is meant.",
        )
        return
    if reason.startswith("Unescaped '\\'"):
        wrong, mended = "a \\ in double quotes means something else", value.replace('"', "'")
    elif value[:1] in {'"', "'"}:
        wrong, mended = "the quote is never closed", f"{value}{value[0]}"
    elif value[:1] == "[":
        wrong, mended = "not every text in this list stands in quotes", _list(value)
    elif value[:1] == "{":
        return
    else:
        bare = _bare(value)
        wrong, mended = _what(bare), _value(bare)
    if mended and _reads(f"{key} = {mended}"):
        yield f"{wrong}: {key} = {value}", f"Write {key} = {mended} there."


def _bare(value: str) -> str:
    """Return an unquoted value without the comment behind it."""
    return re.sub(r"(^|\s)#.*$", "", value).strip()


def _what(bare: str) -> str:
    """Return what is wrong with an unquoted value."""
    if re.fullmatch(r"[-+]?\d+,\d+", bare):
        return "a number has a point, no comma"
    if bare[:1] in _WORD_QUOTES:
        return "these quotes are those of a word processor"
    if bare.lower() in _BOOLEANS:
        return "yes and no are written true and false"
    if bare[-1:] in {",", ";"}:
        return f"no {bare[-1]} stands at the end"
    if _number_of(bare):
        return "a number stands alone"
    return "a text stands in quotes"


def _value(bare: str) -> str:
    """Return how an unquoted value was meant, as TOML writes it."""
    if re.fullmatch(r"[-+]?\d+,\d+", bare):
        return bare.replace(",", ".")
    if bare.lower() in _BOOLEANS:
        return _BOOLEANS[bare.lower()]
    if bare[-1:] in {",", ";"}:
        bare = bare[:-1].rstrip()
    if _reads(f"x = {bare}"):
        return bare
    number = _number_of(bare)
    if not number and not re.search(r"[^\W\d]", bare):
        return ""
    return number or json.dumps(bare.strip(_WORD_QUOTES), ensure_ascii=False)


def _number_of(bare: str) -> str:
    """Return the number before a unit, or the one with needless zeros; empty for neither."""
    found = re.fullmatch(r"([-+]?)0*(\d+(?:[.,]\d+)?)\.?\s*(?:°|m|mm|km|s|h|GB|MB|deg|%)?", bare)
    return f"{found[1]}{found[2].replace(',', '.')}" if found else ""


def _list(value: str) -> str:
    """Return a list of one line with its texts in quotes, empty where it is none."""
    inside = re.fullmatch(r"\[([^\[\]\"']*(?:(?:\"[^\"]*\"|'[^']*')[^\[\]\"']*)*)\]?", _bare(value))
    if not inside:
        return ""
    items = [item.strip() for item in inside[1].split(",") if item.strip()]
    return f"[{', '.join(item if _reads(f'x = {item}') else _value(item) for item in items)}]"


def _reads(text: str) -> bool:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True
