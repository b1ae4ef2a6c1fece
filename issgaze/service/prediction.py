"""What observe expects of the coming days, and what web and people read of it."""

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from issgaze.archive.atomic import write_atomic
from issgaze.archive.elements import ElementStore
from issgaze.archive.layout import Archive
from issgaze.archive.passdocument import choice_document
from issgaze.civil import format_utc, later, seconds_between
from issgaze.config import Settings
from issgaze.errors import PropagationError
from issgaze.orbit.elements import ElementSet
from issgaze.orbit.finder import find_passes
from issgaze.orbit.passes import Pass
from issgaze.orbit.timing import uncertainty_from_history
from issgaze.planning.choose import Conditions, Limits, choose
from issgaze.planning.plan import Choice
from issgaze.service.privacy import guest_document, guest_site
from issgaze.sky.horizon import HorizonMask
from issgaze.sky.site import Site

HORIZON_DAYS = 10
_LONGEST_PASS_S = 20 * 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """Passes of the coming days with their verdicts.

    Attributes:
        computed_utc: When.
        elements: One set for each satellite that has one.
        choices: All passes above the minimum altitude, by time of culmination.
        complaints: Why a satellite has none, for people.
    """

    computed_utc: datetime
    site: Site
    elements: tuple[ElementSet, ...]
    choices: tuple[Choice, ...]
    complaints: tuple[str, ...] = ()

    def visible(self) -> tuple[Choice, ...]:
        """Return the passes that can be seen."""
        return tuple(choice for choice in self.choices if choice.iss_pass.visible)


def predict(
    store: ElementStore,
    settings: Settings,
    now: datetime,
    conditions: Conditions,
    *,
    learnt: HorizonMask | None = None,
) -> Prediction:
    """Return the passes from just before now to ten days ahead, above the owner's own horizon.

    Args:
        store: Element sets.
        settings: The configuration; a horizon written there wins.
        now: The instant.
        conditions: Of device and sky.
        learnt: The horizon that the camera has seen, None when it is not known.

    Raises:
        ConfigurationError: The site is not known.
    """
    site = settings.require_site()
    in_force = [store.in_force(norad_id, at=now) for norad_id in settings.passes.norad_ids]
    sets = tuple(held for held in in_force if held is not None)
    passes: list[Pass] = []
    complaints: list[str] = []
    # without the time there is nothing to predict, and nothing to write into the ledger
    for held in sets if conditions.clock_trust != "untrusted" else ():
        try:
            passes += find_passes(
                held.elements,
                site,
                later(now, -_LONGEST_PASS_S),
                later(now, HORIZON_DAYS * 86400.0),
                min_altitude_deg=settings.passes.min_altitude_deg,
                horizon=settings.horizon() or learnt,
                standard_magnitude=settings.passes.standard_magnitude,
                timing_uncertainty_s=uncertainty_from_history(
                    held.elements, held.before, rival=held.rival
                ),
            )
        except PropagationError as error:
            # one satellite that has come down, or a set far too old, hides no other
            complaints.append(f"{error.message}. {error.remedy}")
    choices = choose(
        sorted(passes, key=lambda iss_pass: iss_pass.culmination.utc),
        limits=Limits(min_culmination_deg=settings.passes.min_culmination_deg),
        conditions=conditions,
    )
    return Prediction(
        computed_utc=now,
        site=site,
        elements=tuple(held.elements for held in sets),
        choices=tuple(choices),
        complaints=tuple(complaints),
    )


def predict_for_guests(
    store: ElementStore, settings: Settings, now: datetime, conditions: Conditions
) -> Prediction:
    """Return the same for the rounded site.

    Rounding the exact passes would not do: ten days of whole-degree culminations give a site to
    0.7 km.
    """
    site = guest_site(settings.require_site())
    near = dataclasses.replace(
        settings.site,
        latitude_deg=site.latitude_deg,
        longitude_deg=site.longitude_deg,
        height_m=site.height_m,
    )
    return predict(store, dataclasses.replace(settings, site=near), now, conditions)


def elements_document(elements: tuple[ElementSet, ...], now: datetime) -> list[dict[str, Any]]:
    """Return the element sets as the contracts name them."""
    return [
        {
            "norad_id": element_set.norad_id,
            "name": element_set.name,
            "epoch": format_utc(element_set.epoch),
            "age_days": round(seconds_between(element_set.epoch, now) / 86400.0, 3),
            "source": element_set.source,
        }
        for element_set in elements
    ]


def prediction_document(prediction: Prediction) -> dict[str, Any]:
    """Return the prediction as `issgaze passes --json` prints it."""
    site = prediction.site
    return {
        "computed_utc": format_utc(prediction.computed_utc),
        "elements": elements_document(prediction.elements, prediction.computed_utc),
        "site": {
            "latitude_deg": site.latitude_deg,
            "longitude_deg": site.longitude_deg,
            "height_m": site.height_m,
        },
        "passes": [choice_document(choice) for choice in prediction.choices],
    }


def publish_prediction(
    archive: Archive,
    prediction: Prediction,
    guest: Prediction,
    *,
    plans: Mapping[str, Any] | None = None,
) -> None:
    """Write the prediction for the owner, and the one of the rounded site for everybody else.

    Args:
        archive: Where to.
        prediction: Of the site.
        guest: Of the rounded site.
        plans: What passes would be exposed with, by their id; the owner's alone.

    Raises:
        ArchiveError: The disk refuses it.
    """
    document = prediction_document(prediction)
    for item in document["passes"]:
        if plans and item["id"] in plans:
            item["plan"] = plans[item["id"]]
    write_atomic(archive.predictions, json.dumps(document).encode() + b"\n")
    rounded = json.dumps(guest_document(prediction_document(guest)))
    write_atomic(archive.guest_predictions, rounded.encode() + b"\n")
