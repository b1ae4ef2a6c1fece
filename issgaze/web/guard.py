"""What stands before the application: headers that no browser sends do not get in."""

from collections.abc import Callable, Iterable
from typing import Any


class Guard:
    """A WSGI application around another one.

    Args:
        app: The application.
    """

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self.application = app

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Hand a request on with headers in ASCII: anything else is a question mark."""
        for key, value in environ.items():
            if key.startswith("HTTP_") and isinstance(value, str) and not value.isascii():
                environ[key] = value.encode("ascii", "replace").decode()
        return self.application(environ, start_response)
