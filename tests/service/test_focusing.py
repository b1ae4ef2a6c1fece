"""Focusing on request: while nothing else is at hand, and for as long as somebody wants it."""

import functools
import json
import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain, repeat
from pathlib import Path

import numpy as np
import pytest

from issgaze.errors import DeviceError
from issgaze.imaging.frame import Frame, FrameInfo
from issgaze.planning.plan import ExposureBlock
from issgaze.service.focusing import (
    Focusing,
    bright_stars,
    middle_of,
    star_width_px,
    stretched,
)

START = datetime(2026, 3, 1, 20, 0, tzinfo=UTC)


class Clock:
    """Runs on when told."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def monotonic_s(self) -> float:
        return self.seconds

    def now_utc(self) -> datetime:
        return START + timedelta(seconds=self.seconds)


class Camera:
    """Gives a field of stars, and lets time pass."""

    def __init__(self, clock: Clock, radius_px: float = 2.0) -> None:
        self.clock = clock
        self.radius_px = radius_px
        self.opened = 0
        self.blocks: list[ExposureBlock] = []

    def __enter__(self) -> "Camera":
        self.opened += 1
        return self

    def __exit__(self, *exception: object) -> None:
        self.opened -= 1

    def expose(self, block: ExposureBlock, *, mode: str) -> Iterator[Frame]:
        assert mode == "binned"
        self.blocks.append(block)
        for _ in range(block.count):
            self.clock.seconds += block.interval_s
            yield sky(self.radius_px)


@functools.cache
def sky(radius_px: float) -> Frame:
    generator = np.random.default_rng(3)
    y, x = np.mgrid[0:500, 0:600]
    light = generator.normal(300.0, 4.0, y.shape)
    for column, row in generator.uniform(30, 470, (30, 2)):
        light += 2500.0 * np.exp(-((x - column) ** 2 + (y - row) ** 2) / (2 * radius_px**2))
    return Frame(
        mosaic=np.clip(light, 0, 4095).astype(np.uint16),
        info=FrameInfo(start_utc=START, exposure_s=0.5, analogue_gain=8.0),
    )


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def focusing(tmp_path: Path, clock: Clock) -> Focusing:
    focusing = Focusing(tmp_path, clock)  # type: ignore[arg-type]
    focusing.free_s = 3600.0
    return focusing


def test_frames_come_until_it_is_told_to_stop(
    focusing: Focusing, clock: Clock, tmp_path: Path
) -> None:
    camera = Camera(clock)
    assert not focusing.wanted
    focusing.on_request({"do": "start", "exposure_s": 0.5})
    assert focusing.wanted
    seen: list[dict] = []

    def stop() -> bool:
        if (tmp_path / "focus.json").exists():
            seen.append(json.loads((tmp_path / "focus.json").read_text()))
        if len(seen) == 6:
            focusing.on_request({"do": "stop"})
        return False

    focusing.session(camera, mode="binned", stop=stop)  # type: ignore[arg-type]
    assert camera.opened == 0
    assert seen[0]["running"]
    assert seen[-1]["step"] > seen[0]["step"]
    assert 3.0 < seen[-1]["width_px"] < 8.0
    assert (tmp_path / "focus.jpg").read_bytes().startswith(b"\xff\xd8")
    last = json.loads((tmp_path / "focus.json").read_text())
    assert not last["running"]
    assert last["best_px"] == min(last["widths_px"])


def test_it_is_told_as_begun_before_the_first_frame(focusing: Focusing, tmp_path: Path) -> None:
    def told() -> dict:
        return json.loads((tmp_path / "focus.json").read_text())

    focusing.end()
    assert not (tmp_path / "focus.json").exists(), "nobody has focused here"
    focusing.on_request({"do": "start", "exposure_s": 0.5})
    assert told()["running"]
    assert (told()["width_px"], told()["widths_px"]) == (None, [])
    # a pass came near before the camera was opened
    focusing.free_s = 0.0
    assert not focusing.wanted
    focusing.end()
    assert not told()["running"]
    focusing.free_s = 3600.0
    assert not focusing.wanted, "it does not begin by itself when the pass is over"


def test_a_sharper_lens_reads_as_smaller_stars(
    focusing: Focusing, clock: Clock, tmp_path: Path
) -> None:
    widths = []
    for radius in (3.5, 1.4):
        focusing.on_request({"do": "start"})
        focusing.session(
            Camera(clock, radius),  # type: ignore[arg-type]
            mode="binned",
            stop=chain([False, False], repeat(True)).__next__,
        )
        widths.append(json.loads((tmp_path / "focus.json").read_text())["width_px"])
    assert widths[0] > widths[1] + 1.0


@pytest.mark.parametrize(("radius_px", "light_adu"), [(0.9, 1500), (2.0, 2500), (6.0, 8000)])
def test_a_few_faint_stars_are_as_wide_as_many_bright_ones(
    radius_px: float, light_adu: float
) -> None:
    """The mean distance of a Gaussian star's light is sqrt(pi / 2) of its radius."""
    y, x = np.mgrid[0:500, 0:600]
    true_px = 2.0 * math.sqrt(math.pi / 2.0) * radius_px
    for seed in range(6):
        light = np.random.default_rng(seed).normal(300.0, 4.0, y.shape)
        for column, row in ((120, 150), (300, 260), (430, 120), (220, 380)):
            away = (x - column) ** 2 + (y - row) ** 2
            top = light_adu / (2.0 * math.pi * radius_px**2)
            light += top * np.exp(-away / (2.0 * radius_px**2))
        frame = Frame(
            mosaic=np.clip(light, 0, 4095).astype(np.uint16),
            info=FrameInfo(start_utc=START, exposure_s=2.0, analogue_gain=8.0),
        )
        assert star_width_px(frame, bright_stars(frame)) == pytest.approx(true_px, rel=0.2)


def test_it_ends_by_itself_after_three_minutes(focusing: Focusing, clock: Clock) -> None:
    camera = Camera(clock)
    focusing.on_request({"do": "start", "exposure_s": 10.0})
    focusing.session(camera, mode="binned", stop=lambda: False)  # type: ignore[arg-type]
    assert 180.0 <= clock.seconds <= 190.0
    assert not focusing.wanted


def test_another_exposure_begins_another_stream(focusing: Focusing, clock: Clock) -> None:
    camera = Camera(clock)
    focusing.on_request({"do": "start", "exposure_s": 0.5})

    def stop() -> bool:
        if clock.seconds > 2.0:
            focusing._exposure_s = 2.0
        return clock.seconds > 8.0

    focusing.session(camera, mode="binned", stop=stop)  # type: ignore[arg-type]
    assert [block.exposure_s for block in camera.blocks] == [0.5, 2.0]


class Roof:
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def open_cover(self) -> None:
        self.told.append("open")
        raise DeviceError("it rains", remedy="Wait.")

    def close_cover(self) -> None:
        self.told.append("close")


def test_the_cover_is_opened_and_shut_again(focusing: Focusing, clock: Clock) -> None:
    roof = Roof()
    focusing.on_request({"do": "start"})
    focusing.session(
        Camera(clock),  # type: ignore[arg-type]
        roof=roof,  # type: ignore[arg-type]
        mode="binned",
        stop=lambda: clock.seconds > 1.0,
    )
    assert roof.told == ["open", "close"]


def test_noise_has_no_width() -> None:
    generator = np.random.default_rng(5)
    noise = generator.normal(300.0, 6.0, (960, 960)).clip(0, 4095).astype(np.uint16)
    frame = Frame(mosaic=noise, info=FrameInfo(start_utc=START, exposure_s=0.5))
    assert len(bright_stars(frame).x_px) == 0
    assert len(bright_stars(sky(2.0)).x_px) > 10


def test_a_pass_comes_first(focusing: Focusing, clock: Clock) -> None:
    focusing.free_s = 200.0
    with pytest.raises(DeviceError, match="needed for a pass"):
        focusing.on_request({"do": "start"})
    focusing.free_s = 400.0
    focusing.on_request({"do": "start"})

    def stop() -> bool:
        focusing.free_s = 400.0 - clock.seconds * 20.0
        return False

    focusing.session(Camera(clock), mode="binned", stop=stop)  # type: ignore[arg-type]
    assert clock.seconds < 30.0, "given up well before the pass"


def test_the_crop_is_the_middle_on_whole_cells() -> None:
    frame = sky(2.0)
    crop = middle_of(frame, 480)
    assert crop.mosaic.shape == (480, 480)
    assert np.array_equal(crop.mosaic, frame.mosaic[10:490, 60:540])
    picture = stretched(crop)
    assert picture.shape == (240, 240, 3)
    assert picture.max() > 200
    assert np.median(picture) < 120
