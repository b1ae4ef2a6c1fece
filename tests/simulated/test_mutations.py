"""The core broken on purpose: test_against_core.py must notice every one of these errors.

A sample is broken in this process; the long test breaks the source itself, one line at a time, in
a copy of the package.
"""

import dataclasses
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import issgaze.sky.stars
import issgaze.sky.topocentre
from issgaze.arrays import Float64Array
from issgaze.civil import JulianDates, later
from issgaze.optics.lens import Lens

from .test_against_core import case, star_errors_px, station_errors_px

_ROOT = Path(__file__).parents[2]
_LIMIT_PX = 0.05


def _pixels(change: Callable[[Lens, Float64Array], Float64Array]) -> Callable[..., None]:
    """Return a mutation of the core's projection."""
    right = Lens.to_pixels

    def mutate(patch: pytest.MonkeyPatch) -> None:
        patch.setattr(Lens, "to_pixels", lambda lens, sky: change(lens, right(lens, sky)))

    return mutate


def _mirror(patch: pytest.MonkeyPatch) -> None:
    right = Lens.to_pixels
    patch.setattr(
        Lens,
        "to_pixels",
        lambda lens, sky: right(dataclasses.replace(lens, mirrored=not lens.mirrored), sky),
    )


def _sidereal_sign(patch: pytest.MonkeyPatch) -> None:
    gmst, gast = issgaze.sky.topocentre.gmst_rad, issgaze.sky.stars.gast_rad
    patch.setattr(issgaze.sky.topocentre, "gmst_rad", lambda dates: -gmst(dates))
    patch.setattr(issgaze.sky.stars, "gast_rad", lambda *given: -gast(*given))


def _one_second(patch: pytest.MonkeyPatch) -> None:
    right = JulianDates.after
    patch.setattr(JulianDates, "after", lambda start, seconds: right(later(start, 1.0), seconds))


_MUTATIONS = {
    "mirror": _mirror,
    "wrong sidereal sign": _sidereal_sign,
    "swapped x and y": _pixels(lambda _, xy: xy[..., ::-1]),
    "half a pixel": _pixels(lambda _, xy: xy + 0.5),
    "a tenth of a pixel": _pixels(lambda _, xy: xy + np.array([0.1, 0.0])),
    "one second": _one_second,
}


@pytest.mark.parametrize("name", sorted(_MUTATIONS))
def test_a_broken_core_is_noticed_by_stars_and_station(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    scenario = case("tilted")
    _MUTATIONS[name](monkeypatch)
    assert star_errors_px(scenario).max() > _LIMIT_PX
    assert station_errors_px(scenario).max() > _LIMIT_PX


# file, what stands there once, what it becomes
_SOURCE_MUTATIONS = (
    (
        "optics/lens.py",
        "        if self.mirrored:\n            u = -u\n        x, y",
        "        u = -u\n        x, y",
    ),
    (
        "optics/lens.py",
        "np.stack((x, y), axis=-1), np.nan)",
        "np.stack((y, x), axis=-1), np.nan)",
    ),
    (
        "optics/lens.py",
        "return x, self.center_px[1] + v",
        "return x + 0.5, self.center_px[1] + v + 0.5",
    ),
    (
        "optics/lens.py",
        "k1, k2, k3 = self.radial\n        square = theta * theta\n        odd = theta",
        "k1, k2, k3 = self.radial\n        square = theta * theta\n        odd = -theta",
    ),
    (
        "optics/lens.py",
        "np.array(self.rotation).T\n",
        "np.array(self.rotation)\n",
    ),
    (
        "optics/projections.py",
        "forward=lambda theta: 2.0 * np.sin(theta / 2.0)",
        "forward=lambda theta: np.sin(theta)",
    ),
    (
        "sky/sidereal.py",
        "angle = 2.0 * np.pi * ((turns",
        "angle = -2.0 * np.pi * ((turns",
    ),
    (
        "sky/sidereal.py",
        "era = 2.0 * np.pi * ((turns",
        "era = -2.0 * np.pi * ((turns",
    ),
    (
        "sky/topocentre.py",
        "return gmst_rad(dates) + math.radians",
        "return gmst_rad(dates) - math.radians",
    ),
    (
        "sky/topocentre.py",
        "turned[..., 0] = y * cosine - x * sine",
        "turned[..., 0] = x * sine - y * cosine",
    ),
    (
        "sky/stars.py",
        "barycentric @ true_of_date_matrix(dates).T + earth",
        "barycentric @ true_of_date_matrix(dates) + earth",
    ),
    (
        "sky/stars.py",
        ".T + earth_velocity(dates)",
        ".T - earth_velocity(dates)",
    ),
    (
        "sky/stars.py",
        "moved = place + years",
        "moved = place - years",
    ),
    (
        "sky/stars.py",
        "return refract_deg(altitude), azimuth",
        "return altitude, azimuth",
    ),
    (
        "orbit/tracks.py",
        "altitude = refract_deg(true_altitude)",
        "altitude = true_altitude",
    ),
    (
        "orbit/limb.py",
        "passed = np.exp(-depth) / (1.0 + distance_km",
        "passed = np.exp(-depth) / (1.0 + 0.0 * distance_km",
    ),
    (
        "orbit/limb.py",
        "true_rad = height / distance_km - bend_rad",
        "true_rad = height / distance_km",
    ),
    (
        "civil.py",
        "offsets = np.asarray(seconds, dtype=np.float64)",
        "offsets = np.asarray(seconds, dtype=np.float64) + 1.0",
    ),
)


def _suite_on_copy(
    folder: Path, change: Callable[[Path], None]
) -> "subprocess.CompletedProcess[str]":
    """Run test_against_core.py on a changed copy of the package."""
    shutil.copytree(_ROOT / "issgaze", folder / "issgaze")
    change(folder / "issgaze")
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"]
    suite = _ROOT / "tests" / "simulated" / "test_against_core.py"
    return subprocess.run(
        [*command, "--rootdir", str(_ROOT), str(suite)],
        cwd=_ROOT / "tests",
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.long
@pytest.mark.parametrize("mutation", _SOURCE_MUTATIONS, ids=lambda m: f"{m[0]}: {m[2][:48]}")
def test_a_broken_line_of_the_core_fails_the_suite(
    tmp_path: Path, mutation: tuple[str, str, str]
) -> None:
    file, old, new = mutation

    def change(package: Path) -> None:
        text = (package / file).read_text()
        assert text.count(old) == 1, "the line has changed: mend the mutation"
        (package / file).write_text(text.replace(old, new))

    run = _suite_on_copy(tmp_path, change)
    assert run.returncode == 1, run.stdout[-2000:]
    assert "failed" in run.stdout


@pytest.mark.long
def test_an_unbroken_copy_passes_and_it_is_the_copy_that_is_tested(tmp_path: Path) -> None:
    run = _suite_on_copy(tmp_path, lambda package: None)
    assert run.returncode == 0, run.stdout[-2000:]

    def raise_at_import(package: Path) -> None:
        (package / "optics" / "lens.py").write_text("raise RuntimeError('the copy')\n")

    run = _suite_on_copy(tmp_path / "second", raise_at_import)
    assert "the copy" in run.stdout
