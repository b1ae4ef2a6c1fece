"""Passes and choices as JSON documents, as `issgaze passes --json` prints them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from issgaze.civil import format_utc, parse_utc
from issgaze.orbit.passes import Event, Fade, LitInterval, MoonConditions, Pass, Transit
from issgaze.planning.plan import Choice


def choice_document(choice: Choice) -> dict[str, Any]:
    """Return a pass with its verdict and reason."""
    return pass_document(choice.iss_pass) | {"verdict": choice.verdict, "reason": choice.reason}


def pass_document(iss_pass: Pass) -> dict[str, Any]:
    """Return a pass as a document; times to the millisecond."""
    moon = iss_pass.moon
    return {
        "id": iss_pass.id,
        "norad_id": iss_pass.norad_id,
        "rise": event_document(iss_pass.rise),
        "culmination": event_document(iss_pass.culmination),
        "set": event_document(iss_pass.set),
        "visible": iss_pass.visible,
        "lit": lit_document(iss_pass.lit),
        "shadow_entry": _optional_document(iss_pass.shadow_entry),
        "shadow_exit": _optional_document(iss_pass.shadow_exit),
        "fade": [
            {
                "start_utc": _instant(fade.start_utc),
                "half_utc": _instant(fade.half_utc),
                "gone_utc": _instant(fade.gone_utc),
                "direction": fade.direction,
            }
            for fade in iss_pass.fades
        ],
        "peak_magnitude": _rounded(iss_pass.peak_magnitude, 2),
        "sun_altitude_deg": round(iss_pass.sun_altitude_deg, 3),
        "moon": {
            "altitude_deg": round(moon.altitude_deg, 2),
            "illuminated_fraction": round(moon.illuminated_fraction, 3),
            "min_separation_deg": round(moon.min_separation_deg, 2),
        },
        "timing_uncertainty_s": round(iss_pass.timing_uncertainty_s, 2),
        "transits": [transit_document(each) for each in iss_pass.transits],
    }


def pass_from_document(document: dict[str, Any]) -> Pass:
    """Return the pass of a document; keys that are not known are left alone.

    Raises:
        KeyError, TypeError, ValueError: It is not a document of a pass.
    """
    moon = document["moon"]
    return Pass(
        id=document["id"],
        norad_id=document["norad_id"],
        rise=_event(document["rise"]),
        culmination=_event(document["culmination"]),
        set=_event(document["set"]),
        visible=document["visible"],
        lit=lit_from_document(document["lit"]),
        shadow_entry=_optional(document["shadow_entry"]),
        shadow_exit=_optional(document["shadow_exit"]),
        fades=tuple(
            Fade(
                direction=fade["direction"],
                start_utc=parse_utc(fade["start_utc"]),
                half_utc=parse_utc(fade["half_utc"]),
                gone_utc=parse_utc(fade["gone_utc"]),
            )
            for fade in document["fade"]
        ),
        peak_magnitude=document["peak_magnitude"],
        sun_altitude_deg=document["sun_altitude_deg"],
        moon=MoonConditions(
            altitude_deg=moon["altitude_deg"],
            illuminated_fraction=moon["illuminated_fraction"],
            min_separation_deg=moon["min_separation_deg"],
        ),
        timing_uncertainty_s=document["timing_uncertainty_s"],
        transits=tuple(
            Transit(
                body=each["body"],
                utc=parse_utc(each["utc"]),
                separation_deg=each["separation_deg"],
                radius_deg=each["radius_deg"],
                error_deg=each["error_deg"],
            )
            for each in document.get("transits", [])
        ),
    )


def lit_document(lit: Iterable[LitInterval]) -> list[dict[str, Any]]:
    """Return stretches in the light as a document."""
    return [
        {
            "from": event_document(stretch.start),
            "to": event_document(stretch.end),
            "from_cause": stretch.start_cause,
            "to_cause": stretch.end_cause,
        }
        for stretch in lit
    ]


def lit_from_document(document: Iterable[dict[str, Any]]) -> tuple[LitInterval, ...]:
    """Return the stretches of a document.

    Raises:
        KeyError, TypeError, ValueError: It is not a document of stretches.
    """
    return tuple(
        LitInterval(
            start=_event(stretch["from"]),
            end=_event(stretch["to"]),
            start_cause=stretch["from_cause"],
            end_cause=stretch["to_cause"],
        )
        for stretch in document
    )


def transit_document(transit: Transit) -> dict[str, Any]:
    """Return a transit of Sun or Moon as a document."""
    return {
        "body": transit.body,
        "utc": _instant(transit.utc),
        "separation_deg": round(transit.separation_deg, 4),
        "radius_deg": round(transit.radius_deg, 4),
        "error_deg": round(transit.error_deg, 4),
    }


def event_document(event: Event) -> dict[str, Any]:
    """Return an event as a document."""
    return {
        "utc": _instant(event.utc),
        "altitude_deg": round(event.altitude_deg, 4),
        "azimuth_deg": round(event.azimuth_deg, 4),
        "range_km": round(event.range_km, 2),
    }


def _optional_document(event: Event | None) -> dict[str, Any] | None:
    return None if event is None else event_document(event)


def _event(document: dict[str, Any]) -> Event:
    return Event(
        utc=parse_utc(document["utc"]),
        altitude_deg=document["altitude_deg"],
        azimuth_deg=document["azimuth_deg"],
        range_km=document["range_km"],
    )


def _optional(document: dict[str, Any] | None) -> Event | None:
    return None if document is None else _event(document)


def _instant(instant: datetime) -> str:
    return format_utc(instant, decimals=3)


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
