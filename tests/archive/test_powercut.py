"""A disk that forgets whatever was not flushed, cut off after each single operation.

What a pass folder does is recorded, then played into a model of a disk. At each cut two disks are
looked at: one that kept nothing that was not flushed, and one that kept every name but no content
that was not flushed, as file systems with delayed allocation do.
"""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from issgaze.archive.fits import read_raw
from issgaze.archive.layout import Archive
from issgaze.archive.ledger import Ledger
from issgaze.archive.passfolder import PassFolder
from issgaze.civil import later
from issgaze.imaging.frame import Frame, FrameInfo
from tests.service import test_capture
from tests.service.test_capture import START

FRAMES = 4


class Recorder:
    """Listens to what is asked of the system."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.steps: list[tuple[Any, ...]] = []
        sync, rename, mkdir = os.fsync, Path.replace, Path.mkdir

        def synced(descriptor: int) -> None:
            path = Path(f"/proc/self/fd/{descriptor}").readlink()
            content = None if path.is_dir() else path.read_bytes()
            self.steps.append(("sync", path, content))
            sync(descriptor)

        def renamed(old: Path, new: Path) -> Path:
            self.steps.append(("rename", old, new))
            return rename(old, new)

        def made(path: Path, *words: Any, **more: Any) -> None:
            if not path.exists():
                self.steps.append(("mkdir", path))
            mkdir(path, *words, **more)

        monkeypatch.setattr(os, "fsync", synced)
        monkeypatch.setattr(Path, "replace", renamed)
        monkeypatch.setattr(Path, "mkdir", made)

    def say(self, promise: str) -> None:
        self.steps.append(("promise", promise))


@dataclass
class Disk:
    """What is in the files, and which of it is safe."""

    content: dict[int, bytes] = field(default_factory=dict)
    live: dict[Path, int] = field(default_factory=dict)
    safe: dict[Path, int] = field(default_factory=dict)
    folders: set[Path] = field(default_factory=set)
    promised: list[str] = field(default_factory=list)
    _next: int = 0

    def play(self, step: tuple[Any, ...]) -> None:
        kind = step[0]
        if kind == "promise":
            self.promised.append(step[1])
        elif kind == "mkdir":
            self.folders.add(step[1])
            self._inode(step[1])
        elif kind == "rename":
            self.live[step[2]] = self._inode(step[1])
            del self.live[step[1]]
        elif step[2] is None:
            folder = step[1]
            inside = {p: i for p, i in self.safe.items() if p.parent != folder}
            self.safe = inside | {p: i for p, i in self.live.items() if p.parent == folder}
        else:
            self.content[self._inode(step[1])] = step[2]

    def _inode(self, path: Path) -> int:
        if path not in self.live:
            self._next += 1
            self.live[path] = self._next
        return self.live[path]

    def images(self, root: Path) -> list[dict[Path, bytes]]:
        """Return the files that are found after the cut, on a forgetful and on a hasty disk."""
        found = []
        for names in (self.safe, self.live):
            reachable = {
                path: self.content.get(inode, b"")
                for path, inode in names.items()
                if all(up in names for up in path.parents if up != root and root in up.parents)
            }
            found.append({p: c for p, c in reachable.items() if p not in self.folders})
        return found


def work(root: Path, recorder: Recorder) -> None:
    """Photograph a short pass."""
    folder = PassFolder.create(Archive(root), test_capture.plan_file())
    recorder.say("plan.json")
    rng = np.random.default_rng(5)
    for number in range(FRAMES):
        mosaic = rng.integers(200, 400, (32, 48)).astype(np.uint16)
        info = FrameInfo(start_utc=later(START, number * 5.0), exposure_s=5.0)
        folder.add_light(Frame(mosaic=mosaic, info=info))
        recorder.say(f"{number:04d}.fits")
        folder.note(START, "frame", number=number)
    folder.seal(START, "complete")
    recorder.say("sealed")
    ledger = Ledger(root / "ledger.jsonl")
    ledger.put(test_capture.row())
    recorder.say("ledger.jsonl")


def whole(path: Path, content: bytes, scratch: Path) -> bool:
    if path.suffix == ".fits":
        copy = scratch / path.name
        copy.write_bytes(content)
        try:
            return read_raw(copy).mosaic.shape == (32, 48)
        except ValueError:
            return False
    text = content.decode()
    try:
        # an added line may be cut off, the lines before it may not
        [json.loads(line) for line in text.split("\n")[:-1]] if path.suffix == ".jsonl" else (
            json.loads(text)
        )
    except ValueError:
        return False
    return True


def faults(steps: list[tuple[Any, ...]], root: Path, scratch: Path) -> list[str]:
    """Return what is wrong after which cut."""
    disk, found = Disk(), []
    for cut, step in enumerate(steps):
        disk.play(step)
        for image in disk.images(root):
            final = {path: text for path, text in image.items() if not path.name.startswith(".")}
            found += [
                f"cut {cut}: {path.name} is broken"
                for path, content in final.items()
                if not whole(path, content, scratch)
            ]
            names = {path.name for path in final}
            found += [f"cut {cut}: {name} is lost" for name in disk.promised if name not in names]
    return found


@pytest.fixture
def recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Recorder]:
    root = tmp_path / "archive"
    root.mkdir()
    return root, Recorder(monkeypatch)


def test_no_cut_breaks_a_file_or_loses_what_was_promised(
    recorded: tuple[Path, Recorder], tmp_path: Path
) -> None:
    root, recorder = recorded
    work(root, recorder)
    assert len(recorder.steps) > 30
    assert faults(recorder.steps, root, tmp_path) == []


@pytest.mark.parametrize("forgotten", ["content", "names"])
def test_a_flush_left_out_is_noticed(
    recorded: tuple[Path, Recorder], tmp_path: Path, forgotten: str
) -> None:
    root, recorder = recorded
    work(root, recorder)
    kept = [
        step
        for step in recorder.steps
        if step[0] != "sync" or (step[2] is None) == (forgotten == "content")
    ]
    assert faults(kept, root, tmp_path)
