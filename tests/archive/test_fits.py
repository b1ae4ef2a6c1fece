import io
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits as astropy_fits
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from issgaze.archive.fits import (
    read_raw,
    site_of,
    write_product,
    write_raw,
)
from issgaze.archive.fitscards import header_bytes, parse_header
from issgaze.archive.fitsimage import ImageRoom, image_in, read_image
from issgaze.errors import FrameError
from issgaze.imaging.frame import Frame, FrameInfo
from issgaze.sky.site import Site
from issgaze.stacking.trailpixels import TrailPixels

START = datetime(2026, 3, 1, 19, 30, 0, 123456, tzinfo=UTC)
SITE = Site(latitude_deg=-33.925, longitude_deg=18.4241, height_m=25.0)


def frame(**changes: object) -> Frame:
    mosaic = np.arange(6 * 8, dtype=np.uint16).reshape(6, 8) * np.uint16(1365)
    given_info: dict[str, object] = {
        "start_utc": START,
        "exposure_s": 5.0,
        "row_time_s": -2.5e-5,
        "clock_error_s": 0.012,
        "bayer_pattern": "BGGR",
        "temperature_c": 14.5,
        "instrument": "imx477",
        "dead_time_s": 0.0006,
        "sequence": 41,
        "analogue_gain": 8.0,
    }
    return Frame(mosaic=mosaic, info=FrameInfo(**(given_info | changes)))  # type: ignore[arg-type]


def test_astropy_reads_the_same_pixels_and_keys(tmp_path: Path) -> None:
    size = write_raw(tmp_path / "a.fits", frame(), site=SITE)
    assert size == (tmp_path / "a.fits").stat().st_size
    with astropy_fits.open(tmp_path / "a.fits") as opened:
        opened.verify("exception")
        hdu = opened[0]
        np.testing.assert_array_equal(hdu.data, frame().mosaic)
        assert hdu.data.dtype == np.uint16
        header = hdu.header
    assert header["DATE-OBS"] == "2026-03-01T19:30:00.123456"
    assert (header["EXPTIME"], header["ROWTIME"], header["CLKERR"]) == (5.0, -2.5e-5, 0.012)
    assert (header["BAYERPAT"], header["ROWORDER"]) == ("BGGR", "TOP-DOWN")
    assert (header["BLKLEVEL"], header["GAIN"], header["CCD-TEMP"]) == (256.0, 8.0, 14.5)
    assert (header["SITELAT"], header["SITELONG"], header["SITEELEV"]) == (-33.925, 18.4241, 25.0)


def test_a_frame_comes_back_as_it_went(tmp_path: Path) -> None:
    write_raw(tmp_path / "a.fits", frame(), site=SITE)
    back = read_raw(tmp_path / "a.fits")
    np.testing.assert_array_equal(back.mosaic, frame().mosaic)
    assert back.info == frame().info
    assert site_of(read_image(tmp_path / "a.fits")[1]) == SITE


def test_what_is_unknown_stays_unknown(tmp_path: Path) -> None:
    write_raw(
        tmp_path / "a.fits",
        frame(clock_error_s=None, temperature_c=None, dead_time_s=None, bayer_pattern="MONO"),
        site=None,
    )
    info = read_raw(tmp_path / "a.fits").info
    assert (info.clock_error_s, info.temperature_c, info.dead_time_s) == (None, None, None)
    assert info.bayer_pattern == "MONO"
    assert site_of(read_image(tmp_path / "a.fits")[1]) is None


@given(
    arrays(
        st.sampled_from(["u1", "i2", "u2", "i4", "f4", "f8"]),
        array_shapes(min_dims=2, max_dims=3, max_side=9),
    )
)
def test_every_plain_image_astropy_writes_is_read_alike(image: np.ndarray) -> None:
    file = io.BytesIO()
    astropy_fits.PrimaryHDU(image).writeto(file)
    values, _ = image_in(io.BytesIO(file.getvalue()), "x.fits")
    np.testing.assert_array_equal(values, image)
    assert values.dtype == image.dtype


def test_an_image_in_an_extension_is_found() -> None:
    file = io.BytesIO()
    image = np.arange(12.0, dtype=np.float32).reshape(3, 4)
    astropy_fits.HDUList([astropy_fits.PrimaryHDU(), astropy_fits.ImageHDU(image)]).writeto(file)
    np.testing.assert_array_equal(image_in(io.BytesIO(file.getvalue()), "x.fits")[0], image)


def test_a_product_keeps_planes_as_axis_three(tmp_path: Path) -> None:
    planes = np.linspace(-1, 4096, 3 * 5 * 7, dtype=np.float32).reshape(3, 5, 7)
    write_product(
        tmp_path / "stars.fits", planes, {"NFRAMES": (24, "frames"), "REJFRAC": (0.01, "")}
    )
    with astropy_fits.open(tmp_path / "stars.fits") as opened:
        opened.verify("exception")
        np.testing.assert_array_equal(opened[0].data, planes)
        assert opened[0].header["NFRAMES"] == 24
        assert opened[0].header["NAXIS3"] == 3


def test_a_product_of_few_pixels_is_written_as_the_planes_it_stands_for(tmp_path: Path) -> None:
    planes = np.zeros((3, 600, 9), dtype=np.float32)
    planes[:, [0, 255, 256, 599], [1, 8, 0, 4]] = np.arange(12.0).reshape(3, 4)
    write_product(tmp_path / "whole.fits", planes, {})
    write_product(tmp_path / "few.fits", TrailPixels.of(planes), {})
    assert (tmp_path / "few.fits").read_bytes() == (tmp_path / "whole.fits").read_bytes()


def test_files_that_are_cut_short_or_foreign_are_named(tmp_path: Path) -> None:
    write_raw(tmp_path / "a.fits", frame(), site=None)
    whole = (tmp_path / "a.fits").read_bytes()
    faults = {
        b"": "not a FITS file",
        b"<html>": "not a FITS file",
        whole[:2000]: "its header is cut short",
        whole[:2900]: "20 of 96 bytes of pixels are there",
        whole.replace(
            b"NAXIS   =                    2", b"NAXIS   =                   -2"
        ): "NAXIS is -2",
        whole.replace(
            b"BITPIX  =                   16", b"BITPIX  =                   12"
        ): "BITPIX is 12",
    }
    for content, message in faults.items():
        with pytest.raises(FrameError, match=message):
            image_in(io.BytesIO(content), "a.fits")


def test_a_frame_without_a_start_is_refused_by_name(tmp_path: Path) -> None:
    write_raw(tmp_path / "a.fits", frame(), site=None)
    content = (tmp_path / "a.fits").read_bytes().replace(b"DATE-OBS", b"DATE-BAD")
    (tmp_path / "b.fits").write_bytes(content)
    with pytest.raises(FrameError, match=r"b\.fits: no DATE-OBS or EXPTIME"):
        read_raw(tmp_path / "b.fits")


def test_values_that_are_no_raw_counts_are_refused(tmp_path: Path) -> None:
    image = np.full((4, 4), 0.5, dtype=np.float32)
    header = astropy_fits.Header({"DATE-OBS": "2026-03-01T00:00:00", "EXPTIME": 1.0})
    astropy_fits.PrimaryHDU(image, header).writeto(tmp_path / "c.fits")
    with pytest.raises(FrameError, match="not whole numbers from 0 to 65535"):
        read_raw(tmp_path / "c.fits")


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60))
def test_any_text_survives_a_card(text: str) -> None:
    header = parse_header(header_bytes([("OBJECT", text, "a comment")]))
    assert header["OBJECT"] == text.rstrip()


def test_a_series_is_read_into_the_memory_of_what_was_let_go(tmp_path: Path) -> None:
    for name, value in (("a", 1), ("b", 2), ("c", 3), ("d", 4)):
        mosaic = np.full((4, 6), value, np.uint16)
        write_raw(tmp_path / f"{name}.fits", replace(frame(), mosaic=mosaic), site=None)
    room = ImageRoom()
    first = read_raw(tmp_path / "a.fits", room=room).mosaic
    place = first.ctypes.data
    # held, by a part of it even: it stays as it is
    part = first[1:3, 2:]
    del first
    second = read_raw(tmp_path / "b.fits", room=room).mosaic
    assert (part == 1).all()
    assert second.ctypes.data != place
    place = second.ctypes.data
    del second
    third = read_raw(tmp_path / "c.fits", room=room).mosaic
    assert third.ctypes.data == place
    assert (third == 3).all()
    # one of another size, and one that is too short, leave it alone too
    write_raw(tmp_path / "e.fits", replace(frame(), mosaic=np.zeros((6, 6), np.uint16)), site=None)
    assert read_raw(tmp_path / "e.fits", room=room).mosaic.shape == (6, 6)
    assert (third == 3).all()
