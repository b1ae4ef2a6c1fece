"""Whether the package on disk is still the one that runs: an upgrade replaces it underneath."""

import importlib
import pkgutil
import re
import time
from collections.abc import Callable
from pathlib import Path

import issgaze

_VERSION_FILE = Path(issgaze.__file__)
_VERSION = re.compile(r'^__version__\s*(?::\s*\w+\s*)?=\s*"([^"]+)"', re.MULTILINE)
_LOOK_S = 10.0
# a device on a roof does without the simulator, a page without the stack
_LEFT_OUT = ("issgaze.simulated", "issgaze.cli", "issgaze.web", "issgaze.__main__")


def import_everything(*packages: str) -> None:
    """Import every module of the packages, so that an upgrade underneath cannot mix versions.

    Modules that need what is not installed here are left out; they would fail later as well.

    Args:
        packages: Names below issgaze, such as "archive"; none means all but simulator and page.
    """
    for module in pkgutil.walk_packages(issgaze.__path__, "issgaze."):
        wanted = any(module.name.split(".")[1] == package for package in packages)
        if wanted or (not packages and not module.name.startswith(_LEFT_OUT)):
            try:
                importlib.import_module(module.name)
            except ImportError:
                continue


def installed_version(path: Path = _VERSION_FILE) -> str | None:
    """Return the version of the package on disk; None while it is being replaced."""
    try:
        found = _VERSION.search(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return None
    return found.group(1) if found else None


def replaced(
    path: Path = _VERSION_FILE, *, monotonic_s: Callable[[], float] = time.monotonic
) -> Callable[[], bool]:
    """Return a function that becomes true when another version than the running one is installed.

    It looks at the disk every ten seconds at most.
    """
    last_s = monotonic_s()
    known = False

    def asked() -> bool:
        nonlocal last_s, known
        if not known and monotonic_s() - last_s >= _LOOK_S:
            last_s = monotonic_s()
            found = installed_version(path)
            known = found is not None and found != issgaze.__version__
        return known

    return asked
