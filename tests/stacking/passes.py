"""Simulated passes with truth: stars, station, aircraft, satellites, rays, under a changing sky.

Drawn with formulas of their own: spherical trigonometry, Bennett's refraction, a Gaussian spot
integrated over photosites, normal noise. What moves runs straight over the mosaic.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property

import numpy as np

from issgaze.imaging.frame import Frame, FrameInfo
from issgaze.imaging.masterdark import MasterDark, master_dark
from issgaze.optics.lens import Lens
from issgaze.sky.site import Site
from issgaze.stacking.digest import DigestSetup

START = datetime(2026, 3, 1, 19, 0, tzinfo=UTC)
SITE = Site(latitude_deg=48.0, longitude_deg=11.0)
_LATITUDE = np.radians(48.0)
_SIDEREAL = 2.0 * np.pi / 86164.0905
_ZENITH = ((-1.0, 0.0, 0.0), (0.0, -1.0, 0.0), (0.0, 0.0, 1.0))
_REACH = 6
# electrons in 5 s of a green star of this magnitude
_ZERO_MAG, _ZERO_E = 7.7, 600.0


@dataclass(frozen=True, kw_only=True)
class Mover:
    """Something that crosses the mosaic: angle, distance from the middle, speed, brightness."""

    angle: float
    offset: float
    px_per_s: float
    middle: float
    mag: float
    blink_s: float = 0.0
    steady: float = 1.0


# offsets and speeds are in units of the mosaic's width
MOVERS = {
    "station": Mover(angle=0.5, offset=-0.025, px_per_s=0.0138, middle=0.5, mag=0.0),
    "aircraft": Mover(
        angle=2.2, offset=0.09, px_per_s=0.003, middle=0.5, mag=2.5, blink_s=1.1, steady=0.15
    ),
    "slow": Mover(angle=1.3, offset=-0.13, px_per_s=0.00064, middle=0.45, mag=3.5),
    "bright satellite": Mover(angle=-0.7, offset=0.06, px_per_s=0.0044, middle=0.4, mag=3.5),
    "faint satellite": Mover(angle=2.8, offset=0.15, px_per_s=0.004, middle=0.5, mag=5.6),
    "early satellite": Mover(angle=1.9, offset=-0.2, px_per_s=0.004, middle=0.08, mag=3.0),
}


@dataclass(kw_only=True)
class SimulatedPass:
    """Frames of a pass and the truth about them; distances in raw pixels, values in ADU."""

    width: int = 1016
    height: int = 760
    frames: int = 16
    seed: int = 1
    sky_adu: float = 200.0
    stars: int = 500
    ramp: float = 0.0
    tint: tuple[float, float, float] = (1.0, 1.0, 1.0)
    cloud: bool = False
    jitter_px: float = 0.0
    lens_error_px: float = 0.0
    rays: float = 1.0
    exposure_s: float = 5.0
    cadence_s: float = 5.1
    adu_per_e: float = 0.5
    read_e: float = 3.0
    sigma_px: float = 1.1
    movers: dict[str, Mover] = field(default_factory=lambda: MOVERS)

    def __post_init__(self) -> None:
        random = np.random.default_rng(self.seed)
        up = random.uniform(0.2, 1.0, self.stars)
        azimuth = random.uniform(0.0, 2.0 * np.pi, self.stars)
        altitude = np.arcsin(up)
        sine, cosine = np.sin(altitude), np.cos(altitude)
        self.declination = np.arcsin(
            sine * np.sin(_LATITUDE) + cosine * np.cos(_LATITUDE) * np.cos(azimuth)
        )
        self.hour_angle = np.arctan2(
            -np.sin(azimuth) * cosine,
            sine * np.cos(_LATITUDE) - cosine * np.sin(_LATITUDE) * np.cos(azimuth),
        )
        self.mag = np.maximum(2.0, 8.2 + np.log10(random.uniform(0.0, 1.0, self.stars)) / 0.4)
        self.electrons = self.light_of(self.mag) * self.exposure_s
        self.colour = np.stack(
            [random.uniform(0.5, 1, self.stars), np.ones(self.stars),
             random.uniform(0.5, 1, self.stars)], axis=1,
        )  # fmt: skip
        self.shake = random.normal(0.0, self.jitter_px, (self.frames, 2))
        count = self.width * self.height // 5000
        self.hot = random.choice(self.width * self.height, count, replace=False)
        self.hot_adu = random.uniform(100.0, 3000.0, count)
        self.struck = [
            [
                (int(random.integers(8, self.height - 8)), int(random.integers(8, self.width - 8)),
                 float(random.uniform(150.0, 3000.0)))
                for _ in range(random.poisson(self.rays))
            ]
            for _ in range(self.frames)
        ]  # fmt: skip
        self.focal_px = 0.42 * self.width

    @staticmethod
    def light_of(mag: np.ndarray | float) -> np.ndarray:
        """Electrons a second."""
        return np.asarray(_ZERO_E / 5.0 * 10.0 ** (-0.4 * (mag - _ZERO_MAG)))

    @property
    def reference_s(self) -> float:
        return 0.5 * self.frames * self.cadence_s - 0.25 * self.cadence_s

    @property
    def reference_utc(self) -> datetime:
        return START + timedelta(seconds=self.reference_s)

    @cached_property
    def lens(self) -> Lens:
        """The lens that the digest is told of, wrong by `lens_error_px` where asked for."""
        lens = Lens(
            width_px=self.width, height_px=self.height, projection="equidistant",
            focal_px=self.focal_px, rotation=_ZENITH, valid_radius_px=self.focal_px * np.pi / 2,
            center_px=((self.width - 1) / 2, (self.height - 1) / 2),
        )  # fmt: skip
        wrong = 0.7 * self.lens_error_px
        x, y = lens.center_px
        stretch = 1.0 + self.lens_error_px / self.width
        return replace(lens, center_px=(x + wrong, y - wrong), focal_px=lens.focal_px * stretch)

    def star_pixels(self, seconds: float) -> np.ndarray:
        """Where the stars stand (x, y) some seconds after START."""
        angle = self.hour_angle + _SIDEREAL * seconds
        sine, cosine = np.sin(self.declination), np.cos(self.declination)
        altitude = np.arcsin(np.sin(_LATITUDE) * sine + np.cos(_LATITUDE) * cosine * np.cos(angle))
        azimuth = np.arctan2(
            -np.sin(angle) * cosine,
            sine * np.cos(_LATITUDE) - cosine * np.cos(angle) * np.sin(_LATITUDE),
        )
        degrees = np.degrees(altitude)
        lift = 1.0 / np.tan(np.radians(degrees + 7.31 / (degrees + 4.4))) / 60.0
        radius = self.focal_px * np.radians(90.0 - degrees - lift)
        x = (self.width - 1) / 2 - radius * np.sin(azimuth)
        y = (self.height - 1) / 2 - radius * np.cos(azimuth)
        return np.stack((x, y), axis=1)

    def setup(self, **changes: object) -> DigestSetup:
        values = {
            "width_px": self.width, "height_px": self.height, "bayer_pattern": "RGGB",
            "black_level_adu": 256.0, "white_level_adu": 4095.0, "lens": self.lens, "site": SITE,
            "reference_utc": self.reference_utc, "exposure_s": self.exposure_s,
            "resolution": "half", "dark": self.dark,
        }  # fmt: skip
        return DigestSetup(**{**values, **changes})  # type: ignore[arg-type]

    def mover_pixels(self, mover: Mover, seconds: np.ndarray) -> np.ndarray:
        along = np.array([np.cos(mover.angle), np.sin(mover.angle)])
        across = np.array([-along[1], along[0]])
        middle = np.array([(self.width - 1) / 2, (self.height - 1) / 2])
        run = seconds - mover.middle * self.frames * self.cadence_s
        way = np.multiply.outer(run * mover.px_per_s * self.width, along)
        return np.asarray(middle + across * mover.offset * self.width + way)

    def light(self, number: int, *, moving: bool = True) -> np.ndarray:
        """Electrons of a frame without noise, float32."""
        start = number * self.cadence_s
        level = self.sky_adu / self.adu_per_e
        level *= 1.0 + self.ramp * (number / max(1, self.frames - 1) - 0.5)
        image = np.multiply(self._shading, np.float32(level))
        for colour, sites in enumerate((((0, 0),), ((0, 1), (1, 0)), ((1, 1),))):
            for y, x in sites:
                image[y::2, x::2] *= np.float32(self.tint[colour])
        veil = self._veil(number) if self.cloud else None
        if veil is not None:
            image *= 1.0 + 0.5 * veil
        for part in (1 / 6, 1 / 2, 5 / 6):
            place = self.star_pixels(start + part * self.exposure_s)
            light = self.electrons / 3.0
            if veil is not None:
                inside = np.clip(place.astype(int), 0, (self.width - 1, self.height - 1))
                light = light * (1.0 - veil[inside[:, 1], inside[:, 0]])
            self._draw(image, place + self.shake[number], light, self.colour)
        if moving:
            for mover in self.movers.values():
                self._draw_mover(image, mover, start, self.shake[number])
        return image

    def _draw_mover(self, image: np.ndarray, mover: Mover, start: float, shake: np.ndarray) -> None:
        count = max(3, int(2 * mover.px_per_s * self.width * self.exposure_s))
        times = start + (np.arange(count) + 0.5) / count * self.exposure_s
        light = np.full(count, float(self.light_of(mover.mag)) * self.exposure_s / count)
        if mover.blink_s:
            first = np.ceil(start / mover.blink_s)
            last = np.floor((start + self.exposure_s) / mover.blink_s)
            flashes = np.arange(first, last + 1) * mover.blink_s
            times = np.append(times, flashes)
            flash = np.full(len(flashes), float(self.light_of(mover.mag)) * mover.blink_s)
            light = np.append(light * mover.steady, flash)
        place = self.mover_pixels(mover, times) + shake
        self._draw(image, place, light, np.ones((len(times), 3)))

    def frame(self, number: int, *, moving: bool = True) -> Frame:
        """A raw frame; without what moves it has the same noise."""
        random = np.random.default_rng((self.seed, number))
        electrons = self.light(number, moving=moving)
        spread = np.sqrt(electrons + np.float32(self.read_e**2))
        electrons += random.standard_normal(electrons.shape, dtype=np.float32) * spread
        values = electrons * np.float32(self.adu_per_e)
        values.reshape(-1)[self.hot] += self.hot_adu
        if moving:
            for y, x, adu in self.struck[number]:
                values[y, x] += adu
        return Frame(mosaic=_digitised(values), info=self._info(number))

    @cached_property
    def dark(self) -> MasterDark:
        def darks():
            for number in range(5):
                random = np.random.default_rng((self.seed, number, 1))
                values = random.standard_normal((self.height, self.width), dtype=np.float32)
                values *= self.read_e * self.adu_per_e
                values.reshape(-1)[self.hot] += self.hot_adu
                yield Frame(mosaic=_digitised(values), info=self._info(number))

        found = master_dark(darks())
        assert found is not None
        return found

    def _info(self, number: int) -> FrameInfo:
        return FrameInfo(
            start_utc=START + timedelta(seconds=number * self.cadence_s),
            exposure_s=self.exposure_s,
        )

    @cached_property
    def _shading(self) -> np.ndarray:
        """Vignetting and a glow on one side."""
        y, x = np.mgrid[0 : self.height, 0 : self.width].astype(np.float32)
        radius = np.hypot(y / self.height - 0.5, x / self.width - 0.5)
        shading = (1.0 - 0.5 * radius**2) * (1.0 + 0.15 * (y / self.height - 0.5))
        return np.asarray(shading, np.float32)

    def _veil(self, number: int) -> np.ndarray:
        """Opacity of a cloud that drifts over the middle, 0 to 0.8."""
        y, x = np.mgrid[0 : self.height, 0 : self.width].astype(np.float32)
        middle = self.width * (0.1 + 0.8 * number / self.frames)
        body = np.exp(
            -(((x - middle) / (0.12 * self.width)) ** 2)
            - ((y - 0.45 * self.height) / (0.2 * self.height)) ** 2
        )
        ripples = np.sin(x / 37.0 + 0.3 * number) * np.sin(y / 51.0)
        return np.clip(body * (0.6 + 0.15 * ripples), 0.0, 0.8)

    def _draw(
        self, image: np.ndarray, place: np.ndarray, light: np.ndarray, colour: np.ndarray
    ) -> None:
        left, top = np.floor(place).astype(int).T
        inside = (left >= _REACH) & (left < self.width - _REACH - 1)
        inside &= (top >= _REACH) & (top < self.height - _REACH - 1)
        left, top, place = left[inside], top[inside], place[inside]
        steps = np.arange(-_REACH, _REACH + 1)
        columns, rows = left[:, np.newaxis] + steps, top[:, np.newaxis] + steps
        wide = _part(columns - place[:, :1], self.sigma_px)
        high = _part(rows - place[:, 1:], self.sigma_px)
        stamps = high[:, :, np.newaxis] * wide[:, np.newaxis] * light[inside][:, None, None]
        # red at even sites of even rows, blue at odd sites of odd rows
        plane = (rows & 1)[:, :, np.newaxis] + (columns & 1)[:, np.newaxis]
        shades = np.broadcast_to(colour[inside][:, None, None, :], (*stamps.shape, 3))
        stamps *= np.take_along_axis(shades, plane[..., np.newaxis], axis=-1)[..., 0]
        flat = rows[:, :, np.newaxis] * self.width + columns[:, np.newaxis]
        image += (
            np.bincount(flat.reshape(-1), stamps.reshape(-1), minlength=image.size)
            .reshape(image.shape)
            .astype(np.float32)
        )


def _part(distance: np.ndarray, sigma: float) -> np.ndarray:
    """The part of a Gaussian's light that falls on photosites at some distance."""
    return _below((distance + 0.5) / sigma) - _below((distance - 0.5) / sigma)


def _below(z: np.ndarray) -> np.ndarray:
    """Winitzki's approximation of the normal distribution, good to 0.0001."""
    t = 0.5 * z * z
    return np.asarray(
        0.5 + 0.5 * np.sign(z)
        * np.sqrt(1.0 - np.exp(-t * (4.0 / np.pi + 0.147 * t) / (1.0 + 0.147 * t)))
    )  # fmt: skip


def _digitised(values: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(values + 256.0), 0, 4095).astype(np.uint16)
