"""What the observer is given, and why it ends."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from issgaze.archive.layout import Archive
from issgaze.config import Settings
from issgaze.service.desk import Handler
from issgaze.service.devices import Devices

# why the observer ends: it was told to, to begin anew with other settings, or as another version
Ending = Literal["stopped", "reload", "replaced"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ObserverParts:
    """What the observer works with.

    Attributes:
        stop: Becomes true when the program shall end; asked in every wait and after every frame.
        watched: True when a unit starts the program again after it has ended.
        replaced: Becomes true when another version of the program is installed.
        check_settings: Raises what is wrong with the configuration file as it is now; None where
            nobody may change it.
        complaint: What is wrong with the file while the last good settings hold.
        handlers: What else is done on request, by kind.
    """

    archive: Archive
    settings: Settings
    devices: Devices
    stop: Callable[[], bool]
    log: Callable[[str], None]
    watched: bool = False
    replaced: Callable[[], bool] = lambda: False
    check_settings: Callable[[], None] | None = None
    complaint: str = ""
    handlers: Mapping[str, Handler] = field(default_factory=dict)
