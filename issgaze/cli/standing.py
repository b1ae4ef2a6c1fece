"""What the long-running programs go by while the configuration file is wrong."""

import argparse
from pathlib import Path

from issgaze.archive.layout import Archive
from issgaze.config import SYSTEM_ARCHIVE, find_configuration
from issgaze.service.standing import LAST_GOOD_FILE, Standing, standing_settings


def configuration_file(arguments: argparse.Namespace) -> Path | None:
    """Return the configuration file that the command line, or the usual places, name."""
    return find_configuration(arguments.config)


def standing_settings_of(arguments: argparse.Namespace) -> Standing:
    """Return the settings that hold: the file's, or the last good ones of the archive.

    Raises:
        ConfigurationError: The file is wrong and nothing better is known.
    """
    return standing_settings(configuration_file(arguments), _kept_in(arguments))


def standing_archive(arguments: argparse.Namespace) -> Archive:
    """Return the archive that --archive, or the settings that hold, name.

    Raises:
        ConfigurationError: The file is wrong and nothing better is known.
    """
    root = arguments.archive or standing_settings_of(arguments).settings.archive_path()
    return Archive(Path(root).absolute())


def _kept_in(arguments: argparse.Namespace) -> Path | None:
    """Return the folder of the last good copy: it must be found without the configuration."""
    if arguments.archive:
        return Path(arguments.archive)
    return SYSTEM_ARCHIVE if (SYSTEM_ARCHIVE / LAST_GOOD_FILE).is_file() else None
