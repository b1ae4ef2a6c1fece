"""Predicting the passes of the coming days, and choosing which of them is photographed next."""

import math
from collections.abc import Callable
from datetime import datetime

from issgaze.archive.elements import ElementStore
from issgaze.archive.horizonfile import HorizonStore
from issgaze.archive.passfolder import PassFolder
from issgaze.civil import later, seconds_between
from issgaze.planning.plan import CapturePlan, Choice
from issgaze.service.between import Between
from issgaze.service.bookkeeping import Bookkeeper
from issgaze.service.capture import darks_start_lead_s
from issgaze.service.nextchart import publish_charts
from issgaze.service.observerparts import ObserverParts
from issgaze.service.outlook import planned
from issgaze.service.passplan import PassPlanner
from issgaze.service.prediction import Prediction, predict, predict_for_guests, publish_prediction

# predictions are renewed this often, and whenever a pass is over
_REFRESH_S = 6 * 3600.0
_ARM_LEAD_S = 60.0
# the last look before a pass
LAST_LOOK_S = 15.0 * 60.0
_LATEST_START_S = 5.0


class Chooser:
    """Keeps the prediction, the ledger and the page in step, and says what comes next.

    Args:
        parts: Of the observer.
        planner: Makes the plans of passes.
        between: Knows clock, disk and weather, and holds the frames of a blind night.
        books: The ledger.
        sky_mag: Gives the sky as metered before a pass, None when it was not.
    """

    def __init__(
        self,
        parts: ObserverParts,
        *,
        planner: PassPlanner,
        between: Between,
        books: Bookkeeper,
        sky_mag: Callable[[Choice], float | None],
    ) -> None:
        self._archive = parts.archive
        self._settings = parts.settings
        self._clock = parts.devices.clock
        self._log = parts.log
        self._planner = planner
        self._between = between
        self._books = books
        self._sky_mag = sky_mag
        self._store = ElementStore(parts.archive.elements)
        self._foreseen: Prediction | None = None
        self._done: set[str] = set()
        self._complaints: tuple[str, ...] = ()

    def claim_blind_frames(self) -> list[PassFolder]:
        """Give frames that were taken before the time was known to the passes they show.

        Raises:
            ArchiveError: The disk refuses a folder.
        """

        def choices(since: datetime) -> tuple[Choice, ...]:
            known = self._between.conditions()
            learnt = HorizonStore(self._archive.calibration).line()
            return predict(self._store, self._settings, since, known, learnt=learnt).choices

        claimed = self._between.passes_gone_over(choices, self._planner, self._books)
        for folder in claimed:
            self._done.add(folder.id)
            self._log(f"{folder.id}: {len(folder.lights())} frames taken before the time was known")
        return claimed

    def predict(self) -> Prediction:
        """Predict anew, and tell ledger and page.

        Raises:
            ArchiveError: The disk refuses, or an element set is gone.
        """
        settings, now = self._settings, self._clock.now_utc()
        known = self._between.conditions()
        learnt = HorizonStore(self._archive.calibration).line()
        prediction = predict(self._store, settings, now, known, learnt=learnt)
        self._foreseen = prediction
        for complaint in prediction.complaints:
            if complaint not in self._complaints:
                self._log(complaint)
        self._complaints = prediction.complaints
        if self._clock.quality().trust != "untrusted":
            self._books.foresee(prediction.choices, now)
            self._books.settle(now)
        guest = predict_for_guests(self._store, settings, now, known)
        plans = planned(prediction.choices, lambda choice: self._planner.plan(choice, ()))
        publish_prediction(self._archive, prediction, guest, plans=plans)
        publish_charts(self._archive, settings, prediction, guest, settings.horizon() or learnt)
        return prediction

    def visible(self) -> tuple[Choice, ...]:
        """Return the passes foreseen that can be seen."""
        return self._foreseen.visible() if self._foreseen is not None else ()

    def next(self) -> Choice | None:
        """Return the pass to photograph next; one that has begun still counts."""
        latest = later(self._clock.now_utc(), _LATEST_START_S)
        wanted = (
            choice
            for choice in self._choices()
            if choice.verdict == "shoot"
            and choice.shares is None
            and choice.iss_pass.id not in self._done
            and choice.iss_pass.lit
            and choice.iss_pass.lit[-1].end.utc > latest
        )
        return next(wanted, None)

    def take(self, choice: Choice) -> None:
        """Say that a pass is being photographed: it is not chosen again."""
        self._done.add(choice.iss_pass.id)

    def next_look(self) -> datetime:
        """Return when to predict anew: now and then, and shortly before each pass to be seen.

        The last look sees the newest element set, the weather and the disk; a pass that was to be
        skipped may be shot after all.
        """
        now = self._clock.now_utc()
        looks = (later(choice.iss_pass.lit[0].start.utc, -LAST_LOOK_S) for choice in self.visible())
        return min([later(now, _REFRESH_S), *(look for look in looks if look > now)])

    def sharing(self, choice: Choice) -> tuple[Choice, ...]:
        """Return the passes that share the frames of one."""
        return tuple(each for each in self._choices() if each.shares == choice.iss_pass.id)

    def plan(self, choice: Choice) -> CapturePlan:
        """Return the plan of a pass, by the sky as metered.

        Raises:
            ArchiveError: There is no element set of the satellite.
        """
        sky = self._sky_mag(choice)
        return self._planner.plan(choice, self.sharing(choice), sky_mag_arcsec2=sky)

    def arm_time(self, choice: Choice) -> datetime:
        """Return when the capture of a pass begins to be prepared.

        Raises:
            ArchiveError: There is no element set of the satellite.
        """
        plan = self.plan(choice)
        return later(plan.lights[0].start_utc, -darks_start_lead_s(plan) - _ARM_LEAD_S)

    def left_s(self) -> float:
        """Return the seconds until the next pass begins to be worked on; infinite without one.

        Raises:
            ArchiveError: There is no element set of the satellite.
        """
        choice = self.next()
        if choice is None:
            return math.inf
        return seconds_between(self._clock.now_utc(), self.arm_time(choice))

    def _choices(self) -> tuple[Choice, ...]:
        return self._foreseen.choices if self._foreseen is not None else ()
