"""A develop that is killed or stopped goes on where it was, to the very same products."""

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from issgaze.archive.passfolder import PassFolder
from issgaze.config import DevelopSettings
from issgaze.service.developpass import develop_folder
from issgaze.service.keeper import CHECKPOINT_FILE

LIGHTS = 12
PRODUCTS = ("stars.fits", "trail.fits", "ground.fits", "picture.tif", "timelapse.mp4")
# a develop that keeps a checkpoint of every frame and kills itself at the given call of something
CHILD = """
import os, signal, sys
from pathlib import Path
from issgaze.archive.passfolder import PassFolder
from issgaze.config import DevelopSettings
from issgaze.service.developpass import develop_folder
from {module} import {owner} as owner

calls, real = 0, owner.{name}
def mortal(*given, **named):
    global calls
    calls += 1
    if calls == {call}:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*given, **named)
owner.{name} = mortal
folder = PassFolder.open_folder(Path(sys.argv[1]))
develop_folder(folder, DevelopSettings(resolution="full"), stop=lambda: False, log=print, worth=0.0)
"""
KILLED = {
    "before a checkpoint": ("issgaze.stacking.digest", "Digest", "add", 1),
    "within a frame": ("issgaze.stacking.registered", "Registered", "add", 6),
    "while a checkpoint is written": ("issgaze.service.keeper", "Checkpoint", "__init__", 9),
    "half-way through a checkpoint": ("issgaze.archive", "atomic.Path", "replace", 12),
    "in the review": ("issgaze.stacking.digest", "Digest", "review", 3),
    "in the finish": ("issgaze.stacking.digest", "Digest", "finish", 1),
    "while products are written": ("issgaze.service.darkroom", "Darkroom", "_film", 1),
}


def develop(folder: PassFolder, log: list[str], **how: Any) -> dict[str, object] | None:
    given = {"stop": lambda: False, "worth": 0.0, "log": log.append, **how}
    return develop_folder(folder, DevelopSettings(resolution="full"), **given)


def copy_of(folder: PassFolder, place: Path) -> PassFolder:
    """Copy the middle of a pass, without products."""
    for name in ("lights", "darks"):
        (place / name).mkdir(parents=True)
    for name in ("plan.json", "sealed"):
        shutil.copyfile(folder.path / name, place / name)
    lights = folder.lights()
    middle = max(0, (len(lights) - LIGHTS) // 2)
    for path in [*lights[middle : middle + LIGHTS], *folder.darks()[:3]]:
        shutil.copyfile(path, place / path.relative_to(folder.path))
    return PassFolder.open_folder(place)


@pytest.fixture(scope="module")
def whole(folder: PassFolder, tmp_path_factory: pytest.TempPathFactory) -> PassFolder:
    copied = copy_of(folder, tmp_path_factory.mktemp("whole") / folder.id)
    log: list[str] = []
    assert develop(copied, log) is not None
    assert not log
    return copied


def assert_same_products(one: PassFolder, other: PassFolder) -> None:
    for name in PRODUCTS:
        assert (one.path / name).read_bytes() == (other.path / name).read_bytes(), name
    first, second = (made.report() for made in (one, other))
    assert first is not None
    assert second is not None
    assert first["frames"] == second["frames"]
    left = {path.name for path in one.path.iterdir()}
    assert left == {path.name for path in other.path.iterdir()}
    assert CHECKPOINT_FILE not in left


@pytest.mark.parametrize("when", KILLED)
def test_a_killed_develop_goes_on_to_the_same_products(
    when: str, whole: PassFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = copy_of(whole, tmp_path / whole.id)
    module, owner, name, call = KILLED[when]
    program = CHILD.format(module=module, owner=owner.split(".")[0], name=name, call=call)
    if "." in owner:
        program = program.replace("owner.replace", f"owner.{owner.split('.')[1]}.replace")
    command = [sys.executable, "-c", program, str(folder.path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    digested = []
    monkeypatch.setattr(PassFolder, "mark_digested", lambda _, count: digested.append(count))
    log: list[str] = []
    assert develop(folder, log) is not None
    assert not log
    (folder.path / "digested.json").write_bytes((whole.path / "digested.json").read_bytes())
    assert_same_products(folder, whole)
    lights = len(folder.lights())
    if when == "before a checkpoint":
        assert digested == list(range(1, lights + 1))
    else:
        # nothing was digested twice but the frame that was lost
        assert len(digested) < lights


def test_a_stopped_develop_goes_on_to_the_same_products(whole: PassFolder, tmp_path: Path) -> None:
    folder = copy_of(whole, tmp_path / whole.id)
    (folder.path / "sealed").unlink()
    log: list[str] = []
    stopped = develop(folder, log, stop=lambda: folder.digested() >= 5, worth=1e9)
    assert stopped is None
    assert not (folder.path / "report.json").exists()
    assert (folder.path / CHECKPOINT_FILE).exists()
    (folder.path / "sealed").write_bytes((whole.path / "sealed").read_bytes())
    assert develop(folder, log, worth=1e9) is not None
    assert not log
    assert_same_products(folder, whole)


def test_a_checkpoint_of_no_use_is_said_and_forgotten(whole: PassFolder, tmp_path: Path) -> None:
    folder = copy_of(whole, tmp_path / whole.id)
    log: list[str] = []
    assert develop(folder, log, stop=lambda: folder.digested() >= 3) is None
    plan = json.loads((folder.path / "plan.json").read_text())
    plan["lens"]["focal_px"] *= 1.01
    (folder.path / "plan.json").write_text(json.dumps(plan))
    assert develop(folder, log, stop=lambda: folder.digested() >= 3) is None
    assert len(log) == 1
    assert "digested from the start: the checkpoint belongs to another stack" in log[0]
    (folder.path / CHECKPOINT_FILE).write_bytes(b"{}\n")
    assert develop(folder, log, stop=lambda: folder.digested() >= 3) is None
    assert "no checkpoint, or cut short" in log[1]
