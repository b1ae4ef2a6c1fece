"""The chips that Raspberry Pi cameras carry, and where each number comes from.

Sizes, pitches and bit depths: Raspberry Pi's camera documentation, which repeats Sony's. Largest
gains: the Linux drivers' codes (978 of 1024 for the IMX477, 960 of 1024 for the IMX708, 232 of 256
for the IMX219, 30 dB for the IMX290 and IMX462, 24 dB for the IMX296). Black levels: libcamera's
tuning files (4096, or 3840 for IMX290 and IMX296, on the 16-bit scale). Line times: line length
over pixel rate of the drivers; the IMX477's from its 84 ms of read-out. Gaps and longest exposures:
the same drivers, 22 lines for the IMX477 and 48 for the IMX708; the 0.1 ms of the others is an
upper bound. Longest exposures of 90 s are those in use, not the chips' own. Binned modes of IMX462,
IMX290 and IMX296 do not exist in those drivers: two by two pixels added afterwards.

Electrons, none of them measured on a camera of ours:

- imx477: 8180 e full well, 2.13 e/ADU, 3 e read noise at gain 1 (and 1.5 e at gain 16): measured by
  J. Hogan, "Pi HQ Cam Sensor Performance", strollswithmydog.com (2020), which gives 0.47 ADU/e.
- imx290: 3.58 e/ADU: what ZWO's driver reports of the ASI290 (bbs.zwoastro.com, thread 8396);
  14600 e full well follows from 12 bits of it. 3.2 e read noise: estimate, good to 1 e, from what
  users of such cameras report at gain 1.
- imx462: 12000 e full well, 3.1 e/ADU, 2.5 e read noise: estimate, the IMX290's pixel of the same
  pitch a generation later, its numbers taken down by a sixth.
- imx296: 11000 e full well, 2.2 e read noise: measured by Moravian Instruments on Sony's 3.45 um
  pixel (C1+ manual, page 15); 11.4 e/ADU spreads them over 10 bits.
- imx708: 6670 e full well: estimate, the IMX477's 3400 e a square micrometre; 6.95 e/ADU spreads
  them over 10 bits; 2.8 e read noise: estimate between 1.5 and 4 e. The driver's lowest gain is
  1.12, not 1.
- imx219: 4270 e full well and 4.45 e/ADU: estimate, found as the IMX708's; 2.2 e read noise:
  estimate between 1.5 and 4 e. Pagnutti et al., J. Electron. Imaging 26 (2017) 013014, find this
  chip linear in exposure and gain.

That read noise falls with the gain as the IMX477's does is taken for all of them. A photon transfer
curve of one's own flats gives better numbers.
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
            full_well_e=6670.0,
            electrons_per_adu=6.95,
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
            full_well_e=4270.0,
            electrons_per_adu=4.45,
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
