"""`issgaze web`: the page follows the configuration."""

import socket
import threading
from pathlib import Path
from typing import Any

import pytest

from issgaze.archive.layout import Archive
from issgaze.cli.main import main
from issgaze.errors import DeviceError
from issgaze.web.server import Signs, serve


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "issgaze.toml"
    path.write_text(f'[page]\nport = 8080\n[archive]\npath = "{tmp_path / "archive"}"\n')
    return path


def test_a_port_that_is_changed_is_followed(monkeypatch: pytest.MonkeyPatch, file: Path) -> None:
    ports: list[int] = []

    def serve(_archive: object, _settings: object, *, port: int, **_: Any) -> bool:
        ports.append(port)
        file.write_text(file.read_text().replace("8080", "8081"))
        return len(ports) < 3

    monkeypatch.setattr("issgaze.web.server.serve", serve)
    assert main(["-c", str(file), "web"]) == 0
    assert ports == [8080, 8081, 8081]


def test_a_port_that_cannot_be_had_leaves_the_page_where_it_was(
    monkeypatch: pytest.MonkeyPatch, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ports: list[int] = []

    def serve(_archive: object, _settings: object, *, port: int, **_: Any) -> bool:
        ports.append(port)
        if port == 80:
            raise DeviceError("cannot listen on 127.0.0.1:80: permission denied", remedy="8081.")
        file.write_text(file.read_text().replace("8080", "80"))
        return len(ports) < 3

    monkeypatch.setattr("issgaze.web.server.serve", serve)
    assert main(["-c", str(file), "web"]) == 0
    assert ports == [8080, 80, 8080]
    assert "permission denied. It stays where it was." in capsys.readouterr().err


def test_the_first_port_must_be_had(
    monkeypatch: pytest.MonkeyPatch, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def serve(*_: object, **__: object) -> bool:
        raise DeviceError("cannot listen on 127.0.0.1:8080", remedy="Another program has it.")

    monkeypatch.setattr("issgaze.web.server.serve", serve)
    assert main(["-c", str(file), "web"]) == 1
    assert "Another program has it." in capsys.readouterr().err


def test_a_port_that_cannot_be_had_leaves_no_worker_and_no_socket_behind(tmp_path: Path) -> None:
    signs = Signs(ready=lambda: None, beat=lambda: None, over=lambda: True)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        before = threading.active_count(), len(list(Path("/proc/self/fd").iterdir()))
        with pytest.raises(DeviceError, match="already in use"):
            serve(Archive(tmp_path), host="127.0.0.1", port=port, log=print, signs=signs)
        assert (threading.active_count(), len(list(Path("/proc/self/fd").iterdir()))) == before


def test_an_address_that_is_none_is_named(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text('[page]\nhost = "http://10.0.0.2"\n')
    assert main(["-c", str(file), "web", "--archive", str(file.parent)]) == 1
    said = capsys.readouterr().err
    assert "cannot listen: page.host = 'http://10.0.0.2' is a web address" in said
    assert "issgaze config set page.host 127.0.0.1" in said


@pytest.mark.parametrize("command", ["web", "run"])
def test_a_host_that_is_none_is_wrong_usage(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command, "--host", "http://10.0.0.2"]) == 2
    assert "argument --host: 'http://10.0.0.2' is a web address" in capsys.readouterr().err
