"""Between passes, by night: one exposure now and then, for clouds and the sky's brightness.

The frame itself is not kept, only what is measured on it and a small picture; one of a clear hour
is left in the run folder for develop, which holds its stars against lens and horizon
(service/lookupkeep). By day the camera stays closed and the cover shut.
"""

import dataclasses
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from issgaze.archive.atomic import append_line, write_atomic
from issgaze.archive.lookfile import Look, LookFile
from issgaze.civil import JulianDates, evening_of, format_utc, later, seconds_between
from issgaze.errors import ArchiveError, CameraError, DeviceError
from issgaze.imaging.detect import detect_stars
from issgaze.imaging.frame import Frame
from issgaze.imaging.starcount import count_stars
from issgaze.optics.lens import Lens
from issgaze.planning.photometry import Optics
from issgaze.planning.plan import ExposureBlock
from issgaze.ports import Camera, Clock, RoofController
from issgaze.service.preflight import sky_mag
from issgaze.sky.coordinates import altaz_from_enu
from issgaze.sky.horizon import HorizonMask
from issgaze.sky.site import Site
from issgaze.sky.sun import sun_altaz_deg

SKY_PICTURE = "sky.jpg"
_EVERY_S = 15 * 60.0
# stars of the fourth magnitude come out below this; the camera stays closed above
_DARK_SUN_DEG = -9.0
_EXPOSURE_S = 8.0
_GAIN = 8.0
# open, expose, read out, close and measure
_TAKES_S = 45.0
_FEWEST_STARS = 6
# what is left for develop: not often, and nothing that proves nothing
_LEAVE_EVERY_S = 3600.0
_FEWEST_LEFT = 40
_CLOUDY = 0.5
# what was seen says nothing any more after this
_HOLDS_S = 40 * 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SkyLook:
    """What one frame says of the sky; None where it cannot tell.

    Attributes:
        utc: Start of its exposure.
        sky_mag_arcsec2: Background of the middle.
        stars: Found in the frame.
        bright_expected: Catalogue stars that every clear night shows, above the horizon known.
        bright_seen: Those found.
    """

    utc: datetime
    sky_mag_arcsec2: float | None
    stars: int
    bright_expected: int | None
    bright_seen: int | None

    @property
    def cloud_fraction(self) -> float | None:
        """Part of the bright stars that is hidden, 0 to 1; None with too few to tell."""
        if self.bright_expected is None or self.bright_seen is None:
            return None
        if self.bright_expected < _FEWEST_STARS:
            return None
        return 1.0 - self.bright_seen / self.bright_expected

    def document(self) -> dict[str, Any]:
        """Return it for the status and the night's file."""
        cloud = self.cloud_fraction
        return dataclasses.asdict(self) | {
            "utc": format_utc(self.utc),
            "cloud_fraction": None if cloud is None else round(cloud, 3),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """A look with a small picture of it, JPEG."""

    look: SkyLook
    picture: bytes


def examine_here(
    frame: Frame, optics: Optics, site: Site, lens: Lens | None, horizon: HorizonMask | None
) -> Examined:
    """Return what a frame says of the sky, measured in this process; see `measure_sky`."""
    # the encoder is half as large as all that the observer needs otherwise
    from issgaze.service.livepreview import LivePreview

    preview = LivePreview()
    preview.add(frame)
    look = measure_sky(frame, optics, site, lens, horizon)
    return Examined(look=look, picture=preview.jpeg())


Examine = Callable[[Frame, Optics, Site, Lens | None, HorizonMask | None], Examined]


@dataclass(frozen=True, slots=True, kw_only=True)
class Watchtower:
    """What looking at the sky needs.

    Attributes:
        lens: As it is known now, None before the first solution.
        horizon: As it is known now.
        nights: Folder of the nights' files.
        run: The run folder, for the picture.
        examine: Measures a frame, here or elsewhere.
    """

    clock: Clock
    camera: Camera
    roof: RoofController | None
    mode: str
    optics: Optics
    site: Site
    lens: Callable[[], Lens | None]
    horizon: Callable[[], HorizonMask | None]
    nights: Path
    run: Path
    log: Callable[[str], None]
    examine: Examine = examine_here


class SkyWatch:
    """Looks at the sky now and then while it is dark."""

    def __init__(self, tower: Watchtower) -> None:
        self._tower = tower
        self._last: SkyLook | None = None
        self._tried: datetime | None = None
        self._left: datetime | None = None

    def next_look(self, until: datetime) -> datetime | None:
        """Return when to look next, None when it will not be dark or there is no time until then.

        Args:
            until: When something else begins.
        """
        now = self._tower.clock.now_utc()
        first = now if self._tried is None else max(now, later(self._tried, _EVERY_S))
        while later(first, _TAKES_S) < until:
            if self._is_dark(first):
                return first
            first = later(first, _EVERY_S)
        return None

    def _is_dark(self, instant: datetime) -> bool:
        altitude, _ = sun_altaz_deg(self._tower.site, JulianDates.after(instant, np.zeros(1)))
        return float(altitude[0]) < _DARK_SUN_DEG

    def recent(self) -> SkyLook | None:
        """Return the last look while it still tells something."""
        now = self._tower.clock.now_utc()
        if self._last is None or seconds_between(self._last.utc, now) > _HOLDS_S:
            return None
        return self._last

    def look(self) -> SkyLook | None:
        """Expose one frame and measure it; None when the camera or the cover refuses."""
        tower = self._tower
        self._tried = tower.clock.now_utc()
        try:
            frame = _one_frame(tower)
        except (CameraError, DeviceError) as error:
            tower.log(f"no look at the sky: {error.message}. {error.remedy}")
            return None
        finally:
            _shut(tower.roof)
        if frame is None:
            return None
        try:
            found = tower.examine(frame, tower.optics, tower.site, tower.lens(), tower.horizon())
        except (CameraError, ArchiveError) as error:
            tower.log(f"{error.message}. {error.remedy}")
            return None
        self._last = found.look
        self._keep(found)
        self._leave(frame, found.look)
        return found.look

    def _keep(self, found: Examined) -> None:
        tower, look = self._tower, found.look
        night = evening_of(look.utc, tower.site.longitude_deg)
        try:
            append_line(tower.nights / f"{night}.jsonl", json.dumps(look.document()))
            write_atomic(tower.run / SKY_PICTURE, found.picture, durable=False)
        except ArchiveError as error:
            tower.log(f"the look at the sky is not kept: {error.message}. {error.remedy}")

    def _leave(self, frame: Frame, look: SkyLook) -> None:
        """Leave a clear frame for develop, once an hour."""
        tower = self._tower
        if self._left is not None and seconds_between(self._left, look.utc) < _LEAVE_EVERY_S:
            return
        cloud = look.cloud_fraction
        if look.stars < _FEWEST_LEFT or (cloud is not None and cloud > _CLOUDY):
            return
        try:
            LookFile(tower.run).leave(Look(frame=frame, site=tower.site, lens=tower.lens()))
        except ArchiveError as error:
            tower.log(f"the look at the sky is not left: {error.message}. {error.remedy}")
            return
        self._left = look.utc


def measure_sky(
    frame: Frame, optics: Optics, site: Site, lens: Lens | None, horizon: HorizonMask | None
) -> SkyLook:
    """Return what a frame says of the sky.

    Args:
        frame: With its true time.
        optics: That it was taken with.
        site: Where the camera stands.
        lens: Of any size of the camera's frames, None when it is not known.
        horizon: What hides the sky, None when it is not known.
    """
    found = detect_stars(frame)
    expected = seen = None
    if lens is not None:
        from issgaze.service.calibrate import mid_exposure, sky_stars

        height, width = frame.mosaic.shape
        count = count_stars(
            found,
            lens.scaled_to(width, height),
            sky_stars(mid_exposure(frame), site),
            exposure_s=frame.info.exposure_s,
        )
        bright = count.bright()
        if horizon is not None:
            altitude, azimuth = altaz_from_enu(count.directions)
            bright &= altitude > horizon.altitude_at(azimuth)
        expected, seen = int(bright.sum()), int(count.seen[bright].sum())
    return SkyLook(
        utc=frame.info.start_utc,
        sky_mag_arcsec2=sky_mag(frame, optics),
        stars=int(found.sound.sum()),
        bright_expected=expected,
        bright_seen=seen,
    )


def _one_frame(tower: Watchtower) -> Frame | None:
    if tower.roof is not None:
        tower.roof.open_cover()
    block = ExposureBlock(
        start_utc=tower.clock.now_utc(),
        exposure_s=min(_EXPOSURE_S, tower.optics.sensor.longest_exposure_s),
        analogue_gain=min(_GAIN, tower.optics.sensor.max_analogue_gain),
        count=1,
        interval_s=_EXPOSURE_S,
    )
    with tower.camera as camera:
        for frame in camera.expose(block, mode=tower.mode):
            # what is lent by the camera does not outlive it
            return Frame(mosaic=frame.mosaic.copy(), info=frame.info)
    return None


def _shut(roof: RoofController | None) -> None:
    if roof is not None:
        try:
            roof.close_cover()
        except DeviceError:
            # the controller shuts it by itself when nobody asks it to stay open
            return
