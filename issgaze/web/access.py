"""Who may see what: the token of the owner, the names this server answers to, safe headers."""

import hmac
import ipaddress
import secrets
from pathlib import Path

from issgaze.archive.atomic import write_atomic
from issgaze.archive.layout import Archive

TOKEN_FILE = "web-token"
SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self'; media-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
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
    return bool(held and offered) and hmac.compare_digest(str(held), str(offered))


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
