"""Focusing: a stream of short frames, the middle of each as a picture, and how wide its stars are.

`focus.json` and `focus.jpg` lie in the run folder: they hold for this moment only.
"""

import contextlib
import dataclasses
import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from issgaze.archive.atomic import write_atomic
from issgaze.arrays import UInt8Array
from issgaze.civil import format_utc, later
from issgaze.errors import DeviceError
from issgaze.imaging.bayer import sites_of
from issgaze.imaging.detect import Detections, detect_stars
from issgaze.imaging.frame import Frame
from issgaze.planning.plan import ExposureBlock
from issgaze.ports import Camera, Clock, RoofController
from issgaze.service.preflight import half_flux_diameter_px

FOCUS_FILE, FOCUS_PICTURE = "focus.json", "focus.jpg"
_SESSION_S = 180.0
# a second frame would not be seen sooner
_FASTEST_S = 0.5
_GAIN = 8.0
_CROP_PX = 480
_MOST_WIDTHS = 240
# how far from a star its light is looked for: near first, where there is less noise
_STAMPS_PX = (8, 20)
# of a stamp's radius; a star that is wider loses light over its edge
_FILLED = 0.75
# measured on a larger part than is shown: a short exposure shows few stars
_MEASURED_PX = 960
_FEWEST_STARS = 3
# in sigma of the light of some fifty pixels; noise alone makes peaks of five
_SIGNIFICANT, _APERTURE_PX = 12.0, 50.0
# no session begins when the next pass is nearer
_LEAD_S = 300.0


class Focusing:
    """What is asked by the page, and done by observe while it waits.

    Args:
        run: The run folder.
        clock: The device's clock.
    """

    def __init__(self, run: Path, clock: Clock) -> None:
        self._run = run
        self._clock = clock
        self._until_s = -math.inf
        self._exposure_s = 0.5
        self._widths_px: list[float | None] = []
        self._step = 0
        self._told_running = False
        # seconds to the next pass, as observe last knew them; 0 while it is at work
        self.free_s = 0.0

    @property
    def wanted(self) -> bool:
        """True while somebody focuses and no pass is near."""
        return self._clock.monotonic_s() < self._until_s and self.free_s > _LEAD_S / 2.0

    def on_request(self, facts: Mapping[str, Any]) -> str:
        """Begin, go on with another exposure, or stop.

        Raises:
            DeviceError: A pass is near, or the camera is at work.
            ArchiveError: The run folder cannot be written.
        """
        if facts.get("do") == "stop":
            self._until_s = -math.inf
            return "stopped"
        if self.free_s < _LEAD_S:
            raise DeviceError(
                "the camera is needed for a pass, focusing has to wait",
                remedy="Try again when the pass is over.",
            )
        if not self.wanted:
            self._widths_px = []
        asked = facts.get("exposure_s")
        self._exposure_s = min(10.0, max(0.001, asked)) if isinstance(asked, int | float) else 0.5
        self._until_s = self._clock.monotonic_s() + _SESSION_S
        # the first frame is seconds away: whoever asks meanwhile shall not think that nothing came
        self._publish(running=True)
        return "begun, for three minutes"

    def end(self) -> None:
        """Say that it is over, where it was said to have begun.

        Raises:
            ArchiveError: The run folder cannot be written.
        """
        self._until_s = -math.inf
        if self._told_running:
            self._publish(running=False)

    def session(
        self,
        camera: Camera,
        *,
        roof: RoofController | None = None,
        mode: str,
        stop: Callable[[], bool],
    ) -> None:
        """Take frames until nobody wants them any more.

        Args:
            camera: Opened here and given back.
            roof: Its cover is opened, unless rain or a fault forbids it, and shut again.
            mode: Capture size.
            stop: Asked after each frame; that is when requests are answered.

        Raises:
            CameraError: The camera fails.
            ArchiveError: The run folder cannot be written.
        """
        try:
            if roof is not None:
                # a shut cover shows itself: the picture is black
                with contextlib.suppress(DeviceError):
                    roof.open_cover()
            with camera as opened:
                while self.wanted and not stop():
                    self._stream(opened, mode, stop)
        finally:
            if roof is not None:
                with contextlib.suppress(DeviceError):
                    roof.close_cover()
            self.end()

    def _stream(self, camera: Camera, mode: str, stop: Callable[[], bool]) -> None:
        """Take frames of one exposure; another one needs another stream."""
        exposure_s = self._exposure_s
        interval_s = max(exposure_s, _FASTEST_S)
        block = ExposureBlock(
            start_utc=later(self._clock.now_utc(), 0.0),
            exposure_s=exposure_s,
            analogue_gain=_GAIN,
            count=int(_SESSION_S / interval_s),
            interval_s=interval_s,
        )
        for frame in camera.expose(block, mode=mode):
            self._show(frame)
            if stop() or not self.wanted or self._exposure_s != exposure_s:
                return

    def _show(self, frame: Frame) -> None:
        measured, crop = middle_of(frame, _MEASURED_PX), middle_of(frame, _CROP_PX)
        stars = bright_stars(measured)
        width_px = star_width_px(measured, stars)
        self._widths_px = [*self._widths_px[1 - _MOST_WIDTHS :], width_px]
        self._step += 1
        # needed while somebody focuses alone; the observer stays small without it
        from issgaze.picture.encode import jpeg_from_8bit

        write_atomic(self._run / FOCUS_PICTURE, jpeg_from_8bit(stretched(crop)), durable=False)
        self._publish(running=True)

    def _publish(self, *, running: bool) -> None:
        self._told_running = running
        known = [width for width in self._widths_px if width is not None]
        rounded = [None if width is None else round(width, 2) for width in self._widths_px]
        document = {
            "utc": format_utc(self._clock.now_utc()),
            "running": running,
            "step": self._step,
            "exposure_s": self._exposure_s,
            "width_px": rounded[-1] if rounded else None,
            "best_px": round(min(known), 2) if known else None,
            "widths_px": rounded,
        }
        write_atomic(self._run / FOCUS_FILE, json.dumps(document).encode(), durable=False)


def star_width_px(frame: Frame, stars: Detections) -> float | None:
    """Return how wide the stars of a frame are, None where too few tell it."""
    width_px: float | None = None
    for stamp_px in _STAMPS_PX:
        width_px = half_flux_diameter_px(frame, stars, stamp_px, fewest=_FEWEST_STARS)
        if width_px is None or width_px <= _FILLED * stamp_px:
            break
    return width_px if width_px is not None and width_px > 0.0 else None


def bright_stars(frame: Frame) -> Detections:
    """Return the stars that stand out so far that their width means something."""
    found = detect_stars(frame, most=60)
    steps = np.diff(frame.mosaic[::2, ::2].astype(np.float32), axis=1)
    noise_adu = 1.4826 * float(np.median(np.abs(steps))) / math.sqrt(2.0)
    keep = found.flux_adu > _SIGNIFICANT * noise_adu * math.sqrt(_APERTURE_PX)
    return dataclasses.replace(
        found,
        x_px=found.x_px[keep],
        y_px=found.y_px[keep],
        flux_adu=found.flux_adu[keep],
        elongation=found.elongation[keep],
        sound=found.sound[keep],
    )


def middle_of(frame: Frame, size_px: int) -> Frame:
    """Return the middle of a frame, so wide and high at most, on whole cells."""
    height, width = frame.mosaic.shape
    top, left = (max(0, (side - size_px) // 4 * 2) for side in (height, width))
    part = frame.mosaic[top : top + size_px, left : left + size_px]
    return Frame(mosaic=np.ascontiguousarray(part), info=frame.info)


def stretched(frame: Frame) -> UInt8Array:
    """Return a crop as a grey picture (h, w, 3), one pixel a cell, dark sky and stars both seen."""
    row, column = sites_of(frame.info.bayer_pattern, 1)[0]
    green = frame.mosaic[row::2, column::2].astype(np.float32)
    low = float(np.percentile(green, 10.0))
    span = max(8.0, float(np.percentile(green, 99.9)) - low)
    grey = np.sqrt(np.clip((green - low) / span, 0.0, 1.0)) * np.float32(255.0)
    return np.repeat(grey.astype(np.uint8)[:, :, np.newaxis], 3, axis=2)
