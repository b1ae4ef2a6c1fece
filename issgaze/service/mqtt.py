"""Tells an MQTT broker what the device does; nothing is taken from it.

paho-mqtt, version 1.6 or 2, is asked for only here: the page and the camera do without.
"""

import contextlib
import importlib
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from issgaze import __version__
from issgaze.archive.layout import Archive
from issgaze.errors import ConfigurationError, DeviceError
from issgaze.service.mqttstate import availability_topic, discovery, state_document, state_topic

_LOOK_S = 5.0
# said again so often though nothing has changed
_REPEAT_S = 300.0
_KEEPALIVE_S = 60
_RECONNECT_S = (1, 120)


@dataclass(frozen=True, slots=True, kw_only=True)
class Broker:
    """Where to, and as whom.

    Attributes:
        password_file: Its first line is the password; None for no user.
        tls: True for an encrypted connection with the system's certificates.
        node: Name of this device among others.
        discovery: Where Home Assistant listens; empty tells it nothing.
    """

    host: str
    port: int = 1883
    user: str = ""
    password_file: Path | None = None
    tls: bool = False
    node: str = "roof"
    discovery: str = "homeassistant"


class Telling:
    """The connection; a context manager.

    Args:
        archive: What is told of.
        broker: Where to.
        log: Told in words what happens.
    """

    def __init__(self, archive: Archive, broker: Broker, log: Callable[[str], None]) -> None:
        self._archive = archive
        self._broker = broker
        self._log = log
        self._connected = threading.Event()
        self._client = _client(f"issgaze-{broker.node}")
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect
        topic = availability_topic(broker.node)
        self._client.will_set(topic, "offline", qos=1, retain=True)
        if broker.user:
            self._client.username_pw_set(broker.user, _password(broker))
        if broker.tls:
            self._client.tls_set()
        self._client.reconnect_delay_set(*_RECONNECT_S)
        self._last = ""
        self._last_s = -_REPEAT_S

    def __enter__(self) -> "Telling":
        """Begin to connect; a broker that is not there yet is tried again and again."""
        try:
            self._client.connect_async(self._broker.host, self._broker.port, _KEEPALIVE_S)
        except ValueError as error:
            raise ConfigurationError(
                f"mqtt: {self._broker.host}:{self._broker.port}: {error}",
                remedy="Give --broker HOST or HOST:PORT.",
            ) from error
        self._client.loop_start()
        return self

    def __exit__(self, *exception: object) -> None:
        """Say good-bye, and end."""
        if self._connected.is_set():
            topic = availability_topic(self._broker.node)
            # the connection may go in this very moment; then the broker says it for us
            with contextlib.suppress(ValueError, RuntimeError):
                self._client.publish(topic, "offline", qos=1, retain=True).wait_for_publish(2.0)
        # an end that is meant is no loss
        self._connected.clear()
        self._client.disconnect()
        self._client.loop_stop()

    def run(self, stop: Callable[[], bool]) -> None:
        """Tell what changes until stopped."""
        pause = threading.Event()
        looked_s = -_LOOK_S
        while not stop():
            now_s = time.monotonic()
            if self._connected.is_set() and now_s - looked_s >= _LOOK_S:
                looked_s = now_s
                self.tell(now_s)
            pause.wait(0.2)

    def tell(self, now_s: float) -> bool:
        """Publish the document if it is another one, or old; return whether it was published.

        Args:
            now_s: On a clock that never steps.
        """
        text = json.dumps(state_document(self._archive, time.time()), sort_keys=True)
        if text == self._last and now_s - self._last_s < _REPEAT_S:
            return False
        self._client.publish(state_topic(self._broker.node), text, qos=1, retain=True)
        self._last, self._last_s = text, now_s
        return True

    def _on_connect(self, client: Any, _data: Any, _flags: Any, code: Any, *_more: Any) -> None:
        if _failed(code):
            self._log(f"mqtt: the broker refuses: {code}")
            return
        if self._broker.discovery:
            found = discovery(self._broker.node, self._broker.discovery, __version__)
            for topic, text in found.items():
                client.publish(topic, text, qos=1, retain=True)
        client.publish(availability_topic(self._broker.node), "online", qos=1, retain=True)
        self._last = ""
        self._connected.set()
        self._log(f"mqtt: connected to {self._broker.host}:{self._broker.port}")

    def _on_disconnect(self, *_any: Any) -> None:
        if self._connected.is_set():
            self._connected.clear()
            self._log("mqtt: the connection is gone, trying again")


def _client(name: str) -> Any:
    try:
        paho = importlib.import_module("paho.mqtt.client")
    except ImportError as error:
        raise DeviceError(
            "mqtt: paho-mqtt is not installed",
            remedy="`sudo apt install python3-paho-mqtt`, or pip install 'issgaze[mqtt]'.",
        ) from error
    versions = getattr(paho, "CallbackAPIVersion", None)
    # version 1.6, as Raspberry Pi OS bookworm has it, knows no such thing
    return paho.Client(versions.VERSION2, name) if versions else paho.Client(name)


def _failed(code: Any) -> bool:
    failure = getattr(code, "is_failure", None)
    return bool(failure) if failure is not None else code != 0


def _password(broker: Broker) -> str | None:
    if broker.password_file is None:
        return None
    try:
        return broker.password_file.read_text(encoding="utf-8").splitlines()[0]
    except (OSError, IndexError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"{broker.password_file}: no password can be read there",
            remedy="Write it there as the only line, readable for issgaze alone.",
        ) from error
