"""The personal horizon on disk: the evidence, a picture that can be edited, and the line.

`horizon.npz` is what the passes have shown, `horizon.png` the same as a picture (white where the
sky is, one pixel for 4x4 of the mosaic). An owner's own picture, `horizon-owner.png`, wins over it
and is never written by the program. `horizon.json` is the line, altitude against azimuth.
"""

import io
import json
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from issgaze.archive.atomic import write_atomic
from issgaze.archive.jsonfile import write_json
from issgaze.arrays import Float32Array
from issgaze.errors import ArchiveError
from issgaze.optics.lens import Lens
from issgaze.picture.horizonmap import HorizonMap
from issgaze.sky.horizon import HorizonMask


@dataclass(frozen=True, slots=True)
class HorizonStore:
    """The horizon in the calibration folder of an archive.

    Attributes:
        folder: The folder.
    """

    folder: Path

    @property
    def picture_file(self) -> Path:
        """The learnt horizon as a picture."""
        return self.folder / "horizon.png"

    @property
    def owner_file(self) -> Path:
        """The owner's edition of it."""
        return self.folder / "horizon-owner.png"

    def load(self, width_px: int, height_px: int) -> HorizonMap:
        """Return what is known, empty for a new camera or when the file cannot be read.

        Args:
            width_px: Of the raw mosaic.
            height_px: Of the raw mosaic.
        """
        empty = HorizonMap.empty(width_px, height_px)
        try:
            packed = io.BytesIO((self.folder / "horizon.npz").read_bytes())
            with np.load(packed, allow_pickle=False) as held:
                arrays = {
                    name: held[name].astype(np.float32) for name in ("sky", "expected", "seen")
                }
                passes = float(held["passes"])
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error):
            return empty
        if any(array.shape != empty.sky.shape for array in arrays.values()):
            return empty
        return HorizonMap(passes=passes, **arrays)

    def save(self, horizon: HorizonMap, lens: Lens) -> None:
        """Write evidence, picture and line.

        Raises:
            ArchiveError: The disk refuses them, or the owner's picture is of another size.
        """
        packed = io.BytesIO()
        np.savez_compressed(
            packed,
            sky=horizon.sky.astype(np.float16),
            expected=horizon.expected.astype(np.float16),
            seen=horizon.seen.astype(np.float16),
            passes=np.float64(horizon.passes),
        )
        write_atomic(self.folder / "horizon.npz", packed.getvalue())
        write_atomic(self.picture_file, _png(horizon.share()))
        own = self.owner(horizon.sky.shape)
        line = (horizon if own is None else horizon.drawn(own)).line(lens)
        write_json(
            self.folder / "horizon.json",
            {"azimuth_deg": list(line.azimuth_deg), "altitude_deg": list(line.altitude_deg)},
        )

    def owner(self, shape: tuple[int, ...]) -> Float32Array | None:
        """Return the owner's picture as shares of sky, None when there is none.

        Raises:
            ArchiveError: It cannot be read or has another size.
        """
        try:
            # the observer reads the line alone, and stays small without it
            from PIL import Image

            with Image.open(self.owner_file) as picture:
                grey = np.asarray(picture.convert("L"), dtype=np.float32) / np.float32(255.0)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ArchiveError(
                f"{self.owner_file}: not a picture that can be read",
                remedy=f"Copy {self.picture_file.name} over it and paint anew, or remove it.",
            ) from error
        if grey.shape != shape:
            raise ArchiveError(
                f"{self.owner_file}: {grey.shape[1]}x{grey.shape[0]} px, "
                f"{shape[1]}x{shape[0]} are needed",
                remedy=f"Paint on a copy of {self.picture_file.name}: white is sky, black is not.",
            )
        return grey

    def line(self) -> HorizonMask | None:
        """Return altitude against azimuth, None when nothing is known yet."""
        try:
            document = json.loads((self.folder / "horizon.json").read_text(encoding="utf-8"))
            return HorizonMask(
                azimuth_deg=tuple(float(each) for each in document["azimuth_deg"]),
                altitude_deg=tuple(float(each) for each in document["altitude_deg"]),
            )
        except (OSError, ValueError, KeyError, TypeError):
            return None


def _png(share: Float32Array) -> bytes:
    packed = io.BytesIO()
    grey = np.round(np.clip(share, 0.0, 1.0) * 255.0).astype(np.uint8)
    from PIL import Image

    Image.fromarray(grey).save(packed, format="PNG")
    return packed.getvalue()
