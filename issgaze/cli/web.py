"""issgaze web: the status page."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from issgaze.cli.archiveoption import add_archive
from issgaze.cli.arguments import host_argument, port_argument
from issgaze.cli.standing import standing_archive, standing_settings_of
from issgaze.configvalues import check_host
from issgaze.errors import DeviceError

if TYPE_CHECKING:
    from collections.abc import Callable

    from issgaze.cli.output import Output
    from issgaze.config import Settings
    from issgaze.service.watchdog import Watchdog

SUMMARY = "Serve the status page (the issgaze-web service)."
EXAMPLE = "issgaze web --host 0.0.0.0 --port 8080"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_archive(parser)
    parser.add_argument("action", nargs="?", choices=["token"], help="show the owner's token")
    parser.add_argument("--new", action="store_true", help="make a new token; the old one ends")
    parser.add_argument("--host", type=host_argument, metavar="H", help="address to listen on")
    parser.add_argument("--port", type=port_argument, metavar="P", help="port to listen on")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Serve until stopped, with the configuration as it is from time to time."""
    if arguments.action == "token":
        from issgaze.web.access import make_token

        token = make_token(standing_archive(arguments), new=arguments.new)
        output.line(token)
        output.document({"token": token})
        return 0
    from issgaze.service.installed import import_everything, replaced
    from issgaze.service.watchdog import Watchdog

    watchdog = Watchdog()
    if watchdog.watched:
        # with what it needs of the archive, but not the arrays that pictures are made of
        import_everything("web")
    server = _Server(arguments, output, watchdog, replaced())
    while server.serve():
        output.log("the configuration has changed: serving anew")
    return 0


class _Server:
    """Serves, and follows what the configuration says of the page."""

    def __init__(
        self,
        arguments: argparse.Namespace,
        output: Output,
        watchdog: Watchdog,
        replaced: Callable[[], bool],
    ) -> None:
        self._arguments = arguments
        self._output = output
        self._watchdog = watchdog
        self._replaced = replaced
        self._served: tuple[str, int] | None = None

    def serve(self) -> bool:
        """Serve with the settings that hold; return whether others have come since.

        Raises:
            ConfigurationError: They are wrong, and there is no copy of good ones.
            DeviceError: The address or port cannot be had, and no other was served before.
        """
        asked = self._arguments
        held = standing_settings_of(asked).settings
        address = asked.host or held.page.host, asked.port or held.page.port
        try:
            changed = self._serve_at(address, held)
        except DeviceError as error:
            if self._served is None or address == self._served:
                raise
            # a page at the old address is worth more than none
            self._output.log(f"{error.message}. It stays where it was.")
            changed = self._serve_at(self._served, held)
        else:
            self._served = address
        return changed and not self._replaced()

    def _serve_at(self, address: tuple[str, int], held: Settings) -> bool:
        from issgaze.service.standing import changed_settings
        from issgaze.web.server import Signs, serve

        changed = changed_settings(lambda: standing_settings_of(self._arguments).settings, held)
        signs = Signs(
            ready=self._watchdog.ready,
            beat=self._watchdog.beat,
            over=lambda: self._replaced() or changed(),
        )
        archive, (host, port) = standing_archive(self._arguments), address
        try:
            check_host(host)
        except ValueError as error:
            raise DeviceError(
                f"cannot listen: page.host = {host!r} {error}",
                remedy="Run `issgaze config set page.host 127.0.0.1`; 0.0.0.0 is for the network.",
            ) from error
        return serve(archive, held, host=host, port=port, log=self._output.log, signs=signs)
