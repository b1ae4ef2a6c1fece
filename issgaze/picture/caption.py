"""Captions, alt texts and titles: every number in them comes from a field of report.json.

Fields read: `satellite` {norad_id, name}, `site_name`, `camera`, `pass` (as `issgaze passes --json`
prints it), `shown` (the trail in the picture: `from` and `to`, events as in `pass`), `frames`,
`lit_part_exposed`, `simulated`, `trail_found`, `proof`, `quality`. What is missing or null is left
unsaid. Times are of the nearest minute and directions of sixteen winds, as everywhere on the page.
"""

import importlib
import pkgutil
from collections.abc import Mapping, Sequence
from datetime import datetime
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from issgaze.civil import later, local, parse_utc, wall_minute
from issgaze.errors import UsageError
from issgaze.orbit.elements import ISS_NORAD_ID
from issgaze.picture import languages
from issgaze.picture.words import Words

Report = Mapping[str, Any]
# of the lit arc; less is said
_WHOLE = 0.99
# half light ends the trail, and each of the two is rounded by itself
_SAME_INSTANT_S = 1.0


def known_languages() -> tuple[str, ...]:
    """Return the codes of all languages that there is a module for, in alphabetical order."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(languages.__path__)))


def words(language: str) -> Words:
    """Return the words of a language.

    Raises:
        UsageError: There are none.
    """
    if language not in known_languages():
        raise UsageError(
            f"there are no captions in {language!r}; there are {', '.join(known_languages())}",
            remedy="Choose one of these, or add issgaze/picture/languages/<code>.py.",
        )
    module = importlib.import_module(f"issgaze.picture.languages.{language}")
    found: Words = module.WORDS
    return found


def caption(report: Report, language: str, zone: ZoneInfo) -> str:
    """Return the caption: what, when, how high, how bright, how far, the Moon, the exposures.

    Raises:
        UsageError: The language is not known.
    """
    return _Writer(report, words(language), zone).caption()


def alt_text(report: Report, language: str, zone: ZoneInfo) -> str:
    """Return what is seen, for those who do not see it.

    Raises:
        UsageError: The language is not known.
    """
    return _Writer(report, words(language), zone).alt_text()


def title(report: Report, language: str, zone: ZoneInfo) -> str:
    """Return a title of a few words.

    Raises:
        UsageError: The language is not known.
    """
    return _Writer(report, words(language), zone).title()


class _Writer:
    """Fills the sentences of one language from one report."""

    def __init__(self, report: Report, language: Words, zone: ZoneInfo) -> None:
        self._report = report
        self._words = language
        self._zone = zone
        self._pass: Report | None = report.get("pass")

    def caption(self) -> str:
        sentences = [self._seen()]
        if self._report.get("simulated"):
            sentences.append(self._say("simulated"))
        if self._proved and self._pass is not None:
            sentences += [self._path(), self._top(), self._peak(), *self._shadow()]
        if self._pass is not None:
            sentences.append(self._moon())
        sentences += [self._frames(), self._refused(), self._part(), self._proof()]
        return " ".join(sentence for sentence in sentences if sentence)

    def title(self) -> str:
        times = self._times()
        if self._report.get("trail_found") is False:
            return self._say("title_nothing")
        if times is None or not self._proved:
            return self._say("title_untimed")
        place = self._report.get("site_name")
        name = "title" if place else "title_nowhere"
        return self._say(name, place=place, date=self._date(times[0]))

    def alt_text(self) -> str:
        trail = bool(self._proof_fields) and self._report.get("trail_found") is not False
        trail = trail and self._report.get("outcome") != "clouded"
        kind = "alt_trail" if trail else "alt_no_trail"
        parts = [self._say("alt_simulated") if self._report.get("simulated") else ""]
        parts.append(self._say(kind))
        if trail and self._proved and self._shown:
            ends = {key: self._direction(event["azimuth_deg"]) for key, event in self._ends()}
            still = ends["begin"] == ends["end"]
            parts.append(self._say("alt_place" if still else "alt_path", **ends))
        count = (self._report.get("quality") or {}).get("star_count")
        if count:
            parts.append(self._say("alt_stars", count=count))
        parts.append(self._say("alt_ground"))
        if trail and self._proved and self._pass is not None and self._fades_out():
            parts.append(self._say("alt_shadow"))
        return "".join(parts)

    @property
    def _proof_fields(self) -> Report:
        return self._report.get("proof") or {}

    @property
    def _proved(self) -> bool:
        return bool(self._proof_fields.get("accepted"))

    @property
    def _shown(self) -> Report:
        return self._report.get("shown") or {}

    def _say(self, sentence: str, /, **values: object) -> str:
        return self._words.sentences[sentence].format(**values)

    def _seen(self) -> str:
        what = self._what()
        times = self._times()
        if times is None:
            return self._say("untimed", what=what)
        begin, end = times
        place = self._report.get("site_name")
        first, last = self._clock(begin), self._clock(end)
        return self._say(
            ("seen" if place else "seen_nowhere") + ("_at" if first == last else ""),
            what=what,
            place=place,
            date=self._date(begin),
            from_time=first,
            to_time=last,
            zone=self._zone_name(begin),
        )

    def _what(self) -> str:
        if self._report.get("trail_found") is False:
            return self._say("nothing")
        if not self._proved:
            return self._say("something")
        satellite = self._report.get("satellite") or {}
        if satellite.get("norad_id", ISS_NORAD_ID) == ISS_NORAD_ID:
            return self._say("station")
        return self._say("satellite", name=satellite.get("name") or satellite["norad_id"])

    def _used(self) -> Sequence[Report]:
        frames = self._report.get("frames") or ()
        return [frame for frame in frames if frame.get("used")]

    def _times(self) -> tuple[datetime, datetime] | None:
        """Return from when to when the trail in the picture runs, or its exposures."""
        if self._shown:
            begin, end = (parse_utc(event["utc"]) for _name, event in self._ends())
            return begin, end
        timed = [frame for frame in self._used() if frame.get("start_utc")]
        if not timed:
            return None
        last = timed[-1]
        end = later(parse_utc(last["start_utc"]), float(last.get("exposure_s") or 0.0))
        return parse_utc(timed[0]["start_utc"]), end

    def _path(self) -> str:
        """Return from where to where the trail in the picture runs; unsaid where nobody knows."""
        if not self._shown:
            return ""
        values: dict[str, object] = {}
        for name, event in self._ends():
            values[name] = self._direction(event["azimuth_deg"])
            values[f"{name}_height"] = round(event["altitude_deg"])
        # one short frame goes nowhere in whole degrees and sixteen winds
        still = values["begin"] == values["end"] and values["begin_height"] == values["end_height"]
        return self._say("place" if still else "path", **values)

    def _top(self) -> str:
        """Return how high the station stood, and whether the picture shows that."""
        assert self._pass is not None
        top = self._pass["culmination"]
        times = self._times()
        seen = times is None or times[0] <= parse_utc(top["utc"]) <= times[1]
        return self._say(
            "top" if seen else "top_unseen",
            altitude=round(top["altitude_deg"]),
            culmination=self._direction(top["azimuth_deg"]),
            time=self._clock(parse_utc(top["utc"])),
            range=round(top["range_km"] / 10.0) * 10,
        )

    def _ends(self) -> tuple[tuple[str, Report], tuple[str, Report]]:
        return ("begin", self._shown["from"]), ("end", self._shown["to"])

    def _peak(self) -> str:
        magnitude = self._pass.get("peak_magnitude") if self._pass else None
        if magnitude is None:
            return ""
        return self._say("peak", magnitude=self._number(magnitude, 1))

    def _shadow(self) -> list[str]:
        assert self._pass is not None
        times = self._times()
        sentences: list[str] = []
        for fade in self._pass.get("fade") or ():
            half = parse_utc(fade["half_utc"])
            if not self._within(half, times):
                continue
            name = "entry" if fade["direction"] == "in" else "exit"
            sentences.append(self._say(name, time=self._clock(half)))
        return sentences

    def _fades_out(self) -> bool:
        assert self._pass is not None
        times = self._times()
        return any(
            fade["direction"] == "in" and self._within(parse_utc(fade["half_utc"]), times)
            for fade in self._pass.get("fade") or ()
        )

    @staticmethod
    def _within(instant: datetime, times: tuple[datetime, datetime] | None) -> bool:
        return times is not None and (
            later(times[0], -_SAME_INSTANT_S) <= instant <= later(times[1], _SAME_INSTANT_S)
        )

    def _moon(self) -> str:
        moon = self._pass.get("moon") if self._pass else None
        if not moon:
            return ""
        if moon["altitude_deg"] <= 0.0:
            return self._say("moon_down")
        return self._say(
            "moon_up",
            percent=round(100.0 * moon["illuminated_fraction"]),
            altitude=round(moon["altitude_deg"]),
        )

    def _frames(self) -> str:
        used = self._used()
        exposures = [frame["exposure_s"] for frame in used if frame.get("exposure_s")]
        if not exposures:
            return ""
        camera = self._report.get("camera")
        name = "frames" if self._words.plural(len(used)) else "frame"
        value = float(median(exposures))
        return self._say(
            name if camera else f"{name}_no_camera",
            count=len(used),
            exposure=self._number(value, 0 if value == round(value) else 1),
            camera=camera,
        )

    def _refused(self) -> str:
        """Return how many exposures are not in the picture."""
        count = len(self._report.get("frames") or ()) - len(self._used())
        if not count or not self._used():
            return ""
        return self._say("refused" if self._words.plural(count) else "refused_one", count=count)

    def _part(self) -> str:
        """Return how much of the sunlit path the exposures show, where it is not all."""
        part = self._report.get("lit_part_exposed")
        if part is None or part >= _WHOLE or not self._proved:
            return ""
        return self._say("part", percent=round(100.0 * part))

    def _proof(self) -> str:
        proof = self._proof_fields
        if not self._proved:
            found = proof and self._report.get("trail_found") is not False
            return self._say("not_proved") if found else ""
        cross, along = proof.get("cross_track_arcmin"), proof.get("along_track_s")
        if cross is None or along is None:
            return ""
        return self._say(
            "proved",
            cross=self._number(abs(cross), 1),
            along=self._number(abs(along), 2),
            side=self._say("ahead" if along >= 0 else "behind"),
        )

    def _direction(self, azimuth_deg: float) -> str:
        return self._words.directions[round(azimuth_deg / 22.5) % 16]

    def _date(self, instant: datetime) -> str:
        day = wall_minute(instant, self._zone)
        return self._words.date.format(
            day=day.day, month=self._words.months[day.month - 1], year=day.year
        )

    def _clock(self, instant: datetime) -> str:
        return f"{wall_minute(instant, self._zone):%H:%M}"

    def _zone_name(self, instant: datetime) -> str:
        offset = f"{local(instant, self._zone):%z}"
        sign = "+" if offset[0] == "+" else self._words.sentences["minus"]
        hours, minutes = offset[1:3], offset[3:5]
        return "UTC" if hours + minutes == "0000" else f"UTC{sign}{hours}:{minutes}"

    def _number(self, value: float, digits: int) -> str:
        text = f"{abs(value):.{digits}f}".replace(".", self._words.decimal)
        negative = value < 0 and float(f"{abs(value):.{digits}f}") > 0
        return (self._words.sentences["minus"] if negative else "") + text
