"""A GNSS receiver at the end of a line: opened when it is asked, and anew after the line broke."""

from collections.abc import Callable
from types import TracebackType
from typing import Protocol, Self

from issgaze.errors import DeviceError
from issgaze.ports import GnssFix


class Line(Protocol):
    """An open line to a receiver."""

    def forget(self) -> None:
        """Pass over what came while nobody asked: its time is long over."""
        ...

    def hear(self, left_s: float) -> GnssFix | None:
        """Wait for the next word, at most so long; return the fix that it makes whole.

        Raises:
            DeviceError: The line broke.
        """
        ...

    def silence(self, waited_s: float, limit_s: float) -> DeviceError:
        """Return what to say of a receiver that gave no fix."""
        ...

    def close(self) -> None:
        """Give the line back, even one that broke."""
        ...


class LineGnss:
    """A receiver, implementing ports.GnssReceiver; a context manager.

    Args:
        open_line: Opens the line, or raises DeviceError.
        monotonic_s: A clock that never steps.
        silent_s: Without a fix, or the word that there is none, for so long it counts as silent.
    """

    def __init__(
        self, open_line: Callable[[], Line], *, monotonic_s: Callable[[], float], silent_s: float
    ) -> None:
        self._open_line = open_line
        self._monotonic_s = monotonic_s
        self._silent_s = silent_s
        self._line: Line | None = None

    def __enter__(self) -> Self:
        """Nothing is opened before it is needed."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let go of the line."""
        self._close()

    def read(self) -> GnssFix:
        """Return the next fix; DeviceError when there is no line, or it is silent."""
        try:
            return self._heard()
        except DeviceError:
            self._close()
            raise

    def _heard(self) -> GnssFix:
        if self._line is None:
            self._line = self._open_line()
        line = self._line
        began_s = self._monotonic_s()
        line.forget()
        while (waited_s := self._monotonic_s() - began_s) < self._silent_s:
            fix = line.hear(self._silent_s - waited_s)
            if fix is not None:
                return fix
        raise line.silence(waited_s, self._silent_s)

    def _close(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None
