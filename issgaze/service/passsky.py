"""What the first lights of a pass say of lens, sky and horizon."""

import contextlib
from collections.abc import Iterator
from itertools import islice
from typing import Any

from issgaze.archive.horizonfile import HorizonStore
from issgaze.archive.lenshistory import LensHistory
from issgaze.archive.planfile import PlanFile
from issgaze.arrays import Float32Array
from issgaze.errors import ArchiveError
from issgaze.optics.lens import Lens
from issgaze.orbit.elements import ElementSet
from issgaze.service.horizonlearning import learn_horizon
from issgaze.service.lensupkeep import LensCheck, check_lens
from issgaze.service.series import Light
from issgaze.service.startruth import TrackStars, stars_along

# lights asked for the lens before the old one is taken as it is: a cloud may hide one
_FRAMES_ASKED = 3


class PassSky:
    """The lens as the first lights of a pass have it, and their stars.

    Args:
        plan_file: The plan of the pass, with the lens known before.
        elements: Of the satellite, None when they cannot be read.
        lights: Of the pass; the first are looked at.
        history: Where lens and horizon are kept, None to keep them in the report alone.
    """

    def __init__(
        self,
        plan_file: PlanFile,
        elements: ElementSet | None,
        lights: Iterator[Light],
        history: LensHistory | None,
    ) -> None:
        self._plan_file = plan_file
        self._elements = elements
        self._history = history
        self._before = Lens.from_document(plan_file.lens) if plan_file.lens else None
        self._check = self._asked(lights)
        check = self._check
        if check is not None and check.lens is not None and check.event != "unsolved":
            self._remember(check, check.lens)

    def _asked(self, lights: Iterator[Light]) -> LensCheck | None:
        check: LensCheck | None = None
        for light in islice(lights, _FRAMES_ASKED):
            if light.frame is None:
                continue
            height, width = light.frame.mosaic.shape
            before = self._before.scaled_to(width, height) if self._before else None
            check = check_lens(light.frame, before, self._plan_file.site)
            if check.event != "unsolved":
                break
        return check

    def _remember(self, check: LensCheck, lens: Lens) -> None:
        # a develop that goes on after a power cut has said it before
        if self._history is not None and not self._history.holds(self._plan_file.pass_id):
            facts = {"pass_id": self._plan_file.pass_id, **check.facts()}
            middle = self._plan_file.plan.iss_pass.culmination.utc
            with contextlib.suppress(ArchiveError):
                self._history.add(lens, utc=middle, facts=facts)
                residuals = check.solution.residuals_px
                if residuals is not None:
                    self._history.keep_residuals(lens, residuals, utc=middle)

    @property
    def lens(self) -> Lens | None:
        """The lens that holds tonight."""
        return self._check.lens if self._check else self._before

    @property
    def reason(self) -> str:
        """What became of the search for the lens, for people."""
        return self._check.reason if self._check else "There is no frame to find the lens in"

    def facts(self) -> dict[str, Any] | None:
        """Return the numbers, with the transparency against the best nights there were."""
        if self._check is None:
            return None
        facts = self._check.facts()
        best = (
            self._history.best_zero_point_mag(before=self._plan_file.pass_id)
            if self._history is not None
            else None
        )
        now = facts.get("frame_zero_point_mag")
        clear = None if best is None or now is None else round(min(now - best, 0.0), 3)
        return {**facts, "transparency_mag": clear}

    def track_stars(self) -> TrackStars | None:
        """Return the bright stars along the way, None when they cannot be counted."""
        check = self._check
        if check is None or check.count is None or self._elements is None:
            return None
        horizon = HorizonStore(self._history.folder).line() if self._history is not None else None
        plan_file = self._plan_file
        return stars_along(
            plan_file.plan.iss_pass, self._elements, plan_file.site, check.count, horizon=horizon
        )

    def learn_horizon(self, sky_fraction: Float32Array) -> Float32Array:
        """Add the pass to the personal horizon, if its lens is proved.

        What cannot be kept, or an owner's picture of the horizon that does not fit, costs no
        picture of the station.

        Returns:
            The share of sky, corrected where many passes agree on the opposite.
        """
        check = self._check
        if check is None or self._history is None or check.lens is None:
            return sky_fraction
        store = HorizonStore(self._history.folder)
        known = store.load(check.lens.width_px, check.lens.height_px)
        if check.event != "unsolved" and check.count is not None:
            with contextlib.suppress(ArchiveError):
                learn_horizon(store, check.lens, check.count, sky_fraction)
        return known.settle(sky_fraction)
