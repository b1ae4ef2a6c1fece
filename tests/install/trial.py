"""`make test-install`: what an owner does, on fresh Debian machines. See README.md beside it.

Usage: trial.py SUITE...
"""

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.install.container import Container

_ROOT = Path(__file__).parents[2]
_ANSWERS = """\
[site]
city = "Wien"
name = "Trial"
latitude_deg = 48.2082
longitude_deg = 16.3738
height_m = 190.0

[camera]
adapter = "folder"
folder = "/var/lib/issgaze/incoming"
sensor = "imx462"
mode = "binned"
"""
# what each program may do of forbidden.TRIES; everything else must fail
_ALWAYS = {"read the configuration", "read the ledger"}
_MAY = {
    "observe": _ALWAYS
    | {
        "write the archive",
        "write the ledger",
        "write passes",
        "write elements",
        "write calibration",
        "write the status",
        "drop a request",
        "give an answer",
        "read the clock's quality",
    },
    "develop": _ALWAYS | {"write passes", "write calibration", "drop a request", "give an answer"},
    "web": _ALWAYS | {"drop a request", "connect to the page"},
    "fetch": _ALWAYS | {"write elements", "connect to the page", "send to the internet"},
    "gnss": _ALWAYS
    | {"write the status", "drop a request", "give an answer", "connect to the page"},
}
_PAGE = (
    "python3 -c \"import urllib.request as u; r = u.urlopen('http://127.0.0.1:8080{path}', "
    'timeout=5); print(r.status, r.read().decode())"'
)


class Trial:
    """The trial of one release; every step prints a line, the first failure ends it."""

    def __init__(self, machine: Container, old: Path, new: Path) -> None:
        self._machine = machine
        self._old = old
        self._new = new
        self._sh = machine.sh

    def run(self) -> None:
        """Go through all steps."""
        names = sys.argv[2:]
        steps = (
            self.install,
            self.configure,
            self.page,
            self.changes,
            self.forbidden,
            self.watchdog,
            self.crash,
            self.reboot,
            self.wrong_configuration,
            self.upgrade,
            self.rollback,
            self.upgrade_during_a_pass,
            self.remove,
            self.purge,
        )
        for step in steps:
            if names and step.__name__ not in names:
                continue
            began = time.monotonic()
            said = step()
            name = step.__name__.replace("_", " ")
            self._say(f"{name}: {said} ({time.monotonic() - began:.0f} s)")

    def _say(self, text: str) -> None:
        sys.stdout.write(f"{self._machine.suite}: {text}\n")
        sys.stdout.flush()

    def install(self) -> str:
        """apt install, with nothing but apt; what can start has started."""
        said = self._sh(f"apt-get install -qy --no-install-recommends /root/{self._old.name} 2>&1")
        assert "Next: sudo issgaze setup" in said, said
        versions = self._sh(
            "dpkg-query -W -f='${Package} ${Version}, ' python3 python3-numpy python3-sgp4 "
            "python3-av python3-bottle python3-waitress python3-tomlkit python3-pil"
        )
        self._states(develop="active", web="active", observe="inactive")
        assert self._sh("systemctl is-active issgaze-fetch.timer") == "active"
        assert self._sh("systemctl is-enabled issgaze-gnss", check=False) == "disabled"
        for name in ("observe", "develop", "web", "fetch", "gnss"):
            assert "issgaze" in self._sh(f"id -nG issgaze-{name}").split()
        modes = self._sh("stat -c '%a %U %G' /var/lib/issgaze /run/issgaze /run/issgaze/requests")
        assert modes.splitlines() == ["2770 issgaze-observe issgaze"] * 3, modes
        assert self._sh("ls /usr/share/issgaze/firmware/main.py")
        return versions.rstrip(", ")

    def _states(self, **wanted: str) -> None:
        for name, state in wanted.items():
            found = self._sh(f"systemctl is-active issgaze-{name}", check=False)
            if found != state:
                log = self._sh(f"journalctl -u issgaze-{name} -n 40 --no-pager", check=False)
                raise AssertionError(f"issgaze-{name} is {found}, not {state}\n{log}")

    def _await(self, what: str, ready: Callable[[], bool], *, limit_s: float) -> float:
        began = time.monotonic()
        while time.monotonic() - began < limit_s:
            if ready():
                return time.monotonic() - began
            time.sleep(0.5)
        log = self._sh("journalctl -n 60 --no-pager", check=False)
        raise AssertionError(f"{what}: not within {limit_s:.0f} s\n{log}")

    def _status(self) -> dict[str, Any]:
        text = self._sh("cat /run/issgaze/status.json", check=False)
        try:
            found: dict[str, Any] = json.loads(text)
        except ValueError:
            return {}
        return found

    def _show(self, name: str, value: str) -> str:
        return self._sh(f"systemctl show -P {value} issgaze-{name}")

    def configure(self) -> str:
        """A configuration, an element set, and observe runs."""
        (self._machine.root / "root/answers.toml").write_text(_ANSWERS)
        self._sh("install -d -m 2770 -o issgaze-observe -g issgaze /var/lib/issgaze/incoming")
        self._sh("useradd -m owner; SUDO_USER=owner issgaze setup --answers /root/answers.toml")
        assert "issgaze" in self._sh("id -nG owner").split()
        held = self._sh("stat -c '%G %a' /etc/issgaze/issgaze.toml /var/lib/issgaze/web-token")
        assert held.splitlines() == ["issgaze 660"] * 2, held
        # the owner, no root, may change settings and ask
        self._sh("su owner -c 'issgaze config set site.name Attic && issgaze status && "
                 "issgaze doctor --json' || true")  # fmt: skip
        assert "Attic" in self._sh("issgaze config get site.name")
        data = "/usr/lib/python3/dist-packages/issgaze/data/iss_omm.json"
        self._sh(f"issgaze elements import {data}")
        self._states(observe="active", develop="active", web="active")
        # what root has made here must not shut the programs out
        shut = self._sh("find /var/lib/issgaze /run/issgaze -not -perm -g+w")
        assert not shut, shut
        took = self._await("a status", lambda: bool(self._status()), limit_s=20)
        assert self._status()["state"] in {"waiting", "starting"}
        owner = self._sh("stat -c '%U %G %a' /var/lib/issgaze/issgaze.last-good.toml")
        assert owner == "issgaze-observe issgaze 660", owner
        memory = ", ".join(
            f"{name} {int(self._show(name, 'MemoryCurrent') or 0) / 1e6:.0f} MB"
            for name in ("observe", "develop", "web")
            if self._show(name, "MemoryCurrent").isdigit()
        )
        return f"status after {took:.1f} s; {memory or 'memory is not counted here'}"

    def page(self) -> str:
        """The page answers, and says what observe does."""
        self._await("the page", self._page_answers, limit_s=15)
        text = self._sh(_PAGE.format(path="/"))
        assert text.startswith("200 "), text[:200]
        assert "issgaze" in text.lower()
        status = json.loads(self._sh(_PAGE.format(path="/api/status"))[4:])
        assert "latitude" not in json.dumps(status), "a guest sees no place"
        return f"{len(text)} bytes; {status['sentence']}"

    def _page_answers(self, port: int = 8080) -> bool:
        command = _PAGE.format(path="/healthz").replace(":8080", f":{port}")
        return self._sh(command, check=False).startswith("200 ok")

    def changes(self) -> str:
        """A changed port is followed; a receiver on the roof leaves gnss idle, and honest."""
        pid = self._show("web", "MainPID")
        self._sh("issgaze config set page.port 8090")
        took = self._await("the new port", lambda: self._page_answers(8090), limit_s=20)
        assert not self._page_answers(), "the old port is let go of"
        assert self._show("web", "MainPID") == pid, "without a restart"
        self._sh("issgaze config set page.port 8080; issgaze config set gnss.source roof; "
                 "systemctl start issgaze-gnss")  # fmt: skip
        time.sleep(12)
        assert (self._show("gnss", "ActiveState"), self._show("gnss", "NRestarts")) == (
            "active",
            "0",
        )
        assert "issgaze-observe reads that receiver" in self._sh("journalctl -u issgaze-gnss")
        self._sh("systemctl stop issgaze-gnss; issgaze config set gnss.source auto")
        self._await("the page", self._page_answers, limit_s=20)
        return f"page on another port after {took:.0f} s, gnss idle"

    def forbidden(self) -> str:
        """Each unit's own user, in its own sandbox, tries what it must not do."""
        source = (_ROOT / "tests/install/forbidden.py").read_text()
        (self._machine.root / "usr/lib/issgaze/forbidden.py").write_text(source)
        self._sh("touch /var/lib/issgaze/ledger.jsonl; chmod 660 /var/lib/issgaze/ledger.jsonl; "
                 "chown issgaze-observe:issgaze /var/lib/issgaze/ledger.jsonl")  # fmt: skip
        self._sh("mkdir -p /home/owner; echo x > /home/owner/diary")
        wrong: list[str] = []
        times: list[str] = []
        for name, may in _MAY.items():
            began = time.monotonic()
            done = self._try_as(name)
            times.append(f"{name} {time.monotonic() - began:.0f} s")
            for attempt, result in done.items():
                if attempt not in {"user", "groups"} and (result == "yes") != (attempt in may):
                    wrong.append(f"{name}: {attempt}: {result}")
            assert done["user"] != 0
        self._sh("rm /usr/lib/issgaze/forbidden.py")
        assert not wrong, "\n".join(wrong)
        return f"{len(_MAY)} programs, {len(done) - 2} attempts each; {', '.join(times)}"

    def _try_as(self, name: str) -> dict[str, Any]:
        unit = (self._machine.root / f"usr/lib/systemd/system/issgaze-{name}.service").read_text()
        unit = re.sub(r"(?m)^(ExecStart|Restart|WatchdogSec|Type|OnFailure|Condition\w+)=.*\n", "",
                      unit)  # fmt: skip
        unit = unit.replace(
            "[Service]\n",
            "[Service]\nType=oneshot\n"
            "ExecStart=/usr/bin/python3 -I /usr/lib/issgaze/forbidden.py\n",
        )
        place = self._machine.root / f"etc/systemd/system/trial-{name}.service"
        place.write_text(unit)
        self._sh("systemctl daemon-reload")
        self._sh(f"systemctl start trial-{name}", check=False)
        log = self._sh(f"journalctl -u trial-{name} -o cat --no-pager")
        lines = [line for line in log.splitlines() if line.startswith("{")]
        assert lines, log
        place.unlink()
        found: dict[str, Any] = json.loads(lines[-1])
        return found

    def watchdog(self) -> str:
        """A program that hangs is killed and started again, once."""
        took: dict[str, float] = {}
        for name in ("web", "observe", "develop"):
            self._sh(f"mkdir -p /run/systemd/system/issgaze-{name}.service.d && "
                     f"printf '[Service]\\nWatchdogSec=12\\n' > "
                     f"/run/systemd/system/issgaze-{name}.service.d/trial.conf")  # fmt: skip
        self._sh("systemctl daemon-reload")
        for name in ("web", "observe", "develop"):
            self._sh(f"systemctl reset-failed; systemctl restart issgaze-{name}")
            self._states(**{name: "active"})
            # it lives on as long as it works
            time.sleep(15)
            assert self._show(name, "NRestarts") == "0", f"{name}: killed at work"
            self._sh(f"kill -STOP {self._show(name, 'MainPID')}")
            took[name] = self._await(
                f"{name} starts again",
                lambda name=name: (
                    self._show(name, "NRestarts") == "1"
                    and self._show(name, "ActiveState") == "active"
                ),
                limit_s=60,
            )
        log = self._sh("journalctl -u issgaze-web --no-pager")
        assert "Watchdog timeout" in log
        assert self._page_answers()
        for name in ("web", "observe", "develop"):
            self._sh(f"rm -r /run/systemd/system/issgaze-{name}.service.d")
        self._sh(
            "systemctl daemon-reload; systemctl restart issgaze-web issgaze-observe issgaze-develop"
        )
        return ", ".join(f"{name} back after {each:.0f} s" for name, each in took.items())

    def crash(self) -> str:
        """kill -9: back in seconds, once."""
        took: list[str] = []
        for name in ("web", "observe", "develop"):
            before = self._show(name, "MainPID")
            self._sh(f"systemctl reset-failed; kill -9 {before}")
            waited = self._await(
                f"{name} starts again",
                lambda name=name, before=before: (
                    self._show(name, "ActiveState") == "active"
                    and self._show(name, "MainPID") not in {before, "0"}
                ),
                limit_s=30,
            )
            took.append(f"{name} {waited:.0f} s")
        return ", ".join(took)

    def reboot(self) -> str:
        """A program that ends again and again restarts the board, an owner's restarts do not."""
        drop_in = self._machine.root / "etc/systemd/system/issgaze-reboot.service.d/trial.conf"
        drop_in.parent.mkdir(parents=True, exist_ok=True)
        drop_in.write_text(
            "[Unit]\nSuccessAction=none\nOnFailure=\n"
            "[Service]\nExecStart=\nExecStart=/usr/lib/issgaze/may-reboot 1\n"
        )
        self._sh("systemctl daemon-reload; systemctl reset-failed")
        for _ in range(5):
            self._sh("systemctl restart issgaze-observe", check=False)
        self._await("by hand", lambda: "started by hand too often" in self._said(), limit_s=20)
        self._sh("systemctl reset-failed; systemctl start issgaze-observe")
        for _ in range(5):
            pid = self._show("observe", "MainPID")
            if pid != "0":
                self._sh(f"kill -9 {pid}", check=False)
            time.sleep(4)
        self._await("by itself", lambda: "restarting the board" in self._said(), limit_s=30)
        self._sh("rm -r /etc/systemd/system/issgaze-reboot.service.d; systemctl daemon-reload; "
                 "systemctl reset-failed; systemctl start issgaze-observe")  # fmt: skip
        return "five restarts by hand: none; five kills: one, written down"

    def _said(self) -> str:
        return self._sh("journalctl -u issgaze-reboot -o cat --no-pager")

    def wrong_configuration(self) -> str:
        """A wrong file stops nothing: not a running device, not one that starts."""
        self._sh("sed -i 's/^mode = .*/mode = \"bined\"/' /etc/issgaze/issgaze.toml")
        self._sh("systemctl reset-failed; "
                 "systemctl restart issgaze-observe issgaze-web issgaze-develop")  # fmt: skip
        self._states(observe="active", web="active", develop="active")
        self._await("the complaint", self._complains, limit_s=20)
        status = self._status()
        assert "binned" in status["configuration"]["complaint"], status
        self._sh("sed -i 's/^mode = .*/mode = \"binned\"/' /etc/issgaze/issgaze.toml")
        self._sh("systemctl reset-failed; systemctl restart issgaze-observe")
        self._await("peace", lambda: not self._complains(), limit_s=20)
        return str(status["configuration"]["complaint"])

    def _complains(self) -> bool:
        return self._status().get("configuration", {}).get("right") is False

    def _fingerprint(self) -> str:
        return self._sh(
            "cd / && find etc/issgaze var/lib/issgaze/elements -type f -not -name '*.lock' "
            "| sort | xargs sha256sum"
        )

    def upgrade(self) -> str:
        """Another version: everything takes it up by itself, nothing is lost."""
        self._machine.put(self._new)
        before = self._fingerprint()
        pids = {name: self._show(name, "MainPID") for name in ("observe", "web", "develop")}
        self._sh(f"apt-get install -qy /root/{self._new.name} 2>&1")
        took = self._await(
            "the new version",
            lambda: self._status().get("version") == _version(self._new),
            limit_s=60,
        )
        for name, pid in pids.items():
            self._await(f"{name} anew", lambda name=name, pid=pid: (
                self._show(name, "MainPID") not in {pid, "0"}), limit_s=60)  # fmt: skip
        for name in pids:
            self._await(
                f"{name} at work",
                lambda name=name: self._show(name, "ActiveState") == "active",
                limit_s=60,
            )
        assert self._fingerprint() == before
        # another dpkg packs the same into other bytes
        for part in ("fsys", "ctrl"):
            kept, came = (
                self._sh(f"dpkg-deb --{part}-tarfile {folder}/{self._old.name} | sha256sum")
                for folder in ("/var/cache/issgaze", "/root")
            )
            assert kept == came, part
        self._await("the page", self._page_answers, limit_s=20)
        return f"observe as the new one after {took:.0f} s; the old .deb is kept, byte by byte"

    def rollback(self) -> str:
        """One command back."""
        said = self._sh("issgaze-rollback 2>&1")
        took = self._await(
            "the old version",
            lambda: self._status().get("version") == _version(self._old),
            limit_s=60,
        )
        assert _version(self._old) == self._sh("dpkg-query -W -f='${Version}' issgaze")
        return f"{said.splitlines()[0]}, {took:.0f} s"

    def upgrade_during_a_pass(self) -> str:
        """The capture goes on under the old version; the new one comes after it."""
        self._sh("systemctl stop 'issgaze-*.service'; mkdir -p /root/kept; "
                 "mv /var/lib/issgaze /root/kept/; systemd-tmpfiles --create issgaze.conf; "
                 "rm -f /run/issgaze/status.json")  # fmt: skip
        self._sh("mkdir -p /run/systemd/system/issgaze-observe.service.d && printf "
                 "'[Service]\\nExecStart=\\nExecStart=/usr/bin/issgaze observe --simulated "
                 "--speed 2 --from 2024-05-10T01:41:00Z\\n' > "
                 "/run/systemd/system/issgaze-observe.service.d/trial.conf; "
                 "systemctl daemon-reload; "
                 "systemctl start issgaze-observe issgaze-develop issgaze-web")  # fmt: skip
        self._await("the pass", lambda: self._status().get("state") == "capturing", limit_s=240)
        pid = self._show("observe", "MainPID")
        done = self._status()["capture"]["done"]
        self._sh("issgaze config set roof.controller pico")
        said = self._sh(f"apt-get install -qy /root/{self._new.name} 2>&1")
        assert "The roof controller leaves this Pi alone for 30 minutes." in said, said
        time.sleep(15)
        status = self._status()
        assert status["version"] == _version(self._old)
        assert self._show("observe", "MainPID") == pid, "observe was restarted in mid-pass"
        more = (status.get("capture") or {}).get("done", 0) - done
        took = self._await(
            "the new version after the pass",
            lambda: self._status().get("version") == _version(self._new),
            limit_s=600,
        )
        (sealed,) = self._sh("cat /var/lib/issgaze/passes/*/*/sealed").splitlines()
        reason = json.loads(sealed)
        assert reason["reason"] == "complete", reason
        self._await(
            "the picture",
            lambda: bool(self._sh("ls /var/lib/issgaze/passes/*/*/report.json", check=False)
                         .endswith("report.json")),
            limit_s=400,
        )  # fmt: skip
        report = json.loads(self._sh("cat /var/lib/issgaze/passes/*/*/report.json"))
        self._sh("rm -r /run/systemd/system/issgaze-observe.service.d; systemctl daemon-reload")
        return (
            f"{more} more frames under the old version within 15 s, {reason['lights']} in all, "
            f"new version {took:.0f} s later; developed: {report['outcome']}"
        )

    def remove(self) -> str:
        """Nothing runs any more, everything that is the owner's is there."""
        self._sh("apt-get remove -qy issgaze 2>&1")
        for name in ("observe", "web", "develop"):
            assert self._sh(f"systemctl is-active issgaze-{name}", check=False) == "inactive"
        assert self._sh("command -v issgaze", check=False) == ""
        assert self._sh("ls /etc/issgaze/issgaze.toml")
        assert self._sh("ls /var/lib/issgaze/passes/*/*/picture.jpg")
        left = self._sh("ls -d /usr/lib/python3/dist-packages/issgaze*", check=False)
        assert "No such file" in left, left
        return "configuration and pictures stay, no program of ours"

    def purge(self) -> str:
        """Nothing is left but the pictures, which are the owner's."""
        said = self._sh("apt-get purge -qy issgaze 2>&1")
        assert "The pictures stay in /var/lib/issgaze/passes" in said, said
        left = self._sh("find / -xdev \\( -path /proc -o -path /root -o -path /sys \\) -prune -o "
                        "-path '*issgaze*' -not -path '/var/cache/apt/*' -not -path "
                        "'/var/log/*' -print", check=False).splitlines()  # fmt: skip
        foreign = [
            path
            for path in left
            if not path.startswith(("/var/lib/issgaze/passes", "/tmp", "/var/lib/systemd/"))
            and path not in {"/var/lib/issgaze", "/var/lib/issgaze/ledger.jsonl"}
        ]
        assert not foreign, foreign
        return "only the pictures and their ledger are left"


def _version(package: Path) -> str:
    return package.name.split("_")[1]


def build(version: str | None, out: Path) -> Path:
    """Build the package, for a version other than its own if one is given."""
    words = ["--version", version] if version else []
    command = [sys.executable, str(_ROOT / "packaging/build_deb.py"), "--out", str(out), *words]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return Path(done.stdout.strip())


def main() -> None:
    """Try each release that is named."""
    roots = _ROOT / ".roots"
    roots.mkdir(exist_ok=True)
    old, new = build(None, roots), build("99.0", roots)
    for suite in sys.argv[1:2] or ["bookworm"]:
        machine = Container(suite, roots)
        machine.prepare(old)
        machine.boot()
        try:
            Trial(machine, old, new).run()
        finally:
            machine.off()


if __name__ == "__main__":
    main()
