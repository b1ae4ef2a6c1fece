"""A frame of the sky between passes, handed on from observe to develop.

<run>/looks/look.fits, look.json    in memory on a device; one at a time, taken away once read

look.json comes last and goes first: while it is there, the frame is whole.
"""

import contextlib
import json
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from issgaze.archive.atomic import write_atomic
from issgaze.archive.fits import read_raw, write_raw
from issgaze.errors import ArchiveError, LensError
from issgaze.imaging.frame import Frame
from issgaze.optics.lens import Lens
from issgaze.sky.site import Site

_FOLDER, _FRAME, _FACTS = "looks", "look.fits", "look.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A frame of the sky.

    Attributes:
        frame: With its true time.
        site: Where the camera stands.
        lens: As it was known when the frame was taken, None before the first solution.
    """

    frame: Frame
    site: Site
    lens: Lens | None


@dataclass(frozen=True, slots=True)
class LookFile:
    """The look that waits to be read, in a run folder.

    Attributes:
        run: The run folder.
    """

    run: Path

    @property
    def _folder(self) -> Path:
        return self.run / _FOLDER

    @property
    def waits(self) -> bool:
        """Whether there is one."""
        return (self._folder / _FACTS).exists()

    def leave(self, look: Look) -> None:
        """Hand a look on; one that was not read yet gives way.

        Raises:
            ArchiveError: The run folder refuses it.
        """
        self.forget()
        site = look.site
        words = {
            "site": [site.latitude_deg, site.longitude_deg, site.height_m],
            "lens": look.lens.to_document() if look.lens else None,
        }
        write_raw(self._folder / _FRAME, look.frame, site=None, durable=False)
        write_atomic(self._folder / _FACTS, json.dumps(words).encode() + b"\n", durable=False)

    @contextlib.contextmanager
    def taken(self) -> Generator[Look]:
        """Read the look, and take it away whatever becomes of it.

        Raises:
            ArchiveError: There is none, or not one that can be read.
            FrameError: Its frame is none.
        """
        try:
            yield self._read()
        finally:
            self.forget()

    def _read(self) -> Look:
        try:
            words: Any = json.loads((self._folder / _FACTS).read_bytes())
            latitude_deg, longitude_deg, height_m = (float(each) for each in words["site"])
            lens = Lens.from_document(words["lens"]) if words["lens"] else None
        except (OSError, ValueError, KeyError, TypeError, LensError) as error:
            raise ArchiveError(
                f"{self._folder / _FACTS}: no look at the sky: {error}",
                remedy="Nothing to do; the next one comes within an hour of a clear night.",
            ) from error
        site = Site(latitude_deg=latitude_deg, longitude_deg=longitude_deg, height_m=height_m)
        return Look(frame=read_raw(self._folder / _FRAME), site=site, lens=lens)

    def forget(self) -> None:
        """Take it away."""
        with contextlib.suppress(OSError):
            (self._folder / _FACTS).unlink(missing_ok=True)
            (self._folder / _FRAME).unlink(missing_ok=True)
