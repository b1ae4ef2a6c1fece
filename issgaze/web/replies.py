"""Answers as browsers want them: packed, with a tag to ask again by, and nothing that leaks."""

import gzip
import hashlib
import json
from typing import Any

import bottle as untyped

from issgaze.web.access import SECURITY_HEADERS
from issgaze.web.files import serve_file
from issgaze.web.statics import static

# bottle ships no types, and what is inferred of its descriptors is wrong
bottle: Any = untyped
HTML = "text/html; charset=utf-8"
_SMALLEST_PACKED = 600
# the report brings its own style and no script
_REPORT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; sandbox"


def harden() -> None:
    """Set the headers that every answer has, unless it has one of its own."""
    for name, value in SECURITY_HEADERS.items():
        if bottle.response.get_header(name) is None:
            bottle.response.set_header(name, value)


def say(text: str, kind: str = HTML) -> bytes:
    """Answer with a text, packed where the visitor unpacks, or with "not modified"."""
    content = text.encode("utf-8", "replace")
    response, request = bottle.response, bottle.request
    tag = f'"{hashlib.sha256(content).hexdigest()[:20]}"'
    response.content_type = kind
    response.set_header("ETag", tag)
    response.set_header("Vary", "Accept-Encoding, Cookie, Accept-Language")
    if tag in (request.get_header("If-None-Match") or ""):
        response.status = 304
        return b""
    return _packed(content, None)


def _packed(content: bytes, packed: bytes | None) -> bytes:
    if len(content) < _SMALLEST_PACKED or not _unpacks():
        return content
    bottle.response.set_header("Content-Encoding", "gzip")
    return packed if packed is not None else gzip.compress(content, 5, mtime=0)


def _unpacks() -> bool:
    return "gzip" in (bottle.request.get_header("Accept-Encoding") or "").lower()


def say_json(document: Any) -> bytes:
    """Answer with a JSON document."""
    return say(json.dumps(document, ensure_ascii=False), "application/json")


def say_static(name: str) -> bytes:
    """Answer with a file that ships with the page; browsers keep one whose version they named.

    Raises:
        HTTPError: There is none of that name.
    """
    found = static(name)
    if found is None:
        raise bottle.HTTPError(404, "There is no such file.")
    response = bottle.response
    response.content_type = found.kind
    response.set_header("Vary", "Accept-Encoding")
    if bottle.request.query.get("v") == found.version:
        response.set_header("Cache-Control", "public, max-age=31536000, immutable")
    return _packed(found.content, found.packed if found.kind != "image/png" else None)


def say_file(path: Any, kind: str) -> Any:
    """Answer with a file of the archive, or the part of it that was asked for.

    Raises:
        HTTPError: There is no regular file.
    """
    request = bottle.request
    reply = serve_file(
        path,
        kind,
        asked_range=request.get_header("Range"),
        known_tag=request.get_header("If-None-Match"),
    )
    if reply is None:
        raise bottle.HTTPError(404, "There is no such file.")
    headers = dict(reply.headers)
    if kind.startswith("text/html"):
        headers["Content-Security-Policy"] = _REPORT_POLICY
    response = bottle.HTTPResponse(reply.body, reply.status, **{**SECURITY_HEADERS, **headers})
    raise response
