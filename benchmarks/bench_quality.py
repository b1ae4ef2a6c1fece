"""What the stacks of others and ours look like: sharpness by radius, sky noise, what moved.

    .venv/bin/issgaze simulate --scenario clear --frames 32 --size binned --out /tmp/pass
    python3 -m venv /tmp/peers && /tmp/peers/bin/pip install -e . opencv-python-headless \
        astroalign ccdproc astropy
    /tmp/peers/bin/python benchmarks/bench_quality.py /tmp/pass

Needs `siril-cli` 1.0. Each stack is measured on its own pixel grid against the truth of the
simulated pass. FWHM is that of a Gaussian through the pooled profiles of the same stars about
their own centroids, in raw px, in three zones of equal numbers of stars from the middle to the
edge. Noise is that of the sky in 4x4 raw px at equal light of the stars, ours at full resolution
being 1. Residue is what lies along the station's true way above its sides, in deviations of the
sky: the median and the 95th percentile; beside them that of two ways parallel to it, where nothing
but sky and stars is.
"""

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from bench_peers import astroalign_average, ccdproc_clip, lights, opencv_maximum, ours
from bench_siril import SCRIPT

Plane = np.ndarray
ZONES = 3
SIDE_PX = (10.0, 14.0)
BESIDE_PX = (-60.0, -40.0, 40.0, 60.0)


@dataclass
class Truth:
    """Where stars and station were, raw px (x, y)."""

    folder: Path

    def __post_init__(self) -> None:
        from issgaze.archive.fits import site_of
        from issgaze.archive.fitsimage import read_header
        from issgaze.civil import parse_utc, seconds_between
        from issgaze.optics.lens import Lens
        from issgaze.stacking.registration import SkyMap

        said = json.loads((self.folder / "truth.json").read_text())
        lens = Lens.from_document(json.loads((self.folder / "lens.json").read_text()))
        header = read_header(lights(self.folder)[0])
        self.shape = int(header["NAXIS2"]), int(header["NAXIS1"])
        site = site_of(header)
        assert site is not None
        self.map = SkyMap(lens=lens, site=site, height_px=self.shape[0], width_px=self.shape[1])
        zero = parse_utc(said["stars_utc"])
        self.mids = np.array(
            [
                seconds_between(zero, parse_utc(frame["start_utc"])) + 0.5 * frame["exposure_s"]
                for frame in said["frames"]
            ]
        )
        stars = [star for star in said["stars"] if 1.5 < star["magnitude"] < 5.0]
        self.stars = np.array([(star["x"], star["y"]) for star in stars])
        track = said["track"]
        began = seconds_between(zero, parse_utc(track["start_utc"]))
        self.track = np.stack((track["x"], track["y"]), axis=1).astype(float)
        self.track_s = began + np.array(track["seconds"])
        self.lit = np.array(track["light"], float) > 0.5

    def stars_at(self, seconds: float) -> np.ndarray:
        """Where the stars stand so long after the truth's instant."""
        return self.map.pixels_of(
            self.map.airless_of(self.stars), np.full(len(self.stars), seconds)
        )

    def way_at(self, seconds: float) -> np.ndarray:
        """Where the station's way lies among the stars of that instant."""
        exposed = np.min(np.abs(self.track_s[:, None] - self.mids), axis=1) < 4.5
        use = self.lit & exposed
        points, when = self.track[use], self.track_s[use]
        airless = self.map.airless_of(points)
        return self.map.pixels_of(airless, seconds - when)


def profile_fwhm(plane: Plane, places: np.ndarray, scale: float) -> tuple[float, float]:
    """FWHM in raw px about the stars' own centroids, and the median light of a star."""
    reach = int(np.ceil(10 / scale))
    squared, values, fluxes = [], [], []
    for x0, y0 in places:
        x, y = x0, y0
        left, top = round(x) - reach, round(y) - reach
        if min(left, top) < 0:
            continue
        part = plane[top : top + 2 * reach + 1, left : left + 2 * reach + 1]
        if part.shape != (2 * reach + 1, 2 * reach + 1):
            continue
        yy, xx = np.mgrid[top : top + 2 * reach + 1, left : left + 2 * reach + 1]
        away = np.hypot(xx - x, yy - y) * scale
        above = part - np.median(part[away > 7.0])
        for _ in range(8):
            weight = np.exp(-0.5 * ((xx - x) ** 2 + (yy - y) ** 2) * scale**2 / 4.0) * above
            total = weight.sum()
            if total <= 0.0:
                break
            x += 2.0 * ((xx - x) * weight).sum() / total
            y += 2.0 * ((yy - y) * weight).sum() / total
            if np.hypot(x - x0, y - y0) * scale > 6.0:
                break
        r2 = ((xx - x) ** 2 + (yy - y) ** 2) * scale**2
        flux = above[r2 < 36.0].sum() * scale**2
        if np.hypot(x - x0, y - y0) * scale > 6.0 or flux <= 0.0:
            continue
        inside = r2 < 36.0
        squared.append(r2[inside])
        values.append(above[inside] / flux)
        fluxes.append(flux)
    if len(fluxes) < 5:
        return float("nan"), float("nan")
    r2, v = np.concatenate(squared), np.concatenate(values)
    sigmas = np.arange(0.6, 6.0, 0.01)
    errors = []
    for sigma in sigmas:
        model = np.exp(-0.5 * r2 / sigma**2)
        height = (model * v).sum() / (model**2).sum()
        errors.append(((v - height * model) ** 2).sum())
    return float(2.3548 * sigmas[int(np.argmin(errors))]), float(np.median(fluxes))


def coarse(plane: Plane, scale: float) -> Plane:
    """Means of 4x4 raw px."""
    n = int(4 / scale)
    height, width = plane.shape[0] // n, plane.shape[1] // n
    return plane[: height * n, : width * n].reshape(height, n, width, n).mean(axis=(1, 3))


def sky_noise(plane: Plane, scale: float, sky: Plane) -> float:
    """Deviation of 4x4 raw px of clear sky, by second differences."""
    cells = coarse(plane, scale)
    free = sky[: cells.shape[0], : cells.shape[1]]
    difference = cells[:, 4:] - 2.0 * cells[:, 2:-2] + cells[:, :-4]
    chosen = difference[free[:, 4:] & free[:, 2:-2] & free[:, :-4]]
    return float(1.4826 * np.median(np.abs(chosen - np.median(chosen))) / np.sqrt(6.0))


def residue(
    plane: Plane, way: np.ndarray, scale: float, noise: float
) -> tuple[float, float, float]:
    """Median and 95th percentile of the way above its sides, in deviations of 4x4 raw px.

    The third is the 95th percentile of ways beside it.
    """
    cells = coarse(plane, scale)
    step = np.gradient(way, axis=0)
    across = np.stack((-step[:, 1], step[:, 0]), axis=1)
    across /= np.maximum(np.hypot(*across.T), 1e-9)[:, None]

    def values(places: np.ndarray) -> np.ndarray:
        x, y = np.floor(places / 4.0).astype(int).T
        fits = (x >= 0) & (y >= 0) & (x < cells.shape[1]) & (y < cells.shape[0])
        got = cells[np.clip(y, 0, cells.shape[0] - 1), np.clip(x, 0, cells.shape[1] - 1)]
        return np.where(fits, got, np.nan)

    def rise(places: np.ndarray) -> np.ndarray:
        sides = [values(places + sign * far * across) for sign in (-1, 1) for far in SIDE_PX]
        known = ~np.all(np.isnan(sides), axis=0)
        middle = np.nanmedian(np.array(sides)[:, known], axis=0)
        return (values(places)[known] - middle) / noise

    mine = rise(way)
    beside = np.concatenate([rise(way + far * across) for far in BESIDE_PX])
    return (
        float(np.nanmedian(mine)),
        float(np.nanpercentile(mine, 95)),
        float(np.nanpercentile(beside, 95)),
    )


def siril(folder: Path) -> Plane:
    """Siril's stack, its green plane, top row first."""
    from issgaze.archive.fitsimage import read_image

    with tempfile.TemporaryDirectory() as name:
        work = Path(name) / "work"
        work.mkdir()
        for path in lights(folder):
            (work / path.name).symlink_to(path)
        script = Path(name) / "script.ssf"
        script.write_text(SCRIPT)
        command = ["siril-cli", "-d", str(work), "-s", str(script)]
        subprocess.run(command, check=True, capture_output=True)
        found = next(Path(name).rglob("result.fit"))
        return np.asarray(read_image(found)[0][1], np.float64)


def reference_of(plane: Plane, truth: Truth, scale: float) -> tuple[Plane, float]:
    """Find to which frame a peer has registered, and which way up."""

    def contrast(image: Plane, seconds: float) -> float:
        places = np.nan_to_num(truth.stars_at(seconds), nan=-1e3)
        x, y = np.rint((places + 0.5) / scale - 0.5).astype(int).T
        fits = (x > 2) & (y > 2) & (x < image.shape[1] - 3) & (y < image.shape[0] - 3)
        nine = [image[y[fits] + v, x[fits] + u] for v in (-1, 0, 1) for u in (-1, 0, 1)]
        return float(np.median(np.max(nine, axis=0)))

    tries = [
        (contrast(image, seconds), number, seconds)
        for number, image in enumerate((plane, plane[::-1]))
        for seconds in truth.mids
    ]
    _, flipped, seconds = max(tries)
    return (plane[::-1] if flipped else plane), float(seconds)


def main(folder: Path) -> None:
    """Stack, measure, print a table."""
    truth = Truth(folder)
    middle_s = float(truth.mids[len(truth.mids) // 2])
    # our stacks stand at the start of the middle frame
    ours_s = middle_s - 5.0
    stacks = {
        "issgaze full": (ours(folder, "full"), 1.0, ours_s),
        "issgaze half": (ours(folder, "half"), 2.0, ours_s),
        "Siril": (siril(folder), 1.0, None),
        "astroalign register + average, one green": (astroalign_average(folder), 2.0, middle_s),
        "ccdproc sigma clip, not registered": (ccdproc_clip(folder), 2.0, middle_s),
        "OpenCV debayer + maximum": (opencv_maximum(folder), 2.0, middle_s),
    }
    print("| what | FWHM centre | middle | edge | sky noise | residue | p95 | p95 beside |")
    print("|---|---|---|---|---|---|---|---|")
    unit = None
    for name, (plane, scale, known_s) in stacks.items():
        image, seconds = np.asarray(plane, np.float64), known_s
        if seconds is None:
            image, seconds = reference_of(image, truth, scale)
        raw = truth.stars_at(seconds)
        size = np.array(truth.shape[::-1])
        high = truth.map.airless_of(raw)[:, 2] > np.sin(np.radians(20.0))
        inside = np.all((raw > 20) & (raw < size - 20), axis=1) & high
        raw = raw[inside]
        order = np.argsort(np.hypot(*(raw - size / 2.0).T))
        places = (raw + 0.5) / scale - 0.5
        widths, fluxes = [], []
        for zone in np.array_split(order, ZONES):
            fwhm, flux = profile_fwhm(image, places[zone], scale)
            widths.append(fwhm)
            fluxes.append(flux)
        up = truth.map.airless_of(
            np.stack(np.meshgrid(np.arange(2, size[0], 4), np.arange(2, size[1], 4)), axis=-1)
            .reshape(-1, 2)
            .astype(float)
        )[:, 2].reshape(len(range(2, size[1], 4)), -1)
        sky = np.nan_to_num(up, nan=-1.0) > np.sin(np.radians(35.0))
        noise = sky_noise(image, scale, sky)
        share = noise / np.nanmedian(fluxes)
        unit = unit or share
        way = truth.way_at(seconds)
        up = truth.map.airless_of(way)[:, 2] > np.sin(np.radians(30.0))
        left, most, beside = residue(image, way[up], scale, noise)
        cells = " | ".join(f"{width:.2f}" for width in widths)
        what = f"{share / unit:.2f} | {left:.2f} | {most:.2f} | {beside:.2f}"
        print(f"| {name} | {cells} | {what} |", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
