from html.parser import HTMLParser

import pytest

from issgaze.civil import time_zone
from issgaze.picture.reportpage import report_page
from tests.web.visible import visible_texts, words_in

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


def test_the_french_page_is_french(report):
    """Word by word: what stands on both pages is a name, or the same in both languages."""
    report["reason"] = "The light along the path does not move as the station does"
    report["frames"][1]["reason"] = "cut short"
    report["pass"] = {
        "culmination": {
            "utc": "2024-05-10T01:44:00.000Z",
            "altitude_deg": 50.0,
            "azimuth_deg": 180.0,
            "range_km": 500.0,
        },
        "sun_altitude_deg": -21.0,
        "moon": {"altitude_deg": 20.0, "illuminated_fraction": 0.4},
        "fade": [],
    }
    report["lit_part_exposed"] = 0.98
    report["dead_time"] = {"stamps_s": 0.0006, "trail_s": 0.0008, "trail_sigma_s": 0.0002}
    report["light_curve"] = {
        "offset_mag": 0.1,
        "scatter_mag": 0.05,
        "samples": [
            {
                "utc": f"2024-05-10T01:42:{second:02d}.000Z",
                "magnitude": -2.0,
                "predicted_magnitude": -2.1,
                "saturated": second > 30,
            }
            for second in range(10, 50, 10)
        ],
        "fades": [{"direction": "in", "late_s": 0.3, "away_px": 2.0}],
    }
    report["missing"] = [{"what": "x.mp4", "reason": "2 frames make no film, 4 do"}]
    chart = (
        '<svg class="skychart"><title>Sky chart of ISS (ZARYA), Friday 10 May 2024</title>'
        "<text>into shadow</text><text>Vega</text><text>W</text></svg>"
    )
    english, french = (
        {
            word
            for text in visible_texts(report_page(report, language, ZONE, chart_svg=chart))
            for word in words_in(text)
        }
        for language in ("en", "fr")
    )
    cognates = {
        "conditions", "film", "gain", "long", "magnitude", "part", "pixel", "station", "arcsec²",
    }  # fmt: skip
    assert (english & french) - cognates <= {"zarya", "vega", "lights", "fits"}
    assert "−1,2′" in report_page(report, "fr", ZONE)
