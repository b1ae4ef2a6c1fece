"""Fixtures shared by all tests."""

import os
import warnings
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

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
