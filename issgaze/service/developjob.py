"""All that developing a series of sub-exposures needs to be told."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from issgaze.arrays import Float32Array
from issgaze.imaging.frame import Frame
from issgaze.optics.lens import Lens
from issgaze.orbit.elements import ElementSet
from issgaze.orbit.passes import Pass
from issgaze.picture.compose import Variant
from issgaze.service.darks import Darks
from issgaze.service.keeper import Keeper
from issgaze.service.series import Light
from issgaze.service.startruth import TrackStars
from issgaze.sky.site import Site
from issgaze.stacking.stacks import Resolution


def _keeps_nothing() -> Keeper:
    return Keeper(None, log=lambda _: None)


@dataclass(frozen=True, slots=True, kw_only=True)
class DevelopJob:
    """All that developing needs; what is None is not known, and its products are left out.

    Attributes:
        lights: Gives the sub-exposures in order from a number on, as they come.
        darks: Dark frames and where they come from.
        reread: Returns a light again by its name, for the time-lapse.
        expected_frames: How many lights will come.
        reference_utc: Instant to which the stars are registered.
        timed: False when the frames' instants are not known.
        exposed: False when the length of their exposure is not known.
        lens, site, elements, iss_pass: What the camera sees, as far as it is known.
        satellite: Its name, for people.
        site_name: What the owner calls the place.
        out: Existing folder for the products.
        resolution: Of the products, None to choose.
        zone: For the caption.
        languages: Of the captions, the leading one first.
        memory_budget_mb: What this may take at its largest.
        notes: What was known of the frames but not used, for people.
        sealed_reason: Why the capture ended, None for frames from elsewhere.
        overlay: Whether a second picture with names is wanted.
        on_sky: Told the share of sky of each pixel of the stack; returns it as earlier passes
            correct it.
        track_stars: Bright stars along the way in a frame, None when they were not counted.
        lens_check: What the first frames said of the lens, None when they were not asked.
        lens_reason: Why there is no lens, for people.
        lens_given_in_out: True when lens.json in `out` is the owner's own, which stays as it is.
        simulated: True when no real sky was involved.
        keeper: Keeps what was digested for when this program is killed.
        stopped: Becomes true when this program shall end before it is done.
        variants: Other compositions to make as well.
    """

    lights: Callable[[int], Iterable[Light]]
    darks: Darks
    reread: Callable[[str], Frame]
    expected_frames: int
    reference_utc: datetime | None
    timed: bool
    exposed: bool
    lens: Lens | None
    site: Site | None
    elements: ElementSet | None
    iss_pass: Pass | None
    satellite: str
    site_name: str
    out: Path
    resolution: Resolution | None
    zone: ZoneInfo
    languages: tuple[str, ...]
    memory_budget_mb: int
    notes: tuple[str, ...] = ()
    sealed_reason: Callable[[], str | None] = lambda: None
    overlay: bool = False
    on_sky: Callable[[Float32Array], Float32Array] = lambda fraction: fraction
    track_stars: TrackStars | None = None
    lens_check: dict[str, Any] | None = None
    lens_reason: str = ""
    lens_given_in_out: bool = False
    simulated: bool = False
    keeper: Keeper = field(default_factory=_keeps_nothing)
    stopped: Callable[[], bool] = lambda: False
    variants: tuple[Variant, ...] = ()
