import dataclasses

import numpy as np
import pytest

from issgaze.simulated.chip import Chip, photon_counts, pixel_law
from issgaze.simulated.scenario import Scenario


@pytest.mark.parametrize("mean", [5.0, 8.0, 30.0, 200.0])
def test_the_fast_photon_counts_equal_poissons(mean: float) -> None:
    rng = np.random.default_rng(3)
    ours = photon_counts(np.full((1000, 1000), mean, dtype=np.float32), rng)
    # moments of Poisson's law: variance = mean, third central moment = mean
    assert ours.mean() == pytest.approx(mean, rel=2e-3)
    assert ours.var() == pytest.approx(mean, rel=0.025)
    third = float(np.mean((ours.astype(np.float64) - mean) ** 3))
    assert third == pytest.approx(mean, rel=0.15, abs=6.0 * mean**1.5 * 4e-3)
    expected = np.bincount(rng.poisson(mean, 1_000_000), minlength=400)[:400] / 1e6
    found = np.bincount(np.maximum(ours, 0).astype(int).ravel(), minlength=400)[:400] / 1e6
    assert np.abs(np.cumsum(found) - np.cumsum(expected)).max() < 0.006


def test_few_photons_are_poissons_own() -> None:
    rng = np.random.default_rng(4)
    ours = photon_counts(np.full((500, 500), 0.3, dtype=np.float32), rng)
    assert ours.min() == 0.0
    assert ours.mean() == pytest.approx(0.3, rel=0.02)
    assert np.mean(ours == 0.0) == pytest.approx(np.exp(-0.3), rel=0.01)


@pytest.mark.parametrize("gain", [1.0, 4.0, 16.0])
def test_the_photon_transfer_curve_gives_back_gain_and_read_noise(
    plain: Scenario, gain: float
) -> None:
    chip = Chip(plain, "binned")
    law = pixel_law(plain.camera, "binned", gain)
    top = 0.7 * (law.white_level_adu - law.black_level_adu) * law.electrons_per_adu
    means, variances = [], []
    for number, level in enumerate(np.linspace(0.02, 1.0, 8) * min(top, 0.7 * law.full_well_e)):
        flat = np.full(chip.dark_e_per_s.shape, level, dtype=np.float32)
        one, two = (
            chip.read(flat, exposure_s=1e-6, analogue_gain=gain, frame=2 * number + k).astype(
                np.float64
            )
            for k in (0, 1)
        )
        means.append(0.5 * (one + two).mean() - law.black_level_adu)
        variances.append(0.5 * (one - two).var())
    slope, _ = np.polyfit(means, variances, 1)
    assert 1.0 / slope == pytest.approx(law.electrons_per_adu, rel=0.02)
    if gain < 4.0:
        return  # the noise of reading drowns in the rounding to whole ADU
    zeros = [
        chip.read(None, exposure_s=1e-6, analogue_gain=gain, frame=100 + k).astype(np.float64)
        for k in (0, 1)
    ]
    noise_adu2 = 0.5 * (zeros[0] - zeros[1]).var() - 1.0 / 12.0
    assert np.sqrt(noise_adu2) * law.electrons_per_adu == pytest.approx(law.read_noise_e, rel=0.02)


def test_a_stack_of_n_gains_the_root_of_n(plain: Scenario) -> None:
    chip = Chip(plain, "binned")
    flat = np.full(chip.dark_e_per_s.shape, 40.0, dtype=np.float32)
    frames = [
        chip.read(flat, exposure_s=1.0, analogue_gain=8.0, frame=k).astype(np.float64)
        for k in range(16)
    ]
    single = np.mean([frame.std() for frame in frames])
    assert single / np.mean(frames, axis=0).std() == pytest.approx(4.0, rel=0.03)


def test_the_same_seed_and_frame_give_the_same_noise_and_no_other(plain: Scenario) -> None:
    chip = Chip(plain, "binned")
    one = chip.read(None, exposure_s=1.0, analogue_gain=8.0, frame=5)
    assert np.array_equal(one, chip.read(None, exposure_s=1.0, analogue_gain=8.0, frame=5))
    assert not np.array_equal(one, chip.read(None, exposure_s=1.0, analogue_gain=8.0, frame=6))
    other = Chip(dataclasses.replace(plain, seed=8), "binned")
    assert not np.array_equal(one, other.read(None, exposure_s=1.0, analogue_gain=8.0, frame=5))


def test_too_much_light_saturates_and_stays_there(plain: Scenario) -> None:
    chip = Chip(plain, "binned")
    law = pixel_law(plain.camera, "binned", 8.0)
    light = np.full(chip.dark_e_per_s.shape, 1e6, dtype=np.float32)
    bright = chip.read(light, exposure_s=1.0, analogue_gain=8.0, frame=1)
    assert bright.min() == bright.max() == law.white_level_adu


def test_the_imx477_is_as_noisy_as_it_was_measured(plain: Scenario) -> None:
    """Hogan (2020): 3 e at gain 1 and 1.5 e at gain 16; a quad of four has twice that."""
    camera = dataclasses.replace(plain.camera, sensor="imx477")
    for gain, noise_e in ((1.0, 3.0), (16.0, 1.5)):
        assert pixel_law(camera, "full", gain).read_noise_e == pytest.approx(noise_e, rel=0.01)
        assert pixel_law(camera, "binned", gain).read_noise_e == pytest.approx(
            2 * noise_e, rel=0.01
        )


def test_dark_current_doubles_with_warmth_and_stays_where_it_is(plain: Scenario) -> None:
    glow = 0.0  # the amplifier's does not follow the chip's warmth; `plain` has none
    spots = dataclasses.replace(plain.camera, hot_pixels_per_million=300.0, temperature_c=12.0)
    warm = dataclasses.replace(spots, temperature_c=12.0 + 6.5)
    cool_dark, warm_dark = (
        Chip(dataclasses.replace(plain, camera=camera), "binned").dark_e_per_s
        for camera in (spots, warm)
    )
    assert np.allclose(warm_dark - glow, 2.0 * (cool_dark - glow), rtol=1e-4)
    assert np.sum(cool_dark > 10.0 * np.median(cool_dark)) > 0.7 * 300e-6 * cool_dark.size
