"""Run by a copy of a unit, with its user and sandbox: tries things and prints what went through.

Usage: forbidden.py; one JSON object on stdout. Standard library only.
"""

import ctypes
import json
import os
import socket
from collections.abc import Callable
from pathlib import Path


def _write(path: str) -> Callable[[], object]:
    def attempt() -> None:
        target = Path(path)
        if target.is_dir():
            (target / ".trial").write_text("x")
            (target / ".trial").unlink()
        else:
            with target.open("ab"):
                pass

    return attempt


def _read(path: str) -> Callable[[], object]:
    return lambda: Path(path).read_bytes() if Path(path).is_file() else list(Path(path).iterdir())


def _inet() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as link:
        link.settimeout(3.0)
        link.connect(("127.0.0.1", 8080))


def _internet() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.sendto(b"x", ("192.0.2.1", 9))


def _device(path: str) -> Callable[[], object]:
    return lambda: os.close(os.open(path, os.O_RDWR))


def _set_clock() -> None:
    library = ctypes.CDLL(None, use_errno=True)

    class Timeval(ctypes.Structure):
        _fields_ = (("s", ctypes.c_long), ("us", ctypes.c_long))

    import time

    if library.settimeofday(ctypes.byref(Timeval(int(time.time()), 0)), None):
        raise OSError(ctypes.get_errno(), "settimeofday")


def _read_clock() -> None:
    library = ctypes.CDLL(None, use_errno=True)
    if library.adjtimex(ctypes.create_string_buffer(400)) < 0:
        raise OSError(ctypes.get_errno(), "adjtimex")


def _mount() -> None:
    library = ctypes.CDLL(None, use_errno=True)
    if library.mount(b"none", b"/tmp", b"tmpfs", 0, None):
        raise OSError(ctypes.get_errno(), "mount")


def _namespace() -> None:
    library = ctypes.CDLL(None, use_errno=True)
    if library.unshare(0x10000000):
        raise OSError(ctypes.get_errno(), "unshare")


def _executable_memory() -> None:
    import mmap

    mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)


def _others() -> None:
    if not any(
        path.name.isdigit() and path.stat().st_uid not in {os.getuid(), 65534}
        for path in Path("/proc").iterdir()
    ):
        raise OSError(1, "no process of others to be seen")


def _suid() -> None:
    path = Path("/tmp/trial")
    path.write_text("x")
    path.chmod(0o4755)


TRIES: dict[str, Callable[[], object]] = {
    "connect to the page": _inet,
    "send to the internet": _internet,
    "write /etc": _write("/etc"),
    "write /usr": _write("/usr"),
    "write the configuration": _write("/etc/issgaze"),
    "read the configuration": _read("/etc/issgaze/issgaze.toml"),
    "read a home": _read("/home"),
    "read shadow": _read("/etc/shadow"),
    "write the archive": _write("/var/lib/issgaze"),
    "write the ledger": _write("/var/lib/issgaze/ledger.jsonl"),
    "read the ledger": _read("/var/lib/issgaze/ledger.jsonl"),
    "write passes": _write("/var/lib/issgaze/passes"),
    "write elements": _write("/var/lib/issgaze/elements"),
    "write calibration": _write("/var/lib/issgaze/calibration"),
    "write the status": _write("/run/issgaze"),
    "drop a request": _write("/run/issgaze/requests"),
    "give an answer": _write("/run/issgaze/answers"),
    "open /dev/mem": _device("/dev/mem"),
    "open a disk": _device("/dev/vda"),
    "open kmsg": _device("/dev/kmsg"),
    "open the net device": _device("/dev/net/tun"),
    "set the clock": _set_clock,
    "read the clock's quality": _read_clock,
    "become root": lambda: os.setuid(0),
    "mount": _mount,
    "make a namespace": _namespace,
    "write and execute memory": _executable_memory,
    "see processes of others": _others,
    "set a suid bit": _suid,
    "raise its priority": lambda: os.nice(-10),
}


def main() -> None:
    """Try everything."""
    found: dict[str, str] = {}
    for name, attempt in TRIES.items():
        try:
            attempt()
        except (OSError, ValueError) as error:
            found[name] = f"no: {error}"
        else:
            found[name] = "yes"
    print(json.dumps({"user": os.getuid(), "groups": sorted(os.getgroups()), **found}))  # noqa: T201 - its only voice


if __name__ == "__main__":
    main()
