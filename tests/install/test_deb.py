"""The Debian package: the same bytes each time, complete, and with scripts a shell can read."""

import gzip
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from issgaze.cli.main import COMMANDS
from issgaze.service.flashing import firmware_files

_ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="dpkg-deb is not here")


def build(out: Path, *words: str) -> Path:
    command = [sys.executable, str(_ROOT / "packaging" / "build_deb.py"), "--out", str(out), *words]
    plain = {"PATH": "/usr/bin:/bin", "SOURCE_DATE_EPOCH": "1760000000"}
    said = subprocess.run(command, capture_output=True, text=True, check=True, env=plain)
    return Path(said.stdout.strip())


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("deb"))


@pytest.fixture(scope="module")
def tree(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tree")
    subprocess.run(["dpkg-deb", "-R", str(package), str(folder)], check=True)
    return folder


def test_it_is_the_same_to_the_last_byte(package: Path, tmp_path: Path) -> None:
    assert build(tmp_path).read_bytes() == package.read_bytes()


def test_another_version_is_known_to_the_program_too(tmp_path: Path) -> None:
    other = build(tmp_path, "--version", "9.9")
    assert other.name == "issgaze_9.9_all.deb"
    subprocess.run(["dpkg-deb", "-x", str(other), str(tmp_path / "x")], check=True)
    init = tmp_path / "x/usr/lib/python3/dist-packages/issgaze/__init__.py"
    assert '__version__ = "9.9"' in init.read_text()


def test_everything_the_program_reads_is_in_it(tree: Path) -> None:
    there = tree / "usr/lib/python3/dist-packages/issgaze"
    ours = _ROOT / "issgaze"
    wanted = {
        path.relative_to(ours)
        for path in ours.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert wanted == {path.relative_to(there) for path in there.rglob("*") if path.is_file()}


def test_the_firmware_of_the_roof_controller_is_in_it(tree: Path) -> None:
    files = firmware_files(tree / "usr/share/issgaze/firmware")
    assert {path.name for path in files} == {
        *(path.name for path in (_ROOT / "firmware").glob("*.py")),
        "roofwire.py",
    }
    assert files[-1].name == "main.py"
    for path in files:
        assert path.is_file(), path


@pytest.mark.parametrize("controller", ["pico", "gpio", "none"])
def test_a_roof_controller_is_asked_to_hold_before_an_upgrade(
    tree: Path, tmp_path: Path, controller: str
) -> None:
    asked = controller == "pico"
    prerm = (tree / "DEBIAN" / "prerm").read_text()
    assert prerm.index("hold-roof") < prerm.index("keep-previous")
    file = tmp_path / "issgaze.toml"
    file.write_text(f'[roof]\ncontroller = "{controller}"\n')
    command = tmp_path / "bin/issgaze"
    command.parent.mkdir()
    command.write_text(
        f'#!/bin/sh\necho "$@" >> {tmp_path}/said\n'
        f'case "$*" in *" roof "*) exit 0;; esac\n'
        f'exec {sys.executable} -m issgaze "$@"\n'
    )
    command.chmod(0o755)
    done = subprocess.run(
        ["sh", str(tree / "usr/lib/issgaze/hold-roof"), str(file)], capture_output=True, text=True,
        check=True, cwd=_ROOT, env={"PATH": f"{command.parent}:/usr/bin:/bin"},
    )  # fmt: skip
    said = (tmp_path / "said").read_text()
    assert ("roof hold --minutes 30" in said) is asked
    assert ("leaves this Pi alone" in done.stdout) is asked


def test_a_roof_controller_that_is_not_there_keeps_nobody_from_upgrading(
    tree: Path, tmp_path: Path
) -> None:
    file = tmp_path / "issgaze.toml"
    file.write_text('[roof]\ncontroller = "pico"\n')
    command = tmp_path / "issgaze"
    command.write_text('#!/bin/sh\ncase "$*" in *" roof "*) exit 1;; esac\necho \'"pico"\'\n')
    command.chmod(0o755)
    done = subprocess.run(
        ["sh", str(tree / "usr/lib/issgaze/hold-roof"), str(file)], capture_output=True, text=True,
        check=False, env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
    )  # fmt: skip
    assert done.returncode == 0
    assert "could not be asked" in done.stdout


def test_each_command_has_a_page_and_is_completed(tree: Path) -> None:
    bash = (tree / "usr/share/bash-completion/completions/issgaze").read_text()
    for name in COMMANDS:
        page = gzip.decompress((tree / f"usr/share/man/man1/issgaze-{name}.1.gz").read_bytes())
        assert f"issgaze-{name} \\- ".encode() in page
        assert f" {name} " in bash or f"({name} " in bash or f" {name})" in bash
    subprocess.run(["bash", "-n"], input=bash, text=True, check=True)


@pytest.mark.skipif(shutil.which("groff") is None, reason="groff is not here")
def test_the_pages_can_be_set(tree: Path) -> None:
    for page in sorted((tree / "usr/share/man").rglob("*.gz")):
        text = gzip.decompress(page.read_bytes())
        said = subprocess.run(["groff", "-man", "-Tutf8", "-ww", "-z"], input=text,
                              capture_output=True, check=True).stderr  # fmt: skip
        assert not said, page.name


@pytest.mark.parametrize("name", ["preinst", "postinst", "prerm", "postrm"])
def test_the_scripts_can_be_read_by_a_shell(tree: Path, name: str) -> None:
    script = tree / "DEBIAN" / name
    subprocess.run(["sh", "-n", str(script)], check=True)
    assert script.stat().st_mode & 0o111


def test_apt_alone_brings_what_it_needs(tree: Path) -> None:
    control = (tree / "DEBIAN" / "control").read_text()
    (depends,) = (line for line in control.splitlines() if line.startswith("Depends: "))
    for needed in ("numpy", "sgp4", "pil", "av", "bottle", "waitress", "tomlkit", "serial"):
        assert f"python3-{needed} " in depends
    (wished,) = (line for line in control.splitlines() if line.startswith("Recommends: "))
    for name in ("python3-picamera2", "python3-rpi-lgpio", "chrony"):
        assert name in wished


def test_an_upgrade_is_not_counted_as_a_failure(tree: Path) -> None:
    text = (tree / "DEBIAN" / "postinst").read_text()
    # four starts within a quarter of an hour keep observe down for another
    assert "systemctl reset-failed $RUNNING $LATER" in text
    assert text.index("reset-failed") < text.index("deb-systemd-invoke start")


def test_a_purge_leaves_no_folder_that_a_unit_made(tree: Path) -> None:
    purge = (tree / "DEBIAN" / "postrm").read_text()
    made = {
        f"/var/lib/{line.partition('=')[2]}"
        for unit in (tree / "usr/lib/systemd/system").glob("*.service")
        for line in unit.read_text().splitlines()
        if line.startswith("StateDirectory=")
    }
    assert made
    for folder in made:
        assert f" {folder}\n" in purge or f" {folder} " in purge


def test_no_upgrade_stops_what_runs(tree: Path) -> None:
    for name in ("preinst", "postinst", "prerm"):
        text = (tree / "DEBIAN" / name).read_text()
        assert "restart issgaze-observe" not in text
    upgrade = (tree / "DEBIAN" / "prerm").read_text().partition("remove)")[0]
    assert "stop" not in upgrade.replace("keep-previous", "")
