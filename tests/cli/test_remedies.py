"""Remedies name commands: each of them exists, with its options and actions."""

import argparse
import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import issgaze
from issgaze.cli.main import COMMANDS, command_parser
from issgaze.config import schema

_PACKAGE = Path(issgaze.__file__).parent
_NAMED = re.compile(r"`(?:sudo )?issgaze ([^`]+)`")


def texts(path: Path) -> Iterator[str]:
    """Yield every text of a module; what is filled in at run time stands as X."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inside = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        for part in ast.walk(node)
        if part is not node
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(
                str(part.value) if isinstance(part, ast.Constant) else " X" for part in node.values
            )
        elif isinstance(node, ast.Constant) and id(node) not in inside:
            yield str(node.value)


def named() -> list[tuple[str, str]]:
    """Return each command line that a text names, and where."""
    found: dict[str, str] = {}
    for path in sorted(_PACKAGE.rglob("*.py")):
        for text in texts(path):
            for words in _NAMED.findall(text):
                found.setdefault(" ".join(words.split()), str(path.relative_to(_PACKAGE)))
    return sorted(found.items())


def parser_of(parser: argparse.ArgumentParser, word: str) -> argparse.ArgumentParser | None:
    """Return the parser of a sub-command, None where there is none of that name."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return action.choices.get(word)
    return None


@pytest.fixture(scope="module")
def parser() -> argparse.ArgumentParser:
    return command_parser()


def test_there_are_many() -> None:
    assert len(named()) > 40


@pytest.mark.parametrize(("words", "where"), named())
def test_what_a_remedy_names_exists(
    parser: argparse.ArgumentParser, words: str, where: str
) -> None:
    command, *rest = words.split()
    if command in {"X", "COMMAND", "WORDS", "-c"}:
        return
    assert command in COMMANDS, where
    found = parser_of(parser, command)
    assert found is not None
    for number, word in enumerate(rest):
        if number == 0 and (deeper := parser_of(found, word)) is not None:
            found = deeper
            continue
        if word.startswith("--"):
            assert word.partition("=")[0] in found._option_string_actions, where
    if [command, *rest[:1]] == ["config", "set"] and rest[1:] not in ([], ["X"]):
        section, _, key = rest[1].partition(".")
        assert key in {name: fields for name, _, fields in schema()}[section], where
    actions = [each for each in found._actions if each.dest == "action" and each.choices]
    if actions and rest and not rest[0].startswith("-"):
        choices = set(actions[0].choices or ())
        assert set(rest[0].split("|")) <= choices or rest[0] == "X", where
