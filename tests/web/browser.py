"""Speaks WSGI to the application, no socket between."""

from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any
from urllib.parse import unquote_to_bytes, urlencode


class Reply:
    status = 0
    body = b""
    headers: dict[str, str]

    def start(self, status: str, headers: list[tuple[str, str]], *_: object) -> None:
        self.status = int(status[:3])
        self.headers = dict(headers)

    @property
    def text(self) -> str:
        return self.body.decode()


class Browser:
    """A visitor with a cookie jar of one."""

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self.app = app
        self.cookie = ""
        self.complaints = ""

    def get(self, address: str, *, host: str = "127.0.0.1:8080", **headers: str) -> Reply:
        return self.ask("GET", address, host=host, **headers)

    def post(self, address: str, *, headers: dict[str, str] | None = None, **form: str) -> Reply:
        return self.ask("POST", address, body=urlencode(form).encode(), **(headers or {}))

    def ask(
        self,
        method: str,
        address: str,
        *,
        host: str = "127.0.0.1:8080",
        body: bytes = b"",
        kind: str = "application/x-www-form-urlencoded",
        visitor: str = "192.168.1.7",
        most_pieces: int = 1_000_000,
        **headers: str,
    ) -> Reply:
        path, _, query = address.partition("?")
        errors = BytesIO()
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query, "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "8080",
            "HTTP_HOST": host, "HTTP_ACCEPT": "text/html", "REMOTE_ADDR": visitor,
            "wsgi.input": BytesIO(body), "wsgi.errors": _Text(errors), "wsgi.url_scheme": "http",
            "CONTENT_LENGTH": str(len(body)), "CONTENT_TYPE": kind,
            "HTTP_COOKIE": self.cookie, **{f"HTTP_{k.upper()}": v for k, v in headers.items()},
        }  # fmt: skip
        reply = Reply()
        pieces = self.app(environ, reply.start)
        try:
            for number, piece in enumerate(pieces):
                reply.body += piece if isinstance(piece, bytes) else piece.encode()
                if number + 1 >= most_pieces:
                    break
        finally:
            close = getattr(pieces, "close", None)
            if close:
                close()
        self.complaints = errors.getvalue().decode()
        return reply


class _Text:
    def __init__(self, stream: BytesIO) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        return self.stream.write(text.encode())

    def flush(self) -> None:
        pass
