"""The trail so far for guests: one picture a minute, so that its frames do not tell the second."""

import threading

from issgaze.web.readings import LIVE_FILE, Readings


class LivePictures:
    """Keeps the picture of the present minute, one pass at a time.

    Args:
        readings: The archive.
    """

    def __init__(self, readings: Readings) -> None:
        self._readings = readings
        self._lock = threading.Lock()
        self._kept: tuple[str, str, bytes] = ("", "", b"")

    def of_the_minute(self, pass_id: str, minute: str) -> bytes:
        """Return the picture of a pass as it was when this minute was first asked for."""
        with self._lock:
            if self._kept[:2] != (pass_id, minute):
                folder = self._readings.folder(pass_id)
                try:
                    content = (folder / LIVE_FILE).read_bytes() if folder else b""
                except OSError:
                    content = b""
                self._kept = (pass_id, minute, content)
            return self._kept[2]
