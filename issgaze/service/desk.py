"""The desk of a program: takes requests from the run folder and answers them within a second."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from issgaze.archive.requests import Requests
from issgaze.errors import IssgazeError

_LOOK_S = 0.25

# does what is asked, given its facts, and returns what to say about it; raises why it cannot
# or, for machines, facts of which "message" is that
Handler = Callable[[Mapping[str, Any]], str | Mapping[str, Any]]


class Desk:
    """Looks for requests whenever it is asked to, a few times a second at most.

    Args:
        requests: The folders.
        handlers: What this program can do, by kind of request.
        monotonic_s: A clock that never steps.
    """

    def __init__(
        self,
        requests: Requests,
        handlers: Mapping[str, Handler],
        *,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._requests = requests
        self._handlers = handlers
        self._monotonic_s = monotonic_s
        self._last_s: float | None = None
        self._busy = False

    def look(self) -> None:
        """Do and answer what waits; an error of the owner's becomes the answer."""
        now_s = self._monotonic_s()
        # a handler may wait itself, and whoever waits looks here
        if self._busy or (self._last_s is not None and now_s - self._last_s < _LOOK_S):
            return
        self._last_s = now_s
        self._busy = True
        try:
            for request in self._requests.pending(self._handlers):
                try:
                    said = self._handlers[request.kind](request.facts)
                except IssgazeError as error:
                    self._requests.answer(
                        request, done=False, message=error.message, remedy=error.remedy
                    )
                else:
                    facts = {"message": said} if isinstance(said, str) else {"message": "", **said}
                    self._requests.answer(request, done=True, **facts)
        finally:
            self._busy = False
