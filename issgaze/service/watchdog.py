"""Signs of life to systemd, given by the work itself: sd_notify(3) without its library."""

import faulthandler
import os
import socket
import time
from collections.abc import Callable, Mapping

_INTERVAL_S = 5.0


class Watchdog:
    """Tells systemd that the program is ready, and again and again that it gets on.

    Nothing ticks by itself: a program that hangs is silent, and its unit starts it again.

    Args:
        environment: Where NOTIFY_SOCKET may be found; without it nothing is sent.
        monotonic_s: A clock that never steps.
    """

    def __init__(
        self,
        environment: Mapping[str, str] = os.environ,
        *,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        address = environment.get("NOTIFY_SOCKET", "")
        # a name that begins with @ is an abstract one
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self._monotonic_s = monotonic_s
        self._last_s: float | None = None

    @property
    def watched(self) -> bool:
        """True when a unit starts this program again after it has ended."""
        return bool(self._address)

    def ready(self) -> None:
        """Say that the program has started; where it hangs will be said, too, when it is killed."""
        if self.watched:
            faulthandler.enable()
        self._send(b"READY=1")

    def beat(self) -> None:
        """Say that it gets on; cheap, and sent every few seconds at most."""
        now_s = self._monotonic_s()
        if self._last_s is None or now_s - self._last_s >= _INTERVAL_S:
            self._last_s = now_s
            self._send(b"WATCHDOG=1")

    def beating(self, stop: Callable[[], bool]) -> Callable[[], bool]:
        """Return a stop function that beats whenever it is asked, as every wait and frame does."""

        def asked() -> bool:
            self.beat()
            return stop()

        return asked

    def _send(self, message: bytes) -> None:
        if not self._address:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as link:
                link.sendto(message, self._address)
        except OSError:
            # nobody listens; systemd will say so in its own way
            return
