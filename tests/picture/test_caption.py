# ruff: noqa: RUF001 - French elides with a typographic apostrophe

import copy
import re
from collections import Counter

import pytest

from issgaze.civil import format_utc, later, parse_utc, time_zone
from issgaze.errors import UsageError
from issgaze.picture.caption import alt_text, caption, known_languages, title, words

ZONE = time_zone("Europe/Berlin")


def event(utc, altitude, azimuth, range_km):
    return {"utc": utc, "altitude_deg": altitude, "azimuth_deg": azimuth, "range_km": range_km}


@pytest.fixture
def report():
    return {
        "satellite": {"norad_id": 25544, "name": "ISS (ZARYA)"},
        "site_name": "Zwiesel",
        "camera": "imx477",
        "pass": {
            "rise": event("2024-05-10T01:42:03.100Z", 10.0, 221.0, 1430.0),
            "culmination": event("2024-05-10T01:45:17.400Z", 67.6, 137.0, 449.8),
            "set": event("2024-05-10T01:48:31.000Z", 10.0, 52.0, 1422.0),
            "fade": [
                {
                    "start_utc": "2024-05-10T01:46:55.000Z",
                    "half_utc": "2024-05-10T01:47:00.000Z",
                    "gone_utc": "2024-05-10T01:47:05.000Z",
                    "direction": "in",
                }
            ],
            "peak_magnitude": -3.84,
            "moon": {
                "altitude_deg": 23.4,
                "illuminated_fraction": 0.127,
                "min_separation_deg": 41.0,
            },
        },
        "shown": {
            "from": event("2024-05-10T01:42:20.000Z", 12.4, 220.0, 1300.0),
            "to": event("2024-05-10T01:47:00.000Z", 27.6, 62.0, 830.0),
        },
        "frames": [
            {
                "file": "lights/0001.fits",
                "used": True,
                "start_utc": "2024-05-10T01:42:00.000Z",
                "exposure_s": 8.0,
            },
            {
                "file": "lights/0002.fits",
                "used": False,
                "start_utc": "2024-05-10T01:42:08.001Z",
                "exposure_s": 8.0,
            },
            {
                "file": "lights/0003.fits",
                "used": True,
                "start_utc": "2024-05-10T01:48:20.000Z",
                "exposure_s": 8.0,
            },
        ],
        "proof": {"accepted": True, "cross_track_arcmin": -1.24, "along_track_s": 0.137},
        "quality": {"star_count": 1912},
        "outcome": "caught",
    }


def test_the_english_caption_says_it_all(report):
    assert caption(report, "en", ZONE) == (
        "The International Space Station over Zwiesel, 10 May 2024, 03:42 to 03:47 (UTC+02:00). "
        "The trail runs from the south-west, 12° high, to the east-north-east, 28° high. The "
        "station stood highest at 03:45: 68° in the south-east, 450 km away. By prediction it "
        "shone at magnitude −3.8 at its brightest. At "
        "03:47 it flew into the Earth's shadow. The Moon, 13 % lit, stood 23° high. 2 exposures "
        "of 8 s (camera imx477). One more exposure was left out. The trail lies 1.2′ from the "
        "predicted path and 0.14 s ahead of the prediction."
    )


def test_the_french_caption_says_the_same(report):
    text = caption(report, "fr", ZONE)
    assert text.startswith(
        "La Station spatiale internationale au-dessus de Zwiesel, le 10 mai 2024 de 03:42"
    )
    for piece in ("68°", "450\u202fkm", "−3,8", "13\u202f%", "8\u202fs", "1,2′", "0,14\u202fs"):
        assert piece in text


CHANGES = {
    "culmination altitude": (("pass", "culmination", "altitude_deg"), 31.2, "31°"),
    "culmination direction": (("pass", "culmination", "azimuth_deg"), 2.0, "in the north,"),
    "culmination time": (
        ("pass", "culmination", "utc"),
        "2024-05-10T01:44:00Z",
        "highest at 03:44",
    ),
    "range": (("pass", "culmination", "range_km"), 803.0, "800 km"),
    "first seen": (("shown", "from", "azimuth_deg"), 271.0, "from the west,"),
    "first height": (("shown", "from", "altitude_deg"), 15.6, "16° high, to"),
    "last seen": (("shown", "to", "azimuth_deg"), 91.0, "to the east,"),
    "last height": (("shown", "to", "altitude_deg"), 41.0, "41° high. The"),
    "magnitude": (("pass", "peak_magnitude"), -1.26, "−1.3"),
    "moon": (("pass", "moon", "illuminated_fraction"), 0.5, "50 % lit"),
    "moon height": (("pass", "moon", "altitude_deg"), 11.6, "stood 12° high"),
    "moon down": (("pass", "moon", "altitude_deg"), -3.0, "below the horizon"),
    "shadow": (("pass", "fade", 0, "half_utc"), "2024-05-10T01:46:00Z", "At 03:46 it flew"),
    "begin": (("shown", "from", "utc"), "2024-05-10T01:40:29Z", "03:40 to"),
    "end": (("shown", "to", "utc"), "2024-05-10T01:48:31Z", "to 03:49"),
    "count": (("frames", 1, "used"), True, "3 exposures"),
    "camera": (("camera",), "Sky Eye", "(camera Sky Eye)"),
    "place": (("site_name",), "Linz", "over Linz"),
    "cross": (("proof", "cross_track_arcmin"), 3.3, "3.3′"),
    "along": (("proof", "along_track_s"), -0.46, "0.46 s behind"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_every_number_comes_from_its_field(report, name):
    path, value, expected = CHANGES[name]
    assert expected not in caption(report, "en", ZONE)
    changed = copy.deepcopy(report)
    place = changed
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    assert expected in caption(changed, "en", ZONE)


def leaves(document, path=()):
    """Yield the way to every number and instant of a report."""
    items = document.items() if isinstance(document, dict) else enumerate(document)
    for key, value in items:
        if isinstance(value, dict | list):
            yield from leaves(value, (*path, key))
        elif value is not None and (not isinstance(value, str) or str(key).endswith("utc")):
            yield (*path, key)


def otherwise(value):
    """Return another value of the same kind, far enough away to be told otherwise."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, str):
        return format_utc(later(parse_utc(value), 120.0))
    return value * 0.5 + (10 if isinstance(value, int) else 1.7)


@pytest.mark.parametrize("language", known_languages())
def test_no_number_comes_from_nowhere(report, language):
    """Whatever number the caption tells, some field of the report changes it."""
    report["lit_part_exposed"] = 0.61
    report["pass"]["moon"]["altitude_deg"] = 23.4
    told = Counter(numbers(caption(report, language, ZONE)))
    traced = set()
    for way in leaves(report):
        changed = copy.deepcopy(report)
        place = changed
        for key in way[:-1]:
            place = place[key]
        place[way[-1]] = otherwise(place[way[-1]])
        traced |= set(told - Counter(numbers(caption(changed, language, ZONE))))
    # two minutes do not change the date; the zone is the site's, and 477 the camera's name
    assert set(told) - traced <= {"10", "2024", "2:00", "477"}, set(told) - traced


def numbers(text):
    return sorted(re.sub(r"^0(?=\d)", "", n) for n in re.findall(r"\d+(?:[.,:]\d+)?", text))


def test_all_languages_say_the_same_numbers(report):
    english = numbers(caption(report, "en", ZONE))
    for language in known_languages():
        told = [number.replace(",", ".") for number in numbers(caption(report, language, ZONE))]
        assert sorted(told) == english


def test_all_languages_have_all_sentences():
    assert {"en", "fr"} <= set(known_languages())
    for language in known_languages():
        assert words(language).sentences.keys() == words("en").sentences.keys()
        assert len(words(language).months) == 12
        assert len(words(language).directions) == 16


def test_the_trail_is_called_the_same_in_captions_and_in_reports():
    told = [*words("fr").sentences.values(), *words("fr").labels.values()]
    assert sum("traînée" in text for text in told) >= 9
    assert not any(re.search(r"\btrace\b", text) for text in told)


def test_an_unproved_trail_is_not_called_the_station(report):
    report["proof"] = {"accepted": False, "reason": "The lens is not known."}
    text = caption(report, "en", ZONE)
    assert "Station" not in text
    assert "magnitude" not in text
    assert text.endswith("Whose trail it is has not been proved.")
    assert title(report, "en", ZONE) == "A trail among the stars"


def test_a_report_without_times_or_pass_still_speaks():
    report = {"frames": [{"used": True, "start_utc": None, "exposure_s": 30.0}], "proof": None}
    assert caption(report, "en", ZONE) == "A moving light among the stars. One exposure of 30 s."
    assert alt_text(report, "en", ZONE) == "Night sky over a still foreground."


def test_the_alt_text_tells_what_is_seen(report):
    assert alt_text(report, "en", ZONE) == (
        "Night sky with a long bright trail from the south-west to the east-north-east among 1912 "
        "stars over a still foreground. The trail fades where the station flies into the Earth's "
        "shadow."
    )
    assert title(report, "en", ZONE) == "Space station over Zwiesel, 10 May 2024"


def test_what_is_not_in_the_picture_is_not_told_as_if_it_were(report):
    """A capture that began late and was stopped early shows less than the pass."""
    report["shown"] = {
        "from": event("2024-05-10T01:45:40.000Z", 60.0, 90.0, 480.0),
        "to": event("2024-05-10T01:46:20.000Z", 45.0, 71.0, 590.0),
    }
    report["lit_part_exposed"] = 0.14
    text = caption(report, "en", ZONE)
    assert "10 May 2024, 03:46 (UTC" in text
    assert "from the east, 60° high, to the east-north-east, 45° high." in text
    assert "stood highest outside the picture, at 03:45: 68° in the south-east" in text
    assert "shadow" not in text
    assert "The picture shows 14 % of its sunlit path." in text
    described = alt_text(report, "en", ZONE)
    assert "from the east to the east-north-east" in described
    assert "fades" not in described
    for language in known_languages():
        assert words(language).directions[10] not in caption(report, language, ZONE)


def test_without_a_path_nothing_is_said_of_one(report):
    """A report from before, or a trail of which nobody knows where it was."""
    del report["shown"]
    text = caption(report, "en", ZONE)
    assert "03:42 to 03:48" in text, "the exposures then tell the time"
    assert "runs from" not in text
    assert "trail among" in alt_text(report, "en", ZONE)


def test_an_unknown_language_is_refused(report):
    with pytest.raises(UsageError, match="there are no captions in 'xx'; there are en, fr"):
        caption(report, "xx", ZONE)


def test_what_was_left_out_and_not_exposed_is_said(report):
    report["lit_part_exposed"] = 0.734
    report["frames"][2]["used"] = False
    text = caption(report, "en", ZONE)
    assert "2 more exposures were left out. The picture shows 73 % of its sunlit path." in text
    french = caption(report, "fr", ZONE)
    assert "2 autres poses ont été écartées." in french
    assert "73\u202f% de son trajet éclairé" in french
    report["lit_part_exposed"] = 1.0
    assert "sunlit path" not in caption(report, "en", ZONE)


@pytest.mark.parametrize("language", known_languages())
def test_sentences_begin_with_a_capital(report, language):
    for text in (caption(report, language, ZONE), alt_text(report, language, ZONE)):
        for sentence in re.split(r"(?<=[.!?]) (?=\S)", text):
            assert sentence[0].isupper() or sentence[0].isdigit(), sentence


ONE_FRAME = {
    "en": (
        "10 May 2024, 03:42 (UTC+02:00)",
        "The trail lies in the south-west, 12° high.",
        "One exposure of 8 s (camera imx477).",
        "The picture shows 3 % of its sunlit path.",
        "with a long bright trail in the south-west among",
    ),
    "fr": (
        "le 10 mai 2024 à 03:42 (UTC+02:00)",
        "La traînée se trouve à 12° de hauteur vers le sud-ouest.",
        "Une pose de 8\u202fs avec un appareil imx477.",
        "L’image montre 3\u202f% de son trajet éclairé.",
        "longue traînée lumineuse, vue vers le sud-ouest, parmi",
    ),
}


@pytest.mark.parametrize("language", ONE_FRAME)
def test_a_trail_of_one_frame_is_told_as_one_instant_and_one_place(report, language):
    report["shown"]["to"] = event("2024-05-10T01:42:26.000Z", 12.4, 221.0, 1290.0)
    report["frames"] = report["frames"][:1]
    report["lit_part_exposed"] = 0.03
    *told, described = ONE_FRAME[language]
    for place in (True, False):
        if not place:
            del report["site_name"]
        text = caption(report, language, ZONE)
        for piece in told:
            assert piece in text
    assert described in alt_text(report, language, ZONE)
