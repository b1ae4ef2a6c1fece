import io

import numpy as np
import pytest
import tifffile
from PIL import Image

from issgaze.picture.encode import PictureMetadata, jpeg_bytes, png_bytes, tiff_header, to_8bit

ABOUT = PictureMetadata(
    title="Space station over Zwiesel",
    description="The station & its trail, 84° high.",
    alt_text="A night sky",
    keywords=("space station", "night"),
    creator="A. Owner",
    credit="A. Owner / issgaze",
    date_local="2024:05:10 03:45:00",
    offset="+02:00",
)


@pytest.fixture
def ramp():
    rows, columns = np.mgrid[0:40, 0:61]
    return np.stack((rows * 1500, columns * 1000, (rows + columns) * 600), axis=-1).astype(
        np.uint16
    )


def test_a_tiff_keeps_sixteen_bits_and_opens_elsewhere(ramp):
    data = tiff_header(*ramp.shape[:2], metadata=ABOUT) + ramp.astype("<u2").tobytes()
    assert np.array_equal(tifffile.imread(io.BytesIO(data)), ramp)
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        tags = file.pages[0].tags
        assert tags["BitsPerSample"].value == (16, 16, 16)
        assert tags["ImageDescription"].value == "The station & its trail, 84 deg high."
        assert tags["Copyright"].value == "A. Owner / issgaze"
        assert b"Space station over Zwiesel" in tags["XMP"].value
        profile = tags["InterColorProfile"].value
    assert bytes(profile)[12:20] == b"mntrRGB "
    assert bytes(profile)[36:40] == b"acsp"


def test_a_jpeg_carries_profile_title_description_and_time(ramp):
    data = jpeg_bytes(ramp, metadata=ABOUT)
    image = Image.open(io.BytesIO(data))
    assert image.size == (61, 40)
    assert image.info["icc_profile"][36:40] == b"acsp"
    exif = image.getexif()
    assert exif[0x010E] == "The station & its trail, 84 deg high."
    assert exif[0x013B] == "A. Owner"
    assert exif.get_ifd(0x8769)[0x9003] == "2024:05:10 03:45:00"
    assert exif.get_ifd(0x8769)[0x9011] == "+02:00"
    # Pillow 9 does not show it
    xmp = data[data.index(b"<x:xmpmeta") : data.index(b"</x:xmpmeta>")].decode()
    for piece in ("Space station over Zwiesel", "station &amp; its trail, 84°", "A night sky"):
        assert piece in xmp
    assert "<rdf:li>space station</rdf:li><rdf:li>night</rdf:li>" in xmp
    assert "<photoshop:Credit>A. Owner / issgaze</photoshop:Credit>" in xmp


def test_a_jpeg_looks_like_the_picture(ramp):
    shown = np.asarray(Image.open(io.BytesIO(jpeg_bytes(ramp))), dtype=float)
    assert np.abs(shown - ramp / 257.0).mean() < 2.5


def test_eight_bits_are_dithered_without_bias_and_the_same_each_time():
    flat = np.full((200, 300, 3), 5000, dtype=np.uint16)
    shown = to_8bit(flat)
    assert set(np.unique(shown)) == {19, 20}
    assert shown.mean() == pytest.approx(5000 * 255 / 65535, abs=0.02)
    assert np.array_equal(shown, to_8bit(flat))
    assert np.array_equal(shown[..., 0], shown[..., 2])
    assert to_8bit(np.full((2, 2, 3), 65535, dtype=np.uint16)).min() == 255


def test_a_png_is_exact():
    rgb = np.arange(60, dtype=np.uint8).reshape(4, 5, 3)
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(png_bytes(rgb)))), rgb)
