"""Pictures as files: JPEG with profile and description, TIFF with 16 bits a channel."""

import io
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

import numpy as np
from PIL import Image, ImageCms

from issgaze.arrays import UInt8Array, UInt16Array

JPEG_QUALITY = 93


def _srgb_profile() -> bytes:
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    # its header holds the moment it was made: the same picture shall give the same file
    profile[24:36] = struct.pack(">6H", 2024, 1, 1, 0, 0, 0)
    return bytes(profile)


_SRGB = _srgb_profile()
_IMAGE_DESCRIPTION, _ARTIST, _SOFTWARE = 0x010E, 0x013B, 0x0131
_COPYRIGHT, _DATE_TIME, _EXIF_IFD = 0x8298, 0x0132, 0x8769
_DATE_TIME_ORIGINAL, _OFFSET_TIME_ORIGINAL = 0x9003, 0x9011
# EXIF texts are ASCII; what captions use beyond it has a plain spelling
_PLAIN = str.maketrans(
    {"°": " deg", "′": "'", "−": "-", "\u202f": " ", "\u00a0": " ", "\u2019": "'", "œ": "oe"}
    | dict(zip("éèêëàâçîïôùûöüäÉÀ", "eeeeaaciiouuouaEA", strict=True))
)
# tag, type, count, value or its bytes
TiffEntry = tuple[int, int, int, int | bytes]
# the eight bits of a channel are dithered by this much so that smooth skies show no steps
_DITHER_SEED = 20241116


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureMetadata:
    """What is written into a picture file; empty texts are left out.

    Attributes:
        title: A few words.
        description: The caption.
        alt_text: What is seen, for those who do not see it.
        keywords: Words to search by.
        creator, credit: Who made it, and the line to print beside it.
        date_local: "YYYY:MM:DD HH:MM:SS" of the site's clock, as EXIF wants it.
        offset: That clock's offset such as +01:00.
        software: Program and version.
    """

    title: str = ""
    description: str = ""
    alt_text: str = ""
    keywords: tuple[str, ...] = ()
    creator: str = ""
    credit: str = ""
    date_local: str = ""
    offset: str = ""
    software: str = "issgaze"


def to_8bit(rgb16: UInt16Array, *, first_row: int = 0) -> UInt8Array:
    """Return a 16-bit picture in 8 bits, dithered so that no steps show; same shape.

    Args:
        rgb16: A picture, or a band of one, shape (h, w, 3).
        first_row: Number of the band's first row, so that bands do not repeat their dither.
    """
    generator = np.random.default_rng((_DITHER_SEED, first_row))
    height, width = rgb16.shape[:2]
    # one field for all channels: a dither of its own in each would show as coloured noise
    dither = generator.random((height, width, 1), dtype=np.float32)
    scaled = rgb16.astype(np.float32)
    scaled *= np.float32(255.0 / 65535.0)
    scaled += dither
    return np.asarray(np.minimum(scaled, np.float32(255.0), out=scaled), dtype=np.uint8)


def jpeg_bytes(
    rgb16: UInt16Array, *, metadata: PictureMetadata | None = None, quality: int = JPEG_QUALITY
) -> bytes:
    """Return a JPEG of an sRGB picture, uint16 of shape (h, w, 3)."""
    return jpeg_from_8bit(to_8bit(rgb16), metadata=metadata, quality=quality)


def jpeg_from_8bit(
    rgb8: UInt8Array, *, metadata: PictureMetadata | None = None, quality: int = JPEG_QUALITY
) -> bytes:
    """Return a JPEG of an sRGB picture, uint8 of shape (h, w, 3)."""
    about = metadata or PictureMetadata()
    stream = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(rgb8)).save(
        stream,
        "JPEG",
        quality=quality,
        subsampling=0,
        optimize=True,
        icc_profile=_SRGB,
        exif=_exif(about).tobytes(),
    )
    return _with_xmp(stream.getvalue(), _xmp(about))


def animation_bytes(
    frames: Iterable[UInt8Array], *, width_px: int, milliseconds: int = 120
) -> bytes:
    """Return a small animated WebP of RGB frames, uint8 (h, w, 3), shrunk to a width.

    Browsers play it without a player; it holds the small frames in memory, not the large ones.
    """
    small: list[Image.Image] = []
    for frame in frames:
        image = Image.fromarray(np.ascontiguousarray(frame))
        height = max(1, round(image.height * width_px / image.width))
        small.append(image.resize((width_px, height), Image.Resampling.BOX))
    stream = io.BytesIO()
    first, *rest = small
    first.save(
        stream, "WEBP", save_all=True, append_images=rest, duration=milliseconds, loop=0,
        quality=60, method=3, exif=_exif(PictureMetadata()).tobytes(),
    )  # fmt: skip
    return stream.getvalue()


def png_bytes(rgb8: UInt8Array) -> bytes:
    """Return a PNG of an sRGB picture, uint8 of shape (h, w, 3)."""
    stream = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(rgb8)).save(stream, "PNG", icc_profile=_SRGB)
    return stream.getvalue()


def tiff_header(height: int, width: int, *, metadata: PictureMetadata | None = None) -> bytes:
    """Return all that stands before the pixels of a TIFF with 16 bits a channel.

    The pixels follow as little-endian uint16 of shape (height, width, 3), so that they can be
    written as they are made. Adobe TIFF 6.0; one strip. Pillow writes no 16-bit RGB.
    """
    about = metadata or PictureMetadata()
    xmp = _xmp(about)
    entries: list[TiffEntry] = [
        (256, 4, 1, width),
        (257, 4, 1, height),
        (258, 3, 3, struct.pack("<3H", 16, 16, 16)),
        (259, 3, 1, 1),
        (262, 3, 1, 2),
        *_text_entries(((270, about.description), (305, about.software), (306, about.date_local))),
        (273, 4, 1, 0),
        (277, 3, 1, 3),
        (278, 4, 1, height),
        (279, 4, 1, 6 * height * width),
        (284, 3, 1, 1),
        (339, 3, 3, struct.pack("<3H", 1, 1, 1)),
        (700, 1, len(xmp), xmp),
        *_text_entries(((33432, about.credit),)),
        (34675, 7, len(_SRGB), _SRGB),
    ]
    return tiff_directory(sorted(entries, key=lambda entry: entry[0]))


def _text_entries(texts: Iterable[tuple[int, str]]) -> list[TiffEntry]:
    entries: list[TiffEntry] = []
    for tag, text in texts:
        if text:
            plain = _ascii(text) + b"\0"
            entries.append((tag, 2, len(plain), plain))
    return entries


def _ascii(text: str) -> bytes:
    return text.translate(_PLAIN).encode("ascii", "replace")


def tiff_directory(entries: list[TiffEntry]) -> bytes:
    """Return the head of a little-endian TIFF of one strip, which is to follow at once.

    Args:
        entries: Tag, type (1 byte, 2 text, 3 short, 4 long, 5 and 10 fraction, 7 undefined), count,
            and the value or its bytes, in ascending order of tags; 273, the strip, is filled in.
    """
    extra = bytearray()
    table = bytearray(struct.pack("<H", len(entries)))
    start = 8 + 2 + 12 * len(entries) + 4
    sizes = [len(v) + len(v) % 2 for *_, v in entries if isinstance(v, bytes) and len(v) > 4]
    strip = start + sum(sizes)
    for tag, kind, count, value in entries:
        if isinstance(value, bytes):
            if len(value) <= 4:
                field = value.ljust(4, b"\0")
            else:
                field = struct.pack("<I", start + len(extra))
                extra += value + b"\0" * (len(value) % 2)
        else:
            number = strip if tag == 273 else value
            field = struct.pack("<I" if kind == 4 else "<Hxx", number)
        table += struct.pack("<HHI", tag, kind, count) + field
    return b"II*\0" + struct.pack("<I", 8) + bytes(table) + b"\0\0\0\0" + bytes(extra)


def _exif(about: PictureMetadata) -> Image.Exif:
    exif = Image.Exif()
    texts = {
        _IMAGE_DESCRIPTION: about.description or about.title,
        _ARTIST: about.creator,
        _COPYRIGHT: about.credit,
        _SOFTWARE: about.software,
        _DATE_TIME: about.date_local,
    }
    for tag, text in texts.items():
        if text:
            exif[tag] = _ascii(text).decode()
    if about.date_local:
        inner = {_DATE_TIME_ORIGINAL: about.date_local}
        if about.offset:
            inner[_OFFSET_TIME_ORIGINAL] = about.offset
        # Pillow 9 writes an inner directory only when it is set as a tag of its own
        exif[_EXIF_IFD] = inner
    return exif


def _xmp(about: PictureMetadata) -> bytes:
    def alternative(name: str, text: str) -> str:
        if not text:
            return ""
        words = escape(text)
        return f'<{name}><rdf:Alt><rdf:li xml:lang="x-default">{words}</rdf:li></rdf:Alt></{name}>'

    keywords = "".join(f"<rdf:li>{escape(word)}</rdf:li>" for word in about.keywords)
    creator = escape(about.creator)
    parts = (
        alternative("dc:title", about.title),
        alternative("dc:description", about.description),
        alternative("Iptc4xmpCore:AltTextAccessibility", about.alt_text),
        f"<dc:subject><rdf:Bag>{keywords}</rdf:Bag></dc:subject>" if keywords else "",
        f"<dc:creator><rdf:Seq><rdf:li>{creator}</rdf:li></rdf:Seq></dc:creator>"
        if creator
        else "",
        f"<photoshop:Credit>{escape(about.credit)}</photoshop:Credit>" if about.credit else "",
    )
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:Iptc4xmpCore="http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/" '
        'xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/">'
        + "".join(parts)
        + '</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    ).encode()


def _with_xmp(jpeg: bytes, xmp: bytes) -> bytes:
    """Return the JPEG with an APP1 segment of XMP before its first one that is not APPn."""
    payload = b"http://ns.adobe.com/xap/1.0/\0" + xmp
    segment = b"\xff\xe1" + struct.pack(">H", len(payload) + 2) + payload
    place = 2
    while jpeg[place] == 0xFF and 0xE0 <= jpeg[place + 1] <= 0xEF:
        place += 2 + int.from_bytes(jpeg[place + 2 : place + 4], "big")
    return jpeg[:place] + segment + jpeg[place:]
