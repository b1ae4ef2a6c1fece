"""develop --watch: one child process for each pass, so that its memory is given back."""

import subprocess
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from issgaze.archive.layout import Archive
from issgaze.archive.passfolder import PassFolder, pass_folders
from issgaze.service.childprogress import ChildProgress
from issgaze.service.children import command_of, end_with_parent

_POLL_S = 0.2
_MAX_ATTEMPTS = 3


class Watcher:
    """Finds pass folders that need developing and sees them through, one at a time.

    Args:
        archive: The archive to watch.
        options: Options handed on to `issgaze develop`.
        stop: Becomes true when the program shall end.
        log: Told in words what happens.
        beat: Told again and again while there is nothing to do or a child gets on, and not while
            it hangs.
        spare: Asked between passes: does what can wait, and returns true to end the program.
        done: Told after each pass.
    """

    def __init__(
        self,
        archive: Archive,
        options: Sequence[str],
        *,
        stop: Callable[[], bool],
        log: Callable[[str], None],
        beat: Callable[[], None] = lambda: None,
        spare: Callable[[], bool] = lambda: False,
        done: Callable[[], None] = lambda: None,
    ) -> None:
        self._archive = archive
        self._options = tuple(options)
        self._stop = stop
        self._log = log
        self._beat = beat
        self._spare = spare
        self._done = done
        self._attempts: dict[Path, int] = {}

    def run(self) -> None:
        """Watch until stopped; a capture that has just begun comes before older work."""
        pause = threading.Event()
        while not self._stop():
            self._beat()
            folder = self._next()
            if folder is not None:
                self._develop(folder)
                self._done()
            elif self._spare():
                return
            else:
                pause.wait(_POLL_S)

    @property
    def waits(self) -> bool:
        """Whether there is a pass to work on."""
        return self._next() is not None

    def _next(self) -> PassFolder | None:
        waiting = [
            folder
            for folder in pass_folders(self._archive)
            if not folder.is_developed
            and folder.lights()
            and self._attempts.get(folder.path, 0) < _MAX_ATTEMPTS
        ]
        # of two that share frames the one that they were taken for comes first
        waiting.sort(key=lambda folder: folder.borrows)
        filling = [folder for folder in waiting if not folder.is_sealed]
        return next(iter(filling or waiting), None)

    def _develop(self, folder: PassFolder) -> None:
        self._attempts[folder.path] = self._attempts.get(folder.path, 0) + 1
        command = command_of("develop", str(folder.path), *self._options)
        with subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            preexec_fn=end_with_parent(),  # noqa: PLW1509 - no other thread runs here
        ) as child:
            progress = ChildProgress(child.pid, folder.path)
            while child.poll() is None:
                if self._stop():
                    child.terminate()
                if progress.gets_on() or _waits_for_frames(folder):
                    self._beat()
                try:
                    child.wait(_POLL_S)
                except subprocess.TimeoutExpired:
                    continue
        if child.returncode != 0 and not self._stop():
            self._log(f"developing {folder.id} failed with status {child.returncode}")


def _waits_for_frames(folder: PassFolder) -> bool:
    return not folder.is_sealed and folder.digested() >= len(folder.lights())
