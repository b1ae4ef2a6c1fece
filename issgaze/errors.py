"""Everything that can go wrong and be put right by its owner.

Each error says what happened, with the value and the limit it broke, and carries a remedy in the
owner's words. They are caught at three places only: at the edge of an adapter, at the boundary of
one pass, and in the main function.

    IssgazeError
    ├── UsageError            (also ValueError)    the command line asks for something impossible
    ├── ConfigurationError    (also ValueError)    issgaze.toml, or what it points to
    ├── TimeError             (also ValueError)    an instant or zone that cannot be read
    ├── ElementError          (also ValueError)    an element set that is broken, foreign or too old
    ├── PropagationError      (also ValueError)    SGP4 refuses an element set at an instant
    ├── FrameError            (also ValueError)    an image that cannot be read or does not fit
    ├── LensError             (also ValueError)    a lens file that is broken or does not fit
    ├── ScenarioError         (also ValueError)    a scenario of the simulator that makes no sense
    ├── ArchiveError          (also OSError)       the archive cannot be read or written
    │   └── LockedError                            somebody else is at work on it
    ├── DeviceError           (also OSError)       hardware that is missing or misbehaves
    │   └── CameraError                            the camera, in particular
    └── FetchError            (also OSError)       no usable reply from an element source
"""

import errno

_FORBIDDEN = (
    "Run it with sudo, or as a member of the group issgaze: set-up adds you to it, from the next "
    "login on."
)
_NAMES = {errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ENAMETOOLONG, errno.ELOOP}


def remedy_for(error: OSError) -> str:
    """Return what to do when the system refuses a file: no fault of the disk in every case."""
    if error.errno in {errno.EACCES, errno.EPERM}:
        return _FORBIDDEN
    if error.errno in _NAMES:
        return "Check the name: a part of it is missing, or is a file where a folder should be."
    return "Check the disk: `df -h` for room, `ls -ld` for permissions, `dmesg` for faults."


class IssgazeError(Exception):
    """An error that its owner can put right.

    Args:
        message: What happened, with the offending value and the limit.
        remedy: What to do about it, in one sentence.
    """

    def __init__(self, message: str, *, remedy: str) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


class UsageError(IssgazeError, ValueError):
    """The command line asks for something impossible."""


class ConfigurationError(IssgazeError, ValueError):
    """The configuration, or a file it points to, is wrong."""


class TimeError(IssgazeError, ValueError):
    """An instant cannot be read, or a time zone does not exist."""


class ElementError(IssgazeError, ValueError):
    """An element set is broken, foreign or too old."""


class PropagationError(IssgazeError, ValueError):
    """SGP4 refuses an element set at an instant."""


class FrameError(IssgazeError, ValueError):
    """An image cannot be read or does not fit the others."""


class LensError(IssgazeError, ValueError):
    """A lens file is broken or does not fit the picture."""


class ScenarioError(IssgazeError, ValueError):
    """A scenario of the simulator makes no sense."""


class ArchiveError(IssgazeError, OSError):
    """The archive cannot be read or written."""


class LockedError(ArchiveError):
    """Somebody else is at work on it."""


class DeviceError(IssgazeError, OSError):
    """Hardware is missing or misbehaves."""


class CameraError(DeviceError):
    """The camera is missing or misbehaves."""


class FetchError(IssgazeError, OSError):
    """No usable reply came from an element source.

    Args:
        message: What happened.
        remedy: What to do about it.
        status: The HTTP status of the reply, None when there was none.
    """

    def __init__(self, message: str, *, remedy: str, status: int | None = None) -> None:
        super().__init__(message, remedy=remedy)
        self.status = status
