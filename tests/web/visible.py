"""What a visitor sees or hears of a page: its texts, and the labels that are read aloud."""

import re
from html.parser import HTMLParser

_SPOKEN = ("alt", "aria-label", "title")
_UNSEEN = {"script", "style", "code"}
_VOID = {"meta", "link", "img", "input", "br", "hr", "rect", "circle", "path", "polyline"}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        # what says which language it is in, or that it is a name, is meant to be as it is
        named = told.get("translate") == "no" or ("lang" in told and tag != "html")
        unseen = tag in _UNSEEN or named
        for name in _SPOKEN:
            if told.get(name) and not unseen:
                self.texts.append(str(told[name]))
        if tag not in _VOID:
            self.open.append((tag, unseen))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if data.strip() and not any(unseen for _tag, unseen in self.open):
            self.texts.append(" ".join(data.split()))


def visible_texts(page: str) -> list[str]:
    """Return the texts of a page in order, commands and other languages left out."""
    reader = _Reader()
    reader.feed(page)
    return reader.texts


def words_in(text: str) -> set[str]:
    """Return the words of a text, of four letters and more, in small letters."""
    return {word.lower() for word in re.findall(r"[^\W\d_]{4,}", text)}
