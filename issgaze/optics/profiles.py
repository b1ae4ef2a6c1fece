"""The chips that Raspberry Pi cameras carry.

Sizes, pitches and bit depths: Raspberry Pi's camera documentation, which repeats Sony's. Gaps,
line times and longest exposures: the Linux drivers (drivers/media/i2c/imx*.c), as far as they are
known; black levels: libcamera's tuning files. Full well, electrons per ADU and read noise, none
of them measured on a camera of ours:

- IMX477: J. Hogan, "Pi HQ Cam Sensor Performance", strollswithmydog.com (2020): 8180 e, 0.47 ADU/e,
  3 e at gain 1, 1.5 e at gain 16. The read noise of the others is taken to fall in the same way.
- IMX290: ZWO's driver gives 3.58 e/ADU for the ASI290 (forum bbs.zwoastro.com, thread 8396), which
  is 14,600 e at 12 bits; read noise typical. IMX462: the same pixel, a generation later, typical.
- IMX296: Moravian Instruments' own measurement of Sony's 3.45 um pixel (C1+ manual, page 15):
  11,000 e, 2.2 e; here spread over 10 bits.
- IMX708 and IMX219: typical of pixels of their size, good to a factor of 1.5. Pagnutti et al.,
  J. Electron. Imaging 26 (2017) 013014, find the IMX219 linear in exposure and gain.

A photon transfer curve of one's own flats gives better ones.
"""

import difflib

from issgaze.errors import ConfigurationError
from issgaze.optics.sensor import CaptureMode, SensorProfile


def _modes(
    full: tuple[int, int, float, float], binned: tuple[int, int, float, float]
) -> tuple[CaptureMode, CaptureMode]:
    """Return both modes from (width, height, row time in us, dead time in us)."""
    named = (("binned", binned), ("full", full))
    first, second = (
        CaptureMode(
            name=name,
            width_px=width,
            height_px=height,
            row_time_s=row_us * 1e-6,
            dead_time_s=dead_us * 1e-6,
        )
        for name, (width, height, row_us, dead_us) in named
    )
    return first, second


_PROFILES = {
    profile.name: profile
    for profile in (
        SensorProfile(
            name="imx477",
            pixel_um=1.55,
            bit_depth=12,
            bayer_pattern="RGGB",
            black_level_adu=256,
            full_well_e=8180.0,
            electrons_per_adu=2.13,
            read_noise_e=3.0,
            read_noise_gain=1.0,
            max_analogue_gain=22.2,
            longest_exposure_s=654.0,
            # 84 ms from first to last row at full size; 22 lines of blanking between exposures
            modes=_modes((4056, 3040, 27.7, 630.0), (2028, 1520, 15.9, 630.0)),
        ),
        SensorProfile(
            name="imx708",
            pixel_um=1.4,
            bit_depth=10,
            bayer_pattern="RGGB",
            black_level_adu=64,
            full_well_e=6500.0,
            electrons_per_adu=6.4,
            read_noise_e=2.8,
            read_noise_gain=1.0,
            max_analogue_gain=16.0,
            longest_exposure_s=112.0,
            modes=_modes((4608, 2592, 26.2, 1000.0), (2304, 1296, 13.6, 1000.0)),
        ),
        SensorProfile(
            name="imx462",
            pixel_um=2.9,
            bit_depth=12,
            bayer_pattern="RGGB",
            black_level_adu=240,
            full_well_e=12000.0,
            electrons_per_adu=3.1,
            read_noise_e=2.5,
            read_noise_gain=1.0,
            max_analogue_gain=31.6,
            longest_exposure_s=90.0,
            modes=_modes((1920, 1080, 29.6, 100.0), (960, 540, 59.2, 100.0)),
        ),
        SensorProfile(
            name="imx290",
            pixel_um=2.9,
            bit_depth=12,
            bayer_pattern="RGGB",
            black_level_adu=240,
            full_well_e=14600.0,
            electrons_per_adu=3.58,
            read_noise_e=3.2,
            read_noise_gain=1.0,
            max_analogue_gain=31.6,
            longest_exposure_s=90.0,
            modes=_modes((1920, 1080, 29.6, 100.0), (960, 540, 59.2, 100.0)),
        ),
        SensorProfile(
            name="imx296",
            pixel_um=3.45,
            bit_depth=10,
            bayer_pattern="RGGB",
            black_level_adu=60,
            full_well_e=11000.0,
            electrons_per_adu=11.4,
            read_noise_e=2.2,
            read_noise_gain=1.0,
            max_analogue_gain=16.0,
            longest_exposure_s=15.5,
            # a global shutter: every row is exposed at the same time
            modes=_modes((1456, 1088, 0.0, 100.0), (728, 544, 0.0, 100.0)),
        ),
        SensorProfile(
            name="imx219",
            pixel_um=1.12,
            bit_depth=10,
            bayer_pattern="RGGB",
            black_level_adu=64,
            full_well_e=4700.0,
            electrons_per_adu=4.9,
            read_noise_e=2.2,
            read_noise_gain=1.0,
            max_analogue_gain=10.66,
            longest_exposure_s=11.76,
            modes=_modes((3280, 2464, 18.9, 100.0), (1640, 1232, 18.9, 100.0)),
        ),
    )
}


def sensor_profile(name: str) -> SensorProfile:
    """Return the profile of a chip by its name, in any case.

    Raises:
        ConfigurationError: No such chip is known.
    """
    profile = _PROFILES.get(name.lower())
    if profile is None:
        near = difflib.get_close_matches(name.lower(), _PROFILES, n=1)
        hint = f", did you mean {near[0]}?" if near else ""
        raise ConfigurationError(
            f"unknown sensor {name!r}{hint}",
            remedy=f"Choose one of: {', '.join(_PROFILES)}.",
        )
    return profile
