"""The folder that products go to: each is written whole, counted, or listed with the reason."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from issgaze.archive.atomic import write_atomic, write_stream
from issgaze.archive.fits import PlaneRows, write_product
from issgaze.archive.fitscards import CardValue
from issgaze.archive.jsonfile import write_json
from issgaze.archive.lensfile import write_lens
from issgaze.arrays import Float32Array, UInt8Array
from issgaze.civil import format_fits
from issgaze.optics.lens import Lens
from issgaze.picture.encode import PictureMetadata, jpeg_from_8bit
from issgaze.picture.smaller import smaller_picture
from issgaze.stacking.stacks import Stacks

# for screens, from the largest: television, tablet and large phone, thumbnail
SMALLER_PX = {"screen.jpg": 1920, "preview.jpg": 960, "thumb.jpg": 480}
# they are looked at, not kept: a third of the bytes of the picture itself
_SMALLER_QUALITY = 82


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A product that could not be made, and why."""

    what: str
    reason: str


class Products:
    """Writes the products of one series.

    Every method that writes raises ArchiveError when the disk refuses.

    Args:
        folder: An existing folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.missing: list[Missing] = []
        self.bytes_written = 0

    def miss(self, what: str, reason: str) -> None:
        """Say that a product could not be made; one of an earlier run does not stay in its place.

        A lens stays: it may be the owner's own.
        """
        if Path(what).suffix and what != "lens.json":
            self.remove(what)
        self.missing.append(Missing(what=what, reason=reason))

    def lens(self, lens: Lens) -> None:
        """Write lens.json."""
        self.bytes_written += write_lens(self._folder / "lens.json", lens)

    def planes(
        self, name: str, planes: Float32Array | PlaneRows, stacks: Stacks, *, timed: bool
    ) -> None:
        """Write linear planes (3, h, w) as FITS, whole or a few rows at a time."""
        cards: dict[str, tuple[CardValue, str]] = {
            "NFRAMES": (stacks.frame_count, "frames that went in"),
            "REJFRAC": (stacks.reject_fraction, "part of all samples rejected"),
        }
        if timed:
            reference = format_fits(stacks.reference_utc)
            cards["DATE-REF"] = (reference, "UTC to which the stars are registered")
        self.bytes_written += write_product(self._folder / name, planes, cards)

    def file(self, name: str, content: bytes) -> None:
        """Write a file."""
        self.bytes_written += write_atomic(self._folder / name, content)

    def stream(self, name: str, chunks: Iterable[bytes | memoryview]) -> None:
        """Write a file piece by piece."""
        self.bytes_written += write_stream(self._folder / name, chunks)

    def smaller_pictures(self, picture: UInt8Array, *, metadata: PictureMetadata) -> None:
        """Write the editions of a picture, uint8 (h, w, 3), that pages show; none is larger."""
        held = picture
        for name, width_px in SMALLER_PX.items():
            held = smaller_picture(held, width_px)
            self.file(name, jpeg_from_8bit(held, metadata=metadata, quality=_SMALLER_QUALITY))

    def text(self, name: str, text: str) -> None:
        """Write a text with a newline at its end."""
        self.file(name, text.encode() + b"\n")

    def document(self, name: str, document: dict[str, Any]) -> None:
        """Write a JSON document."""
        self.bytes_written += write_json(self._folder / name, document)

    def remove(self, name: str) -> None:
        """Remove a file of an earlier run that does not hold any more."""
        (self._folder / name).unlink(missing_ok=True)
