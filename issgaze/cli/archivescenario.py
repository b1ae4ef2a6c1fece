"""Which scenario a simulated archive is of: one night does not go on in another."""

import argparse
from pathlib import Path

from issgaze.archive.atomic import write_atomic
from issgaze.archive.layout import Archive
from issgaze.errors import ScenarioError

_KEPT_FILE = "simulated-scenario.txt"
_DEFAULT = "clear"


def scenario_named(arguments: argparse.Namespace, archive: Archive) -> str:
    """Return the scenario that was asked for, else the archive's own, else the default.

    Raises:
        ScenarioError: The archive is of another, and no --from says that this one shall go on.
    """
    kept = _kept(archive)
    if arguments.scenario is None:
        return kept or _DEFAULT
    named = _whole(arguments.scenario)
    if kept and named != kept and arguments.start is None:
        raise ScenarioError(
            f"{archive.root} is of scenario {kept}, this run is of {named}: its clock would go on "
            "in the old night",
            remedy="Give another folder with --archive; or, to go on in this one under the new "
            "sky, --from UTC.",
        )
    return named


def keep_scenario(archive: Archive, named: str) -> None:
    """Keep what `scenario_named` returned.

    Raises:
        ArchiveError: The disk refuses it.
    """
    write_atomic(archive.root / _KEPT_FILE, f"{named}\n".encode())


def _kept(archive: Archive) -> str:
    try:
        return (archive.root / _KEPT_FILE).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _whole(name_or_path: str) -> str:
    """Return a name as it is, and the path of a file from the root on."""
    path = Path(name_or_path)
    return str(path.absolute()) if path.suffix == ".toml" and path.is_file() else name_or_path
