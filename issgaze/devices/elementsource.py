"""A source of element sets on the web, asked politely."""

import http.client
import ssl
import time
import urllib.error
import urllib.request
from urllib.parse import urlsplit

from issgaze import __version__
from issgaze.errors import FetchError

_TIMEOUT_S = 20.0
# for the whole exchange: a peer that sends a byte now and then must not hold us for hours
_DEADLINE_S = 60.0
_CHUNK_BYTES = 65536
# One satellite takes 200 bytes to 2 kB in any format; a catalogue was never asked for.
_LARGEST_BYTES = 2_000_000
_REMEDY = "What is held already stays as it is; the next fetch tries again."


class HttpElementSource:
    """One address that serves element sets.

    Args:
        address: With {norad_id} where the catalogue number goes.
        timeout_s: For each step of the exchange.
        deadline_s: For all of it.
    """

    def __init__(
        self, address: str, *, timeout_s: float = _TIMEOUT_S, deadline_s: float = _DEADLINE_S
    ) -> None:
        self._address = address
        self._timeout_s = timeout_s
        self._deadline_s = deadline_s
        self._opener = _opener()

    @property
    def name(self) -> str:
        """The host's name."""
        return urlsplit(self._address).hostname or self._address

    def fetch(self, norad_id: int) -> bytes:
        """Return the body of a complete reply with status 200.

        Raises:
            FetchError: Anything else came, or nothing; `status` in it is the HTTP status if any.
        """
        end = time.monotonic() + self._deadline_s
        url = self._address.replace("{norad_id}", str(norad_id))
        request = urllib.request.Request(
            url, headers={"User-Agent": f"issgaze/{__version__}", "Accept-Encoding": "identity"}
        )
        try:
            with self._opener.open(request, timeout=self._timeout_s) as reply:
                if reply.status != 200:
                    raise _refusal(self.name, reply.status)
                body = self._body(reply, end)
        except FetchError:
            raise
        except urllib.error.HTTPError as error:
            error.close()
            raise _refusal(self.name, error.code) from error
        except (TimeoutError, OSError, http.client.HTTPException, ssl.SSLError) as error:
            reason = getattr(error, "reason", None) or error
            raise FetchError(f"{self.name} cannot be reached: {reason}", remedy=_REMEDY) from error
        return body

    def _body(self, reply: http.client.HTTPResponse, end: float) -> bytes:
        """Return the whole body, within the limits of size and time."""
        chunks: list[bytes] = []
        size = 0
        while chunk := reply.read1(_CHUNK_BYTES):
            chunks.append(chunk)
            size += len(chunk)
            if size > _LARGEST_BYTES:
                raise FetchError(
                    f"{self.name} sent more than {_LARGEST_BYTES} bytes for one satellite",
                    remedy="Check the address in [elements] sources.",
                )
            if time.monotonic() > end:
                raise TimeoutError(f"no complete reply within {self._deadline_s:.0f} s")
        promised = reply.headers.get("Content-Length", "")
        if promised.isdigit() and size < int(promised):
            raise http.client.IncompleteRead(b"".join(chunks), int(promised) - size)
        return b"".join(chunks)


def _opener() -> urllib.request.OpenerDirector:
    """Return an opener that follows no redirect; a moved address is for the owner to judge."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler,
        urllib.request.HTTPHandler,
        urllib.request.HTTPSHandler,
        urllib.request.HTTPDefaultErrorHandler,
        urllib.request.HTTPErrorProcessor,
    ):
        opener.add_handler(handler())
    return opener


def _refusal(name: str, status: int) -> FetchError:
    return FetchError(
        f"{name} answered with status {status}, only 200 is right", remedy=_REMEDY, status=status
    )
