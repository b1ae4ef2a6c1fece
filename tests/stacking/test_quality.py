"""Quality of the stacks against the truth of simulated passes.

The full counts of seeds, frames and skies are marked long; their results stand in
docs/verified.md.
"""

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pytest

from issgaze.stacking.digest import Digest
from issgaze.stacking.stacks import Stacks

from .passes import SimulatedPass

TROUBLE = {"ramp": 1.2, "cloud": True, "jitter_px": 0.5, "lens_error_px": 0.3}
SAMPLE = [
    pytest.param("half", 16, 1, 200.0, False, id="half"),
    pytest.param("full", 16, 2, 200.0, False, id="full"),
    pytest.param("half", 16, 3, 60.0, True, id="half-trouble"),
    pytest.param("full", 16, 4, 60.0, True, id="full-trouble"),
]
FULL = [
    pytest.param(resolution, frames, seed, sky, trouble, marks=pytest.mark.long)
    for resolution in ("half", "full")
    for frames in (16, 32, 64)
    for seed, sky in ((11, 60.0), (12, 200.0), (13, 700.0))
    for trouble in (False, True)
]
SKIES = ((21, 60.0), (22, 200.0), (23, 700.0))
CASES = pytest.mark.parametrize(
    ("resolution", "frames", "seed", "sky_adu", "trouble"), SAMPLE + FULL
)


@dataclass(frozen=True)
class Developed:
    """A pass developed three ways: as it is, without what moves, and without rejection."""

    truth: SimulatedPass
    digest: Digest
    stacks: Stacks
    clean: Stacks
    single: np.ndarray

    @property
    def half(self) -> bool:
        return self.stacks.resolution == "half"

    def on_grid(self, raw: np.ndarray) -> np.ndarray:
        return (raw - 0.5) / 2.0 if self.half else raw


@cache
def developed(resolution: str, frames: int, seed: int, sky_adu: float, trouble: bool) -> Developed:
    truth = SimulatedPass(frames=frames, seed=seed, sky_adu=sky_adu, **(TROUBLE if trouble else {}))

    setup = truth.setup(resolution=resolution)
    real, clean, one = Digest(setup), Digest(setup), Digest(replace(setup, lens=None))
    trust_everything(clean)
    for number in range(frames):
        real.add(truth.frame(number))
        clean.add(truth.frame(number, moving=False))
    one.add(truth.frame(frames // 2, moving=False))
    for number in real.doubtful:
        real.review(number, truth.frame(number))
    stacks = real.finish()
    return Developed(
        truth=truth, digest=real, stacks=stacks, clean=clean.finish(), single=one.finish().ground
    )


def trust_everything(digest: Digest) -> None:
    """Make the digest a plain mean of registered frames."""
    assert digest._sky is not None
    mask = digest._sky.stack.mask
    judge = mask.judge

    def trusting(means, usable, noise):
        judge(means, usable, noise)
        return np.zeros(usable.shape, bool), np.zeros(usable.shape, bool)

    mask.judge = trusting  # type: ignore[method-assign]


def noise_of(case: Developed, plane: np.ndarray) -> float:
    """Deviation of the sky in the middle, of second differences over 8 px away from stars."""
    height, width = plane.shape
    free = away_from_stars(case, plane.shape)
    free[: height // 5] = free[-height // 5 :] = False
    free[:, : width // 5] = free[:, -width // 5 :] = False
    difference = (plane[:, 16:] - 2.0 * plane[:, 8:-8] + plane[:, :-16])[
        free[:, 16:] & free[:, 8:-8] & free[:, :-16]
    ]
    difference = difference - np.median(difference)
    # half-pixel steps of a single frame are too coarse for a median alone
    spread = 1.4826 * np.median(np.abs(difference))
    return float(np.std(difference[np.abs(difference) < 5.0 * spread]) / np.sqrt(6.0))


def away_from_stars(case: Developed, shape: tuple[int, ...]) -> np.ndarray:
    free = np.ones(shape, bool)
    places = case.on_grid(case.truth.star_pixels(case.truth.reference_s))
    for x, y in np.rint(places).astype(int):
        free[max(0, y - 8) : max(0, y + 9), max(0, x - 8) : max(0, x + 9)] = False
    return free


def fluxes(plane: np.ndarray, places: np.ndarray, radius: int = 4) -> np.ndarray:
    """Aperture photometry less a ring's median, nan near the edge."""
    reach = radius + 5
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    distance = np.hypot(x, y)
    result = np.full(len(places), np.nan)
    for index, (column, row) in enumerate(np.rint(places).astype(int)):
        if reach <= column < plane.shape[1] - reach and reach <= row < plane.shape[0] - reach:
            part = plane[row - reach : row + reach + 1, column - reach : column + reach + 1]
            ring = np.median(part[(distance > radius + 2) & (distance <= reach)])
            result[index] = (part[distance <= radius] - ring).sum()
    return result


@CASES
def test_noise_falls_with_the_root_of_the_frames(resolution, frames, seed, sky_adu, trouble):
    case = developed(resolution, frames, seed, sky_adu, trouble)
    noise, clean = (noise_of(case, s.stars[1]) for s in (case.stacks, case.clean))
    # rejection takes samples away under a cloud; elsewhere hardly any
    assert noise <= clean * (1.06 if trouble else 1.03)
    if case.half and not trouble:
        gain = noise_of(case, case.single[1]) / noise
        assert gain >= 0.97 * np.sqrt(frames)


@CASES
def test_stars_keep_their_light(resolution, frames, seed, sky_adu, trouble):
    case = developed(resolution, frames, seed, sky_adu, trouble)
    places = case.on_grid(case.truth.star_pixels(case.truth.reference_s))
    got, plain = (fluxes(s.stars[1], places) for s in (case.stacks, case.clean))
    noise = noise_of(case, case.clean.stars[1]) * 7.0
    unsaturated = case.truth.mag > 3.0
    for low, high in ((3.0, 5.0), (5.0, 6.0), (6.0, 7.0), (7.0, 8.2)):
        chosen = (case.truth.mag >= low) & (case.truth.mag < high) & (plain > 8.0 * noise)
        chosen &= unsaturated
        if np.count_nonzero(chosen) >= 8:
            ratio = float(np.median(got[chosen] / plain[chosen]))
            assert ratio == pytest.approx(1.0, abs=0.005), (low, high)


@CASES
def test_nothing_remains_of_what_moved(resolution, frames, seed, sky_adu, trouble):
    case = developed(resolution, frames, seed, sky_adu, trouble)
    noise = noise_of(case, case.clean.stars[1])
    # where frames were left out, the noise is that of fewer
    noise = noise / np.sqrt(np.maximum(case.stacks.coverage, 1.0 / case.truth.frames))
    change = (case.stacks.stars[1] - case.clean.stars[1]) / noise
    for name in case.truth.movers:
        left = change[along_track(case, name)]
        assert np.median(left) <= 0.2, name
        # of pure noise 95 % lie below 1.645
        assert np.percentile(left, 95) <= 1.645 + 0.5, name


def along_track(case: Developed, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Pixels of the stack on which a mover was, in the frames that saw it."""
    truth, mover = case.truth, case.truth.movers[name]
    assert case.digest._sky is not None
    sky_map = case.digest._sky._map
    rows, columns = [], []
    for number in range(truth.frames):
        count = max(3, int(mover.px_per_s * truth.width * truth.exposure_s))
        start = number * truth.cadence_s
        place = truth.mover_pixels(mover, start + (np.arange(count) + 0.5) / count * 5.0)
        seconds = start + 0.5 * truth.exposure_s - truth.reference_s
        field = sky_map.displacement_px(np.full(len(sky_map.rows_px), seconds))
        at = place
        for _ in range(2):
            node = at / (sky_map.columns_px[1], sky_map.rows_px[1])
            x, y = np.clip(np.rint(node).astype(int), 0, np.array(field.shape[1::-1]) - 1).T
            at = place - field[y, x]
        x, y = np.rint(case.on_grid(at)).astype(int).T
        height, width = case.stacks.coverage.shape
        inside = (x > 20) & (y > 20) & (x < width - 20) & (y < height - 20)
        rows.append(y[inside])
        columns.append(x[inside])
    return np.concatenate(rows), np.concatenate(columns)


@CASES
def test_no_star_appears_that_is_none(resolution, frames, seed, sky_adu, trouble):
    case = developed(resolution, frames, seed, sky_adu, trouble)
    change = case.stacks.stars[1] - case.clean.stars[1]
    # not at stars, whose light may differ where frames under a cloud were left out
    free = away_from_stars(case, change.shape)
    noise = noise_of(case, case.clean.stars[1])
    change *= np.sqrt(np.maximum(case.stacks.coverage, 1.0 / case.truth.frames))
    # a matched filter over 3x3, where the noise is that of its noisiest pixel
    height, width = change.shape
    views = [np.s_[y : height - 2 + y, x : width - 2 + x] for y in range(3) for x in range(3)]
    # what has no sample left in one of the two is filled from its neighbours, and is better known
    variance = np.maximum(case.stacks.variance, case.clean.variance)
    spread = variance / np.median(variance)
    limit = 5.5 * 3.0 * noise * np.sqrt(np.maximum(np.max([spread[v] for v in views], axis=0), 1))
    nine = sum(change[view] for view in views)
    assert not np.count_nonzero((nine > limit) & free[1:-1, 1:-1])


@CASES
def test_the_ground_is_the_mean_of_the_light(resolution, frames, seed, sky_adu, trouble):
    case = developed(resolution, frames, seed, sky_adu, trouble)
    truth = case.truth
    light = np.mean([truth.light(number) for number in range(frames)], axis=0) * truth.adu_per_e
    if case.half:
        expected = 0.5 * (light[0::2, 1::2] + light[1::2, 0::2])
        got = case.stacks.ground[1]
    else:
        expected, got = light[0::2, 1::2], case.stacks.ground[1][0::2, 1::2]
    # stars trail by nearly nothing in so short a time: the picture is dominated by them
    correlation = np.corrcoef(expected.reshape(-1), got.reshape(-1))[0, 1]
    assert correlation >= 0.98


@pytest.mark.parametrize(
    ("resolution", "frames", "skies"),
    [
        pytest.param("half", 16, ((7, 200.0),), id="half"),
        *(
            pytest.param(resolution, frames, SKIES, marks=pytest.mark.long)
            for resolution in ("half", "full")
            for frames in (16, 32, 64)
        ),
    ],
)
def test_fainter_stars_are_seen_by_what_is_due_to_so_many_frames(resolution, frames, skies):
    gains = [magnitudes_gained(resolution, frames, seed, sky_adu) for seed, sky_adu in skies]
    assert np.mean(gains) >= 1.25 * np.log10(frames) - 0.15


def magnitudes_gained(resolution: str, frames: int, seed: int, sky_adu: float) -> float:
    truth = SimulatedPass(frames=frames, seed=seed, sky_adu=sky_adu, stars=600, rays=0.0)
    # from well above the faintest of a single frame to well below that of the stack; a green of a
    # half-resolution plane holds a quarter of a star's light
    noise_adu = np.sqrt(truth.adu_per_e * sky_adu + (truth.adu_per_e * truth.read_e) ** 2)
    faintest_e = 4.0 * 4.0 * 3.0 * noise_adu / np.sqrt(2.0) / truth.adu_per_e
    expected = 7.7 - 2.5 * np.log10(faintest_e / 600.0)
    gain = 1.25 * np.log10(frames)
    random = np.random.default_rng(seed)
    truth.mag = random.uniform(expected - 1.0, expected + gain + 1.0, truth.stars)
    truth.electrons = truth.light_of(truth.mag) * truth.exposure_s
    stack, one = (
        Digest(truth.setup(resolution=resolution)),
        Digest(truth.setup(resolution="half", lens=None)),
    )
    for number in range(frames):
        stack.add(truth.frame(number))
    for number in stack.doubtful:
        stack.review(number, truth.frame(number))
    one.add(truth.frame(frames // 2, moving=False))
    stacks, single = stack.finish(), one.finish().ground[1]
    stars = stacks.stars[1]
    if resolution == "full":
        high, wide = single.shape
        # some pixels of a drizzle are made of few samples, and say so
        weight = 1.0 / stacks.variance
        stars, weight = (
            plane.reshape(high, 2, wide, 2).sum(axis=(1, 3)) for plane in (stars * weight, weight)
        )
        stars = stars / weight
    middle_s = frames // 2 * truth.cadence_s + 0.5 * truth.exposure_s
    places = [(truth.star_pixels(when) - 0.5) / 2.0 for when in (truth.reference_s, middle_s)]
    limits = [
        faintest_mag(plane, place, truth.mag)
        for plane, place in zip((stars, single), places, strict=True)
    ]
    return limits[0] - limits[1]


def faintest_mag(plane: np.ndarray, places: np.ndarray, mag: np.ndarray) -> float:
    """The magnitude at which half the stars stand out by four deviations of a 3x3 sum."""
    nine = sum(
        plane[1 + y : plane.shape[0] - 1 + y, 1 + x : plane.shape[1] - 1 + x]
        for y in (-1, 0, 1)
        for x in (-1, 0, 1)
    )
    nine = np.pad(nine, 1, mode="edge")
    # less what lies 8 px away on all sides: the sky is no plane
    sides = [np.roll(nine, step, axis) for step in (-8, 8) for axis in (0, 1)]
    nine = nine - np.mean(sides, axis=0)
    x, y = np.rint(places).astype(int).T
    inside = (x > 30) & (y > 30) & (x < plane.shape[1] - 30) & (y < plane.shape[0] - 30)
    rise, mags = [], []
    for column, row, bright in zip(x[inside], y[inside], mag[inside], strict=True):
        around = nine[row - 15 : row + 16, column - 15 : column + 16]
        level = np.median(around)
        spread = 1.4826 * np.median(np.abs(around - level))
        rise.append((nine[row, column] - level) / spread)
        mags.append(bright)
    seen, mags = np.array(rise) > 4.0, np.array(mags)
    # completeness falls like a logistic curve: the likeliest middle
    middles = np.arange(mags.min(), mags.max(), 0.01)
    steep = 1.0 / (1.0 + np.exp(np.clip((mags[None] - middles[:, None]) / 0.15, -50, 50)))
    chance = np.where(seen, steep, 1.0 - steep)
    return float(middles[int(np.argmax(np.log(np.maximum(chance, 1e-3)).sum(axis=1)))])


@pytest.mark.parametrize("seed", [5, pytest.param(6, marks=pytest.mark.long)])
def test_stars_of_the_full_stack_are_as_sharp_as_those_of_a_frame(seed: int) -> None:
    truth = SimulatedPass(frames=24, seed=seed, sky_adu=100.0, rays=0.0, movers={})
    places = truth.star_pixels(truth.reference_s)
    middle = np.array([(truth.width - 1) / 2, (truth.height - 1) / 2])
    # stars on the picture, in thirds of equal number from its middle to its edge
    order = np.argsort(np.hypot(*(places - middle).T))
    inside = np.all((places[order] > 0) & (places[order] < 2 * middle), axis=1)
    frame = truth.frame(12, moving=False).mosaic.astype(float) - 256.0
    then = truth.star_pixels(12 * 5.1 + 2.5)
    for zone in np.array_split(order[inside], 3):
        mag = truth.mag[zone]
        single = width_px(frame, then[zone], mag, greens=True)
        for resolution, scale, most in (("half", 2.0, 1.15), ("full", 1.0, 1.05)):
            case = developed(resolution, 24, seed, 100.0, False)
            width = width_px(case.stacks.stars[1], case.on_grid(places[zone]), mag) * scale
            assert width <= most * single, resolution


def width_px(
    plane: np.ndarray, places: np.ndarray, mag: np.ndarray, *, greens: bool = False
) -> float:
    """FWHM of a Gaussian through pooled profiles about the true places."""
    squared, values = [], []
    for (x, y), bright in zip(places, (mag > 3.5) & (mag < 6.5), strict=True):
        left, top = round(x) - 5, round(y) - 5
        if not bright or min(left, top) < 0:
            continue
        part = plane[top : top + 11, left : left + 11]
        if part.shape != (11, 11):
            continue
        yy, xx = np.mgrid[top : top + 11, left : left + 11]
        distance = (xx - x) ** 2 + (yy - y) ** 2
        above = part - np.median(part[distance > 16.0])
        chosen = distance < 16.0
        if greens:
            chosen &= (yy + xx) % 2 == 1
        # every star counts alike
        scale = above[distance < 2.0].mean()
        if scale > 0.0:
            squared.append(distance[chosen])
            values.append(above[chosen] / scale)
    r2, v = np.concatenate(squared), np.concatenate(values)
    sigmas = np.arange(0.4, 3.0, 0.005)
    errors = []
    for sigma in sigmas:
        model = np.exp(-0.5 * r2 / sigma**2)
        height = (model * v).sum() / (model**2).sum()
        errors.append(((v - height * model) ** 2).sum())
    return float(2.3548 * sigmas[int(np.argmin(errors))])
