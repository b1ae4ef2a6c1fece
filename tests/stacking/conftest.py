"""A small sky of our own: star positions by spherical trigonometry, not by the code under test."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from issgaze.imaging.frame import Frame, FrameInfo
from issgaze.optics.lens import Lens
from issgaze.sky.site import Site

START = datetime(2026, 3, 1, 19, 0, 0, tzinfo=UTC)
SITE = Site(latitude_deg=48.0, longitude_deg=11.0)
# a camera that looks at the zenith, north on top, east to the left
ZENITH = ((-1.0, 0.0, 0.0), (0.0, -1.0, 0.0), (0.0, 0.0, 1.0))
SIDEREAL_RATE = 2.0 * np.pi / 86164.0905


@dataclass
class LittleSky:
    """Stars over a fisheye on a small mosaic, with noise from a seed."""

    width: int = 512
    height: int = 384
    stars: int = 60
    seed: int = 1
    black: int = 256
    white: int = 4095
    sky_adu: float = 100.0
    gain_e: float = 2.0
    read_e: float = 3.0
    exposure_s: float = 2.0
    cadence_s: float = 4.0
    row_time_s: float = 0.0
    pattern: str = "RGGB"
    sigma_px: float = 1.1
    focal_px: float = 0.0
    fluxes: tuple[float, float] = (3000.0, 20000.0)
    positions: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        self.focal_px = self.focal_px or 0.62 * self.height / np.pi * 2
        random = np.random.default_rng(self.seed)
        up = random.uniform(0.35, 1.0, self.stars)
        azimuth = random.uniform(0.0, 2 * np.pi, self.stars)
        # uniform over the visible cap, turned into hour angle and declination
        latitude = np.radians(SITE.latitude_deg)
        altitude = np.arcsin(up)
        sin_dec = np.sin(altitude) * np.sin(latitude) + np.cos(altitude) * np.cos(
            latitude
        ) * np.cos(azimuth)
        self.declination = np.arcsin(sin_dec)
        self.hour_angle = np.arctan2(
            -np.sin(azimuth) * np.cos(altitude),
            np.sin(altitude) * np.cos(latitude)
            - np.cos(altitude) * np.sin(latitude) * np.cos(azimuth),
        )
        self.flux = random.uniform(*self.fluxes, self.stars)

    @property
    def lens(self) -> Lens:
        return Lens(
            width_px=self.width, height_px=self.height, projection="equidistant",
            focal_px=self.focal_px, center_px=((self.width - 1) / 2, (self.height - 1) / 2),
            rotation=ZENITH, valid_radius_px=self.focal_px * np.pi / 2,
        )  # fmt: skip

    def pixels(self, seconds: np.ndarray | float) -> np.ndarray:
        """Where the stars stand (x, y) some seconds after START."""
        latitude = np.radians(SITE.latitude_deg)
        angle = self.hour_angle + SIDEREAL_RATE * seconds
        dec = self.declination
        altitude = np.arcsin(
            np.sin(latitude) * np.sin(dec) + np.cos(latitude) * np.cos(dec) * np.cos(angle)
        )
        azimuth = np.arctan2(
            -np.sin(angle) * np.cos(dec),
            np.sin(dec) * np.cos(latitude) - np.cos(dec) * np.cos(angle) * np.sin(latitude),
        )
        # Bennett's refraction, inverse to the one under test
        degrees = np.degrees(altitude)
        lift = 1.0 / np.tan(np.radians(degrees + 7.31 / (degrees + 4.4))) / 60.0
        radius = self.focal_px * np.radians(90.0 - degrees - lift)
        x = (self.width - 1) / 2 - radius * np.sin(azimuth)
        y = (self.height - 1) / 2 - radius * np.cos(azimuth)
        return np.stack((x, y), axis=1)

    def light(self, number: int) -> np.ndarray:
        """Noiseless electrons of a frame, stars drawn where they stand at mid-exposure."""
        image = np.full((self.height, self.width), self.sky_adu * self.gain_e)
        middle = number * self.cadence_s + 0.5 * self.exposure_s
        row = self.pixels(middle)[:, 1]
        read = row if self.row_time_s >= 0 else self.height - 1 - row
        places = self.pixels(middle + read * abs(self.row_time_s))
        for (x, y), flux in zip(places, self.flux, strict=True):
            left, top = int(x) - 6, int(y) - 6
            if left < 0 or top < 0 or left + 13 > self.width or top + 13 > self.height:
                continue
            yy, xx = np.mgrid[top : top + 13, left : left + 13]
            spot = np.exp(-((xx - x) ** 2 + (yy - y) ** 2) / (2 * self.sigma_px**2))
            spot *= flux / (2 * np.pi * self.sigma_px**2)
            image[top : top + 13, left : left + 13] += spot
        return image

    def frame(self, number: int, *, add_e: np.ndarray | float = 0.0, noise: bool = True) -> Frame:
        random = np.random.default_rng((self.seed, number))
        electrons = self.light(number) + add_e
        if noise:
            electrons = random.poisson(electrons) + random.normal(0, self.read_e, electrons.shape)
        adu = np.clip(np.rint(electrons / self.gain_e + self.black), 0, self.white)
        return Frame(mosaic=adu.astype(np.uint16), info=self.info(number))

    def info(self, number: int, **changes: object) -> FrameInfo:
        values = {
            "start_utc": START + timedelta(seconds=number * self.cadence_s),
            "exposure_s": self.exposure_s, "row_time_s": self.row_time_s,
            "bayer_pattern": self.pattern, "black_level_adu": float(self.black),
            "white_level_adu": float(self.white), "sequence": number,
        }  # fmt: skip
        return FrameInfo(**{**values, **changes})  # type: ignore[arg-type]


@pytest.fixture
def little_sky() -> LittleSky:
    return LittleSky()
