"""Photographs the status page for docs/page.md.

Run: .venv/bin/python docs/page/shots.py WAITING LIVE
with the addresses of two running `issgaze run --simulated`: one that waits and has pictures, one
in the middle of a pass.
"""

import io
import shutil
import sys
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import sync_playwright

_FOLDER = Path(__file__).parent
_DESKTOP, _PHONE = (1280, 900), (390, 844)


def main() -> None:
    """Write the pictures beside this file."""
    waiting, live = sys.argv[1].rstrip("/"), sys.argv[2].rstrip("/")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page()
        page.goto(waiting + "/gallery")
        newest = page.locator("figure a").first.get_attribute("href") or "/"
        page.goto(waiting + "/passes?kind=shoot")
        coming = page.locator("tbody td a").nth(2).get_attribute("href") or "/"
        for name, address, size, theme, language in (
            ("live", live + "/", _DESKTOP, "dark", "en"),
            ("live-night", live + "/", _DESKTOP, "night", "en"),
            ("live-phone", live + "/", _PHONE, "dark", "en"),
            ("home", waiting + "/", _DESKTOP, "dark", "en"),
            ("home-light", waiting + "/", _DESKTOP, "light", "fr"),
            ("home-phone", waiting + "/", _PHONE, "dark", "en"),
            ("pass", waiting + newest, (1280, 1500), "dark", "en"),
            ("coming", waiting + coming, _DESKTOP, "light", "en"),
            ("gallery", waiting + "/gallery", _DESKTOP, "light", "en"),
            ("lens", waiting + "/lens", _DESKTOP, "dark", "en"),
        ):
            shot = photograph(browser, address, size, theme, language)
            with Image.open(io.BytesIO(shot)) as picture:
                picture.convert("RGB").save(_FOLDER / f"{name}.jpg", quality=82, optimize=True)
        browser.close()


def photograph(
    browser: Any, address: str, size: tuple[int, int], theme: str, language: str
) -> bytes:
    """Return a PNG of a page as a visitor sees it."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]})
    context.add_cookies(
        [{"name": "theme", "value": theme, "url": address},
         {"name": "language", "value": language, "url": address}]
    )  # fmt: skip
    page = context.new_page()
    page.goto(address)
    page.wait_for_timeout(1500)
    shot: bytes = page.screenshot()
    context.close()
    return shot


if __name__ == "__main__":
    main()
