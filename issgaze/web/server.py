"""Serving the page: waitress, with few threads and an end on request."""

import signal
from collections.abc import Callable

import waitress.server

from issgaze.archive.layout import Archive
from issgaze.errors import DeviceError
from issgaze.web.app import build_app

# eight event streams may stay open (see app.py), the rest answers pages
_THREADS = 12


def serve(archive: Archive, *, host: str, port: int, log: Callable[[str], None]) -> None:
    """Serve the status page of an archive until SIGTERM or SIGINT.

    Raises:
        DeviceError: The address or port cannot be had.
    """
    try:
        server = waitress.server.create_server(
            build_app(archive), host=host, port=port, threads=_THREADS, ident=None
        )
    except OSError as error:
        raise DeviceError(
            f"cannot listen on {host}:{port}: {(error.strerror or str(error)).lower()}",
            remedy="Another program may hold the port: try --port 8081.",
        ) from error

    def end(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, end)
    log(f"page on http://{host}:{port}/")
    try:
        server.run()
    except KeyboardInterrupt:
        pass
    finally:
        server.close()
