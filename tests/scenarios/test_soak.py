"""Weeks without a hand on it: everything explained, memory flat, no file left open, the card kept.

Usage of the full count: `pytest -m long tests/scenarios/test_soak.py`; minutes for each month.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from issgaze.archive.ledger import OUTCOMES
from tests.scenarios.soak import BUDGET_BYTES

_ROOT = Path(__file__).parents[2]


def soak(folder: Path, nights: int, seed: int, timeout_s: float) -> dict[str, Any]:
    command = [sys.executable, "-W", "error", "-m", "tests.scenarios.soak", str(nights), str(seed)]
    done = subprocess.run(
        [*command, str(folder)], cwd=_ROOT, capture_output=True, text=True, check=False,
        timeout=timeout_s,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def check(found: dict[str, Any], nights: int) -> None:
    document = found["document"]
    past = [row for row in document["rows"] if row["outcome"] is not None]
    assert document["unexplained"] == 0
    assert document["predicted"] == sum(document["by_outcome"].values()) == len(past)
    assert document["predicted"] >= nights
    assert all(row["outcome"] in OUTCOMES and row["reason"] for row in past)
    assert found["faults"] >= nights / 2
    assert found["open"] == []
    # the first nights fill caches; from then on it stays as it is
    first, last = found["rss_mb"][len(found["rss_mb"]) // 4], found["rss_mb"][-1]
    assert last <= 1.05 * first, found["rss_mb"]
    assert max(found["files"]) <= found["files"][0], found["files"]
    # what may not go: pictures, and what is starred
    spared = found["starred"] * 600_000 + document["predicted"] * 40_000
    assert found["largest_bytes"] <= BUDGET_BYTES + spared
    assert found["starred_without_frames"] == []
    assert found["pictures_gone"] == []


def test_a_week_is_explained(tmp_path: Path) -> None:
    found = soak(tmp_path, 7, 1, timeout_s=240.0)
    check(found, 7)


@pytest.mark.long
@pytest.mark.parametrize("seed", [2, 3, 4])
def test_a_month_is_explained(tmp_path: Path, seed: int) -> None:
    found = soak(tmp_path, 30, seed, timeout_s=3000.0)
    check(found, 30)
    assert found["raws_gone"] >= 10
