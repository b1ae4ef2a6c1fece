"""Templates filled in, with what every page has: head, navigation and foot."""

import re
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

import bottle

from issgaze import __version__
from issgaze.web.statics import static_address
from issgaze.web.visit import THEMES, Visit, zone_name
from issgaze.web.words import LANGUAGES

_COMMAND = re.compile(r"`([^`]+)`")
_TEMPLATES = [str(Path(__file__).parent / "templates")]


def render(template: str, visit: Visit, **values: Any) -> str:
    """Return a page."""
    _ = visit.words
    text: str = bottle.template(
        template,
        template_lookup=_TEMPLATES,
        visit=visit,
        _=_,
        num=_.number,
        code=code,
        attributes=attributes,
        static=static_address,
        navigation=(
            ("/", _("Now")),
            ("/passes", _("Passes")),
            ("/gallery", _("Gallery")),
            ("/ledger", _("Ledger")),
            ("/device", _("Device")),
        ),
        themes=[(name, _(name.capitalize())) for name in THEMES],
        languages=LANGUAGES,
        back=quote(visit.path),
        footer=_footer(visit),
        **values,
    )
    return text


def code(text: str) -> str:
    """Return a text as HTML, commands between backticks in a type of their own."""
    return _COMMAND.sub(r"<code>\1</code>", escape(text))


def attributes(values: Mapping[str, str]) -> str:
    """Return attributes of a tag as HTML, each with a space before it."""
    return "".join(f' {name}="{escape(value)}"' for name, value in values.items())


def _footer(visit: Visit) -> list[str]:
    _ = visit.words
    site = visit.status.get("site") or {}
    lines = [str(site["name"])] if site.get("name") else []
    lines.append(_("Times are {zone}", zone=zone_name(visit)))
    if visit.simulated:
        lines.append(_("Simulated sky: everything here was rendered, not photographed."))
    elif visit.owner:
        lines.append(_("Signed in: exact times. Guests see minutes and whole degrees."))
    else:
        lines.append(_("Guests see minutes and whole degrees."))
    return [*lines, f"issgaze {__version__}"]
