"""The units that set-up starts, where the package has brought them and the owner is root."""

import os
import shutil
import subprocess
from pathlib import Path

_UNIT = Path("/usr/lib/systemd/system/issgaze-observe.service")
_GNSS = Path("/dev/issgaze-gnss")
_GROUP = "issgaze"


def units_are_here() -> bool:
    """Return whether this machine runs issgaze as units of systemd."""
    return _UNIT.is_file() and Path("/run/systemd/system").is_dir()


def add_login_user() -> list[str]:
    """Let whoever called sudo see the archive and change settings; return what was done."""
    user = os.environ.get("SUDO_USER")
    if os.geteuid() != 0 or not user or user == "root":
        return []
    if _run("usermod", "-aG", _GROUP, user):
        return [f"{user} belongs to the group {_GROUP} from the next login."]
    return [f"{user} could not be added to the group: `sudo usermod -aG {_GROUP} {user}`."]


def start_units(*, page: bool | None) -> list[str]:
    """Start the programs, or say how; return what was done.

    Args:
        page: Whether the page shall be shown; None leaves it as it is.
    """
    wanted = ["issgaze-observe.service", "issgaze-develop.service", "issgaze-fetch.timer"]
    if page:
        wanted.append("issgaze-web.service")
    if _GNSS.exists():
        wanted.append("issgaze-gnss.service")
    if os.geteuid() != 0:
        return [f"Start it: `sudo systemctl enable --now {' '.join(wanted)}`."]
    said = [
        f"{unit} does not start: `journalctl -u {unit}` says why."
        for unit in wanted
        if not _run("systemctl", "enable", "--now", unit)
    ]
    if page is False:
        _run("systemctl", "disable", "--now", "issgaze-web.service")
    # the first element set, as soon as there is a network
    _run("systemctl", "start", "--no-block", "issgaze-fetch.service")
    return said or ["The programs run, and start with the board."]


def _run(*command: str) -> bool:
    program = shutil.which(command[0])
    if program is None:
        return False
    done = subprocess.run([program, *command[1:]], capture_output=True, check=False)
    return done.returncode == 0
