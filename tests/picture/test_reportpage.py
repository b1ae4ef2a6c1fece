from html.parser import HTMLParser

import pytest

from issgaze.civil import time_zone
from issgaze.picture.reportpage import report_page

ZONE = time_zone("Europe/Berlin")


@pytest.fixture
def report():
    return {
        "outcome": "caught",
        "reason": "The trail <is> whole.",
        "camera": "IMX477",
        "frames": [
            {
                "file": "lights/0001.fits",
                "used": True,
                "start_utc": "2024-05-10T01:42:00.000Z",
                "exposure_s": 8.0,
                "dead_time_s": 0.0006,
            },
            {"file": "lights/0002.fits", "used": False, "reason": "too bright"},
        ],
        "proof": {
            "accepted": True,
            "reason": "It fits.",
            "cross_track_arcmin": -1.24,
            "along_track_s": 0.137,
            "speed_ratio": 1.00012,
            "residuals_s": [0.02, -0.04, 0.01],
            "residual_utc_s": [10.0, 20.0, 30.0],
        },
        "quality": {"star_count": 1912, "limiting_magnitude": 7.31},
        "resources": {"seconds": 12.34, "peak_rss_mb": 301.0},
        "missing": [{"what": "timelapse.mp4", "reason": "2 frames make no film"}],
    }


class Text(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.words = [], []

    def handle_starttag(self, tag, attrs):
        if tag not in {"meta", "img", "circle", "path"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in {"meta", "img", "circle", "path"}:
            assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


def test_the_page_tells_every_number_of_the_report(report):
    page = report_page(report, "en", ZONE, chart_svg="<svg><title>Chart</title></svg>")
    reader = Text()
    reader.feed(page)
    assert reader.open == []
    text = " ".join(reader.words)
    for piece in (
        "caught", "−1.2′", "0.14 s", "1.0001", "1912", "7.3", "12.3 s", "301 MB", "03:42:00",
        "0.6 ms", "too bright", "timelapse.mp4: 2 frames make no film", "The trail <is> whole.",
        "Chart",
    ):  # fmt: skip
        assert piece in text
    assert page.count('class="dot"') == 3
    assert "<is>" not in page


def test_what_is_not_known_is_left_out():
    page = report_page({"proof": None, "frames": []}, "fr", ZONE, picture="")
    assert "<img" not in page
    assert "Limiting" not in page
    assert 'lang="fr"' in page
