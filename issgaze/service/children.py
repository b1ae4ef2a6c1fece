"""Programs of this package as child processes."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1


def command_of(*words: str) -> list[str]:
    """Return the command line that runs `issgaze WORDS` in this interpreter.

    -P keeps the present folder off the path: one called issgaze, such as a clone's, would be taken
    for the package.
    """
    return [sys.executable, "-P", "-m", "issgaze", *words]


def end_with_parent() -> Callable[[], None]:
    """Return what has the kernel end a child when this process dies, even by SIGKILL (prctl(2)).

    For `preexec_fn`: it runs in the child before its program.
    """
    parent = os.getpid()

    def in_child() -> None:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        # a parent that died before that was said sends nothing any more
        if os.getppid() != parent:
            os._exit(0)

    return in_child
