"""One raw frame and what is known about it."""

from dataclasses import dataclass
from datetime import datetime

from issgaze.arrays import UInt16Array


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameInfo:
    """What belongs to a raw frame besides its pixels.

    Attributes:
        start_utc: Start of exposure of the row read first.
        exposure_s: Exposure time of every row.
        row_time_s: Seconds per stored row, see DATE-OBS and ROWTIME in docs/overview.md; 0 for a
            global shutter, negative when the last stored row is read first.
        clock_error_s: Bound on the error of start_utc, None when unknown.
        bayer_pattern: Colours of the stored mosaic's first 2x2 cell (RGGB, BGGR, GRBG, GBRG), or
            "MONO".
        black_level_adu: Pedestal of a pixel value.
        white_level_adu: Saturated value.
        analogue_gain: Sensor gain, 1 is none.
        temperature_c: Of the sensor, None when unknown.
        instrument: Sensor or camera name, empty when unknown.
        dead_time_s: Gap since the end of the frame before, None for the first or unknown.
        sequence: Running number given by the camera; a gap in it is a dropped frame.
        simulated: True when no real sky was involved; it goes with the frame wherever it goes.
    """

    start_utc: datetime
    exposure_s: float
    row_time_s: float = 0.0
    clock_error_s: float | None = None
    bayer_pattern: str = "RGGB"
    black_level_adu: float = 256.0
    white_level_adu: float = 4095.0
    analogue_gain: float = 1.0
    temperature_c: float | None = None
    instrument: str = ""
    dead_time_s: float | None = None
    sequence: int = 0
    simulated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A raw mosaic, uint16 of shape (height, width), and its description."""

    mosaic: UInt16Array
    info: FrameInfo
