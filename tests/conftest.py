"""Fixtures shared by all tests."""

import os
import warnings
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

from issgaze.civil import parse_utc
from issgaze.orbit.elements import ElementSet

# a shared machine pauses for longer than hypothesis allows a case: time limits are flaky
settings.register_profile("issgaze", deadline=None)
settings.load_profile("issgaze")

_ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real element sets and night frames; skips where there is none."""
    folder = Path(os.environ.get("ISSGAZE_REAL_DATA") or _ROOT.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"no real data in {folder}")
    return folder


class SkyfieldOracle:
    """Skyfield with its bundled DE421 and time scale: the oracle of sky and orbit."""

    def __init__(self):
        from skyfield.api import Loader
        from skyfield_data import get_skyfield_data_path

        with warnings.catch_warnings():
            # the bundled UT1 tables grow old; the tests know the tolerance that costs
            warnings.simplefilter("ignore", RuntimeWarning)
            loader = Loader(get_skyfield_data_path(), verbose=False)
        self.timescale = loader.timescale(builtin=True)
        self.bodies = loader("de421.bsp")
        self.earth = self.bodies["earth"]

    def times(self, start: datetime, seconds: np.ndarray):
        seconds = np.asarray(seconds, dtype=float)
        return self.timescale.utc(
            start.year,
            start.month,
            start.day,
            start.hour,
            start.minute,
            start.second + start.microsecond * 1e-6 + seconds,
        )


@pytest.fixture(scope="session")
def oracle() -> Iterator[SkyfieldOracle]:
    """Skyfield, loaded once; nothing is fetched."""
    loaded = SkyfieldOracle()
    yield loaded
    loaded.bodies.close()


class StagedPass:
    """A pass staged on the stacks' own grid: sky, stars, roof, the station, with known errors.

    Stars and station stand where `place` puts them; everything else is drawn here.
    """

    width, height = 760, 570
    focal_px = 650.0
    sky_adu, noise_adu = 60.0, 6.0

    def __init__(self):
        from issgaze.civil import later, parse_utc
        from issgaze.optics.lens import Lens
        from issgaze.orbit.finder import find_passes
        from issgaze.orbit.formats import parse_elements
        from issgaze.sky.site import Site

        record = _ROOT / "issgaze" / "data" / "iss_omm.json"
        self.elements = parse_elements(record.read_bytes(), source="demo").sets[0]
        self.site = Site(latitude_deg=49.02, longitude_deg=13.23, height_m=620.0)
        start = parse_utc("2024-05-10T00:00:00Z")
        passes = find_passes(self.elements, self.site, start, later(start, 5 * 86400.0))
        # one that is lit for the two minutes about its culmination
        whole = [
            each
            for each in passes
            for stretch in each.lit
            if stretch.start.utc <= later(each.culmination.utc, -60.0)
            and stretch.end.utc >= later(each.culmination.utc, 65.0)
        ]
        self.iss_pass = max(whole, key=lambda each: each.culmination.altitude_deg)
        top = self.iss_pass.culmination
        self.lens = Lens(
            width_px=2 * self.width,
            height_px=2 * self.height,
            projection="equidistant",
            focal_px=self.focal_px,
            center_px=(self.width - 0.5, self.height - 0.5),
            rotation=self._looking_at(48.0, top.azimuth_deg),
            valid_radius_px=1200.0,
        )
        self.start = later(top.utc, -60.0)

    @staticmethod
    def _looking_at(altitude_deg: float, azimuth_deg: float):
        altitude, azimuth = np.radians(altitude_deg), np.radians(azimuth_deg)
        right = np.array([np.cos(azimuth), -np.sin(azimuth), 0.0])
        out = np.array(
            [
                np.cos(altitude) * np.sin(azimuth),
                np.cos(altitude) * np.cos(azimuth),
                np.sin(altitude),
            ]
        )
        return tuple(map(tuple, np.stack((right, np.cross(out, right), out))))

    def place(self, seconds: np.ndarray, *, ahead_s: float = 0.0, aside_px: float = 0.0):
        """Return the station on the grid (n, 2) at seconds after the first frame's start."""
        from issgaze.orbit.tracks import compute_track
        from issgaze.stacking.corridor import track_pixels

        track = compute_track(self.elements, self.site, self.start, seconds + ahead_s)
        points = track_pixels(self.lens, track, "half")
        step = np.gradient(points, axis=0)
        unit = step / np.linalg.norm(step, axis=1, keepdims=True)
        return points + aside_px * np.stack((-unit[:, 1], unit[:, 0]), axis=-1)

    def stacks(
        self,
        *,
        frames: int = 12,
        exposure_s: float = 10.0,
        ahead_s: float = 0.0,
        aside_px: float = 0.0,
        brightness: float = 2500.0,
        seed: int = 1,
        others: tuple[tuple[np.ndarray, int], ...] = (),
        roof_px: int = 0,
        stars: int = 150,
        lit_s: tuple[float, float] = (-1e9, 1e9),
    ):
        """Return `Stacks`; `others` are paths (n, 2) of other lights, each in one frame."""
        from issgaze.civil import later
        from issgaze.stacking.stacks import Stacks

        random = np.random.default_rng(seed)
        shape = (self.height, self.width)
        total = np.zeros(shape)
        peak = np.full(shape, -np.inf)
        label = np.zeros(shape, dtype=np.uint16)
        starts = [later(self.start, number * (exposure_s + 0.01)) for number in range(frames)]
        spots = random.uniform((5, 5), (self.width - 5, self.height - roof_px - 5), (stars, 2))
        fluxes = 10.0 ** random.uniform(1.8, 3.8, stars)
        static = np.full(shape, self.sky_adu)
        reference = static.copy()
        splat(reference, spots, fluxes)
        for number in range(frames):
            light = static.copy()
            splat(light, spots + np.array([0.5 * (number - frames / 2), 0.0]), fluxes)
            seconds = number * (exposure_s + 0.01) + np.arange(0.01, exposure_s, 0.02)
            seconds = seconds[(seconds >= lit_s[0]) & (seconds <= lit_s[1])]
            if len(seconds) > 2 and brightness > 0.0:
                points = self.place(seconds, ahead_s=ahead_s, aside_px=aside_px)
                splat(light, points, np.full(len(points), brightness * 0.02))
            for path, frame in others:
                if frame == number:
                    splat(light, path, np.full(len(path), 200.0))
            if roof_px:
                tiles = 14.0 + 6.0 * (np.indices((roof_px, self.width)).sum(axis=0) // 7 % 2)
                light[-roof_px:] = tiles
            light += random.normal(0.0, self.noise_adu, shape)
            total += light
            label[light > peak] = number
            peak = np.maximum(peak, light)
        if roof_px:
            reference[-roof_px:] = light[-roof_px:]
        mean = total / frames
        noise = random.normal(0.0, self.noise_adu / np.sqrt(frames), shape)
        grey = lambda plane: np.repeat(plane[np.newaxis], 3, axis=0).astype(np.float32)  # noqa: E731
        return Stacks(
            resolution="half",
            stars=grey(reference + noise),
            ground=grey(mean),
            peak=grey(peak),
            peak_frame=label,
            coverage=np.ones(shape, dtype=np.float32),
            variance=np.full(shape, self.noise_adu**2 / frames, dtype=np.float32),
            saturation_adu=3800.0,
            reference_utc=later(self.start, frames * exposure_s / 2),
            frame_count=frames,
            frame_start_utc=tuple(starts),
            exposure_s=(exposure_s,) * frames,
            reject_fraction=0.0,
        )


def splat(image: np.ndarray, points: np.ndarray, fluxes: np.ndarray, sigma: float = 1.0) -> None:
    """Add Gaussian spots to an image."""
    steps = np.arange(-4, 5)
    keep = np.isfinite(points).all(axis=1)
    for (x, y), flux in zip(points[keep], fluxes[keep], strict=True):
        column, row = round(float(x)), round(float(y))
        if not (4 <= column < image.shape[1] - 4 and 4 <= row < image.shape[0] - 4):
            continue
        across = np.exp(-0.5 * ((column + steps - x) / sigma) ** 2)
        down = np.exp(-0.5 * ((row + steps - y) / sigma) ** 2)
        stamp = np.outer(down, across) * (flux / (2.0 * np.pi * sigma**2))
        image[row - 4 : row + 5, column - 4 : column + 5] += stamp


@pytest.fixture(scope="session")
def staged() -> StagedPass:
    """A pass staged on the stacks' grid."""
    return StagedPass()


@pytest.fixture(scope="session")
def iss() -> ElementSet:
    """The station on 2024-05-09, the set that ships with the package."""
    return ElementSet(
        norad_id=25544,
        name="ISS (ZARYA)",
        cospar_id="1998-067A",
        epoch=parse_utc("2024-05-09T08:48:19.938816"),
        mean_motion_rev_per_day=15.51043222,
        eccentricity=0.0003466,
        inclination_deg=51.6381,
        raan_deg=147.859,
        arg_of_perigee_deg=150.467,
        mean_anomaly_deg=338.5502,
        bstar=0.00027777,
    )
