"""Frames of any camera: what is read from each kind, and what each kind of fault is answered."""

from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import tifffile
from astropy.io import fits as astropy_fits
from PIL import Image

from issgaze.archive.framefile import FrameHints, load_frame, survey_frame
from issgaze.civil import parse_utc
from issgaze.errors import FrameError

NO_HINTS = FrameHints()
SRGB_HALF = round((((128 / 255 + 0.055) / 1.055) ** 2.4) * 65535)


def load(path: Path, hints: FrameHints = NO_HINTS, number: int = 0):
    return load_frame(path, number=number, hints=hints)


def test_a_colour_picture_becomes_one_cell_a_pixel_in_linear_light(tmp_path: Path) -> None:
    pixels = np.zeros((4, 6, 3), np.uint8)
    pixels[1, 2] = (255, 128, 0)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    loaded = load(tmp_path / "a.png")
    mosaic = loaded.frame.mosaic
    assert mosaic.shape == (8, 12)
    assert mosaic[2:4, 4:6].tolist() == [[65535, SRGB_HALF], [SRGB_HALF, 0]]
    assert loaded.frame.info.bayer_pattern == "RGGB"
    assert (loaded.facts.timed, loaded.facts.exposed, loaded.facts.site) == (False, False, None)


@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_sixteen_bits_of_colour_keep_every_bit(tmp_path: Path, suffix: str) -> None:
    deep = np.random.default_rng(1).integers(0, 65536, (6, 8, 3), dtype=np.uint16)
    path = tmp_path / f"deep.{suffix}"
    if suffix == "tif":
        tifffile.imwrite(path, deep, photometric="rgb")
    else:
        import av

        frame = av.VideoFrame.from_ndarray(deep, format="rgb48le")
        codec = av.CodecContext.create("png", "w")
        codec.width, codec.height, codec.pix_fmt = 8, 6, "rgb48be"
        codec.time_base = Fraction(1)
        packets = codec.encode(frame.reformat(format="rgb48be")) + codec.encode(None)
        path.write_bytes(b"".join(bytes(packet) for packet in packets))
    mosaic = load(path).frame.mosaic
    assert np.array_equal(mosaic[0::2, 0::2], deep[..., 0])
    assert np.array_equal(mosaic[1::2, 0::2], deep[..., 1])
    assert np.array_equal(mosaic[1::2, 1::2], deep[..., 2])


def test_a_grey_tiff_of_sixteen_bits_is_a_mono_frame(tmp_path: Path) -> None:
    grey = np.arange(48, dtype=np.uint16).reshape(6, 8) * 1000
    tifffile.imwrite(tmp_path / "g.tiff", grey)
    frame = load(tmp_path / "g.tiff").frame
    assert np.array_equal(frame.mosaic, grey)
    assert frame.info.bayer_pattern == "MONO"


def test_exif_times_need_a_zone(tmp_path: Path) -> None:
    exif = Image.Exif()
    shot = exif.get_ifd(0x8769)
    shot[0x9003], shot[0x9291], shot[0x829A] = "2026:07:01 23:30:00", "25", 4.0
    Image.new("RGB", (4, 4)).save(tmp_path / "a.jpg", exif=exif)
    without = load(tmp_path / "a.jpg")
    assert not without.facts.timed
    assert "has no zone and was not used: give --time-zone" in without.facts.note
    assert without.frame.info.exposure_s == 4.0
    vienna = load(tmp_path / "a.jpg", FrameHints(zone=ZoneInfo("Europe/Vienna")))
    assert vienna.frame.info.start_utc == parse_utc("2026-07-01T21:30:00.25Z")
    assert vienna.frame.info.clock_error_s == 1.0


def test_an_exif_offset_beats_the_zone_and_gps_gives_the_site(tmp_path: Path) -> None:
    exif = Image.Exif()
    shot, gps = exif.get_ifd(0x8769), exif.get_ifd(0x8825)
    shot[0x9003], shot[0x9011] = "2026:07:01 23:30:00", "-05:00"
    gps[1], gps[2], gps[3], gps[4] = "S", (33.0, 55.0, 12.0), "E", (18.0, 25.0, 12.0)
    Image.new("RGB", (4, 4)).save(tmp_path / "a.jpg", exif=exif)
    loaded = load(tmp_path / "a.jpg", FrameHints(zone=ZoneInfo("Europe/Vienna")))
    assert loaded.frame.info.start_utc == parse_utc("2026-07-02T04:30:00Z")
    assert loaded.facts.site is not None
    assert loaded.facts.site.latitude_deg == pytest.approx(-33.92)
    assert loaded.facts.site.longitude_deg == pytest.approx(18.42)


def test_hints_win_and_number_the_frames(tmp_path: Path) -> None:
    Image.new("L", (4, 4)).save(tmp_path / "a.png")
    hints = FrameHints(start_utc=parse_utc("2026-01-01T00:00:00Z"), exposure_s=4.0, interval_s=5.0)
    loaded = load(tmp_path / "a.png", hints, number=3)
    assert loaded.frame.info.start_utc == parse_utc("2026-01-01T00:00:15Z")
    assert (loaded.facts.timed, loaded.facts.exposed) == (True, True)
    unknown = FrameHints(start_utc=parse_utc("2026-01-01T00:00:00Z"))
    assert load(tmp_path / "a.png", unknown, number=0).facts.timed
    assert not load(tmp_path / "a.png", unknown, number=1).facts.timed


def test_a_fits_frame_that_was_stored_bottom_up_is_turned(tmp_path: Path) -> None:
    stored = np.arange(24, dtype=np.uint16).reshape(4, 6)
    hdu = astropy_fits.PrimaryHDU(stored)
    hdu.header["DATE-OBS"], hdu.header["EXPTIME"] = "2026-01-01T00:00:00.5", 2.0
    hdu.header["BAYERPAT"], hdu.header["ROWORDER"] = "RGGB", "BOTTOM-UP"
    hdu.header["SITELAT"], hdu.header["SITELONG"] = 47.0, 11.0
    hdu.writeto(tmp_path / "a.fits")
    loaded = load(tmp_path / "a.fits")
    assert np.array_equal(loaded.frame.mosaic, stored[::-1])
    assert loaded.frame.info.bayer_pattern == "GBRG"
    assert loaded.facts.timed
    assert loaded.facts.site is not None


def test_a_fits_frame_without_times_is_still_a_frame(tmp_path: Path) -> None:
    astropy_fits.PrimaryHDU(np.ones((4, 4), np.int16)).writeto(tmp_path / "a.fit")
    loaded = load(tmp_path / "a.fit")
    assert (loaded.facts.timed, loaded.facts.exposed) == (False, False)
    assert loaded.frame.info.bayer_pattern == "MONO"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.xyz", b"", "no kind of frame that is known"),
        ("a.jpg", b"not a picture", "no readable picture"),
        ("a.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF", "no readable picture"),
        ("a.fits", b"SIMPLE  =  T", "cut short"),
        ("a.dng", b"nothing", "no readable camera raw|need the rawpy library"),
    ],
)
def test_what_cannot_be_read_is_named(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(FrameError, match=message) as caught:
        load(path)
    assert name in caught.value.message
    assert caught.value.remedy


def test_a_bad_date_in_a_fits_header_is_named(tmp_path: Path) -> None:
    hdu = astropy_fits.PrimaryHDU(np.ones((4, 4), np.int16))
    hdu.header["DATE-OBS"] = "yesterday"
    hdu.writeto(tmp_path / "a.fits")
    with pytest.raises(FrameError, match=r"a\.fits: DATE-OBS is 'yesterday'"):
        load(tmp_path / "a.fits")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    for name in ("a.fits", "a.jpg"):
        with pytest.raises(FrameError, match="no such file"):
            load(tmp_path / name)


def test_a_dng_gives_its_mosaic_and_levels(tmp_path: Path) -> None:
    rawpy = pytest.importorskip("rawpy")
    assert rawpy
    mosaic = np.random.default_rng(2).integers(300, 4000, (96, 128), dtype=np.uint16)
    tags = [
        (50706, "B", 4, (1, 4, 0, 0), True),  # DNGVersion
        (33421, "H", 2, (2, 2), True),  # CFARepeatPatternDim
        (33422, "B", 4, (2, 1, 1, 0), True),  # CFAPattern: blue, green, green, red
        (50714, "H", 1, 256, True),  # BlackLevel
        (50717, "H", 1, 4095, True),  # WhiteLevel
        (50721, "2i", 9, (1, 1, 0, 1, 0, 1, 0, 1, 1, 1, 0, 1, 0, 1, 0, 1, 1, 1), True),
    ]
    tifffile.imwrite(tmp_path / "a.dng", mosaic, photometric=32803, extratags=tags)
    frame = load(tmp_path / "a.dng").frame
    assert np.array_equal(frame.mosaic, mosaic)
    info = frame.info
    assert (info.bayer_pattern, info.black_level_adu, info.white_level_adu) == ("BGGR", 256, 4095)


def test_a_survey_says_the_same_without_the_pixels(tmp_path: Path) -> None:
    """Of a picture in an extension, of a JPEG and of hints; and of a frame that lost its pixels."""
    header = astropy_fits.Header(
        {"DATE-OBS": "2026-03-01T19:00:05.5", "EXPTIME": 5.0, "SITELAT": 48.0, "SITELONG": 11.0}
    )
    image = astropy_fits.ImageHDU(np.zeros((40, 60), np.uint16), header)
    table = astropy_fits.BinTableHDU.from_columns(
        [astropy_fits.Column(name="a", format="K", array=np.arange(1000))]
    )
    path = tmp_path / "a.fits"
    astropy_fits.HDUList([astropy_fits.PrimaryHDU(), table, image]).writeto(path)
    Image.fromarray(np.zeros((4, 6, 3), np.uint8)).save(tmp_path / "b.jpg")
    hinted = FrameHints(start_utc=parse_utc("2026-03-01T19:00:00Z"), exposure_s=5.0)
    for file, hints in ((path, NO_HINTS), (tmp_path / "b.jpg", NO_HINTS), (path, hinted)):
        assert survey_frame(file, number=3, hints=hints) == load(file, hints, 3).facts
    path.write_bytes(path.read_bytes()[:-4000])
    assert survey_frame(path, number=0, hints=NO_HINTS).exposure_s == 5.0
    with pytest.raises(FrameError, match="bytes of pixels are there"):
        load(path)


def test_a_product_among_the_frames_says_nothing_of_their_times(tmp_path: Path) -> None:
    """A stack has no DATE-OBS: it is named and left out, and must not cost the others theirs."""
    astropy_fits.PrimaryHDU(np.full((3, 4, 6), 7.5, np.float32)).writeto(tmp_path / "stars.fits")
    with pytest.raises(FrameError, match="not whole numbers"):
        survey_frame(tmp_path / "stars.fits", number=0, hints=NO_HINTS)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not a FITS file"),
        (b"<html>", "not a FITS file"),
        (b"SIMPLE  =                    T".ljust(2880), "its header is cut short"),
    ],
)
def test_a_survey_names_what_is_no_frame(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "a.fits").write_bytes(content)
    with pytest.raises(FrameError, match=message):
        survey_frame(tmp_path / "a.fits", number=0, hints=NO_HINTS)
    with pytest.raises(FrameError, match="no such file"):
        survey_frame(tmp_path / "none.fits", number=0, hints=NO_HINTS)
