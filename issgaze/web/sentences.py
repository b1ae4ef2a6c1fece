"""What the device is doing, as one sentence, and what needs its owner's hand."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from issgaze.web.sound import is_instant
from issgaze.web.visit import Visit

_OLD_DAYS = 3.0
_TIGHT_GB = 2.0
_DAWN_HOUR = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Doing:
    """The first line of the page.

    Attributes:
        lead: The state in a word or two.
        rest: The rest of the sentence.
        busy: True while the shutter is open or a picture is made.
    """

    lead: str
    rest: str
    busy: bool = False


def doing(visit: Visit, upcoming: dict[str, Any] | None) -> Doing:
    """Return what the device does now; to guests nothing that is exact."""
    _ = visit.words
    state, capture = visit.state, visit.status.get("capture") or {}
    if state == "silent":
        return Doing(lead=_("Nothing is running here."), rest=_("No program has reported yet."))
    if state == "stale":
        since = _since(visit)
        return Doing(
            lead=_("No word from the camera."),
            rest=_("The last one came on {time}. Nothing is photographed.", time=since)
            if since
            else _("Nothing is photographed until it runs again."),
        )
    if state == "stopped":
        since = _since(visit)
        return Doing(
            lead=_("Stopped since {time}.", time=since) if since else _("Stopped."),
            rest=_("Nothing is photographed until it runs again."),
        )
    if state in {"capturing", "darks"}:
        return _capturing(visit, capture)
    if state == "developing":
        return Doing(lead=_("Developing."), rest=_("The picture is being made."), busy=True)
    if state == "focusing":
        return Doing(lead=_("Focusing."), rest=_("Somebody turns the lens."), busy=True)
    if state == "starting":
        return Doing(lead=_("Starting."), rest="")
    return _waiting(visit, upcoming)


def _since(visit: Visit) -> str:
    """Return day and minute of the last word of the device, empty when it had no time."""
    utc = visit.status.get("utc")
    if not is_instant(utc):
        return ""
    wall = visit.wall_minute(str(utc))
    return f"{visit.words.day(wall)}, {wall:%H:%M}"


def _capturing(visit: Visit, capture: dict[str, Any]) -> Doing:
    _ = visit.words
    if not visit.owner:
        return Doing(lead=_("Photographing."), rest=_("The shutter is open."), busy=True)
    done, planned = capture.get("done", 0), capture.get("planned", 0)
    if visit.state == "darks":
        rest = _("Darks with the cover shut, {done} of {planned}.", done=done, planned=planned)
        return Doing(lead=_("Calibrating."), rest=rest, busy=True)
    rest = _("Frame {done} of {planned}.", done=done, planned=planned)
    return Doing(lead=_("Photographing."), rest=rest, busy=True)


def _waiting(visit: Visit, upcoming: dict[str, Any] | None) -> Doing:
    _ = visit.words
    sentence = str(visit.status.get("sentence", ""))
    if sentence.startswith("The disk refuses"):
        rest = sentence if visit.owner else _("It is full or failing.")
        return Doing(lead=_("The disk refuses."), rest=rest)
    if upcoming is None:
        return Doing(lead=_("Waiting."), rest=_("No pass worth a picture in the next ten days."))
    time = visit.clock_time(upcoming["rise"]["utc"], seconds=False)
    if visit.left_s(upcoming["rise"]["utc"]) <= 0.0:
        return Doing(lead=_("Waiting."), rest=_("The station rose at {time}.", time=time))
    return Doing(
        lead=_("Waiting."),
        rest=_("The station rises at {time}, {day}.", time=time, day=day_words(visit, upcoming)),
    )


def day_words(visit: Visit, item: dict[str, Any]) -> str:
    """Return when a pass is, as people say it: tonight, tomorrow, on Monday."""
    _ = visit.words
    when, now = visit.wall_minute(item["rise"]["utc"]), visit.wall(visit.now_utc)
    if not visit.alive:
        # nobody knows when this page was last true: a date is, whenever it is read
        return _("on {day}", day=visit.words.day(when))
    # a night belongs to its evening: what comes after midnight is still tonight
    half_day = timedelta(hours=12)
    nights = ((when - half_day).date() - (now - half_day).date()).days
    days = (when.date() - now.date()).days
    if nights == 0 and (days == 0 or when.hour < _DAWN_HOUR):
        if when.hour < _DAWN_HOUR:
            return _("tonight, past midnight")
        return _("this morning") if when.hour < 12 else _("tonight")
    if days == 0:
        return _("this evening")
    if days == 1:
        return _("tomorrow morning") if when.hour < 12 else _("tomorrow evening")
    return _("on {day}", day=visit.words.day(when))


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Something that needs the owner: what is wrong, and what to do."""

    what: str
    remedy: str


def troubles(visit: Visit, predictions: dict[str, Any]) -> list[Trouble]:
    """Return what stands between the owner and the next picture, the worst first."""
    _ = visit.words
    status = visit.status
    if visit.state == "silent":
        return [
            Trouble(
                what=_("Start it to see the first pass."),
                remedy=_(
                    "`issgaze run` on this machine, or `sudo systemctl start issgaze.target`."
                ),
            )
        ]
    found: list[Trouble] = []
    if visit.state in {"stale", "stopped"}:
        found.append(
            Trouble(
                what=_("The program that photographs is not running."),
                remedy=_("`issgaze run` starts it again.")
                if visit.state == "stopped" and status.get("by_hand")
                else _("`systemctl status issgaze-observe` over SSH tells why."),
            )
        )
    complaint = (status.get("configuration") or {}).get("complaint")
    if complaint:
        remedy = _("`issgaze config check` over SSH names the fault, `edit` mends it.")
        found.append(
            Trouble(
                what=_("The configuration file is wrong; the last good one holds."),
                # what is wrong in it may name the place
                remedy=f"{complaint}. {remedy}" if visit.owner else remedy,
            )
        )
    found += [_in_words(visit, trouble) for trouble in _health_troubles(status)]
    if (status.get("clock") or {}).get("trust") == "untrusted":
        found.append(
            Trouble(
                what=_("The device does not know the time, so it cannot know when a pass is."),
                remedy=_("Connect it to the network, or give it a GNSS receiver."),
            )
        )
    found += _element_troubles(visit, predictions)
    disk = status.get("disk") or {}
    if isinstance(disk.get("free_gb"), int | float) and disk["free_gb"] < _TIGHT_GB:
        free = _.number(float(disk["free_gb"]), 1)
        found.append(
            Trouble(
                what=_("The disk has {free} GB left.", free=free),
                remedy=_("`issgaze config set archive.budget_gb` lowers what raw frames may take."),
            )
        )
    told = _told_troubles(status) if visit.owner else []
    return found + [_in_words(visit, trouble) for trouble in told]


def _in_words(visit: Visit, trouble: Trouble) -> Trouble:
    """Return what a program says in the visitor's language, as far as it is known."""
    return Trouble(what=visit.words.reason(trouble.what), remedy=visit.words.reason(trouble.remedy))


def _told_troubles(status: dict[str, Any]) -> list[Trouble]:
    """Return what the programs themselves complain of, in their words."""
    found: list[Trouble] = []
    faults = (status.get("roof") or {}).get("faults")
    found += [
        Trouble(what=f"The roof reports: {fault}.", remedy="`issgaze roof status` says more.")
        for fault in (faults if isinstance(faults, list | tuple) else ())
    ]
    silent = (status.get("roof") or {}).get("silent")
    if silent:
        found.append(
            Trouble(what=f"The roof is silent: {silent}.", remedy="See its cable and fuse.")
        )
    return found


def _health_troubles(status: dict[str, Any]) -> list[Trouble]:
    """Return what ails the board; it names no place."""
    complaints = (status.get("health") or {}).get("complaints")
    return [
        Trouble(what=f"{one.get('message') or ''}.", remedy=str(one.get("remedy") or ""))
        for one in (complaints if isinstance(complaints, list) else ())
        if isinstance(one, dict)
    ]


def _element_troubles(visit: Visit, predictions: dict[str, Any]) -> list[Trouble]:
    _ = visit.words
    held = visit.status.get("elements") or predictions.get("elements") or []
    fetch = _("`issgaze elements fetch` asks for a new one and says what fails.")
    if not held:
        return [Trouble(what=_("There is no element set, so no pass is known."), remedy=fetch)]
    age = max(float(item.get("age_days") or 0.0) for item in held)
    if age < _OLD_DAYS:
        return []
    days = _.number(age)
    what = _("The element set is {days} days old: times may be off by minutes.", days=days)
    return [Trouble(what=what, remedy=fetch)]
