"""Man pages and shell completion, from the parsers of the command line itself."""

import argparse
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import shtab
from argparse_manpage.manpage import Manpage

from issgaze.cli.main import command_parser

_HEADING = re.compile(r"(?m)^\.TH .*$")
_NAME = re.compile(r"(?m)^\.SH NAME\n.*$")


def man_pages(version: str, day: str) -> Iterator[tuple[str, str]]:
    """Yield (name, roff) of issgaze(1) and of a page for each command.

    Args:
        version: Of the program.
        day: Date in the footer.
    """
    parser = command_parser()
    commands = _commands(parser)
    listed = {name: command.description or "" for name, command in commands.items()}
    yield "issgaze", _page(parser, "issgaze", version, day, listed)
    for name, command in commands.items():
        yield f"issgaze-{name}", _page(command, f"issgaze-{name}", version, day, {})


def completions() -> dict[str, str]:
    """Return the completion scripts by shell."""
    parser = command_parser()
    _complete_files(parser)
    return {
        # the first line names the place it was made at
        shell: re.sub(r"(?m)^# AUTOMATICALLY GENERATED.*$", "", shtab.complete(parser, shell=shell))
        for shell in ("bash", "zsh")
    }


def _commands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return {}


def _page(
    parser: argparse.ArgumentParser,
    name: str,
    version: str,
    day: str,
    commands: dict[str, str],
) -> str:
    said = parser.description or name
    text = str(Manpage(parser, format="pretty"))
    summary = re.sub(r" \(the [a-z-]+ service\)", "", said).rstrip(".")
    text = _HEADING.sub(lambda _: f'.TH {name.upper()} 1 "{day}" "issgaze {version}" ""', text)
    text = _NAME.sub(lambda _: f".SH NAME\n{name} \\- {_roff(_small(summary))}", text, count=1)
    text = text.replace(".SH COMMENTS\nExample:\n", ".SH EXAMPLE\n.nf\n")
    text = text.replace("POSITIONAL ARGUMENTS", "ARGUMENTS") if not commands else text
    if ".SH EXAMPLE\n.nf\n" in text:
        text = text.rstrip() + "\n.fi\n"
    if commands:
        # argparse-manpage goes on with every command in full; each has a page of its own here
        text = text.partition(".SH COMMAND ")[0].replace("POSITIONAL ARGUMENTS", "COMMANDS")
    files = (
        (
            ".I /etc/issgaze/issgaze.toml",
            "The configuration; `issgaze config example` explains it.",
        ),
        (".I /var/lib/issgaze", "The archive of a device whose programs run as services."),
    )
    text += ".SH FILES\n" + "".join(f".TP\n{path}\n{_roff(what)}\n" for path, what in files)
    text += ".SH EXIT STATUS\n0 done, 1 failed (what and what to do on stderr), 2 wrong usage.\n"
    see = "issgaze\\-setup" if commands else "issgaze"
    return text + f".SH SEE ALSO\n.BR {see} (1)\n"


def _small(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


def _roff(text: str) -> str:
    return text.replace("\\", "\\\\").replace("-", "\\-")


def _complete_files(parser: argparse.ArgumentParser) -> None:
    """Tell the shells which arguments are files."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                _complete_files(command)
        elif action.type is Path or str(action.metavar) in {"FILE", "DIR"}:
            file: Any = action
            file.complete = shtab.DIR if action.metavar == "DIR" else shtab.FILE
