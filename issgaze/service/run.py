"""run: all programs in the foreground, for a laptop, a first try and the demo."""

import shutil
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from issgaze.archive.layout import Archive
from issgaze.archive.passfolder import PassFolder, pass_folders
from issgaze.archive.status import read_status
from issgaze.civil import parse_utc, seconds_between
from issgaze.errors import ArchiveError, DeviceError, TimeError
from issgaze.planning.wording import countdown
from issgaze.service.children import command_of, end_with_parent

_POLL_S = 0.2
_PAGE_TIMEOUT_S = 20.0
_GRACE_S = 8.0
# nobody starts anew to shorten these
_SHORT_WAIT_S = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPlan:
    """What to start.

    Attributes:
        archive: Where everything goes.
        observe, develop, web: Options of each program.
        address: Of the page, for people and for the readiness check.
        stay: True keeps the page after observe has ended by itself.
        faster: What makes a simulated clock that goes at the pace of real time go faster, as words
            of the command line; empty where nothing shall.
    """

    archive: Archive
    observe: Sequence[str]
    develop: Sequence[str]
    web: Sequence[str]
    address: str
    stay: bool
    faster: str = ""


class Run:
    """The programs as child processes; a context manager that leaves none behind.

    Args:
        plan: What to start.
        log: Told in words what happens.
        show: Given the line of progress, renewed while a pass is photographed and developed.
    """

    def __init__(
        self, plan: RunPlan, *, log: Callable[[str], None], show: Callable[[str], None]
    ) -> None:
        self._plan = plan
        self._log = log
        self._show = show
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._stop = threading.Event()
        self._began = False

    def __enter__(self) -> "Run":
        """Start web first, then develop, then observe."""
        for name, options in (
            ("web", self._plan.web),
            ("develop", ["--watch", *self._plan.develop]),
            ("observe", self._plan.observe),
        ):
            command = command_of(name, *options)
            # stdout is for the path of the picture, or the one JSON document
            self._children[name] = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=sys.stderr,
                start_new_session=True,
                preexec_fn=end_with_parent(),  # noqa: PLW1509 - no thread runs before the children do
            )
        return self

    def __exit__(self, *exception: object) -> None:
        """End every program, gently first."""
        for child in self._children.values():
            if child.poll() is None:
                child.send_signal(signal.SIGTERM)
        for child in self._children.values():
            try:
                child.wait(_GRACE_S)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()

    def follow(self) -> int:
        """Show progress until observe ends or a program fails; return the exit status."""
        # which says itself where it is
        self._await_page()
        while not self._stop.is_set():
            for name, child in self._children.items():
                status = child.poll()
                if status is not None:
                    return self._ended(name, status)
            self._show(self._progress())
            self._stop.wait(_POLL_S)
        return 0

    def _await_page(self) -> None:
        web = self._children["web"]
        for _ in range(int(_PAGE_TIMEOUT_S / _POLL_S)):
            if web.poll() is not None:
                break
            try:
                with urllib.request.urlopen(self._plan.address + "healthz", timeout=2) as reply:
                    # another program may hold the port and answer in its place
                    if reply.headers.get("X-Process") == str(web.pid):
                        return
                    self._stop.wait(_POLL_S)
            except (urllib.error.URLError, OSError):
                self._stop.wait(_POLL_S)
        raise DeviceError(
            f"the page does not answer at {self._plan.address}",
            remedy="Another program may hold the port: try --port 8081.",
        )

    def _ended(self, name: str, status: int) -> int:
        if name != "observe" or status != 0:
            self._log(f"{name} ended with status {status}")
            return status or 1
        self._show("")
        if self._plan.stay:
            self._log(f"The page stays at {self._plan.address} until Ctrl-C.")
            self._children["web"].wait()
        return 0

    def _progress(self) -> str:
        try:
            status = read_status(self._plan.archive.run)
        except ArchiveError:
            return "starting"
        # until observe speaks, the last word of an earlier run stands there
        self._began = self._began or status.get("state") != "stopped"
        if not self._began:
            return "starting"
        capture = status.get("capture")
        if not isinstance(capture, dict):
            return f"{status.get('sentence', '')}{self._wait(status)}"
        digested = PassFolder(self._plan.archive.root / capture["folder"]).digested()
        return _bar(capture, digested)

    def _wait(self, status: dict[str, Any]) -> str:
        """Return how long a simulated wait is and what shortens it; empty for a real one."""
        if not self._plan.faster or status.get("state") != "waiting":
            return ""
        try:
            rise = parse_utc(status["next_pass"]["rise"]["utc"])
            left_s = seconds_between(parse_utc(status["utc"]), rise)
        except (KeyError, TypeError, TimeError):
            return ""
        if left_s < _SHORT_WAIT_S:
            return ""
        return f" That is in {countdown(left_s)}; {self._plan.faster} shortens the wait."


def _bar(capture: dict[str, Any], digested: int) -> str:
    width = max(10, min(40, shutil.get_terminal_size().columns - 50))
    planned = max(1, int(capture["planned"]))
    filled = round(width * int(capture["done"]) / planned)
    bar = "█" * filled + "·" * (width - filled)
    text = f"{capture['phase']:<6} {bar} {capture['done']}/{planned}"
    return f"{text}  developed {digested}" if capture["phase"] == "lights" else text


def newest_picture(archive: Archive) -> Path | None:
    """Return the picture of the pass developed last, None where there is none."""
    pictures = [
        folder.path / "picture.jpg"
        for folder in pass_folders(archive)
        if (folder.path / "picture.jpg").is_file()
    ]
    return max(pictures, key=lambda picture: picture.stat().st_mtime, default=None)
