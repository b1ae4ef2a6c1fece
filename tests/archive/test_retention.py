"""What goes when room runs out, and what never does."""

import dataclasses
import json
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from issgaze.archive.layout import Archive
from issgaze.archive.passfolder import PassFolder, pass_folders
from issgaze.archive.planfile import PlanFile, read_plan, write_plan
from issgaze.archive.retention import (
    REMOVED_FILE,
    STAR_FILE,
    Budget,
    keep_within,
    plan_removals,
)
from issgaze.civil import parse_utc
from issgaze.errors import ArchiveError
from tests.service.test_capture import plan_file

NOW = parse_utc("2026-11-25T12:00:00Z")
PLENTY = 1e15
_RAW, _HEAVY, _LIGHT = 40, 20, 4


class World:
    """An archive with passes of known size; a block is 4 KiB."""

    def __init__(self, root: Path) -> None:
        self.archive = Archive(root)
        self.plan: PlanFile = plan_file()

    def add(self, day: str, **more: object) -> PassFolder:
        name = f"{day.replace('-', '')}T0144Z-25544"
        path = self.archive.passes / day / name
        path.mkdir(parents=True)
        write_plan(path, dataclasses.replace(
            self.plan, pass_id=name, lights_from=more.get("lights_from")))  # type: ignore[arg-type]  # fmt: skip
        for kind, count in (("lights", 8), ("darks", 2)):
            (path / kind).mkdir()
            for number in range(count):
                (path / kind / f"{number:04d}.fits").write_bytes(b"x" * 4096 * _RAW)
        for product in ("stars.fits", "picture.tif"):
            (path / product).write_bytes(b"x" * 4096 * _HEAVY)
        (path / "picture.jpg").write_bytes(b"x" * 4096 * _LIGHT)
        if more.get("sealed", True):
            (path / "sealed").write_text("{}")
        if more.get("developed", True):
            (path / "report.json").write_text("{}")
        if more.get("starred"):
            (path / STAR_FILE).write_bytes(b"")
        return PassFolder(path)

    def size(self) -> int:
        return sum(p.stat().st_blocks * 512 for p in self.archive.passes.rglob("*") if p.is_file())

    def keep(self, most: float, *, oldest: datetime | None = None, free: float = 0.0) -> list[str]:
        budget = Budget(most_bytes=most, oldest=oldest, free_bytes=free)
        removals = plan_removals(self.archive, budget, free_bytes=PLENTY if not free else 0.0)
        done = keep_within(self.archive, dataclasses.replace(budget, free_bytes=0.0), NOW)
        if not free:
            assert [r.paths for r in done] == [r.paths for r in removals]
        return [f"{r.folder.id[:8]} {'+'.join(p.name for p in r.paths)}" for r in removals]


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_within_the_budget_nothing_goes(world: World) -> None:
    world.add("2026-11-20")
    assert world.keep(1e9) == []


def test_the_oldest_raw_frames_go_first_and_only_as_many_as_must(world: World) -> None:
    for day in ("2026-11-20", "2026-11-21", "2026-11-22"):
        world.add(day)
    budget = world.size() - 4096 * _RAW
    assert world.keep(budget) == ["20261120 lights+darks"]
    assert world.size() <= budget
    oldest, *others = pass_folders(world.archive)
    assert not oldest.lights()
    assert all(len(folder.lights()) == 8 for folder in others)
    assert (oldest.path / "stars.fits").exists()


def test_products_go_only_when_no_raw_frame_is_left_and_pictures_never(world: World) -> None:
    for day in ("2026-11-20", "2026-11-21"):
        world.add(day)
    assert world.keep(1.0) == [
        "20261120 lights+darks",
        "20261121 lights+darks",
        "20261120 stars.fits+picture.tif",
        "20261121 stars.fits+picture.tif",
    ]
    for folder in pass_folders(world.archive):
        assert {path.name for path in folder.path.iterdir()} == {
            "plan.json", "sealed", "report.json", "picture.jpg", REMOVED_FILE,
        }  # fmt: skip


def test_what_went_is_written_down(world: World) -> None:
    folder = world.add("2026-11-20")
    world.keep(1e6)
    said = json.loads((folder.path / REMOVED_FILE).read_text())
    assert said["what"] == ["lights", "darks"]
    assert said["bytes"] >= 10 * 4096 * _RAW
    assert said["reason"] == "room for newer passes"


@pytest.mark.parametrize(
    "kind", [{"starred": True}, {"developed": False}, {"sealed": False, "developed": False},
             {"sealed": False}],
)  # fmt: skip
def test_some_are_never_touched(world: World, kind: dict[str, bool]) -> None:
    folder = world.add("2026-11-20", **kind)
    before = world.size()
    assert world.keep(1.0, oldest=NOW) == []
    assert world.size() == before
    assert len(folder.lights()) == 8


def test_frames_that_another_pass_still_needs_stay(world: World) -> None:
    first = world.add("2026-11-20")
    second = world.add("2026-11-21", lights_from=first.id, developed=False)
    assert world.keep(1.0) == []
    (second.path / "report.json").write_text("{}")
    assert "20261120 lights+darks" in world.keep(1.0)


def test_frames_of_a_starred_pass_stay_where_they_lie(world: World) -> None:
    first = world.add("2026-11-20")
    world.add("2026-11-21", lights_from=first.id, starred=True)
    assert world.keep(1.0) == []
    assert read_plan(first.path).pass_id == first.id


def test_the_budget_in_days_takes_raw_frames_alone(world: World) -> None:
    world.add("2026-10-01")
    world.add("2026-11-24")
    assert world.keep(1e15, oldest=parse_utc("2026-11-01T00:00:00Z")) == ["20261001 lights+darks"]
    said = json.loads((next(pass_folders(world.archive)).path / REMOVED_FILE).read_text())
    assert said["reason"] == "older than the budget in days"


def test_a_disk_that_others_fill_makes_room_for_the_next_pass(world: World) -> None:
    world.add("2026-11-20")
    world.add("2026-11-21")
    assert world.keep(1e15, free=4096 * _RAW * 12) == [
        "20261120 lights+darks", "20261121 lights+darks",
    ]  # fmt: skip


def test_a_power_cut_while_removing_is_gone_on_with(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = world.add("2026-11-20")

    def cut(path: Path) -> None:
        (path / "0000.fits").unlink()
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("shutil.rmtree", cut)
    with pytest.raises(ArchiveError, match="cannot be removed: input/output error"):
        world.keep(1.0)
    monkeypatch.undo()
    assert len(folder.lights()) == 7
    world.keep(1.0)
    assert not folder.lights()


@settings(max_examples=30, deadline=None)
@given(
    passes=st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=6),
    share=st.floats(0.0, 1.0),
)
def test_the_budget_is_kept_or_nothing_more_may_go(
    tmp_path_factory: pytest.TempPathFactory, passes: list[tuple[bool, bool]], share: float
) -> None:
    world = World(tmp_path_factory.mktemp("r"))
    for number, (starred, developed) in enumerate(passes):
        world.add(f"2026-11-{number + 1:02d}", starred=starred, developed=developed)
    budget = share * world.size()
    world.keep(budget)
    left = plan_removals(
        world.archive, Budget(most_bytes=0.0, oldest=NOW, free_bytes=0.0), free_bytes=PLENTY
    )
    folders = sum(1 for _ in world.archive.passes.rglob("*")) * 8192
    assert world.size() <= budget + folders or not left
    for folder, (starred, developed) in zip(pass_folders(world.archive), passes, strict=True):
        assert (folder.path / "picture.jpg").exists()
        if starred or not developed:
            assert len(folder.lights()) == 8
