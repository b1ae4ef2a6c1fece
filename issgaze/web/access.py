"""Who may see what: the token of the owner, the names this server answers to, safe headers."""

import hashlib
import hmac
import ipaddress
import secrets
from pathlib import Path

from issgaze.archive.atomic import write_atomic
from issgaze.archive.layout import Archive

TOKEN_FILE = "web-token"
SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self'; media-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    # not "no-referrer": browsers would then call the origin of our own forms null
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cache-Control": "no-cache",
}


def make_token(archive: Archive, *, new: bool) -> str:
    """Return the owner's token, made on first use or anew.

    Raises:
        ArchiveError: The disk refuses it.
    """
    held = read_token(archive)
    if held and not new:
        return held
    token = secrets.token_urlsafe(24)
    write_atomic(_token_path(archive), token.encode() + b"\n")
    return token


def read_token(archive: Archive) -> str | None:
    """Return the owner's token, None when none was made."""
    try:
        return _token_path(archive).read_text().strip() or None
    except OSError:
        return None


def _token_path(archive: Archive) -> Path:
    return archive.root / TOKEN_FILE


def token_fits(archive: Archive, offered: str | None) -> bool:
    """Return whether a visitor's token is the owner's, in constant time."""
    held = read_token(archive)
    if not held or not offered:
        return False
    return hmac.compare_digest(held.encode(), offered.encode("utf-8", "surrogateescape"))


def session_of(token: str) -> str:
    """Return what the browser of an owner keeps: made of the token, but not the token."""
    return hmac.new(token.encode(), b"issgaze page session", hashlib.sha256).hexdigest()


def session_fits(archive: Archive, offered: str | None) -> bool:
    """Return whether a cookie is the one of the owner's present token, in constant time."""
    held = read_token(archive)
    if not held or not offered:
        return False
    expected = session_of(held).encode()
    return hmac.compare_digest(expected, offered.encode("utf-8", "surrogateescape"))


def is_same_site(origin: str | None, fetch_site: str | None, host: str | None) -> bool:
    """Return whether a change is asked for by our own page, or by no page at all.

    Args:
        origin: The Origin header.
        fetch_site: The Sec-Fetch-Site header.
        host: The Host header.
    """
    if fetch_site is not None and fetch_site not in {"same-origin", "none"}:
        return False
    return origin is None or origin.partition("://")[2] == (host or "")


def host_is_ours(host: str | None) -> bool:
    """Return whether a Host header may name this server.

    A page elsewhere can point its own name at our address and read us through a visitor's browser
    (DNS rebinding); so only plain addresses, localhost, bare names and .local names are served.
    """
    if not host:
        return False
    name = host.rsplit(":", 1)[0] if host.count(":") == 1 else host
    name = name.strip("[]").lower().rstrip(".")
    if "]:" in host:
        name = host[1 : host.index("]")]
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return "." not in name or name.endswith((".local", ".lan", ".home.arpa", ".fritz.box"))
    return True
