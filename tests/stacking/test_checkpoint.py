"""A digest that was killed and resumed, or shared among threads, gives the very same stacks."""

import weakref
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from issgaze.archive.checkpointfile import read_checkpoint, write_checkpoint
from issgaze.archive.mappedarrays import MappedArrays
from issgaze.errors import ArchiveError, FrameError
from issgaze.imaging.frame import Frame
from issgaze.stacking import digest as digest_module
from issgaze.stacking.digest import Digest
from issgaze.stacking.stacks import Stacks
from issgaze.stacking.together import Workers

from .conftest import LittleSky
from .test_digest import make_dark, setup_for

FRAMES = 10


def frames(sky: LittleSky) -> list[Frame]:
    made = []
    for number in range(FRAMES):
        streak = np.zeros((sky.height, sky.width))
        streak[40 + 20 * number, 60:400] = 800.0
        made.append(sky.frame(number, add_e=streak))
    return made


def assert_equal(one: Stacks, other: Stacks) -> None:
    for field in fields(Stacks):
        first, second = getattr(one, field.name), getattr(other, field.name)
        if isinstance(first, np.ndarray):
            assert np.array_equal(first, second), field.name
        else:
            assert first == second, field.name


def setup(sky: LittleSky, resolution: str):
    hot = {(50, 60): 900, (51, 300): 2000, (199, 17): 300}
    return setup_for(sky, FRAMES, resolution=resolution, dark=make_dark(sky, hot))


@pytest.mark.parametrize("resolution", ["half", "full"])
@pytest.mark.parametrize("killed_after", [1, 6])
def test_a_resumed_digest_gives_the_same_bits(
    tmp_path: Path, resolution: str, killed_after: int
) -> None:
    sky = LittleSky()
    whole, first = Digest(setup(sky, resolution)), Digest(setup(sky, resolution))
    lights = frames(sky)
    for light in lights:
        whole.add(light)
    for light in lights[:killed_after]:
        first.add(light)
    write_checkpoint(tmp_path / "checkpoint", first.checkpoint())
    del first
    saved = read_checkpoint(tmp_path / "checkpoint")
    assert saved is not None
    second = Digest.resume(setup(sky, resolution), saved)
    with pytest.raises(FrameError, match="duplicated"):
        second.add(lights[killed_after - 1])
    for light in lights[killed_after:]:
        second.add(light)
    result = second.finish()
    assert result.reject_fraction > 0.0
    assert_equal(whole.finish(), result)


def test_sums_that_outgrew_a_byte_are_resumed(tmp_path: Path) -> None:
    random = np.random.default_rng(2)
    sky = LittleSky(width=48, height=32)
    mosaics = [random.integers(3000, 4096, (32, 48), dtype=np.uint16) for _ in range(300)]
    lights = [Frame(mosaic=m, info=sky.info(n)) for n, m in enumerate(mosaics)]
    first = Digest(setup_for(sky, lens=None))
    for light in lights[:280]:
        first.add(light)
    write_checkpoint(tmp_path / "checkpoint", first.checkpoint())
    saved = read_checkpoint(tmp_path / "checkpoint")
    assert saved is not None
    second = Digest.resume(setup_for(sky, lens=None), saved)
    for light in lights[280:]:
        second.add(light)
    assert np.array_equal(
        second._still.sums.rows(0, 0, mosaics[0].shape[0]), np.sum(mosaics, axis=0, dtype=int)
    )
    assert second.finish().peak_frame.max() > 255


@pytest.mark.parametrize("resolution", ["half", "full"])
def test_any_number_of_hands_and_any_band_gives_the_same_bits(resolution: str) -> None:
    sky = LittleSky()
    alone = Digest(setup(sky, resolution))
    lights = frames(sky)
    for light in lights:
        alone.add(light)
    expected = alone.finish()
    with ThreadPoolExecutor(5) as pool:

        def together(tasks):
            for future in [pool.submit(task) for task in tasks]:
                future.result()

        for count, band in ((2, 2), (3, 10), (5, 64)):
            digest = Digest(setup(sky, resolution), workers=Workers(count=count, together=together))
            digest._still._rows = band
            for light in lights:
                digest.add(light)
            assert_equal(expected, digest.finish())


def test_products_may_live_in_files(tmp_path: Path) -> None:
    sky = LittleSky()
    for resolution in ("half", "full"):
        memory, files = Digest(setup(sky, resolution)), Digest(setup(sky, resolution))
        for light in frames(sky):
            memory.add(light)
            files.add(light)
        assert_equal(memory.finish(), files.finish(MappedArrays(tmp_path)))
    assert list(tmp_path.iterdir()) == []


def test_frames_may_be_used_up(little_sky: LittleSky) -> None:
    lights = frames(little_sky)
    kept, used = Digest(setup(little_sky, "half")), Digest(setup(little_sky, "half"))
    used.setup = setup_for(little_sky, FRAMES, reuse_frames=True)
    for light in lights:
        before = light.mosaic.copy()
        kept.add(light)
        assert np.array_equal(light.mosaic, before)
        used.add(light)
        assert not np.array_equal(light.mosaic, before)
    assert_equal(kept.finish(), used.finish())


@pytest.mark.parametrize("resolution", ["half", "full"])
def test_finishing_gives_the_memory_of_what_is_done_back(resolution: str) -> None:
    sky = LittleSky()
    digest = Digest(setup(sky, resolution))
    for light in frames(sky):
        digest.add(light)
    still = digest._still
    largest, sums = weakref.ref(still.largest), weakref.ref(still.sums)
    assert largest() is not None
    digest.finish()
    assert largest() is None
    # at half resolution the ground lies in the memory of its sums
    assert (sums() is None) == (resolution == "full")


def test_a_checkpoint_of_another_program_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    sky = LittleSky()
    before = Digest(setup(sky, "half"))
    before.add(sky.frame(0))
    saved = before.checkpoint()
    Digest.resume(setup(sky, "half"), saved)
    monkeypatch.setattr(digest_module, "_LAYOUT", 99)
    with pytest.raises(FrameError, match="dark, exposure or program differ"):
        Digest.resume(setup(sky, "half"), saved)


def test_a_checkpoint_of_another_stack_is_refused(tmp_path: Path) -> None:
    sky = LittleSky()
    digest = Digest(setup(sky, "half"))
    digest.add(sky.frame(0))
    saved = digest.checkpoint()
    with pytest.raises(FrameError, match="the checkpoint belongs to another stack"):
        Digest.resume(setup(sky, "full"), saved)
    with pytest.raises(FrameError, match="the checkpoint belongs to another stack"):
        Digest.resume(setup_for(sky, FRAMES), saved)


def test_a_broken_checkpoint_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint"
    assert read_checkpoint(path) is None
    digest = Digest(setup(LittleSky(), "half"))
    size = write_checkpoint(path, digest.checkpoint())
    assert size == path.stat().st_size
    whole = path.read_bytes()
    for broken in (b"", b"{}\n", whole[:1000], whole[:-10], b"x" * 100):
        path.write_bytes(broken)
        with pytest.raises(ArchiveError, match="no checkpoint, or cut short"):
            read_checkpoint(path)
