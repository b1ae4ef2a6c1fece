"""Fixtures shared by all tests."""

import os
from pathlib import Path

import pytest

_ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real element sets and night frames; skips where there is none."""
    folder = Path(os.environ.get("ISSGAZE_REAL_DATA") or _ROOT.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"no real data in {folder}")
    return folder
