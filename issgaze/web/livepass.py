"""A pass while it is photographed: the station, the frames, the trail so far."""

from dataclasses import dataclass
from typing import Any

from issgaze.web.passlines import EventLine, events
from issgaze.web.readings import LIVE_FILE, Readings
from issgaze.web.station import Station, station_now
from issgaze.web.visit import Visit

_BAR_WIDTH = 1000.0
# from the first dark frame to rise: a newer element set may have given the pass another name
_SAME_PASS_S = 1200.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LivePass:
    """What the page shows in place of the next pass.

    Attributes:
        picture: Address of the trail so far, empty before the first frame is digested.
        step: Changes whenever there is a new picture.
        big, under: The large number and the line below it.
        aside: Distance and brightness.
        done, planned: Frames, for the bar; 0 for guests.
        numbers: What is exposed, name and value.
        to_come: What is still ahead, nothing when the station has set.
    """

    pass_id: str
    picture: str
    step: str
    eyebrow: str
    big: str
    under: str
    aside: str
    station: Station | None
    done: int
    planned: int
    numbers: list[tuple[str, str, str]]
    to_come: list[EventLine]

    def cells(self) -> list[tuple[float, float, str]]:
        """Return the cells of the frame bar: left edge, width and class."""
        if not self.planned:
            return []
        step = _BAR_WIDTH / self.planned
        kinds = ("c-done", "c-busy", "c-todo")
        return [
            (
                round(number * step, 1),
                round(max(step - 2.0, step * 0.7), 1),
                kinds[0 if number < self.done else 1 if number == self.done else 2],
            )
            for number in range(self.planned)
        ]


def live_pass(
    readings: Readings, visit: Visit, item: dict[str, Any] | None, chart: dict[str, Any]
) -> LivePass | None:
    """Return the pass that is photographed now, None when the shutter is shut."""
    capture = visit.status.get("capture")
    if not isinstance(capture, dict) or not visit.busy:
        return None
    pass_id = str(capture.get("pass_id", ""))
    station = station_now(chart, visit)
    digested = readings.digested(pass_id) if visit.owner else 0
    # a guest's picture changes with the minute: each new frame would tell the second
    step = str(digested) if visit.owner else visit.now_utc[11:16].replace(":", "")
    has_picture = readings.has(pass_id, LIVE_FILE)
    exact = visit.owner
    name = pass_id if exact else _public_name(readings, pass_id)
    # the last frames are exposed when it has set: what comes next is then another pass
    if item and item["id"] != name and visit.left_s(item["rise"]["utc"]) > _SAME_PASS_S:
        item = None
    return LivePass(
        pass_id=name,
        picture=f"/passes/{name}/{LIVE_FILE}" if has_picture and name else "",
        step=step,
        **_words(visit, station, item),
        station=station,
        done=int(capture.get("done") or 0) if exact else 0,
        planned=int(capture.get("planned") or 0) if exact else 0,
        numbers=_numbers(visit, capture, digested) if exact else [],
        to_come=[one for one in events(item, visit) if one.left != "–"] if item else [],
    )


def _public_name(readings: Readings, pass_id: str) -> str:
    """Return the name that the rounded site gives a pass, empty where it has none."""
    row = readings.row(pass_id)
    public = readings.names.of(row) if row else None
    return public.id if public else ""


def _words(visit: Visit, station: Station | None, item: dict[str, Any] | None) -> dict[str, str]:
    _ = visit.words
    clock = visit.clock_time(visit.now_utc)
    if station is None:
        return {
            "eyebrow": _("Photographing, {time}", time=clock),
            "big": visit.clock_time(item["rise"]["utc"], seconds=False) if item else "",
            "under": _("the station rises") if item else _("The station has set."),
            "aside": "",
        }
    aside = _("{range} km away", range=_.number(station.range_km))
    if station.lit and station.magnitude is not None:
        aside += ", " + _("magnitude {value}", value=_.number(station.magnitude, 1))
        aside += ". " + _("Look up.")
    elif not station.lit:
        aside += ", " + _("in shadow") + "."
    wind = f"{_.number(station.azimuth_deg)}° {_.compass(station.azimuth_deg)}"
    return {
        "eyebrow": _("Station now, {time}", time=clock),
        "big": f"{_.number(station.altitude_deg)}°",
        "under": _("high, towards {wind}", wind=wind),
        "aside": aside,
    }


def _numbers(visit: Visit, capture: dict[str, Any], digested: int) -> list[tuple[str, str, str]]:
    _ = visit.words
    done, planned = capture.get("done", 0), capture.get("planned", 0)
    dead, warm = capture.get("dead_time_s"), capture.get("sensor_temperature_c")
    exposure = _(
        "{exposure} s, gain {gain}",
        exposure=_.number(float(capture.get("exposure_s") or 0.0), 1),
        gain=_.number(float(capture.get("analogue_gain") or 0.0), 1),
    )
    kind = _("Frame") if capture.get("phase") == "lights" else _("Dark frame")
    values = [
        ("frame", kind, _("{done} of {planned}", done=done, planned=planned)),
        ("exposure", _("Exposure"), exposure),
        (
            "dead",
            _("Dead time"),
            _("none yet") if dead is None else f"{_.number(1000.0 * float(dead), 1)} ms",
        ),
        ("digested", _("Stacked"), _("{count} frames", count=digested)),
    ]
    if isinstance(warm, int | float):
        values.append(("sensor", _("Sensor"), f"{_.number(float(warm), 1)} °C"))
    return values
