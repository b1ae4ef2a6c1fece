"""A Debian root, booted in a container: how `trial.py` gets at it."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

_MIRROR = os.environ.get("MIRROR", "http://deb.debian.org/debian")
_INCLUDE = "systemd,systemd-sysv,dbus,libpam-systemd,udev,ca-certificates,sudo,man-db,iproute2"
_BOOT_S = 60.0
_ENVIRONMENT = (
    "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME=/root",
    "DEBIAN_FRONTEND=noninteractive",
    "LC_ALL=C.UTF-8",
)


class Container:
    """One machine, from a root that is made once for each Debian release.

    Args:
        suite: The release.
        roots: Where roots are kept.
    """

    def __init__(self, suite: str, roots: Path) -> None:
        self.suite = suite
        self._fresh = roots / f"{suite}.fresh"
        self.root = roots / suite
        self._nspawn: subprocess.Popen[bytes] | None = None
        self._leader = 0

    def prepare(self, package: Path) -> None:
        """Make a fresh root whose apt has everything that the package needs at hand."""
        if not self._fresh.is_dir():
            making = self._fresh.with_suffix(".making")
            shutil.rmtree(making, ignore_errors=True)
            run("debootstrap", "--variant=minbase", f"--include={_INCLUDE}", self.suite,
                str(making), _MIRROR)  # fmt: skip
            making.rename(self._fresh)
        if self.root.exists():
            shutil.rmtree(self.root)
        run("cp", "-a", "--reflink=auto", str(self._fresh), str(self.root))
        self.put(package)
        self._outside("apt-get", "update", "-q")
        self._outside("apt-get", "install", "-qy", "--no-install-recommends", "--download-only",
                      f"/root/{package.name}")  # fmt: skip
        # the next time nothing is downloaded again
        cached = self.root / "var/cache/apt/archives"
        run("cp", "-au", f"{cached}/.", f"{self._fresh}/var/cache/apt/archives/")

    def put(self, file: Path) -> None:
        """Copy a file into /root."""
        shutil.copy(file, self.root / "root" / file.name)

    def _outside(self, *words: str) -> None:
        """Run a command in the root before it is booted, with the network of the host."""
        run("systemd-nspawn", "-q", "-D", str(self.root), "--register=no", "--keep-unit",
            "--resolv-conf=copy-host", "--pipe", *words)  # fmt: skip

    def boot(self) -> None:
        """Start the machine and wait until systemd says that it is up."""
        command = ["systemd-nspawn", "-q", "-D", str(self.root), "--register=no", "--keep-unit",
                   "--boot", "--private-network", "--console=pipe",
                   # what nspawn refuses but a board allows: asking how good the clock is, and
                   # the filters that keep units from devices and addresses
                   "--system-call-filter=@clock bpf",
                   "--capability=CAP_BPF,CAP_PERFMON"]  # fmt: skip
        # as on a board, whatever the host has: devices and addresses are filtered through it
        environment = {**os.environ, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"}
        self._nspawn = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True, env=environment,
        )  # fmt: skip
        end_s = time.monotonic() + _BOOT_S
        while time.monotonic() < end_s:
            self._leader = _child_of(self._nspawn.pid)
            if self._leader and self.sh("systemctl is-system-running", check=False) in {
                "running",
                "degraded",
            }:
                # there is nobody, but the way there must not be what stops a packet
                self.sh("ip link set lo up; ip route add 192.0.2.0/24 dev lo")
                return
            time.sleep(0.5)
        raise RuntimeError(f"{self.suite} did not boot within {_BOOT_S:.0f} s")

    def sh(self, command: str, *, check: bool = True, timeout_s: float = 600.0) -> str:
        """Run a shell command as root in the machine; return what it prints."""
        enter = ["nsenter", "-t", str(self._leader), "-m", "-u", "-i", "-n", "-p", "-r", "-w"]
        words = [*enter, "/usr/bin/env", "-i", *_ENVIRONMENT, "sh", "-c", command]
        done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=timeout_s)
        if check and done.returncode:
            raise RuntimeError(f"{command}: status {done.returncode}\n{done.stdout}{done.stderr}")
        return (done.stdout + ("" if check else done.stderr)).strip()

    def off(self) -> None:
        """Switch it off."""
        if self._nspawn is None:
            return
        self._nspawn.send_signal(signal.SIGTERM)
        try:
            self._nspawn.wait(40)
        except subprocess.TimeoutExpired:
            self._nspawn.kill()
            self._nspawn.wait()


def run(*words: str) -> None:
    """Run a command on the host; what it says is shown when it fails."""
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)}\n{done.stdout[-3000:]}{done.stderr[-3000:]}")


def _child_of(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return 0
    return int(text.split()[0]) if text.split() else 0
