"""French for the sky chart, which is drawn in English."""

# ruff: noqa: RUF001 - French elides with a typographic apostrophe

import re

from issgaze.picture.languages.en import WORDS as _ENGLISH

FRENCH_DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
FRENCH_MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
    "octobre", "novembre", "décembre",
)  # fmt: skip
FRENCH_WINDS = (
    "le nord", "le nord-nord-est", "le nord-est", "l’est-nord-est", "l’est", "l’est-sud-est",
    "le sud-est", "le sud-sud-est", "le sud", "le sud-sud-ouest", "le sud-ouest",
    "l’ouest-sud-ouest", "l’ouest", "l’ouest-nord-ouest", "le nord-ouest", "le nord-nord-ouest",
)  # fmt: skip
_TEXTS = re.compile(r"(<(?:text|title|desc)[^>]*>)([^<]+)(?=</)")
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_NAMES = dict(
    zip(
        _DAYS + _ENGLISH.months + _ENGLISH.directions,
        FRENCH_DAYS + FRENCH_MONTHS + FRENCH_WINDS,
        strict=True,
    )
)
_NAME = re.compile(r"\b(" + "|".join(sorted(_NAMES, key=len, reverse=True)) + r")\b")
_PATTERNS = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"^highest (\S+°)$", r"au plus haut \1"),
        (r"^into shadow$", "dans l’ombre"),
        (r"^out of shadow$", "hors de l’ombre"),
        (r"^clears the horizon$", "dégage l’horizon"),
        (r"^behind the horizon$", "derrière l’horizon"),
        (r"^rises$", "lever"),
        (r"^sets$", "coucher"),
        (r"^Moon$", "Lune"),
        (r"^W$", "O"),
    )
)
_TITLE = re.compile(r"^Sky chart of (.+)$")
_DESCRIPTION = re.compile(
    r"^North is up, east is left, as you see it lying on your back\. It rises in the "
    r"(\S+), stands highest at (\S+) degrees in the (\S+) and sets in the (\S+)\.$"
)


def french_chart(svg: str) -> str:
    """Return a sky chart in French; names of stars stay as they are."""
    return _TEXTS.sub(lambda found: found.group(1) + french_text(found.group(2)), svg)


def french_text(text: str) -> str:
    """Return one text of a chart in French."""
    title = _TITLE.match(text)
    if title:
        return "Carte du ciel\u202f: " + _names(title.group(1))
    told = _DESCRIPTION.match(text)
    if told:
        rise, height, top, fall = (_names(word) for word in told.groups())
        return (
            "Nord en haut, est à gauche, comme vu couché sur le dos. Elle se lève vers "
            f"{rise}, culmine à {height} degrés vers {top} et se couche vers {fall}."
        )
    for pattern, words in _PATTERNS:
        text = pattern.sub(words, text)
    return text


def _names(text: str) -> str:
    return _NAME.sub(lambda found: _NAMES[found.group(1)], text)
