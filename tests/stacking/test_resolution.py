"""Half or full, and a board that cannot do it is told before."""

import pytest

from issgaze.errors import ConfigurationError
from issgaze.stacking.resolution import needed_memory_mb, resolution_for

SIZE = {"width_px": 4056, "height_px": 3040}


@pytest.mark.parametrize(
    ("frames", "budget_mb", "expected"),
    [(32, 2000.0, "full"), (11, 2000.0, "half"), (12, 2000.0, "full"), (32, 400.0, "half")],
)
def test_full_needs_frames_and_memory(frames: int, budget_mb: float, expected: str) -> None:
    chosen = resolution_for(**SIZE, expected_frames=frames, memory_budget_mb=budget_mb)
    assert chosen == expected


def test_what_is_wanted_is_given_if_it_fits() -> None:
    few = {**SIZE, "expected_frames": 4}
    assert resolution_for(**few, memory_budget_mb=2000.0, wanted="full") == "full"
    assert resolution_for(**few, memory_budget_mb=2000.0, wanted="half") == "half"


def test_a_board_that_cannot_do_it_is_told() -> None:
    with pytest.raises(ConfigurationError, match=r"at full resolution needs \d+ MB") as caught:
        resolution_for(**SIZE, expected_frames=32, memory_budget_mb=280.0, wanted="full")
    assert caught.value.remedy == "Choose half resolution, or raise memory_budget_mb."
    with pytest.raises(ConfigurationError, match="the budget is 90 MB") as caught:
        resolution_for(**SIZE, expected_frames=32, memory_budget_mb=90.0)
    assert "binned mode" in caught.value.remedy


def test_more_pixels_need_more_memory() -> None:
    binned = needed_memory_mb(2028, 1520, "half")
    assert binned < needed_memory_mb(4056, 3040, "half") < needed_memory_mb(4056, 3040, "full")


def test_full_products_may_live_in_files_where_they_are_wanted() -> None:
    few = {**SIZE, "expected_frames": 32, "memory_budget_mb": 300.0}
    assert resolution_for(**few) == "half"
    assert resolution_for(**few, wanted="full") == "full"
    assert needed_memory_mb(4056, 3040, "full") > 300.0
    assert needed_memory_mb(4056, 3040, "full", products_in_files=True) < 300.0
