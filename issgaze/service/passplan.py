"""Capture plans of passes on this device, and what goes to disk with them."""

import dataclasses
from collections.abc import Sequence
from typing import Any

from issgaze.archive.elements import ElementStore
from issgaze.archive.layout import Archive
from issgaze.archive.lenshistory import LensHistory
from issgaze.archive.pacefile import measured_interval_s
from issgaze.archive.planfile import PlanFile
from issgaze.config import Settings
from issgaze.errors import ArchiveError
from issgaze.orbit.elements import ElementSet
from issgaze.orbit.formats import element_record
from issgaze.planning.capture import plan_capture, shared
from issgaze.planning.plan import CapturePlan, Choice
from issgaze.service.devices import Devices


class PassPlanner:
    """Makes the plan of a pass from the newest elements, and the pass folder's plan.json.

    Args:
        archive: Holds elements, lens and the measured pace of the device.
        settings: Site, camera and satellites.
        devices: Camera, clock and roof.
    """

    def __init__(self, archive: Archive, settings: Settings, devices: Devices) -> None:
        self._archive = archive
        self._settings = settings
        self._devices = devices
        self._store = ElementStore(archive.elements)

    def elements(self, choice: Choice) -> ElementSet:
        """Return the newest set of the satellite.

        Raises:
            ArchiveError: There is none.
        """
        norad_id = choice.iss_pass.norad_id
        held = self._store.latest(norad_id, at=self._devices.clock.now_utc())
        if held is None:
            raise ArchiveError(
                f"no element set of {norad_id} in {self._archive.elements}",
                remedy="Run `issgaze elements fetch` or `issgaze elements import FILE`.",
            )
        return held

    def plan(
        self, choice: Choice, others: Sequence[Choice], *, sky_mag_arcsec2: float | None = None
    ) -> CapturePlan:
        """Return the plan of a pass whose frames show the others as well.

        Args:
            choice: The pass.
            others: Those that share its frames.
            sky_mag_arcsec2: As metered, None when it was not.

        Raises:
            ArchiveError: There is no element set of the satellite.
        """
        devices, camera = self._devices, self._settings.camera
        plan = plan_capture(
            choice.iss_pass,
            elements=self.elements(choice),
            site=self._settings.require_site(),
            sensor=devices.sensor,
            mode=camera.mode,
            focal_px=devices.focal_px,
            f_number=camera.f_number,
            minimum_interval_s=self._pace_s(camera.mode) or devices.minimum_interval_s,
            binned_interval_s=self._pace_s("binned"),
            has_cover=devices.roof is not None and camera.has_cover,
            clock_bound_s=devices.clock.quality().bound_s,
            sky_mag_arcsec2=sky_mag_arcsec2,
            standard_magnitude=self._settings.passes.standard_magnitude,
        )
        return shared(plan, [other.iss_pass for other in others]) if others else plan

    def _pace_s(self, mode: str) -> float | None:
        """Return what a frame takes on this device; a simulated camera waits for develop."""
        return None if self._devices.simulated else measured_interval_s(self._archive, mode)

    def plan_file(self, pass_id: str, choice: Choice, plan: CapturePlan) -> PlanFile:
        """Return plan.json of a pass, under its id in the ledger.

        Raises:
            ArchiveError: There is no element set of the satellite.
        """
        elements = self.elements(choice)
        return PlanFile(
            pass_id=pass_id,
            plan=plan,
            site=self._settings.require_site(),
            site_name=self._settings.site.name,
            time_zone=self._settings.site.time_zone,
            satellite=elements.name,
            elements=element_record(elements),
            lens=self._lens(),
            simulated=self._devices.simulated,
        )

    def sharing_file(
        self, pass_id: str, choice: Choice, plan: CapturePlan, *, lights_from: str
    ) -> PlanFile:
        """Return plan.json of a pass that shares the frames of another one's plan.

        Raises:
            ArchiveError: There is no element set of the satellite.
        """
        own = dataclasses.replace(plan, iss_pass=choice.iss_pass, expected_snr=None)
        return dataclasses.replace(self.plan_file(pass_id, choice, own), lights_from=lights_from)

    def _lens(self) -> dict[str, Any] | None:
        """Return the lens as the last pass left it, else as the camera came with it."""
        kept = LensHistory(self._archive.calibration).current()
        given = self._devices.lens
        if kept is None or (given is not None and kept.width_px != given["width_px"]):
            return given
        return kept.to_document()
