"""kill -9 at random instants: nothing broken under a final name, and the pass goes on."""

import json
import random
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from issgaze.archive.fits import read_raw
from issgaze.archive.layout import Archive
from issgaze.archive.passfolder import PassFolder, pass_folders
from issgaze.civil import later, seconds_between
from issgaze.service.capture import capture
from tests.service.test_capture import JumpingClock, ScriptedCamera, plan, stage
from tests.service.test_observe import World

_ROOT = Path(__file__).parents[2]


def kill_one(root: Path, delay_s: float) -> int:
    """Kill a capture so long after it began; return how many frames it called safe."""
    command = [sys.executable, "-m", "tests.service.killed", str(root)]
    with subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        threading.Event().wait(delay_s)
        child.kill()
        said = child.stdout.read().splitlines()
    # a line may be cut off by the kill; what it says was safe all the same
    return len(said)


def check(root: Path, promised: int) -> PassFolder:
    """See that every file under a final name is whole."""
    (folder,) = pass_folders(Archive(root))
    folder.plan_file()
    lights = folder.lights()
    assert len(lights) >= promised
    assert [path.stem for path in lights] == [f"{number:04d}" for number in range(len(lights))]
    for path in lights:
        assert read_raw(path).mosaic.shape == (4, 4)
    events = folder.path / "events.jsonl"
    if events.exists():
        for line in events.read_text().split("\n")[:-1]:
            json.loads(line)
    return folder


def killed_at(tmp_path: Path, count: int, seed: int) -> None:
    chance = random.Random(seed)
    for number in range(count):
        root = tmp_path / str(number)
        folder = check(root, kill_one(root, chance.uniform(0.0, 0.08)))
        before = len(folder.lights())
        clock = JumpingClock()
        clock.now = later(plan().lights[0].start_utc, 40.0)
        assert capture(folder, plan(), stage(clock, ScriptedCamera(clock))) == "complete"
        after = folder.lights()
        assert len(after) > before
        # what was half-written under another name does not get in the way
        assert read_raw(after[-1]).info.start_utc > later(plan().lights[0].start_utc, 40.0)


def test_five_kills(tmp_path: Path) -> None:
    killed_at(tmp_path, 5, 20261125)


@pytest.mark.long
def test_three_hundred_kills(tmp_path: Path) -> None:
    killed_at(tmp_path, 300, 7)


class Killed(BaseException):
    """As the system ends a process: nothing catches it."""


def test_a_pass_goes_on_within_ten_seconds_of_a_restart(tmp_path: Path) -> None:
    world = World(tmp_path)
    stream = world.camera.expose

    def dying(block, *, mode):
        for number, frame in enumerate(stream(block, mode=mode)):
            if number == 9:
                raise Killed
            yield frame

    world.camera.expose = dying  # type: ignore[method-assign]
    with pytest.raises(Killed):
        world.observe(passes=1)
    (folder,) = pass_folders(world.archive)
    assert len(folder.lights()) == 9
    assert not folder.is_sealed
    world.camera.expose = stream  # type: ignore[method-assign]
    world.clock.now = restarted = later(world.clock.now, 4.0)
    world.observe(passes=1)
    assert folder.is_sealed
    first = read_raw(folder.lights()[9]).info
    assert 0.0 <= seconds_between(restarted, first.start_utc) <= 10.0
    (outcome,) = [outcome for outcome, _ in world.rows().values() if outcome is not None]
    assert outcome == "caught"


def test_a_pass_that_is_over_is_developed_from_what_there_is(tmp_path: Path) -> None:
    world = World(tmp_path)
    stream = world.camera.expose

    def dying(block, *, mode):
        for number, frame in enumerate(stream(block, mode=mode)):
            if number == 9:
                raise Killed
            yield frame

    world.camera.expose = dying  # type: ignore[method-assign]
    with pytest.raises(Killed):
        world.observe(passes=1)
    (folder,) = pass_folders(world.archive)
    world.camera.expose = stream  # type: ignore[method-assign]
    end = folder.plan_file().plan.iss_pass.set.utc
    world.clock.now = later(end, 60.0)
    world.observe(until=str(later(end, 600.0)))
    assert folder.is_sealed
    assert json.loads((folder.path / "sealed").read_text())["reason"] == "interrupted"
    assert len(folder.lights()) == 9
