"""The conversation of `issgaze setup`: plain lines, for any terminal there is."""

import contextlib
import json
import os
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

from issgaze.archive.atomic import write_atomic
from issgaze.archive.cities import labels
from issgaze.cli.setupquestions import Found, Question
from issgaze.cli.setupreading import Answers, Choice, of_city, yes_or_no
from issgaze.errors import ArchiveError, ConfigurationError

_BACK, _QUIT = "<", "q"
# of what is said, so that no terminal breaks it anywhere
_WIDTH = 72


class Stopped(ConfigurationError):  # noqa: N818 - a decision, no error
    """The owner stopped; nothing was written but his answers."""


class Dialogue:
    """Asks the questions in order and keeps the answers for another time.

    Args:
        found: What the machine knows.
        answers: What holds already; each is offered as the default.
        kept: File that keeps the answers while they are given.
        look: Called with the key of each question that was answered and all answers; returns lines
            to show, such as what a test frame says.
    """

    def __init__(
        self,
        found: Found,
        answers: Answers,
        kept: Path,
        *,
        look: Callable[[str, Answers], list[str]] = lambda _key, _answers: [],
    ) -> None:
        self._found = found
        self._kept = kept
        self._look = look
        self._answers = answers
        self._held = dict(answers)

    def resume(self) -> bool:
        """Take up answers of a dialogue that was broken off; whether there were any."""
        try:
            kept = json.loads(self._kept.read_text())
        except (OSError, ValueError):
            return False
        if not isinstance(kept, dict) or not kept:
            return False
        self._answers.update(kept)
        self._held.update(kept)
        return True

    def ask_all(self, questions: tuple[Question, ...]) -> Answers:
        """Ask what applies, one after the other; return the answers by key.

        Raises:
            Stopped: The owner stopped or the line broke; the answers so far are kept.
        """
        say(f"Enter takes what stands in brackets, {_BACK} goes back, {_QUIT} stops.")
        index, back = 0, False
        while index < len(questions):
            question = questions[index]
            if not question.applies(self._answers, self._found):
                index = max(0, index - 1) if back and index else index + 1
                back = back and index > 0
                continue
            say(f"\n{self._number(questions, index)}  {question.text}")
            if question.help:
                say(textwrap.indent(textwrap.fill(question.help, _WIDTH), "      "))
            back = not self._ask(question)
            index = max(0, index - 1) if back else index + 1
        return self._answers

    def _number(self, questions: tuple[Question, ...], index: int) -> str:
        """Return which question of how many this is; those that do not apply are not counted."""
        applies = [one.applies(self._answers, self._found) for one in questions]
        return f"{sum(applies[:index]) + 1}/{sum(applies)}"

    def _ask(self, question: Question) -> bool:
        """Ask until an answer is right; False to go back to the question before."""
        while True:
            default = self._default(question)
            line = read_line(f"      [{default}] > " if default else "      > ")
            if line.strip() == _BACK:
                return False
            if line.strip() == _QUIT:
                raise _stopped()
            text = line.strip() or default
            if text is None:
                say("      ! This one must be answered.")
                continue
            try:
                given = question.read(text, self._answers)
            except Choice as choice:
                city = self._choose(choice)
                if city is None:
                    continue
                given = city
            except ValueError as error:
                say(textwrap.indent(textwrap.fill(f"! {error}", _WIDTH), "      "))
                continue
            if given.get("city"):
                say(f"      {given['city']}")
            self._answers.update(given)
            self._keep()
            for shown in self._look(question.key, self._answers):
                say(f"      {shown}")
            return True

    def _default(self, question: Question) -> str | None:
        held = self._held.get(question.key)
        # what a city or the coordinates have just given counts more than what was held
        if question.key in {"site.latitude_deg", "site.time_zone"} or held in (None, ""):
            return question.default(self._answers, self._found)
        if question.key == "camera.sensor" and self._held.get("camera.adapter") == "folder":
            return "folder"
        return ("no", "yes")[held] if isinstance(held, bool) else str(held)

    def _choose(self, choice: Choice) -> Answers | None:
        """Ask which of several places is meant; None to ask the question itself again.

        Raises:
            Stopped: The owner stopped.
        """
        for number, (city, label) in enumerate(
            zip(choice.cities, labels(choice.cities), strict=True), start=1
        ):
            say(f"      {number}  {label}  ({city.latitude_deg:.2f}, {city.longitude_deg:.2f})")
        while True:
            line = read_line(f"      Which number? {_BACK} for none of them > ").strip()
            if line == _QUIT:
                raise _stopped()
            if line == _BACK:
                return None
            if line.isdecimal() and 1 <= int(line) <= len(choice.cities):
                return of_city(choice.cities[int(line) - 1])
            most = len(choice.cities)
            say(f"      ! {line!r} is no number from 1 to {most}; {_BACK} asks for the place again")

    def _keep(self) -> None:
        with contextlib.suppress(ArchiveError):
            write_atomic(self._kept, json.dumps(self._answers).encode())

    def forget(self) -> None:
        """Remove the kept answers: they are in the configuration."""
        with contextlib.suppress(OSError):
            self._kept.unlink()


def kept_answers() -> Path:
    """Return where answers are kept between two calls."""
    state = os.environ.get("XDG_STATE_HOME") or "~/.local/state"
    return Path(state).expanduser() / "issgaze" / "setup-answers.json"


def confirm(text: str) -> bool:
    """Ask yes or no; an empty line is no.

    Raises:
        Stopped: The line broke.
    """
    while True:
        line = read_line(f"{text} [no] > ").strip()
        try:
            return bool(line) and yes_or_no(line)
        except ValueError as error:
            say(f"! {error}")


def say(text: str) -> None:
    """Print a line of the conversation."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def read_line(prompt: str) -> str:
    """Print a prompt and return a line; nothing that a dumb terminal does not know is used.

    Raises:
        Stopped: The input ended or Ctrl-C was pressed.
    """
    sys.stdout.write(prompt)
    sys.stdout.flush()
    try:
        line = sys.stdin.readline()
    except KeyboardInterrupt:
        say("")
        raise _stopped() from None
    except UnicodeDecodeError:
        return ""
    if not line:
        say("")
        raise _stopped()
    # letters of a terminal that deletes by itself
    return line.rstrip("\n").replace("\x7f", "").replace("\b", "")


def _stopped() -> Stopped:
    return Stopped(
        "set-up is not finished, the configuration is as it was",
        remedy="`issgaze setup` goes on with your answers where you stopped.",
    )
