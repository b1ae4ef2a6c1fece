"""Programs of this package as child processes."""

import ctypes
import signal
import sys

_PR_SET_PDEATHSIG = 1


def command_of(*words: str) -> list[str]:
    """Return the command line that runs `issgaze WORDS` in this interpreter.

    -P keeps the present folder off the path: one called issgaze, such as a clone's, would be taken
    for the package.
    """
    return [sys.executable, "-P", "-m", "issgaze", *words]


def end_with_parent() -> None:
    """Have the kernel end this process when its parent dies, even by SIGKILL (prctl(2)).

    For `preexec_fn`: it runs in the child before its program.
    """
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
