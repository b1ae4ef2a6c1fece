"""Serving the page: waitress, with few threads and an end on request."""

import os
import signal
from collections.abc import Callable

import waitress.server

from issgaze.archive.layout import Archive
from issgaze.config import Settings
from issgaze.errors import DeviceError
from issgaze.web.app import build_app

# eight event streams may stay open (see app.py), the rest answers pages
_THREADS = 12
_MOST_CONNECTIONS = 64
_IDLE_S = 60
_LARGEST_HEADER_BYTES = 16 * 1024
_LARGEST_BODY_BYTES = 2_000_000
# a picture is worth more than a page of it
_NICENESS = 5


def serve(
    archive: Archive,
    settings: Settings | None = None,
    *,
    host: str,
    port: int,
    log: Callable[[str], None],
) -> None:
    """Serve the status page of an archive until SIGTERM or SIGINT.

    Raises:
        DeviceError: The address or port cannot be had.
    """
    try:
        server = waitress.server.create_server(
            build_app(archive, settings),
            host=host,
            port=port,
            threads=_THREADS,
            ident=None,
            connection_limit=_MOST_CONNECTIONS,
            channel_timeout=_IDLE_S,
            max_request_header_size=_LARGEST_HEADER_BYTES,
            max_request_body_size=_LARGEST_BODY_BYTES,
        )
    except OSError as error:
        raise DeviceError(
            f"cannot listen on {host}:{port}: {(error.strerror or str(error)).lower()}",
            remedy="Another program may hold the port: try --port 8081.",
        ) from error

    def end(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    os.nice(_NICENESS)
    signal.signal(signal.SIGTERM, end)
    log(f"page on http://{host}:{port}/")
    try:
        server.run()
    except KeyboardInterrupt:
        pass
    finally:
        server.close()
