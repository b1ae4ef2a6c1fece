"""The status of observe, published once a second from whatever it is doing."""

import shutil
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from issgaze import __version__
from issgaze.archive.passdocument import choice_document
from issgaze.archive.status import write_status
from issgaze.civil import format_utc, later
from issgaze.errors import ArchiveError
from issgaze.planning.plan import Choice
from issgaze.ports import Clock, RoofController
from issgaze.service.capture import Progress
from issgaze.service.health import Health, element_age_days
from issgaze.service.prediction import Prediction, elements_document
from issgaze.service.roofstatus import roof_status

_INTERVAL_S = 1.0


class Reporter:
    """Keeps status.json true; a context manager that runs its own thread.

    Args:
        run: The run folder.
        clock: The device's clock.
        facts: What never changes: site, time zone, whether all is simulated, its speed.
        log: Told when the status cannot be written.
        health: How the device is, None where that does not matter.
        roof: Cover and weather, None where there is no roof controller.
    """

    def __init__(
        self,
        run: Path,
        clock: Clock,
        facts: dict[str, Any],
        log: Callable[[str], None],
        health: Health | None = None,
        roof: RoofController | None = None,
    ) -> None:
        self._run = run
        self._clock = clock
        self._facts = facts
        self._log = log
        self._health = health
        self._roof = roof
        self._lock = threading.Lock()
        self._doing: dict[str, Any] = {"state": "starting", "sentence": "Starting."}
        self._last_words = "Stopped."
        self._prediction: Prediction | None = None
        self._next: Choice | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._tick, name="status", daemon=True)

    def __enter__(self) -> "Reporter":
        """Begin publishing."""
        self.publish()
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        """Publish that nothing runs any more, and stop."""
        self._stop.set()
        self._thread.join()
        self.say("stopped", self._last_words)
        if self._health is not None:
            self._health.close()

    def say(self, state: str, sentence: str, **more: Any) -> None:
        """Say what the device does now, for machines and for people."""
        with self._lock:
            self._doing = {"state": state, "sentence": sentence, **more}
        self.publish()

    def end_with(self, sentence: str) -> None:
        """Choose the sentence that stays in the status when nothing runs any more."""
        self._last_words = sentence

    def foresee(self, prediction: Prediction, next_choice: Choice | None) -> None:
        """Say what is expected, and which pass is photographed next."""
        with self._lock:
            self._prediction = prediction
            self._next = next_choice

    def capturing(self, pass_id: str, folder: str, progress: Progress) -> None:
        """Say how far the capture is."""
        info = progress.frame
        self.say(
            "darks" if progress.phase == "darks" else "capturing",
            f"Photographing: {progress.phase[:-1]} {progress.done} of {progress.planned}.",
            capture={
                "pass_id": pass_id,
                "folder": folder,
                "phase": progress.phase,
                "done": progress.done,
                "planned": progress.planned,
                "exposure_s": progress.exposure_s,
                "analogue_gain": progress.analogue_gain,
                "last_end_utc": format_utc(later(info.start_utc, info.exposure_s))
                if info
                else None,
                "dead_time_s": info.dead_time_s if info else None,
                "sensor_temperature_c": info.temperature_c if info else None,
            },
        )

    def publish(self) -> None:
        """Write the status now."""
        try:
            with self._lock:
                write_status(self._run, self._document())
        except ArchiveError as error:
            self._log(error.message)

    def _document(self) -> dict[str, Any]:
        now = self._clock.now_utc()
        quality = self._clock.quality()
        usage = shutil.disk_usage(self._run.parent)
        prediction = self._prediction
        return {
            "utc": format_utc(now),
            "version": __version__,
            **self._facts,
            **self._doing,
            "clock": {
                "trust": quality.trust,
                "bound_s": quality.bound_s,
                "source": quality.source,
            },
            "elements": elements_document(prediction.elements, now) if prediction else [],
            "next_pass": choice_document(self._next) if self._next else None,
            "disk": {
                "free_gb": round(usage.free / 1e9, 2),
                "total_gb": round(usage.total / 1e9, 2),
            },
            "health": self._health_document(now),
            "roof": roof_status(self._roof),
        }

    def health(self) -> dict[str, Any]:
        """Return how the device is, for the events of a pass."""
        return self._health_document(self._clock.now_utc())

    def _health_document(self, now: datetime) -> dict[str, Any]:
        if self._health is None:
            return {}
        held = self._prediction.elements if self._prediction else ()
        epoch = held[0].epoch if held else None
        return self._health.document(element_age_days=element_age_days(epoch, now))

    def _tick(self) -> None:
        while not self._stop.wait(_INTERVAL_S):
            self.publish()
