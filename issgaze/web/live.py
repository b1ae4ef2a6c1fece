"""Live: what has changed since a moment ago, sent to a few viewers and told to all who ask."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from issgaze.web.home import fresh_trail, next_pass
from issgaze.web.livepass import live_pass
from issgaze.web.passlines import when_seen
from issgaze.web.readings import Readings
from issgaze.web.sentences import doing
from issgaze.web.shots import shot
from issgaze.web.visit import Visit

MOST_STREAMS = 8
_INTERVAL_S = 1.0
_STREAM_S = 600.0
_HEARTBEAT_S = 15.0


def moment(readings: Readings, visit: Visit) -> dict[str, Any]:
    """Return what the page shows now, for its script.

    `page` changes whenever the page must be built anew; the rest is filled in where it stands.
    """
    guest = not visit.owner
    item = next_pass(readings.predictions(guest=guest), visit)
    chart = readings.chart(item["id"], guest=guest) if item else {}
    live = live_pass(readings, visit, item, chart)
    now = doing(visit, item)
    last = readings.last_picture(owner=visit.owner)
    parts = [
        visit.state,
        (item or {}).get("id"),
        # what is up is counted down to no longer
        item is not None and visit.left_s(when_seen(item)["utc"]) > 0.0,
        shot(last, readings, visit).id if last else None,
        fresh_trail(readings, visit),
    ]
    document: dict[str, Any] = {
        "utc": visit.now_utc if visit.owner else visit.now_utc[:16] + ":00Z",
        "speed": visit.speed,
        "state": visit.state,
        "doing": [now.lead, now.rest],
    }
    if live is not None:
        parts += [live.pass_id, bool(live.picture), live.station is None, len(live.to_come)]
        station = live.station
        document["live"] = {
            "eyebrow": live.eyebrow,
            "big": live.big,
            "under": live.under,
            "aside": live.aside,
            "station": [station.x, station.y] if station else None,
            "picture": live.picture,
            "step": live.step,
            "done": live.done,
            "planned": live.planned,
            "numbers": {key: value for key, _name, value in live.numbers},
        }
    document["page"] = "/".join(str(part) for part in parts)
    return document


class Streams:
    """The few places of live viewers."""

    def __init__(self) -> None:
        self._places = threading.BoundedSemaphore(MOST_STREAMS)
        self._open = 0

    @property
    def count(self) -> int:
        """How many watch now."""
        return self._open

    def begin(self, tell: Callable[[], dict[str, Any]]) -> "Stream | None":
        """Return a stream of what `tell` returns once a second; None when all places are taken."""
        if not self._places.acquire(blocking=False):
            return None
        self._open += 1
        return Stream(tell, self._end)

    def _end(self) -> None:
        self._open -= 1
        self._places.release()


class Stream:
    """Server-sent events for one viewer; gives its place back however the viewer leaves.

    Not a generator: one that was never begun does not run its `finally`, and its place would be
    lost.
    """

    def __init__(self, tell: Callable[[], dict[str, Any]], end: Callable[[], None]) -> None:
        self._tell = tell
        self._end = end
        self._until = time.monotonic() + _STREAM_S
        self._last = ""
        self._quiet_since = 0.0
        self._pause = threading.Event()
        self._ended = False
        self._lock = threading.Lock()

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if self._last:
            self._pause.wait(_INTERVAL_S)
        now = time.monotonic()
        if now >= self._until or self._ended:
            self.close()
            raise StopIteration
        text = json.dumps(self._tell(), ensure_ascii=False)
        if text != self._last or now - self._quiet_since >= _HEARTBEAT_S:
            self._last, self._quiet_since = text, now
            return f"data: {text}\n\n".encode()
        # a comment a second costs nothing and finds out who has left
        return b":\n\n"

    def close(self) -> None:
        """Give the place back."""
        with self._lock:
            if not self._ended:
                self._ended = True
                self._end()

    def __del__(self) -> None:
        self.close()
