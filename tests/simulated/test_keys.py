from pathlib import Path

from issgaze.simulated.keys import simulator_page

_ROOT = Path(__file__).parents[2]


def test_the_page_is_that_of_the_code() -> None:
    assert (_ROOT / "docs" / "simulator.md").read_text() == simulator_page(), "run make docs"
