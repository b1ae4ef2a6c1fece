"""The device at an MQTT broker: a real one, mosquitto from Debian."""

import json
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from issgaze.archive.layout import Archive
from issgaze.archive.status import write_status
from issgaze.cli.main import main
from issgaze.errors import ConfigurationError, UsageError
from issgaze.service.mqtt import Broker, Telling
from issgaze.service.mqttstate import ENTITIES, discovery, state_document

paho = pytest.importorskip("paho.mqtt.client", reason="paho-mqtt is not installed")
_MOSQUITTO = shutil.which("mosquitto", path="/usr/sbin:/usr/bin")
needs_broker = pytest.mark.skipif(
    _MOSQUITTO is None, reason="no mosquitto here (apt install mosquitto): MQTT is not tried out"
)


def status(**changes: Any) -> dict[str, Any]:
    return {
        "state": "waiting", "clock": {"trust": "trusted", "bound_s": 0.012},
        "disk": {"free_gb": 40.0}, "elements": [{"age_days": 0.5}], **changes,
    }  # fmt: skip


def event(utc: str, height: int) -> dict[str, Any]:
    return {"utc": utc, "altitude_deg": height, "azimuth_deg": 200, "range_km": 900}


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    archive = Archive(tmp_path)
    write_status(archive.run, status())
    following = {
        "id": "29990101T0000Z-25544", "verdict": "shoot", "reason": "Culminates at 61°",
        "rise": event("2999-01-01T00:00:00Z", 10), "culmination": event("2999-01-01T00:03:00Z", 61),
        "set": event("2999-01-01T00:06:00Z", 10), "peak_magnitude": -3.1, "lit": [],
    }  # fmt: skip
    archive.guest_predictions.write_text(json.dumps({"passes": [following]}))
    return archive


def test_the_document_says_what_the_house_wants_to_know(archive: Archive) -> None:
    told = state_document(archive, time.time())
    assert told["state"] == "waiting"
    assert not told["capturing"]
    assert not told["problem"]
    assert told["next_pass"] == "2999-01-01T00:00:00Z"
    assert (told["next_height"], told["next_magnitude"]) == (61, -3.1)
    assert (told["element_age_h"], told["pictures"], told["last_outcome"]) == (12.0, 0, None)


@pytest.mark.parametrize(
    ("changes", "age_s"),
    [
        ({}, 100.0), ({"state": "stopped"}, 0.0), ({"clock": {"trust": "untrusted"}}, 0.0),
        ({"disk": {"free_gb": 0.4}}, 0.0), ({"elements": []}, 0.0),
        ({"elements": [{"age_days": 4}]}, 0.0), ({"clock": 3, "disk": [], "elements": [1]}, 0.0),
    ],
)  # fmt: skip
def test_what_needs_the_owner_is_a_problem(
    archive: Archive, changes: dict[str, Any], age_s: float
) -> None:
    write_status(archive.run, status(**changes))
    assert state_document(archive, time.time() + age_s)["problem"]


def test_an_empty_or_broken_archive_is_a_problem_and_no_fault(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    assert state_document(archive, 0.0)["state"] == "silent"
    archive.run.mkdir()
    for content in ("", "{", "[]", '{"passes": [1]}', '{"passes": [{"verdict": "shoot"}]}'):
        archive.guest_predictions.write_text(content)
        (archive.run / "status.json").write_text(content)
        assert state_document(archive, time.time())["next_pass"] is None


def test_every_entity_has_its_value_in_the_document(archive: Archive) -> None:
    told = state_document(archive, time.time())
    assert {entity.key for entity in ENTITIES} <= told.keys()
    found = discovery("attic", "homeassistant", "1.2")
    assert len(found) == len(ENTITIES)
    ids = set()
    for topic, text in found.items():
        document = json.loads(text)
        prefix, kind, node, key, last = topic.split("/")
        assert (prefix, node, last) == ("homeassistant", "issgaze-attic", "config")
        assert kind in {"sensor", "binary_sensor"}
        assert f"value_json.{key}" in document["value_template"]
        assert document["state_topic"] == "issgaze/attic/state"
        assert document["device"]["sw_version"] == "1.2"
        ids.add(document["unique_id"])
    assert len(ids) == len(ENTITIES)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "no broker is named"), (["--broker", "x:99999"], "no host and port"),
        (["--broker", "mqtt://x:1883"], "a host alone is needed: x"),
        (["--broker", "my pi"], "must have no spaces"),
        (["--broker", "x", "--node", "A b"], "small letters"),
        (["--broker", "x", "--discovery", "a#"], "no topic"),
    ],
)  # fmt: skip
def test_senseless_arguments_are_answered(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["mqtt", *words]) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [("pi", "pi", 1883), ("pi:1884", "pi", 1884), ("::1", "::1", 1883), ("[::1]:84", "::1", 84)],
)
def test_a_broker_is_a_host_with_or_without_a_port(
    text: str, host: str, port: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    brokers: list[Broker] = []

    def telling(_archive: object, broker: Broker, _log: object) -> object:
        brokers.append(broker)
        raise ConfigurationError("seen", remedy="Enough.")

    monkeypatch.setattr("issgaze.service.mqtt.Telling", telling)
    assert main(["mqtt", "--broker", text, "--archive", str(tmp_path)]) == 1
    assert (brokers[0].host, brokers[0].port) == (host, port)


def test_a_password_that_cannot_be_read_is_named(archive: Archive, tmp_path: Path) -> None:
    broker = Broker(host="x", user="u", password_file=tmp_path / "none")
    with pytest.raises(ConfigurationError, match="no password can be read there"):
        Telling(archive, broker, lambda _text: None)
    assert issubclass(UsageError, Exception)


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    """A broker of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    configuration = tmp_path / "mosquitto.conf"
    configuration.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\n")
    assert _MOSQUITTO is not None
    with subprocess.Popen(
        [_MOSQUITTO, "-c", str(configuration)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as broker:
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                threading.Event().wait(0.02)
        yield port
        broker.terminate()


class Listener:
    """Somebody who has subscribed to everything."""

    def __init__(self, port: int) -> None:
        self.heard: dict[str, list[str]] = {}
        self.client = paho.Client(paho.CallbackAPIVersion.VERSION2, "listener")
        self.client.on_message = self._on_message
        self.client.on_connect = lambda client, *_: client.subscribe("#", qos=1)
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()

    def _on_message(self, _client: Any, _data: Any, message: Any) -> None:
        self.heard.setdefault(message.topic, []).append(message.payload.decode())

    def until(self, topic: str, holds: Any) -> str:
        for _ in range(500):
            if self.heard.get(topic) and holds(self.heard[topic][-1]):
                return self.heard[topic][-1]
            threading.Event().wait(0.02)
        raise AssertionError(f"{topic}: {self.heard.get(topic)}")

    def end(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


@needs_broker
def test_a_broker_hears_of_the_device(archive: Archive, port: int) -> None:
    listener = Listener(port)
    said: list[str] = []
    try:
        with Telling(archive, Broker(host="127.0.0.1", port=port), said.append) as telling:
            listener.until("issgaze/roof/availability", lambda text: text == "online")
            assert telling.tell(0.0)
            told = listener.until("issgaze/roof/state", lambda text: "waiting" in text)
            assert json.loads(told)["next_height"] == 61
            assert not telling.tell(1.0), "nothing has changed"
            assert telling.tell(301.0), "said again now and then"
            write_status(archive.run, status(state="capturing"))
            assert telling.tell(302.0)
            listener.until("issgaze/roof/state", lambda text: json.loads(text)["capturing"])
        listener.until("issgaze/roof/availability", lambda text: text == "offline")
        configured = [topic for topic in listener.heard if topic.endswith("/config")]
        assert len(configured) == len(ENTITIES)
        assert said == [f"mqtt: connected to 127.0.0.1:{port}"]
    finally:
        listener.end()
    late = Listener(port)
    try:
        late.until("issgaze/roof/state", lambda text: json.loads(text)["capturing"])
    finally:
        late.end()


@needs_broker
def test_a_device_that_dies_is_offline(archive: Archive, port: int) -> None:
    listener = Listener(port)
    try:
        telling = Telling(archive, Broker(host="127.0.0.1", port=port), lambda _text: None)
        with telling:
            listener.until("issgaze/roof/availability", lambda text: text == "online")
            # the power fails: no good-bye
            telling._client._sock_close()
            listener.until("issgaze/roof/availability", lambda text: text == "offline")
    finally:
        listener.end()
