"""The look at everything a quarter of an hour before a pass, once for each."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from issgaze.civil import later, seconds_between
from issgaze.config import Settings
from issgaze.errors import ArchiveError
from issgaze.orbit.elements import ElementSet
from issgaze.planning.choose import Conditions
from issgaze.planning.plan import Choice
from issgaze.service.devices import Devices
from issgaze.service.preflight import Preflight, Subject, metering_optics, preflight

# what a preflight may take at most, a camera that hangs and is opened again included
PREFLIGHT_S = 120.0
# astronomical twilight is over, with room for a quarter of an hour
_DARK_SUN_DEG = -21.0


class FirstLook:
    """Looks at camera, dome, disk and clock before passes, and remembers what it found.

    Args:
        settings: Of the camera.
        devices: To look at.
        elements: Gives the newest set of a pass's satellite.
        conditions: Gives clock, disk and weather.
        stop: Becomes true when the program shall end.
        log: Told in words what is not in order.
    """

    def __init__(
        self,
        settings: Settings,
        devices: Devices,
        *,
        elements: Callable[[Choice], ElementSet],
        conditions: Callable[[], Conditions],
        stop: Callable[[], bool],
        log: Callable[[str], None],
    ) -> None:
        self._camera = settings.camera
        self._devices = devices
        self._elements = elements
        self._conditions = conditions
        self._stop = stop
        self._log = log
        self._found: dict[str, Preflight] = {}

    def at(self, choice: Choice, arm: datetime) -> None:
        """Look once, if there is time to mend what is found.

        Args:
            choice: The pass.
            arm: When its capture begins to be prepared.
        """
        devices, mode, pass_id = self._devices, self._camera.mode, choice.iss_pass.id
        now = devices.clock.now_utc()
        if pass_id in self._found or later(now, PREFLIGHT_S) > arm:
            return
        try:
            elements = self._elements(choice)
        except ArchiveError:
            return
        optics = metering_optics(devices.sensor, mode, devices.focal_px, self._camera.f_number)
        found = preflight(
            Subject(
                clock=devices.clock,
                camera=devices.camera,
                roof=devices.roof,
                mode=mode,
                optics=optics,
                conditions=self._conditions(),
                element_age_days=seconds_between(elements.epoch, now) / 86400.0,
                stop=self._stop,
            )
        )
        self._found[pass_id] = found
        for check in found.complaints():
            self._log(f"{check.name}: {check.value}, the limit is {check.limit}. {check.remedy}")

    def sky_mag(self, choice: Choice) -> float | None:
        """Return the sky as metered, where twilight does not change it until the pass."""
        found = self._found.get(choice.iss_pass.id)
        dark = choice.iss_pass.sun_altitude_deg < _DARK_SUN_DEG
        return found.sky_mag_arcsec2 if found is not None and dark else None

    def document(self, choice: Choice) -> dict[str, Any] | None:
        """Return what was found for the pass folder's events, None without a look."""
        found = self._found.get(choice.iss_pass.id)
        return found.document() if found is not None else None
