"""Where everything lies inside an archive."""

import json
import shlex
from dataclasses import dataclass
from pathlib import Path

from issgaze.archive.atomic import disk_error, write_atomic
from issgaze.errors import ArchiveError

_SERVICE_RUN = Path("/run/issgaze")
_SERVICE_ARCHIVE = Path("/var/lib/issgaze")
# what the programs write before observe claims the archive, and the owner's configuration
_OWN_NAMES = {
    "elements", "calibration", "run", "web-token", "issgaze.last-good.toml", "issgaze.toml"
}  # fmt: skip
# what is on a disk as it comes, beside hidden files
_DISK_NAMES = {"lost+found", "System Volume Information", "$RECYCLE.BIN"}


@dataclass(frozen=True, slots=True)
class Archive:
    """An archive folder and the names in it."""

    root: Path

    @property
    def passes(self) -> Path:
        """Pass folders, by UTC date."""
        return self.root / "passes"

    @property
    def elements(self) -> Path:
        """Element sets and their history."""
        return self.root / "elements"

    @property
    def calibration(self) -> Path:
        """The lens and its history, darks, the horizon."""
        return self.root / "calibration"

    @property
    def wear(self) -> Path:
        """What each night took: bytes written, heat, voltage."""
        return self.root / "wear"

    @property
    def ledger(self) -> Path:
        """The ledger's journal."""
        return self.root / "ledger.jsonl"

    @property
    def predictions(self) -> Path:
        """The passes of the coming days with their verdicts, as last computed by observe."""
        return self.root / "predictions.json"

    @property
    def guest_predictions(self) -> Path:
        """The same for the rounded site, rounded, for whoever comes without the token."""
        return self.root / "predictions-guest.json"

    @property
    def chart(self) -> Path:
        """The sky chart of the next pass that will be shot, with its id."""
        return self.root / "chart.json"

    @property
    def guest_chart(self) -> Path:
        """The same for the rounded site, times to the minute."""
        return self.root / "chart-guest.json"

    @property
    def nights(self) -> Path:
        """What was seen of each night's sky, a line each look, by its evening."""
        return self.root / "nights"

    @property
    def blind(self) -> Path:
        """Frames of nights on which the device did not know the time."""
        return self.root / "blind"

    @property
    def run(self) -> Path:
        """What holds for this moment only: status, requests, answers."""
        return _SERVICE_RUN if self.root == _SERVICE_ARCHIVE else self.root / "run"

    @property
    def kind_file(self) -> Path:
        """Says whether the archive is real or simulated."""
        return self.root / "archive.json"

    def is_archive(self) -> bool:
        """Return whether anything there shows that the folder is an archive."""
        return any(path.exists() for path in (self.kind_file, self.ledger, self.passes))

    def claim(self, *, simulated: bool, beside_others: bool = False) -> None:
        """Make the archive, or see that it is of the right kind: never both in one.

        An archive that holds nothing yet, as a start that failed leaves it, takes either kind.

        Args:
            simulated: Which kind is meant.
            beside_others: Make it even in a folder that holds other things: no service may be
                stopped by what lies in its folder.

        Raises:
            ArchiveError: It belongs to the other world, the folder holds other things and is no
                archive, or the disk refuses it.
        """
        kind = "simulated" if simulated else "real"
        try:
            held = json.loads(self.kind_file.read_text())["kind"]
        except FileNotFoundError:
            if not beside_others:
                self._require_own()
            self._mark(kind)
            return
        except OSError as error:
            raise disk_error(self.kind_file, error) from error
        except (ValueError, KeyError, TypeError) as error:
            raise ArchiveError(
                f"{self.kind_file}: cannot be read",
                remedy='Put {"kind": "real"} or {"kind": "simulated"} into it.',
            ) from error
        if held != kind and self._holds_nothing():
            self._mark(kind)
        elif held != kind:
            raise ArchiveError(
                f"{self.root} is a {held} archive, this run is {kind}",
                remedy="Give another folder with --archive, or [archive] path in issgaze.toml.",
            )

    def _require_own(self) -> None:
        """Refuse a folder that is somebody's, such as a home or a checkout, and no archive."""
        if self.is_archive() or not self.root.is_dir():
            return
        try:
            names = sorted(path.name for path in self.root.iterdir())
        except OSError as error:
            raise disk_error(self.root, error) from error
        others = [name for name in names if name[0] != "." and name not in _OWN_NAMES | _DISK_NAMES]
        if others:
            more = f" and {len(others) - 1} more" if len(others) > 1 else ""
            raise ArchiveError(
                f"{self.root} is no archive and holds other things: {others[0]}{more}",
                remedy="Give a folder of its own, which is made if it is new: --archive "
                f"{shlex.quote(str(self.root / 'issgaze'))}",
            )

    def _mark(self, kind: str) -> None:
        document = json.dumps({"format": "issgaze-archive", "version": 1, "kind": kind})
        write_atomic(self.kind_file, document.encode() + b"\n")

    def _holds_nothing(self) -> bool:
        """Return whether nothing is there but what a start makes before it can fail."""
        try:
            return {path.name for path in self.root.iterdir()} <= {self.kind_file.name, ".lock"}
        except OSError as error:
            raise disk_error(self.root, error) from error
