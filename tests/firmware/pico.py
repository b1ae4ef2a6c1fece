"""A Pico on the desk: the whole firmware under the real MicroPython, behind a pseudo-terminal."""

import fcntl
import json
import os
import pty
import shutil
import subprocess
import sys
import tty
from pathlib import Path
from typing import Any

from tests.firmware.heldclock import HeldClock

ROOT = Path(__file__).parents[2]
FAKE = Path(__file__).parent / "fake"
MICROPYTHON = Path(sys.executable).parent / "micropython"
# of an RP2040's 264 kB, what MicroPython leaves a program; objects are twice as large on a PC
HEAP = "384k"


def flash_files() -> list[Path]:
    """Return what goes onto the controller."""
    return [*sorted((ROOT / "firmware").glob("*.py")), ROOT / "issgaze" / "roofwire.py"]


class Pico:
    """The firmware as a process; a context manager.

    Args:
        folder: Its flash, and the files that steer its world.
        speed: How much faster than true its time runs.
        step_ms: Its time stands still but for steps of so much, see `HeldClock`; 0 lets it run.
        program: What to run instead of main.py.
        world: What is around it, as in fake/machine.py.
    """

    def __init__(
        self,
        folder: Path,
        *,
        speed: int = 1,
        step_ms: int = 0,
        program: str = "main.py",
        **world: Any,
    ) -> None:
        self.folder = folder
        self.speed = speed
        folder.mkdir(exist_ok=True)
        self.clock = HeldClock(folder, step_ms=step_ms, alive=self._runs) if step_ms else None
        self._program = program
        self._world = world
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Pico":
        for path in flash_files():
            shutil.copy(path, self.folder)
        # settings of pins.py are in capitals, the world is not
        settings = {name: self._world.pop(name) for name in list(self._world) if name.isupper()}
        with (self.folder / "pins.py").open("a") as pins:
            pins.writelines(f"{name} = {value!r}\n" for name, value in settings.items())
        if self._world:
            self.change()
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        self.port = os.ttyname(self._slave)
        # as USB: what the host does not read in time is lost, and nobody waits for it
        flags = fcntl.fcntl(self._master, fcntl.F_GETFL)
        fcntl.fcntl(self._master, fcntl.F_SETFL, flags | os.O_NONBLOCK)
        self.boot()
        return self

    def boot(self) -> None:
        """Give it power."""
        errors = os.open(self.folder / "stderr.txt", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self.process = subprocess.Popen(
            [MICROPYTHON, "-X", f"heapsize={HEAP}", self.folder / self._program],
            stdin=self._master,
            stdout=self._master,
            stderr=errors,
            cwd=self.folder,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(self.folder),
                "SPEED": str(self.speed),
                "CLOCK": "clock" if self.clock else "",
                "MICROPYPATH": f"{FAKE}:{self.folder}:.frozen",
            },
        )
        os.close(errors)

    def _runs(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def cut_power(self) -> None:
        """Take its power away at once."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def __exit__(self, *exception: object) -> None:
        self.cut_power()
        os.close(self._master)
        os.close(self._slave)

    def change(self, **world: Any) -> None:
        """Change the world around it."""
        self._world |= world
        new = self.folder / "world.json.new"
        new.write_text(json.dumps(self._world))
        new.replace(self.folder / "world.json")

    def outputs(self) -> dict[str, Any]:
        """Return its pins, and where the cover truly is."""
        found: dict[str, Any] = json.loads((self.folder / "outputs.json").read_text())
        return found

    def cuts_the_pi(self) -> bool:
        """Return whether the Pi's supply is cut now."""
        try:
            return self.outputs()["pins"].get("16") == 1
        except FileNotFoundError:
            return False

    def errors(self) -> str:
        """Return what it complained of."""
        return (self.folder / "stderr.txt").read_text()
