"""Style, script and icons: read once, packed once, kept by browsers for as long as they hold."""

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent / "static"
_KINDS = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webmanifest": "application/manifest+json",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Static:
    """A file that ships with the page."""

    kind: str
    content: bytes
    packed: bytes
    version: str


@cache
def _statics() -> dict[str, Static]:
    found: dict[str, Static] = {}
    for path in sorted(_FOLDER.iterdir()):
        if path.suffix in _KINDS:
            content = path.read_bytes()
            found[path.name] = Static(
                kind=_KINDS[path.suffix],
                content=content,
                packed=gzip.compress(content, 9, mtime=0),
                version=hashlib.sha256(content).hexdigest()[:12],
            )
    return found


def static(name: str) -> Static | None:
    """Return a file by its name, None when there is none."""
    return _statics().get(name)


def static_address(name: str) -> str:
    """Return the address of a file, another one whenever its content changes."""
    return f"/static/{name}?v={_statics()[name].version}"
