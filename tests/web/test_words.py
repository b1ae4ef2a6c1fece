"""Languages: whatever the page says in English it can say in French."""

# ruff: noqa: RUF001 - French elides with a typographic apostrophe

import ast
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

import issgaze.web
from issgaze.archive.ledger import OUTCOMES
from issgaze.config import schema
from issgaze.picture.frenchreasons import french_reason
from issgaze.web.french import FRENCH, TABLES
from issgaze.web.frenchsettings import FRENCH_SETTINGS
from issgaze.web.visit import language_of
from issgaze.web.words import Words

_FOLDER = Path(issgaze.web.__file__).parent
_CALL = re.compile(r"(?<!\w)_\((?:'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\")")


# said by their names in the ledger and in the cookie
OUTCOMES_AND_THEMES = set(OUTCOMES) | {"Light", "Dark", "Night"}


def said() -> set[str]:
    """Every text that goes through the table, in templates and in code."""
    found: set[str] = set(OUTCOMES_AND_THEMES)
    for path in (_FOLDER / "templates").iterdir():
        for match in _CALL.finditer(path.read_text()):
            found.add((match.group(1) or match.group(2)).replace("\\'", "'"))
    for path in _FOLDER.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and node.args:
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                first = node.args[0]
                if name in {"_", "words"} and isinstance(first, ast.Constant):
                    found.add(str(first.value))
                # what an error says is shown on a page of its own
                if name in {"HTTPError", "abort"} and len(node.args) > 1:
                    found |= {a.value for a in node.args[1:] if isinstance(a, ast.Constant)}
    return found


def test_everything_is_said_in_french_too() -> None:
    assert said() - FRENCH.keys() == set()


def test_every_text_stands_in_one_table_and_is_still_said() -> None:
    assert sum(map(len, TABLES)) == len(FRENCH)
    everything = "".join(
        path.read_text().replace("\\'", "'")
        for folder in (_FOLDER, _FOLDER / "templates")
        for path in folder.glob("*.*")
        if not path.name.startswith("french")
    )
    # what is wrapped in the code is found by its first words
    unsaid = {text for text in FRENCH if text[:40] not in everything}
    assert unsaid <= OUTCOMES_AND_THEMES


def test_every_setting_is_explained_in_french_too() -> None:
    told = {
        str(field.metadata["doc"]) for _name, _doc, fields in schema() for field in fields.values()
    }
    assert told == set(FRENCH_SETTINGS)


def test_places_are_the_same_in_both_languages() -> None:
    for english, french in FRENCH.items():
        assert set(re.findall(r"\{(\w+)\}", english)) == set(re.findall(r"\{(\w+)\}", french)), (
            english
        )


def test_french_sets_narrow_spaces_before_high_punctuation() -> None:
    for french in FRENCH.values():
        assert not re.search(r" [;?!:%](?:[ ,.]|$)", french), french


@pytest.mark.parametrize(
    ("english", "french"),
    [
        ("Culminates at 25°, magnitude −2.8, lit for 223 s", "Culmine à 25°, magnitude −2,8, "
         "éclairé 223 s"),
        ("Seen up to 15° of 52°, magnitude 0.4, lit for 45 s", "Vu jusqu’à 15° sur 52°, magnitude "
         "0,4, éclairé 45 s"),
        ("Too low: culminates at 19°, the limit is 20°", "Trop bas\u202f: culmine à 19°, la limite "
         "est 20°"),
        ("Not visible: lit for only 8 s, 10 s is the limit", "Invisible\u202f: éclairé 8 s "
         "seulement, 10 s au moins"),
        ("the device was not running", "l’appareil ne tournait pas"),
        ("The trail lies 0.2′ beside the predicted path and 0.00 s ahead of the prediction, 3.5 s "
         "were allowed.", "La traînée passe à 0,2′ de la trajectoire prévue, à 0,00 s de l’heure "
         "prévue\u202f; 3,5 s étaient permises."),
        ("made up tomorrow", "made up tomorrow"),
    ],
)  # fmt: skip
def test_reasons_are_translated_by_their_pattern(english: str, french: str) -> None:
    assert french_reason(english) == french


def spoken_reasons() -> Iterator[str]:
    """Every sentence that a program gives as its reason, its numbers made up."""
    for folder in ("stacking", "service", "planning", "optics"):
        for path in (_FOLDER.parent / folder).glob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if not isinstance(node, ast.Call):
                    continue
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                said = [one.value for one in node.keywords if one.arg in {"reason", "lens_reason"}]
                if name in {"not_proved", "miss", "settle"}:
                    said += node.args
                for value in said:
                    parts = value.values if isinstance(value, ast.JoinedStr) else [value]
                    text = "".join(
                        str(part.value) if isinstance(part, ast.Constant) else "7" for part in parts
                    )
                    if re.search("[a-z]{3} ", text):
                        yield text


def test_every_reason_has_its_french() -> None:
    reasons = set(spoken_reasons())
    assert len(reasons) > 20
    english = {reason for reason in reasons if french_reason(reason) == reason}
    # of the lens's history, whose events have words of their own
    assert english == {"found blind from 7 stars"}


def test_numbers_days_and_winds() -> None:
    english, french = Words("en"), Words("fr")
    assert (english.number(-1.25, 1), french.number(-1.25, 1)) == ("−1.2", "−1,2")
    assert english.number(-0.04, 1) == "0.0"
    assert english.number(0.21, 2, sign=True) == "+0.21"
    assert (english.compass(247.0), french.compass(247.0)) == ("WSW", "OSO")
    day = date(2026, 3, 2)
    assert (english.day(day), french.day(day)) == ("Mon 2 Mar", "lun 2 mars")
    assert french.long_day(day) == "lundi 2 mars 2026"


@pytest.mark.parametrize(
    ("seconds", "exact", "rough"),
    [
        (59.6, "1 min 00 s", "1 min"), (3400, "56 min 40 s", "57 min"),
        (7261, "2 h 01 min 01 s", "2 h 01 min"), (90000, "1 d 1 h 00 min", "1 d 1 h 00 min"),
        (-5, "0 min 00 s", "0 min"),
    ],
)  # fmt: skip
def test_countdowns(seconds: float, exact: str, rough: str) -> None:
    words = Words("en")
    assert words.countdown(seconds, whole_minutes=False) == exact
    assert words.countdown(seconds, whole_minutes=True) == rough


@pytest.mark.parametrize(
    ("cookie", "accepted", "language"),
    [
        (None, None, "en"), ("fr", "en", "fr"), ("xx", "fr-CH, en;q=0.5", "fr"),
        (None, "de,fr;q=0.8,en;q=0.2", "fr"), (None, "ja", "en"), (None, ",;=\x00" * 99, "en"),
    ],
)  # fmt: skip
def test_the_language_is_the_visitors(
    cookie: str | None, accepted: str | None, language: str
) -> None:
    assert language_of(cookie, accepted) == language
