"""The --archive option and the archive that it, or the configuration, names."""

import argparse
from pathlib import Path

from issgaze.archive.layout import Archive
from issgaze.cli.arguments import settings
from issgaze.errors import ArchiveError


def add_archive(parser: argparse.ArgumentParser) -> None:
    """Add --archive."""
    parser.add_argument(
        "--archive", metavar="DIR", type=Path, help="folder of the archive (default: configured)"
    )


def archive_of(arguments: argparse.Namespace) -> Archive:
    """Return the archive to work on; it need not exist yet.

    Raises:
        ConfigurationError: The configuration is wrong.
    """
    root = arguments.archive or settings(arguments).archive_path()
    return Archive(Path(root).absolute())


def require_named_folder(arguments: argparse.Namespace) -> None:
    """See that the folder named by --archive, if one was, is there.

    Raises:
        ArchiveError: It is not.
    """
    if arguments.archive and not Path(arguments.archive).is_dir():
        raise ArchiveError(
            f"{Path(arguments.archive).absolute()}: no such folder",
            remedy="Give the folder of an archive with --archive, or leave it out.",
        )
