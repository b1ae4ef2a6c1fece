"""The page of one pass: the picture, what the numbers prove, and how it was made."""

from dataclasses import dataclass
from typing import Any

from issgaze.archive.ledger import Row
from issgaze.archive.passfiles import PICTURE_FILE, folder_path
from issgaze.civil import evening_of, later, seconds_between
from issgaze.web.guestview import guest_reason
from issgaze.web.passlines import events
from issgaze.web.passplots import along_track, far_residuals, light_curve
from issgaze.web.predictedpage import predicted_page
from issgaze.web.readings import Readings
from issgaze.web.render import render
from issgaze.web.shots import EDITIONS, open_words, outcome_words, shot
from issgaze.web.sound import is_number
from issgaze.web.visit import FRESH_S, Visit, site_longitude, turning

_FPS = 12  # as develop films
# how often a page looks whether its picture is there
_AGAIN_S = 10.0
# what the share list offers, with what each is for
_SHARED = (
    (PICTURE_FILE, "Picture"),
    ("screen.jpg", "For messengers"),
    ("timelapse.mp4", "Time-lapse"),
    ("timelapse-stars.mp4", "Time-lapse, stars held still"),
    ("preview.webp", "Small moving picture"),
    ("picture-names.jpg", "Picture with names of stars"),
    ("report.html", "Report to print"),
    ("report.json", "All numbers"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameLine:
    """One sub-exposure.

    Attributes:
        second: Where it stands in the film, None when it is not in it.
    """

    number: int
    time: str
    exposure: str
    gap: str
    fate: str
    used: bool
    second: float | None


def pass_page(readings: Readings, visit: Visit, pass_id: str) -> str | None:
    """Return the page of one pass, by a name that the visitor knows; None where there is none."""
    _ = visit.words
    known = readings.names.find(pass_id, owner=visit.owner)
    row = readings.row(known) if known else None
    # what is not over is a forecast yet, even while it is photographed
    if row is None or (row.outcome is None and row.set_utc > visit.now):
        foreseen = predicted_page(readings, visit, pass_id, row)
        if foreseen is not None or row is None:
            return foreseen
    pass_id = row.id
    report = readings.report(pass_id, guest=not visit.owner)
    title, caption = _title_and_caption(readings, visit, row)
    making = _is_made(row, visit)
    one = shot(row, readings, visit)
    has = {name: readings.has(pass_id, name) for name in ("timelapse.mp4", "single.jpg")}
    return render(
        "pass.html",
        visit,
        shot=one,
        row=row,
        pictured=readings.has(pass_id, PICTURE_FILE),
        heading=title or (_("The picture is being made.") if making else ""),
        clock=turning(visit, later(visit.now, _AGAIN_S * (visit.speed or 0.0))) if making else {},
        caption=caption,
        reason=reason_for(row, visit),
        # without a title the outcome is the heading already
        numbers=_numbers(row, report, visit, titled=bool(title and row.outcome)),
        # their axes tell the second
        plots=_plots(report, visit) if visit.owner else [],
        proof=_proof_words(report, visit),
        video=has["timelapse.mp4"],
        compare=has["single.jpg"] and one.choices != "",
        frames=_frames(report, visit),
        events=events(report["pass"], visit) if report.get("pass") else [],
        happened=_happened(readings, row, visit) if visit.owner else [],
        share=_share(readings, row, visit),
        share_words=open_words(row.id, readings, visit).get("caption", ""),
        missing=[
            (str(item.get("what")), _.reason(str(item.get("reason"))))
            for item in report.get("missing") or ()
            if isinstance(item, dict)
        ],
        neighbours=_neighbours(readings, row, visit),
        night=_night(row, visit),
        sizes=", ".join(name for name, _width in EDITIONS),
    )


def _is_made(row: Row, visit: Visit) -> bool:
    """Return whether a picture is still awaited; what never became one is not for ever."""
    awaited = row.outcome is None and row.folder is not None
    return awaited and seconds_between(row.set_utc, visit.now) < FRESH_S


def reason_for(row: Row, visit: Visit) -> str:
    """Return why a pass ended as it did; guests get what holds no number of the exact site."""
    text = row.reason if visit.owner else guest_reason(row.reason)
    told = visit.words.reason(text)
    # it stands after the full stop of the outcome
    return told[:1].upper() + told[1:]


def _title_and_caption(readings: Readings, visit: Visit, row: Row) -> tuple[str, str]:
    words = open_words(row.id, readings, visit)
    title, caption = words.get("title", ""), words.get("caption", "")
    if visit.owner:
        language = visit.words.language
        captions: dict[str, Any] = readings.report(row.id, guest=True).get("captions") or {}
        own = readings.text(row.id, f"caption.{language}.txt")
        # caption.txt is in the owner's first language, whichever that is
        leading = (
            readings.text(row.id, "caption.txt") if next(iter(captions), "") == language else ""
        )
        caption = own or leading or caption or readings.text(row.id, "caption.txt")
    return title, caption


def _numbers(
    row: Row, report: dict[str, Any], visit: Visit, *, titled: bool
) -> list[tuple[str, str]]:
    _ = visit.words
    proof, quality = report.get("proof") or {}, report.get("quality") or {}
    frames = report.get("frames") or []
    used = sum(bool(frame.get("used")) for frame in frames)

    def with_unit(value: Any, unit: str, decimals: int, *, sign: bool = False) -> str:
        if not isinstance(value, int | float):
            return ""
        return _.number(float(value), decimals, sign=sign) + unit

    dead = (report.get("dead_time") or {}).get("stamps_s")
    sky = with_unit(quality.get("background_mag_arcsec2"), " mag/arcsec²", 1)
    values = [
        (_("Outcome"), outcome_words(row.outcome, visit) if titled else ""),
        (_("Proved"), (_("yes") if proof["accepted"] else _("no")) if "accepted" in proof else ""),
        (_("Across the track"), with_unit(proof.get("cross_track_arcmin"), "′", 1)),
        (_("Along the track"), with_unit(proof.get("along_track_s"), " s", 2, sign=True)),
        (_("Frames used"), _("{used} of {all}", used=used, all=len(frames)) if frames else ""),
        (_("Dead time"), with_unit(dead and dead * 1000.0, " ms", 1)),
        (_("Stars"), with_unit(quality.get("star_count"), "", 0)),
        (_("Faintest star"), with_unit(quality.get("limiting_magnitude"), " mag", 1)),
        (_("Star width"), with_unit(quality.get("fwhm_px"), " px", 1)),
        (_("Sky background"), sky),
    ]
    return [(name, value) for name, value in values if value]


def _plots(report: dict[str, Any], visit: Visit) -> list[tuple[str, str, str, str]]:
    """Return heading, sentence, plot and closing words of each."""
    _ = visit.words
    curve = report.get("light_curve") or {}
    fades = [
        _("Half light came {late} s from the forecast.", late=_.number(f["late_s"], 1, sign=True))
        for f in curve.get("fades") or ()
        if f.get("late_s") is not None
    ]
    lost = any(one.get("saturated") for one in curve.get("samples") or ())
    far = far_residuals(report, visit)
    saturated = " " + _("In open dots the trail is saturated and has lost light.") if lost else ""
    found = [
        (
            _("Light curve"),
            _("Magnitude along the trail: dots as measured, the line as foretold.") + saturated,
            light_curve(report, visit),
            " ".join(fades),
        ),
        (
            _("Is it the station?"),
            _("A dot is a change of frames; above zero the station is ahead. In seconds.")
            + (f" {far}" if far else ""),
            along_track(report, visit),
            _proof_words(report, visit),
        ),
    ]
    return [entry for entry in found if entry[2]]


def _proof_words(report: dict[str, Any], visit: Visit) -> str:
    _ = visit.words
    proof = report.get("proof") or {}
    if not proof.get("accepted") or proof.get("cross_track_arcmin") is None:
        return ""
    allowed = (report.get("pass") or {}).get("timing_uncertainty_s")
    text = _(
        "Yes: {cross}′ beside the predicted path, {along} s from the predicted time.",
        cross=_.number(abs(proof["cross_track_arcmin"]), 1),
        along=_.number(float(proof.get("along_track_s") or 0.0), 2, sign=True),
    )
    if isinstance(allowed, int | float):
        text += " " + _("The orbit promised ±{bound} s.", bound=_.number(allowed, 1))
    return text


def _frames(report: dict[str, Any], visit: Visit) -> list[FrameLine]:
    _ = visit.words
    lines: list[FrameLine] = []
    in_film = 0
    for number, frame in enumerate(report.get("frames") or (), start=1):
        used = bool(frame.get("used"))
        dead, start = frame.get("dead_time_s"), frame.get("start_utc")
        exposure = frame.get("exposure_s")
        reason = frame.get("reason")
        lines.append(
            FrameLine(
                number=number,
                time=visit.clock_time(start) if start else "",
                exposure="" if exposure is None else f"{_.number(exposure, 1)} s",
                gap="" if dead is None else f"{_.number(1000.0 * dead, 1)} ms",
                fate=_("used") if used else _.reason(str(reason)) if reason else _("not used"),
                used=used,
                second=round((in_film + 0.5) / _FPS, 3) if used else None,
            )
        )
        in_film += used
    return lines


def _happened(readings: Readings, row: Row, visit: Visit) -> list[tuple[str, str]]:
    """Return the diary of the pass, the checks before it summed up."""
    _ = visit.words
    lines: list[tuple[str, str]] = []
    for event in readings.lines(folder_path(readings.archive, row.id) / "events.jsonl"):
        utc, name = event.get("utc"), str(event.get("event"))
        if isinstance(utc, str):
            lines.append((visit.clock_time(utc), _event_words(name, event, visit)))
    return lines


def _event_words(name: str, event: dict[str, Any], visit: Visit) -> str:
    _ = visit.words
    if name == "preflight":
        checks = [one for one in event.get("checks") or () if isinstance(one, dict)]
        bad = [one for one in checks if one.get("state") in {"warn", "fail"}]
        if not bad:
            return _("Preflight passed: {count} checks.", count=len(checks))
        told = ", ".join(f"{one.get('name')}: {one.get('value')}" for one in bad)
        return _("Preflight complained: {told}.", told=_.reason(told))
    if name == "health":
        found = event.get("complaints")
        ailing = [
            visit.words.reason(str(one.get("message")))
            for one in (found if isinstance(found, list) else ())
            if isinstance(one, dict)
        ]
        return ". ".join(ailing) + "." if ailing else _("The device is in good health.")
    why = _.reason(str(event.get("message") or event.get("fault") or event.get("cause") or ""))
    known = {
        "armed": _("Armed."),
        "cover_opened": _("Cover open."),
        "cover_closed": _("Cover shut."),
        "cover_failed": _("The cover does not move: {why}.", why=why),
        "cover_shut": _("The roof has shut the cover: {why}.", why=why),
        "darks_failed": _("No darks: {why}.", why=why),
        "camera_failed": _("The camera failed: {why}.", why=why),
        "clock_stepped": _("The clock stepped by {span} s.", span=_span(event, visit)),
        "clock_trust": _("The clock is {trust}.", trust=_.reason(f"{event.get('trust')}")),
        "roof_silent": _("The roof is silent: {why}.", why=why),
        "roof_heard": _("The roof answers again."),
        "roof_fault": _("The roof reports: {why}.", why=why),
        "rain": _("It rains."),
        "sealed": _("Capture over: {why}.", why=_.reason(str(event.get("reason", "")))),
    }
    facts = ", ".join(
        f"{key} {value}" for key, value in event.items() if key not in {"utc", "event"}
    )
    return known.get(name) or f"{name.replace('_', ' ').capitalize()}. {facts}"


def _span(event: dict[str, Any], visit: Visit) -> str:
    seconds: Any = event.get("seconds")
    return visit.words.number(float(seconds), 3, sign=True) if is_number(seconds) else "?"


def _share(readings: Readings, row: Row, visit: Visit) -> list[tuple[str, str, str]]:
    """Return what can be taken along: address, name and size."""
    _ = visit.words
    offered: list[tuple[str, str, str]] = []
    for name, label in _SHARED:
        found = readings.file(row.id, name, owner=visit.owner)
        if found is not None:
            size = found[0].stat().st_size
            amount = (
                f"{_.number(size / 1e6, 1)} MB" if size >= 1e6 else f"{_.number(size / 1e3)} kB"
            )
            offered.append((name, _(label), f"{name.rsplit('.', 1)[1].upper()}, {amount}"))
    return offered


def _neighbours(readings: Readings, row: Row, visit: Visit) -> list[tuple[str, str, str]]:
    """Return relation, address and name of the pictures before and after."""
    _ = visit.words
    rows = readings.pictures(owner=visit.owner)
    ids = [one.id for one in rows]
    if row.id not in ids:
        return []
    place = ids.index(row.id)
    found: list[tuple[str, str, str]] = []
    for relation, label, other in (
        ("prev", _("Earlier"), place + 1),
        ("next", _("Later"), place - 1),
    ):
        if 0 <= other < len(rows):
            one = shot(rows[other], readings, visit)
            found.append(
                (relation, f"/passes/{one.id}/", _("{what}: {when}", what=label, when=one.day))
            )
    return found


def _night(row: Row, visit: Visit) -> str:
    """Return the evening that names the night of a pass."""
    longitude = site_longitude(visit)
    return "" if longitude is None else evening_of(row.culmination_utc, longitude).isoformat()
