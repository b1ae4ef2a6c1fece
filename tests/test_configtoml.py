import re
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issgaze.configtoml import TomlError, parse_toml


@pytest.mark.parametrize(
    ("text", "message", "remedy"),
    [
        (
            "[site]\nlatitude_deg = 48,1  # mine",
            "line 2: a number has a point, no comma: latitude_deg = 48,1  # mine",
            "Write latitude_deg = 48.1 there.",
        ),
        ("n = 1,000", "line 1: a number has no comma", "Write n = 1000 or n = 1.000 there"),
        ("a = 1\n\na = 2\nb = 3", "line 3: a is set again, first in line 1", "Keep one of"),
        ("[r]\na = 1\n[s]\na = 2\na = 3", "line 5: a is set again, first in line 4", "Keep"),
        (
            "[s]\n[b]\n[s]\nx = 1",
            "line 3: [s] stands there again, first in line 1",
            "Put its keys below line 1 and take line 3 out.",
        ),
        (
            "z = Europe/Vienna",
            "line 1: a text stands in quotes",
            'Write z = "Europe/Vienna" there.',
        ),
        ("z = it's", "line 1: a text stands in quotes", 'Write z = "it\'s" there.'),
        ("n = “Roof”", "are those of a word processor", 'Write n = "Roof" there.'),
        ("l = [en, fr]", "not every text in this list", 'Write l = ["en", "fr"] there.'),
        ('n = "Roof\nb = 1', "line 1: the quote is never closed", 'Write n = "Roof" there.'),
        ('l = ["a",\n"b"\nc = 3', "line 1: the list that begins there is never", "Put a ]"),
        ('n = """a\nb', "line 1: the text that begins there is never closed", "three quotes"),
        ("n =  # later", "line 1: nothing stands after n =", "put a # before the line"),
        ("n: 48.1", "line 1: no = between key and value: n: 48.1", "Write n = 48.1 there."),
        ("site name = 'x'", "line 1: a key has no spaces", "Write site_name = 'x' there."),
        ("[site", "line 1: [site names no section", "Write [site] there."),
        ("b = True", "yes and no are written true and false", "Write b = true there."),
        ("b = yes", "yes and no are written true and false", "Write b = true there."),
        ("h = 190 m", "line 1: a number stands alone: h = 190 m", "Write h = 190 there."),
        ("h = 0190", "line 1: a number stands alone", "Write h = 190 there."),
        ("h = 48.2°", "line 1: a number stands alone", "Write h = 48.2 there."),
        ("h = 190,", "line 1: no , stands at the end", "Write h = 190 there."),
        ('p = "C:\\d"', "in double quotes means something else", "Write p = 'C:\\d' there."),
        ("a = 1\nhello", "line 2: neither a [section] nor key = value: hello", "Correct that line"),
        ("t = 12:30", "line 1: what follows the value does not belong there", "Correct that line"),
    ],
)
def test_a_line_that_cannot_be_read_is_named_with_what_to_write(
    text: str, message: str, remedy: str
) -> None:
    with pytest.raises(TomlError) as caught:
        parse_toml(text)
    assert message in caught.value.message
    assert remedy in caught.value.remedy


@pytest.mark.parametrize(
    ("line", "remedy"),
    [
        ("n = north", "Write a value without quotes there, as in n = 4.5."),
        ("n north", "Write a value without quotes there, as in n = 4.5."),
        ("site.n = north", "Write a value without quotes there, as in site.n = 4.5."),
        ('n = "48.2', "Write n = 48.2 there."),
        ("t = north", 'Write t = "north" there.'),
    ],
)
def test_a_number_is_not_put_in_quotes(line: str, remedy: str) -> None:
    with pytest.raises(TomlError) as caught:
        parse_toml(line, bare={"n": "4.5"})
    assert caught.value.remedy == remedy
    assert ("in quotes" in caught.value.message) == (line == "t = north")


def test_a_byte_order_mark_is_passed_over() -> None:
    assert parse_toml("\ufeffa = 1") == {"a": 1}


_PIECES = (
    "a = ",
    "b",
    "1",
    ",",
    '"',
    "[",
    "]",
    "\n",
    "'",
    " ",
    "{",
    "é",
    "#",
    ":",
    "-",
    "\\",
    "\x00",
)


@given(st.lists(st.sampled_from(_PIECES), max_size=12).map("".join))
def test_what_is_suggested_can_be_read(text: str) -> None:
    try:
        parse_toml(text)
    except TomlError as error:
        written = re.fullmatch(r"Write (.*) there\.", error.remedy)
        if written:
            tomllib.loads(written[1])
