"""What a camera makes of light: electrons of sky and station, and one's height above noise."""

import math
from dataclasses import dataclass

from issgaze.optics.sensor import SensorProfile

# Photons of a star of V = 0 above the atmosphere that a green photosite can count: 9.5e5 a second
# and cm^2 in the V band (Bessell 1979), times 0.55 for glass, filter and quantum efficiency. Held
# against published IMX477 zero points only to within a factor of 1.5.
_ZERO_MAGNITUDE_E_PER_S_CM2 = 9.5e5 * 0.55
_ARCSEC_PER_RAD = 206264.806
# Width of the trail that holds most of its light, in raw pixels.
TRAIL_WIDTH_PX = 4.0
TRAIL_LENGTH_PX = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Optics:
    """Lens and chip as the exposure sees them.

    Attributes:
        sensor: The chip.
        focal_px: Focal length in raw pixels of the mode.
        pixel_um: Pitch of those pixels.
        f_number: Focal length over aperture.
    """

    sensor: SensorProfile
    focal_px: float
    pixel_um: float
    f_number: float

    @property
    def photosites(self) -> float:
        """How many photosites a pixel of the mode averages, 4 when binned."""
        return (self.pixel_um / self.sensor.pixel_um) ** 2

    @property
    def zero_e_per_s(self) -> float:
        """Electrons a second from a star of magnitude 0."""
        aperture_cm = self.focal_px * self.pixel_um * 1e-4 / self.f_number
        return _ZERO_MAGNITUDE_E_PER_S_CM2 * math.pi / 4.0 * aperture_cm * aperture_cm

    def sky_e_per_s(self, sky_mag_arcsec2: float) -> float:
        """Return the electrons a second that the sky puts into one pixel."""
        pixel_arcsec2 = (_ARCSEC_PER_RAD / self.focal_px) ** 2
        return self.zero_e_per_s * pixel_arcsec2 * math.pow(10.0, -0.4 * sky_mag_arcsec2)

    def saturation_e(self, gain: float) -> float:
        """Return the electrons above black that saturate a pixel, those of all its photosites."""
        sensor = self.sensor
        range_adu = (1 << sensor.bit_depth) - 1 - sensor.black_level_adu
        return self.photosites * min(
            sensor.full_well_e, range_adu * sensor.electrons_per_adu / gain
        )

    def read_noise_e(self, gain: float) -> float:
        """Return the noise of reading a pixel, with that of rounding to whole ADU."""
        sensor = self.sensor
        # the part behind the amplifier shrinks with gain; it is as large as the rest at gain 1
        ahead = sensor.read_noise_e**2 / (1.0 + 1.0 / sensor.read_noise_gain**2)
        noise2 = self.photosites * ahead * (1.0 + 1.0 / gain**2)
        step_e = self.photosites * sensor.electrons_per_adu / gain
        return math.sqrt(noise2 + step_e**2 / 12.0)


def trail_snr(
    optics: Optics,
    *,
    magnitude: float,
    rate_px_per_s: float,
    sky_mag_arcsec2: float,
    exposure_s: float,
    gain: float,
) -> float:
    """Return the station over noise, summed over the trail's width and 10 px of its length."""
    signal_e = (
        optics.zero_e_per_s * math.pow(10.0, -0.4 * magnitude) * TRAIL_LENGTH_PX / rate_px_per_s
    )
    pixels = TRAIL_WIDTH_PX * TRAIL_LENGTH_PX
    background_e2 = (
        optics.sky_e_per_s(sky_mag_arcsec2) * exposure_s + optics.read_noise_e(gain) ** 2
    )
    return signal_e / math.sqrt(signal_e + pixels * background_e2)
