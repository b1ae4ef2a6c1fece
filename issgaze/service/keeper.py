"""What a killed develop goes on from: the digest and the records of its frames, in one file."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from issgaze.archive.checkpointfile import read_checkpoint, remove_checkpoint, write_checkpoint
from issgaze.errors import ArchiveError, FrameError
from issgaze.service.series import FrameRecord, SoFar
from issgaze.stacking.checkpoint import Checkpoint
from issgaze.stacking.digest import Digest

CHECKPOINT_FILE = "digest.checkpoint"
# a checkpoint is written when this many times its cost would be lost without it: at most a fifth
# of the time of digesting goes there
WORTH = 4.0
# of an SD card, until the first checkpoint has shown what the disk can do
_DISK_BYTES_PER_S = 20e6

# makes a digest go on from a checkpoint, given the name of the first frame that could be read
Resume = Callable[[str, Checkpoint], Digest]


class Keeper:
    """Writes checkpoints where they are worth their cost.

    Args:
        path: Of the file, None to keep nothing.
        worth: How many times the cost of a checkpoint may be lost; 0 writes one for each frame.
        log: Told in words why a checkpoint is of no use.
    """

    def __init__(
        self, path: Path | None, *, worth: float = WORTH, log: Callable[[str], None]
    ) -> None:
        self._path = path
        self._worth = worth
        self._log = log
        self._bytes_per_s = _DISK_BYTES_PER_S
        self._spent_s = 0.0
        self._read_bytes = 0

    def go_on(self, resume: Resume) -> SoFar:
        """Return what was digested before; nothing where there is no checkpoint or it is no use."""
        if self._path is None:
            return SoFar()
        try:
            saved = read_checkpoint(self._path)
            if saved is None:
                return SoFar()
            records = [FrameRecord.from_document(record) for record in saved.document["records"]]
            first = next(record.file for record in records if record.info is not None)
            return SoFar(digest=resume(first, saved), records=records)
        except (ArchiveError, FrameError) as error:
            self._log(f"frames are digested from the start: {error.message}")
        except (KeyError, TypeError, ValueError, StopIteration):
            self._log(f"frames are digested from the start: {self._path} is of another version")
        remove_checkpoint(self._path)
        return SoFar()

    def after(
        self, digest: Digest, records: Sequence[FrameRecord], *, seconds: float, nbytes: int
    ) -> None:
        """Write a checkpoint if it is worth it, after a frame that took some time and room."""
        self._spent_s += seconds
        self._read_bytes += nbytes
        # what would be lost must be read again as well
        lost_s = self._spent_s + self._read_bytes / self._bytes_per_s
        if self._path is not None and lost_s >= self._worth * digest.nbytes / self._bytes_per_s:
            self.save(digest, records)

    def save(self, digest: Digest | None, records: Sequence[FrameRecord]) -> None:
        """Write a checkpoint, if the disk allows: without one nothing is lost but time."""
        if self._path is None or digest is None:
            return
        saved = digest.checkpoint()
        document = {**saved.document, "records": [record.kept() for record in records]}
        began = time.monotonic()
        try:
            size = write_checkpoint(self._path, Checkpoint(document=document, arrays=saved.arrays))
        except ArchiveError as error:
            self._log(f"no checkpoint: {error.message}")
        else:
            self._bytes_per_s = size / max(time.monotonic() - began, 1e-3)
        self._spent_s, self._read_bytes = 0.0, 0

    def forget(self) -> None:
        """Remove the checkpoint: the products are there."""
        if self._path is not None:
            remove_checkpoint(self._path)
