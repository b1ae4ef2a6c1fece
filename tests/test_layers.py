"""The layers stand in pyproject.toml; each contract is broken once here, to see that it holds."""

import shutil
import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).parents[1]
_BREACHES = {
    "Layers: high may import low": ("sky/site.py", "import issgaze.orbit.elements"),
    "The simulator keeps its own ephemeris": ("simulated/lens.py", "import issgaze.sky.sun"),
    "The core knows no file": ("imaging/bayer.py", "import socket"),
    "Hardware libraries are known to devices alone": ("service/fetch.py", "import serial"),
}


def _lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    environment = {"PYTHONPATH": str(folder), "PATH": "/usr/bin:/bin", "COLUMNS": "200"}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def test_every_contract_breaks_when_it_is_broken(tmp_path: Path) -> None:
    shutil.copytree(_ROOT / "issgaze", tmp_path / "issgaze")
    shutil.copy(_ROOT / "pyproject.toml", tmp_path)
    for name, line in _BREACHES.values():
        path = tmp_path / "issgaze" / name
        path.write_text(path.read_text() + f"\n{line}\n")
    report = _lint(tmp_path)
    assert report.returncode == 1, report.stdout
    for contract in _BREACHES:
        (line,) = (
            each for each in report.stdout.splitlines()
            if each.startswith(contract) and each.endswith(("KEPT", "BROKEN"))
        )  # fmt: skip
        assert line.endswith("BROKEN"), line
