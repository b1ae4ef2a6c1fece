"""Builds dist/issgaze_<version>_all.deb, the same bytes each time.

Usage: build_deb.py [--out DIR] [--version VERSION]
"""

import argparse
import gzip
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[1]
_HERE = _ROOT / "packaging"
_SCRIPT = """\
#!/usr/bin/python3 -I
import sys

from issgaze.cli.main import main

sys.exit(main())
"""
# where each file of systemd/ goes
_SYSTEM = {
    "system": "usr/lib/systemd/system",
    "sysusers.d": "usr/lib/sysusers.d",
    "tmpfiles.d": "usr/lib/tmpfiles.d",
    "udev": "usr/lib/udev/rules.d",
    "modprobe.d": "usr/lib/modprobe.d",
    "journald.conf.d": "usr/lib/systemd/journald.conf.d",
    "system.conf.d": "usr/lib/systemd/system.conf.d",
    "avahi": "etc/avahi/services",
    "chrony": "usr/share/issgaze/chrony",
}
_DATA = {".py", ".typed", ".npz", ".json", ".txt", ".md", ".toml", ".html", ".css", ".js", ".svg",
         ".gz", ".csv", ".yaml", ".png", ".webmanifest"}  # fmt: skip


def main() -> None:
    """Build the package and print its path."""
    parser = argparse.ArgumentParser(description="Build the Debian package.")
    parser.add_argument("--out", type=Path, default=_ROOT / "dist")
    parser.add_argument("--version", help="another version, for trying an upgrade")
    arguments = parser.parse_args()
    version = arguments.version or _version()
    epoch = _epoch()
    arguments.out.mkdir(parents=True, exist_ok=True)
    package = arguments.out / f"issgaze_{version}_all.deb"
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder)
        _lay_out(tree, version, epoch)
        _control(tree, version, epoch)
        for path in sorted(tree.rglob("*"), reverse=True):
            os.utime(path, (epoch, epoch))
        os.utime(tree, (epoch, epoch))
        # the same words as in keep-previous, so that a package which is packed again is the same
        command = ["dpkg-deb", "--root-owner-group", "-Zxz", "-z6", "--build", folder, str(package)]
        environment = {**os.environ, "SOURCE_DATE_EPOCH": str(epoch)}
        subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)
    sys.stdout.write(f"{package}\n")


def _version() -> str:
    text = (_ROOT / "issgaze" / "__init__.py").read_text()
    found = re.search(r'__version__ = "([^"]+)"', text)
    assert found is not None
    return found.group(1)


def _epoch() -> int:
    """Return SOURCE_DATE_EPOCH, else the time of the last commit."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if given:
        return int(given)
    command = ["git", "-C", str(_ROOT), "log", "-1", "--format=%ct"]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def _lay_out(tree: Path, version: str, epoch: int) -> None:
    package = tree / "usr/lib/python3/dist-packages/issgaze"
    for path in sorted((_ROOT / "issgaze").rglob("*")):
        if path.is_file() and path.suffix in _DATA and "__pycache__" not in path.parts:
            _put(package / path.relative_to(_ROOT / "issgaze"), path.read_bytes())
    init = package / "__init__.py"
    init.write_text(re.sub(r'__version__ = ".*"', f'__version__ = "{version}"', init.read_text()))
    for kind, place in _SYSTEM.items():
        for path in sorted((_ROOT / "systemd" / kind).iterdir()):
            _put(tree / place / path.name, path.read_bytes())
    _put(tree / "usr/bin/issgaze", _SCRIPT.encode(), mode=0o755)
    for name in ("hold-roof", "keep-previous", "may-reboot"):
        _put(tree / "usr/lib/issgaze" / name, _of_here(name), mode=0o755)
    _put(tree / "usr/sbin/issgaze-rollback", _of_here("issgaze-rollback"), mode=0o755)
    _put(tree / "usr/share/issgaze/issgaze.example.toml",
         (_ROOT / "issgaze.example.toml").read_bytes())  # fmt: skip
    # what `issgaze roof flash` writes; roofwire.py is the package's own
    for path in sorted((_ROOT / "firmware").iterdir()):
        if path.suffix in {".py", ".md"}:
            _put(tree / "usr/share/issgaze/firmware" / path.name, path.read_bytes())
    _write_manual(tree, version, epoch)
    documents = tree / "usr/share/doc/issgaze"
    _put(documents / "copyright", _copyright().encode())
    _put(documents / "CHANGELOG.md.gz", _zipped((_ROOT / "CHANGELOG.md").read_bytes()))
    day = format_datetime(datetime.fromtimestamp(epoch, tz=UTC))
    _put(
        documents / "changelog.gz",
        _zipped(
            f"issgaze ({version}) stable; urgency=medium\n\n  * See CHANGELOG.md.\n\n"
            f" -- The issgaze authors <issgaze@example.org>  {day}\n".encode()
        ),
    )


def _write_manual(tree: Path, version: str, epoch: int) -> None:
    sys.path[:0] = [str(_ROOT), str(_HERE)]
    from manual import completions, man_pages

    day = f"{datetime.fromtimestamp(epoch, tz=UTC):%Y-%m-%d}"
    for name, text in man_pages(version, day):
        _put(tree / f"usr/share/man/man1/{name}.1.gz", _zipped(text.encode()))
    rollback = (_HERE / "issgaze-rollback.8").read_text().replace("@VERSION@", version)
    _put(tree / "usr/share/man/man8/issgaze-rollback.8.gz", _zipped(rollback.encode()))
    scripts = completions()
    _put(tree / "usr/share/bash-completion/completions/issgaze", scripts["bash"].encode())
    _put(tree / "usr/share/zsh/vendor-completions/_issgaze", scripts["zsh"].encode())


def _control(tree: Path, version: str, epoch: int) -> None:
    own = tree / "usr/share/issgaze/deb"
    size_kb = sum(-(-path.stat().st_size // 1024) for path in tree.rglob("*") if path.is_file())
    # keep-previous packs the package again from the copies below /usr/share
    for path in sorted((_HERE / "debian").iterdir()):
        text = path.read_text().replace("@VERSION@", version).replace("@SIZE@", str(size_kb))
        mode = 0o644 if path.name in {"control", "conffiles"} else 0o755
        _put(own / path.name, text.encode(), mode=mode)
    _put(own / "epoch", f"{epoch}\n".encode())
    sums = "".join(
        f"{hashlib.md5(path.read_bytes()).hexdigest()}  {path.relative_to(tree)}\n"
        for path in sorted(tree.rglob("*"))
        if path.is_file() and not path.is_relative_to(tree / "etc")
    )
    _put(own / "md5sums", sums.encode())
    for path in sorted(own.iterdir()):
        if path.name != "epoch":
            mode = path.stat().st_mode & 0o777
            _put(tree / "DEBIAN" / path.name, path.read_bytes(), mode=mode)


def _put(path: Path, content: bytes, *, mode: int = 0o644) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    path.chmod(mode)
    for folder in path.parents:
        if folder.name in {"", "tmp"} or not os.access(folder, os.W_OK):
            break
        folder.chmod(0o755)


def _of_here(name: str) -> bytes:
    return (_HERE / name).read_bytes()


def _zipped(content: bytes) -> bytes:
    return gzip.compress(content, compresslevel=9, mtime=0)


def _copyright() -> str:
    licence = "\n".join(
        f" {line}" if line else " ." for line in (_ROOT / "LICENSE").read_text().splitlines()[2:]
    )
    return (
        "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n"
        "Upstream-Name: issgaze\n\n"
        "Files: *\nCopyright: 2026 the issgaze authors\nLicense: MIT\n" + licence + "\n\n"
        "Files: usr/lib/python3/dist-packages/issgaze/data/*\n"
        "Copyright: see SOURCES.md in that folder\nLicense: MIT\n"
    )


if __name__ == "__main__":
    shutil.which("dpkg-deb") or sys.exit("dpkg-deb is not here: sudo apt install dpkg")
    main()
