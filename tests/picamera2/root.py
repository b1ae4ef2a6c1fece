"""Make a Debian root with genuine picamera2 and libcamera, and run `trial.py` in it.

    sudo python3 tests/picamera2/root.py [FOLDER]

Debian trixie with libcamera from its backports, whose virtual pipeline gives a camera in software;
picamera2 from PyPI. Root rights, debootstrap and 700 MB are needed; the root is kept in FOLDER
(build/picamera2) and used again.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parents[1]
_MIRROR = os.environ.get("MIRROR", "http://deb.debian.org/debian")
_APT = "python3-venv python3-numpy python3-pil python3-prctl python3-piexif"
_WHEELS = ("picamera2", "simplejpeg", "videodev2", "sgp4")
_PLATFORMS = ("manylinux_2_28_x86_64", "manylinux2014_x86_64", "manylinux_2_17_x86_64")
_ENTER = """
mount -t proc proc "$0/proc"; mount --rbind /dev "$0/dev"
mkdir -p "$0/src"; mount --bind "$1" "$0/src"
exec chroot "$0" sh -ec "$2"
"""


def main() -> int:
    """Make the root if it is not there, and run the trial."""
    missing = [name for name in ("debootstrap", "unshare") if shutil.which(name) is None]
    if os.geteuid() != 0 or missing:
        print(f"skipped: root rights are needed, and {' '.join(missing) or 'nothing else'}")
        return 0
    root = Path(sys.argv[1] if len(sys.argv) > 1 else PROJECT / "build" / "picamera2").resolve()
    if not (root / "opt/cam/ready").exists():
        _make(root)
    pipeline = root / "usr/share/libcamera/pipeline/virtual"
    pipeline.mkdir(parents=True, exist_ok=True)
    shutil.copy(HERE / "virtual.yaml", pipeline)
    trial = (
        "env LIBCAMERA_PIPELINES_MATCH_LIST=virtual LIBCAMERA_LOG_LEVELS=*:FATAL "
        "PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=/src:/src/tests/picamera2 "
        "timeout 300 /opt/cam/bin/python /src/tests/picamera2/trial.py"
    )
    return _inside(root, trial)


def _make(root: Path) -> None:
    making = root.with_name(f"{root.name}.making")
    shutil.rmtree(making, ignore_errors=True)
    making.parent.mkdir(parents=True, exist_ok=True)
    _run("debootstrap", "--variant=minbase", "--include=ca-certificates", "trixie", str(making),
         _MIRROR)  # fmt: skip
    for name in ("resolv.conf", "hosts"):
        shutil.copy(f"/etc/{name}", making / "etc")
    sources = making / "etc/apt/sources.list.d/backports.list"
    sources.write_text(f"deb {_MIRROR} trixie-backports main\n")
    # the host's pip: it knows where packages come from here
    _run(sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:",
         "--python-version", "3.13", *(f"--platform={name}" for name in _PLATFORMS),
         "-d", str(making / "wheels"), *_WHEELS)  # fmt: skip
    made = _inside(
        making,
        "export DEBIAN_FRONTEND=noninteractive; apt-get -q update; "
        f"apt-get install -qy --no-install-recommends {_APT}; "
        "apt-get install -qy --no-install-recommends -t trixie-backports python3-libcamera; "
        "python3 -m venv --system-site-packages /opt/cam; "
        "/opt/cam/bin/pip -q install --no-index --no-deps /wheels/*.whl; "
        "apt-get clean; touch /opt/cam/ready",
        quiet=True,
    )
    if made:
        raise SystemExit(f"the root could not be made, status {made}")
    making.rename(root)


def _inside(root: Path, command: str, *, quiet: bool = False) -> int:
    """Run a command in the root, in a mount namespace of its own; return its status."""
    words = ["unshare", "--mount", "--propagation", "private", "sh", "-ec", _ENTER]
    done = subprocess.run(
        [*words, str(root), str(PROJECT), command],
        check=False,
        stdout=subprocess.DEVNULL if quiet else None,
    )
    return done.returncode


def _run(*words: str) -> None:
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    sys.exit(main())
