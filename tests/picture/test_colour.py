import numpy as np
import pytest

from issgaze.picture.colour import StarColours, find_stars, white_balance


def sky_of_stars(red=0.7, blue=0.6, seed=2):
    """Return planes, catalogue: a star of B-V 0.58 gives red and blue of these shares of green."""
    random = np.random.default_rng(seed)
    height, width, count = 300, 400, 120
    planes = random.normal(50.0, 2.0, (3, height, width))
    places = random.uniform((15, 15), (width - 15, height - 15), (count, 2))
    colour = random.normal(0.6, 0.5, count)
    flux = 10.0 ** random.uniform(2.8, 4.0, count)
    steps = np.arange(-5, 6)
    for (x, y), index, light in zip(places, colour, flux, strict=True):
        column, row = round(x), round(y)
        across = np.exp(-0.5 * (column + steps - x) ** 2)
        down = np.exp(-0.5 * (row + steps - y) ** 2)
        stamp = np.outer(down, across) * light / 6.283
        shares = (red * np.exp(0.5 * (index - 0.58)), 1.0, blue * np.exp(-0.7 * (index - 0.58)))
        for plane, share in enumerate(shares):
            planes[plane, row - 5 : row + 6, column - 5 : column + 6] += share * stamp
    catalogue = StarColours(
        x_px=places[:, 0],
        y_px=places[:, 1],
        b_minus_v=colour,
        magnitude=-2.5 * np.log10(flux),
    )
    return planes.astype(np.float32), catalogue


def everywhere(planes):
    return np.ones(planes.shape[1:], dtype=bool)


def test_stars_are_found_at_their_places():
    planes, catalogue = sky_of_stars()
    found = find_stars(planes, everywhere(planes))
    distance = np.hypot(
        found.x_px[:, None] - catalogue.x_px, found.y_px[:, None] - catalogue.y_px
    ).min(axis=1)
    assert len(found.x_px) > 90
    assert np.median(distance) < 0.1
    assert np.median(found.fwhm_px) == pytest.approx(2.355, rel=0.2)


def test_catalogue_colours_give_the_gains():
    planes, catalogue = sky_of_stars()
    found = find_stars(planes, everywhere(planes))
    balance = white_balance(found, catalogue, saturation_adu=4000.0)
    assert balance.source == "catalogue"
    assert balance.stars > 60
    assert balance.red == pytest.approx(1 / 0.7, rel=0.03)
    assert balance.blue == pytest.approx(1 / 0.6, rel=0.03)


def test_without_a_catalogue_the_mean_star_is_white():
    planes, _ = sky_of_stars()
    balance = white_balance(find_stars(planes, everywhere(planes)))
    assert balance.source == "mean star"
    assert balance.red == pytest.approx(1 / 0.7, rel=0.15)


def test_too_few_stars_change_nothing():
    planes = np.random.default_rng(1).normal(50.0, 2.0, (3, 100, 100)).astype(np.float32)
    balance = white_balance(find_stars(planes, everywhere(planes)))
    assert (balance.red, balance.blue, balance.source) == (1.0, 1.0, "none")
    assert np.array_equal(balance.applied(planes), planes)
