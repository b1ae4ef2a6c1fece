"""Which darks a pass gets: its own, the library's, none; and what the report says of them."""

import numpy as np
import pytest

from issgaze.archive.darklibrary import DarkLibrary
from issgaze.archive.fits import write_raw
from issgaze.civil import later, parse_utc
from issgaze.imaging.frame import Frame, FrameInfo
from issgaze.service.darks import darks_for, master_of

UTC = parse_utc("2026-03-01T20:00:00Z")
SHAPE = (300, 400)


def frame(level, *, number=0, temperature_c=10.0, scale=1.0):
    random = np.random.default_rng(1)
    warm = np.where(random.random(SHAPE) < 0.05, random.uniform(8.0, 12.0, SHAPE), 0.0)
    noise = np.random.default_rng(100 + number).normal(level + scale * warm, 2.0, SHAPE)
    info = FrameInfo(
        start_utc=later(UTC, 10.0 * number), exposure_s=10.0, analogue_gain=8.0,
        temperature_c=temperature_c,
    )  # fmt: skip
    return Frame(mosaic=np.rint(noise).astype(np.uint16), info=info)


@pytest.fixture
def lights(tmp_path):
    write_raw(tmp_path / "0001.fits", frame(500.0, number=50, scale=2.0), site=None)
    return [tmp_path / "0001.fits"]


def test_a_pass_with_darks_of_its_own_takes_them(tmp_path, lights):
    own = [tmp_path / f"d{number}.fits" for number in range(4)]
    for number, path in enumerate(own):
        write_raw(path, frame(256.0, number=number), site=None)
    own.append(tmp_path / "broken.fits")
    own[-1].write_bytes(b"no FITS")
    dark, facts = master_of(darks_for(own, lambda: lights, DarkLibrary(tmp_path)))
    assert (dark.frame_count, facts["source"], facts["frames"]) == (4, "pass", 4)
    assert facts["factor"] == 1.0


@pytest.mark.parametrize(
    ("dark_c", "scaled_by", "factor"),
    [(10.4, "exposure", 1.0), (4.0, "warm pixels", 2.0), (None, "warm pixels", 2.0)],
)
def test_the_library_helps_out_and_warm_pixels_tell_how_much(
    tmp_path, lights, dark_c, scaled_by, factor
):
    library = DarkLibrary(tmp_path)
    made = library.add(frame(256.0, number=n, temperature_c=dark_c) for n in range(8))
    dark, facts = master_of(darks_for([], lambda: lights, library))
    assert (facts["source"], facts["set"]) == ("library", made.path.name)
    assert facts["scaled_by"] == scaled_by
    assert facts["factor"] == pytest.approx(factor, rel=0.1)
    assert dark.step_adu == pytest.approx(facts["factor"], rel=1e-3)


def test_without_any_the_report_says_so(tmp_path, lights):
    for library, known in ((None, lights), (DarkLibrary(tmp_path), lights), (None, [])):
        dark, facts = master_of(darks_for([], lambda known=known: known, library))
        assert dark is None
        assert facts["source"] == "none"
        assert "in the sub-exposures themselves" in facts["reason"]
