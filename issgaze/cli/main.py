"""The `issgaze` command: finds the sub-command, runs it, and turns errors into words."""

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from types import ModuleType

from issgaze import __version__
from issgaze.cli.arguments import Parser, add_common
from issgaze.cli.output import Output
from issgaze.errors import ArchiveError, IssgazeError, UsageError, remedy_for

# In the order of the help text. Each is a module of this package with SUMMARY, EXAMPLE, configure
# and run, imported only when it is asked for: numpy alone would cost --help 0.1 s on a laptop and
# a second on a Zero 2 W.
COMMANDS = (
    "setup",
    "run",
    "passes",
    "elements",
    "status",
    "ledger",
    "stack",
    "calibrate",
    "lens",
    "simulate",
    "roof",
    "export",
    "bench",
    "config",
    "doctor",
    "observe",
    "develop",
    "web",
    "fetch",
    "gnss",
    "darks",
    "mqtt",
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status: 0 done, 1 failed, 2 wrong usage."""
    words, common = _take_common(list(sys.argv[1:] if argv is None else argv))
    output = Output(json="--json" in common)
    try:
        return _dispatch([*common, *words], output)
    except UsageError as error:
        output.failure(error)
        return 2
    except IssgazeError as error:
        output.failure(error)
        return 1
    except BrokenPipeError:
        # the reader went away (`issgaze passes | head`); keep the interpreter from complaining
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        # what nobody has turned into words; a service's journal wants the whole of it
        if error.filename is None or os.environ.get("NOTIFY_SOCKET"):
            raise
        reason = (error.strerror or str(error)).lower()
        output.failure(ArchiveError(f"{error.filename}: {reason}", remedy=remedy_for(error)))
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("\n")
        return 130


def _dispatch(words: list[str], output: Output) -> int:
    parser = _top_parser(words)
    arguments, unknown = parser.parse_known_args(  # type: ignore[no-untyped-call] # as argparse's
        _join_negative_values(words)
    )
    if unknown:
        # whose options these are not: the top's help would not tell
        command = f" {arguments.command}" if arguments.command else ""
        raise UsageError(
            f"unrecognized arguments: {' '.join(unknown)}", remedy=f"See `issgaze{command} --help`."
        )
    if arguments.command is None:
        parser.print_help()
        return 0
    module = _module(arguments.command)
    status: int = module.run(arguments, output)
    return status


def command_parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line, for the manual and for shell completion."""
    return _top_parser([])


def _top_parser(words: Sequence[str]) -> Parser:
    parser = Parser(
        prog="issgaze",
        description="Photographs every visible pass of the space station, unattended.",
        epilog="`issgaze COMMAND --help` shows the rest, with an example.",
    )
    parser.add_argument("--version", action="version", version=f"issgaze {__version__}")
    parser.add_argument("--json", action="store_true", help="print one JSON document on stdout")
    parser.add_argument("-c", "--config", metavar="FILE", default=None, help="configuration file")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=Parser)
    asked = [word for word in words if word in COMMANDS][:1]
    for name in asked or COMMANDS:
        module = _module(name)
        command = commands.add_parser(
            name,
            help=module.SUMMARY,
            description=module.SUMMARY,
            epilog=f"Example:\n  {module.EXAMPLE}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        add_common(command)
        module.configure(command)
    return parser


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"issgaze.cli.{name}")


def _take_common(words: list[str]) -> tuple[list[str], list[str]]:
    """Take --json and -c FILE from wherever they stand, so that every sub-command has them."""
    end = words.index("--") if "--" in words else len(words)
    rest: list[str] = []
    common: list[str] = []
    index = 0
    while index < end:
        word = words[index]
        if word == "--json" or word.startswith("--config="):
            common.append(word)
        elif word in {"-c", "--config"}:
            common += words[index : min(index + 2, end)]
            index += 1
        else:
            rest.append(word)
        index += 1
    return rest + words[end:], common


def _join_negative_values(words: Sequence[str]) -> list[str]:
    """Join `--site -33.9,18.4` to `--site=-33.9,18.4`, which argparse takes for an option."""
    joined: list[str] = []
    for word in words:
        negative = word[:1] == "-" and word[1:2].isdigit()
        if negative and joined and joined[-1].startswith("--") and "=" not in joined[-1]:
            joined[-1] += f"={word}"
        else:
            joined.append(word)
    return joined
