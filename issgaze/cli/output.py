"""What a command prints: one JSON document for machines, lines for people, never both."""

import json
import sys
from collections.abc import Mapping
from typing import Any

from issgaze.archive.jsonfile import without_nan
from issgaze.errors import IssgazeError


class Output:
    """The two voices of a command.

    Args:
        json: True prints one JSON document on stdout and nothing else there.
    """

    def __init__(self, *, json: bool) -> None:
        self.json = json

    def document(self, content: Mapping[str, Any]) -> None:
        """Print the document when --json was given; a NaN or infinity becomes null."""
        if self.json:
            print_json(content)

    def line(self, text: str = "") -> None:
        """Print a line for people on stdout; silent under --json."""
        if not self.json:
            sys.stdout.write(text + "\n")

    def log(self, text: str) -> None:
        """Print a line on stderr, whatever stdout is for."""
        sys.stderr.write(text + "\n")

    def progress(self, text: str) -> None:
        """Renew a progress line on stderr; silent where stderr is no terminal."""
        if sys.stderr.isatty():
            sys.stderr.write("\r\x1b[K" + text)
            sys.stderr.flush()

    def stage(self, text: str) -> None:
        """Say what is begun: on the progress line, and as a line of its own where there is none."""
        if sys.stderr.isatty():
            self.progress(text)
        else:
            self.log(text)

    def progress_done(self) -> None:
        """End the progress line."""
        if sys.stderr.isatty():
            sys.stderr.write("\n")

    def failure(self, error: IssgazeError) -> None:
        """Print an error: what and limit on one line, the remedy on the next."""
        if self.json:
            print_json({"error": {"message": error.message, "remedy": error.remedy}})
        else:
            sys.stderr.write(f"issgaze: {error.message}\n         {error.remedy}\n")


def print_json(content: Mapping[str, Any]) -> None:
    """Print one JSON document, two-space indented."""
    text = json.dumps(without_nan(content), indent=2, ensure_ascii=False, allow_nan=False)
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
