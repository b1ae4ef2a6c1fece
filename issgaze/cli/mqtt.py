"""issgaze mqtt: the device in Home Assistant."""

import argparse
import os
import re
from pathlib import Path

from issgaze.cli.archiveoption import add_archive
from issgaze.cli.output import Output
from issgaze.cli.signals import stop_on_signal
from issgaze.cli.standing import standing_archive
from issgaze.configvalues import check_host
from issgaze.errors import UsageError

SUMMARY = "Tell an MQTT broker what the device does (the issgaze-mqtt service)."
EXAMPLE = "issgaze mqtt --broker homeassistant.local --user issgaze --password-file secret"
_NODE = re.compile(r"[a-z0-9-]{1,32}")
_TOPIC = re.compile(r"[A-Za-z0-9_/-]{0,64}")
_PORT, _TLS_PORT = 1883, 8883


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments; a service gives them as variables of its environment."""
    add_archive(parser)
    ask = os.environ.get
    parser.add_argument(
        "--broker", metavar="HOST[:PORT]", default=ask("ISSGAZE_MQTT_BROKER"),
        help="the broker (or $ISSGAZE_MQTT_BROKER)",
    )  # fmt: skip
    parser.add_argument(
        "--user", metavar="NAME", default=ask("ISSGAZE_MQTT_USER", ""),
        help="to log in as (or $ISSGAZE_MQTT_USER)",
    )  # fmt: skip
    parser.add_argument(
        "--password-file", metavar="FILE", type=Path,
        default=ask("ISSGAZE_MQTT_PASSWORD_FILE"), help="its first line is the password",
    )  # fmt: skip
    parser.add_argument(
        "--tls", action="store_true", default=ask("ISSGAZE_MQTT_TLS") == "yes",
        help="encrypt the connection",
    )  # fmt: skip
    parser.add_argument(
        "--node", metavar="NAME", default=ask("ISSGAZE_MQTT_NODE", "roof"),
        help="name of this device among others",
    )  # fmt: skip
    parser.add_argument(
        "--discovery", metavar="TOPIC", default=ask("ISSGAZE_MQTT_DISCOVERY", "homeassistant"),
        help="where Home Assistant listens; empty tells it nothing",
    )  # fmt: skip


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Tell until stopped."""
    from issgaze.service.mqtt import Broker, Telling
    from issgaze.service.watchdog import Watchdog

    host, port = _host_and_port(arguments.broker, tls=arguments.tls)
    if not _NODE.fullmatch(arguments.node):
        raise UsageError(
            f"--node {arguments.node}: small letters, digits and dashes, 32 at most",
            remedy="Give --node roof.",
        )
    if not _TOPIC.fullmatch(arguments.discovery):
        raise UsageError(
            f"--discovery {arguments.discovery}: no topic", remedy="Give --discovery homeassistant."
        )
    password = arguments.password_file
    broker = Broker(
        host=host,
        port=port,
        user=arguments.user,
        password_file=Path(password) if password else None,
        tls=arguments.tls,
        node=arguments.node,
        discovery=arguments.discovery,
    )
    watchdog = Watchdog()
    stop = watchdog.beating(stop_on_signal())
    with Telling(standing_archive(arguments), broker, output.log) as telling:
        watchdog.ready()
        telling.run(stop)
    return 0


def _host_and_port(text: str | None, *, tls: bool) -> tuple[str, int]:
    if not text:
        raise UsageError("mqtt: no broker is named", remedy="Give --broker HOST or HOST:PORT.")
    default = str(_TLS_PORT if tls else _PORT)
    host, colon, port = text.rpartition(":")
    if not colon or _is_host(text):
        # an IPv6 address has colons of its own
        host, port = text, default
    try:
        check_host(host)
    except ValueError as error:
        raise UsageError(
            f"--broker {text}: the host {error}", remedy="Give --broker HOST or HOST:PORT."
        ) from error
    if not port.isdigit() or not 0 < int(port) < 65536:
        raise UsageError(
            f"--broker {text}: no host and port", remedy="Give --broker HOST or HOST:PORT."
        )
    return host.strip("[]"), int(port)


def _is_host(text: str) -> bool:
    try:
        check_host(text)
    except ValueError:
        return False
    return True
