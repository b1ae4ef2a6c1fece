"""Serving the page: waitress, with few threads and an end on request."""

import dataclasses
import logging
import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import waitress.server
import waitress.task
import waitress.wasyncore

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """How the page tells whoever watches over it that it lives.

    Attributes:
        ready: Told once, when visitors are let in.
        beat: Told again and again by a worker, so that hung workers are silent.
        over: Asked about once a second; true ends the program.
    """

    ready: Callable[[], None]
    beat: Callable[[], None]
    over: Callable[[], bool]


class _Beat:
    """A task among those of visitors: it is done when a worker still gets through."""

    def __init__(self, beat: Callable[[], None]) -> None:
        self._beat = beat
        self.waits = False

    def service(self) -> None:
        """Beat; called by a worker."""
        self.waits = False
        self._beat()

    def cancel(self) -> None:
        """Do nothing; called at the end."""


def as_served(archive: Archive, settings: Settings, host: str, port: int) -> Settings:
    """Return settings with what a command line has put in the place of the file's."""
    usual = archive.root == settings.archive_path()
    return dataclasses.replace(
        settings,
        page=dataclasses.replace(settings.page, host=host, port=port),
        archive=settings.archive
        if usual
        else dataclasses.replace(settings.archive, path=str(archive.root.absolute())),
    )


def serve(
    archive: Archive,
    settings: Settings | None = None,
    *,
    host: str,
    port: int,
    log: Callable[[str], None],
    signs: Signs,
) -> bool:
    """Serve the status page of an archive until SIGTERM or SIGINT, or until it is over.

    Returns whether it ended because `signs.over` said so.

    Args:
        archive: Read from, never written to.
        settings: Shown, not changed; host, port and archive as they are, whatever it says.
        host: Address to listen on.
        port: Port to listen on.
        log: Told the address.
        signs: Of life.

    Raises:
        DeviceError: The address or port cannot be had.
    """
    sockets: dict[int, Any] = {}
    # a request that waits a moment is no news among the sentences of a run
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    # waitress starts the workers before it has the port, and leaves them when it does not get it
    workers = waitress.task.ThreadedTaskDispatcher()
    try:
        server = waitress.server.create_server(
            build_app(archive, as_served(archive, settings or Settings(), host, port)),
            map=sockets,
            _dispatcher=workers,
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
        waitress.wasyncore.close_all(sockets)
        raise DeviceError(
            f"cannot listen on {host}:{port}: {(error.strerror or str(error)).lower()}",
            remedy="Another program may hold the port: try --port 8081.",
        ) from error

    def end(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, end)
    workers.set_thread_count(_THREADS)
    log(f"page on http://{host}:{port}/")
    signs.ready()
    try:
        _loop(server, sockets, signs)
    except KeyboardInterrupt:
        return False
    finally:
        server.close()
    return True


def _loop(server: Any, sockets: dict[int, Any], signs: Signs) -> None:
    """Serve, one round after the other; waitress's own loop says nothing."""
    beat = _Beat(signs.beat)
    while not signs.over():
        server.asyncore.loop(timeout=1.0, map=sockets, count=1)
        if not beat.waits:
            beat.waits = True
            server.task_dispatcher.add_task(beat)
    server.task_dispatcher.shutdown()
