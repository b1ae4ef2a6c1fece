"""`issgaze lens`: what sees no sky is nan, and why is said beside it."""

import io
from pathlib import Path

import pytest

from issgaze.archive.lensfile import write_lens
from issgaze.cli.main import main
from tests.optics.test_lens import make


@pytest.mark.parametrize(
    ("action", "points", "said"),
    [
        ("to-pixel", "-5,20\n-6,20\n", "nan,nan: 2 points lie below the horizon\n"),
        ("to-sky", "-1,3\n", "nan,nan: 1 point lies outside the picture or its circle\n"),
        ("to-sky", "\n", ""),
    ],
)
def test_nan_has_a_reason(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    action: str,
    points: str,
    said: str,
) -> None:
    write_lens(tmp_path / "lens.json", make())
    monkeypatch.setattr("sys.stdin", io.StringIO(points))
    assert main(["lens", action, str(tmp_path / "lens.json")]) == 0
    found = capsys.readouterr()
    assert found.out == "nan,nan\n" * points.count(",")
    assert found.err == said
