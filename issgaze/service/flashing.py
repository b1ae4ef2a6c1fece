"""Putting the firmware onto a roof controller that runs MicroPython, by mpremote."""

import re
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from issgaze.errors import DeviceError

_PACKAGE = Path(__file__).parents[1]
# as the .deb lays it out, and as a checkout has it
_INSTALLED = Path("/usr/share/issgaze/firmware")
_CHECKOUT = _PACKAGE.parent / "firmware"
_PORT_S = 20.0
_COPY_S = 120.0
# imported by the others, and what starts it all: last, so that a broken copy starts nothing new
_LAST = "main.py"
# says which version it is
_VERSIONED = "controller.py"


def firmware_files(folder: Path | None = None) -> list[Path]:
    """Return the files of the firmware, main.py last.

    Raises:
        DeviceError: They are not there.
    """
    roots = [folder] if folder is not None else [_INSTALLED, _CHECKOUT]
    for root in roots:
        found = sorted(root.glob("*.py"))
        if any(path.name == _LAST for path in found):
            if not any(path.name == "roofwire.py" for path in found):
                found.append(_PACKAGE / "roofwire.py")
            return sorted(found, key=lambda path: path.name == _LAST)
    looked = ", ".join(str(root) for root in roots)
    raise DeviceError(
        f"no firmware in {looked}",
        remedy="Give its folder with --files; `make firmware` in a clone gathers it in"
        " build/firmware.",
    )


def shipped_firmware(folder: Path | None = None) -> str | None:
    """Return the version of the firmware that belongs to this issgaze; None where it is not here.

    Args:
        folder: Of the firmware, the usual places if not given.
    """
    try:
        files = firmware_files(folder)
        text = next(path for path in files if path.name == _VERSIONED).read_text(encoding="utf-8")
    except (DeviceError, StopIteration, OSError):
        return None
    found = re.search(r'^FIRMWARE = "([^"]+)"', text, re.MULTILINE)
    return found.group(1) if found else None


def flash(
    files: Sequence[Path],
    port: str,
    *,
    log: Callable[[str], None],
    run: Callable[..., "subprocess.CompletedProcess[str]"] = subprocess.run,
    port_s: float = _PORT_S,
) -> None:
    """Write files into a controller's flash and start it.

    Args:
        files: In this order.
        port: Of the controller; it may still be on its way back from a reset.
        log: Told what happens.
        run: Runs a program.
        port_s: How long the port may take to appear.

    Raises:
        DeviceError: mpremote is missing, the port does not appear, or the copy fails.
    """
    # pipx puts it there, which is on the path from the next login on
    program = shutil.which("mpremote") or shutil.which("mpremote", path=Path.home() / ".local/bin")
    if program is None:
        raise DeviceError(
            "mpremote is not installed",
            remedy="Run `sudo apt install micropython-mpremote`; on bookworm, which has none, "
            "`sudo apt install pipx && pipx install mpremote`.",
        )
    _await_port(port, port_s)
    names = [str(path) for path in files]
    log(f"writing {len(names)} files to {port}")
    words = [program, "connect", port, "fs", "cp", *names, ":", "+", "reset"]
    try:
        done = run(words, capture_output=True, text=True, timeout=_COPY_S, check=False)
    except subprocess.TimeoutExpired as error:
        raise DeviceError(
            f"{port}: writing took longer than {_COPY_S:.0f} s",
            remedy="Unplug the controller, plug it in, and try again.",
        ) from error
    if done.returncode != 0:
        told = (done.stderr or done.stdout).strip().splitlines()
        raise DeviceError(
            f"{port}: mpremote failed: {told[-1] if told else 'without a word'}",
            remedy="Put MicroPython onto it first: hold BOOTSEL while plugging it in, and copy the"
            " UF2 file of your board from micropython.org.",
        )


def _await_port(port: str, limit_s: float) -> None:
    pause = threading.Event()
    end_s = time.monotonic() + limit_s
    while not Path(port).exists():
        if time.monotonic() >= end_s:
            raise DeviceError(
                f"{port}: no such port after {limit_s:.0f} s",
                remedy="Check the cable; `ls /dev/serial/by-id` lists what is there.",
            )
        pause.wait(0.1)
