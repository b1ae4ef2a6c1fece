"""A serial port, opened for one program alone; whatever goes wrong there is a DeviceError."""

import contextlib
import os
from types import TracebackType
from typing import Any

from issgaze.errors import DeviceError


class SerialPort:
    """Bytes in and out; a context manager.

    Args:
        path: As in /dev/issgaze-roof.
        baud: Bits a second; a USB device does not care.
        patience_s: What a read waits for the first byte.

    Raises:
        DeviceError: pyserial is missing, the port is not there, or another program holds it.
    """

    def __init__(self, path: str, *, baud: int = 115200, patience_s: float = 0.1) -> None:
        try:
            import serial
        except ImportError as error:
            raise DeviceError(
                "pyserial is not installed", remedy="Run `sudo apt install python3-serial`."
            ) from error
        self._path = path
        try:
            self._serial: Any = serial.Serial(
                path, baud, timeout=patience_s, write_timeout=1.0, exclusive=True
            )
        except (OSError, ValueError) as error:
            # pyserial's own exception is an OSError; its text holds the system's
            held = getattr(error, "errno", None) == 11 or "lock" in str(error).lower()
            there = os.path.exists(path)  # noqa: PTH110 - a character device, not a file of ours
            reason = (
                "another program holds it"
                if held
                else "it cannot be opened"
                if there
                else "no such port"
            )
            raise DeviceError(
                f"{path}: {reason}",
                remedy="Check cable and supply, that its name is right (`ls -l /dev/serial/by-id`),"
                " and that you are in the group dialout.",
            ) from error

    def __enter__(self) -> "SerialPort":
        """Hold the port."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give it back, even one that was pulled."""
        with contextlib.suppress(OSError):
            self._serial.close()

    def read(self) -> bytes:
        """Return what has come, after a short wait; nothing when nothing came.

        Raises:
            DeviceError: The device is gone.
        """
        try:
            waiting = int(self._serial.in_waiting)
            return bytes(self._serial.read(max(1, waiting)))
        # a port that is closed under its reader is a TypeError of pyserial
        except (OSError, TypeError) as error:
            raise self._gone() from error

    def write(self, data: bytes) -> None:
        """Send bytes.

        Raises:
            DeviceError: The device is gone, or takes nothing for a second.
        """
        try:
            self._serial.write(data)
        except (OSError, TypeError) as error:
            raise self._gone() from error

    def _gone(self) -> DeviceError:
        return DeviceError(f"{self._path}: the device is gone", remedy="Check its cable.")
