"""Sensor profiles: what a camera chip can do."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureMode:
    """One read-out mode.

    Attributes:
        name: "binned" or "full".
        width_px, height_px: Size of the raw mosaic as stored.
        row_time_s: Time from the read-out of one stored row to the next.
        dead_time_s: Smallest gap between two exposures of a stream.
    """

    name: str
    width_px: int
    height_px: int
    row_time_s: float
    dead_time_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorProfile:
    """A camera chip; numbers of electrons hold for one photosite of the full mode.

    Attributes:
        name: Chip name in lower case, such as imx477.
        pixel_um: Pitch of a photosite in micrometres.
        bit_depth: Bits of a raw value.
        bayer_pattern: Colours of the stored mosaic's first 2x2 cell, such as RGGB.
        black_level_adu: Pedestal of a raw value.
        full_well_e: Electrons at saturation, gain 1.
        electrons_per_adu: At gain 1.
        read_noise_e: At `read_noise_gain`.
        max_analogue_gain: Largest useful gain.
        longest_exposure_s: Largest exposure of one frame.
    """

    name: str
    pixel_um: float
    bit_depth: int
    bayer_pattern: str
    black_level_adu: int
    full_well_e: float
    electrons_per_adu: float
    read_noise_e: float
    read_noise_gain: float
    max_analogue_gain: float
    longest_exposure_s: float
    modes: tuple[CaptureMode, ...]
