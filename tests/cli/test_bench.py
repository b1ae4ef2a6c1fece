"""The bench command measures every case and says so in both voices."""

import json

import pytest

from issgaze.cli.main import main
from issgaze.service import bench


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "SIZES", {"binned": (160, 128), "full": (320, 256)})


@pytest.mark.usefixtures("small")
def test_the_document_holds_every_case(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    cases = document["cases"]
    assert [(case["capture"], case["resolution"]) for case in cases] == [
        ("binned", "half"), ("binned", "full"), ("full", "half"), ("full", "full"),
    ]  # fmt: skip
    for case in cases:
        assert case["frame_ms"] > 0.0
        assert case["shortest_exposure_s"] == pytest.approx(case["frame_ms"] / 500.0, abs=1e-3)
        assert case["memory_mb"] > 30


@pytest.mark.usefixtures("small")
def test_people_get_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench"]) == 0
    assert "live from" in capsys.readouterr().out
