"""The plots of a pass: how bright the station was, and how far from where it was expected."""

from typing import Any

from issgaze.civil import from_unix, local, parse_utc
from issgaze.picture.residualscale import beyond, residual_reach
from issgaze.web.plots import Axis, Dots, plot, steps
from issgaze.web.visit import Visit

# deeper than this a curve is noise
_DEPTH_MAG = 7.0
_MOST_SAMPLES = 110
# finer than this a plot of residuals shows nothing
_LEAST_RESIDUAL_S = 0.05


def light_curve(report: dict[str, Any], visit: Visit) -> str:
    """Return magnitude against time, dots measured and the line predicted; empty without."""
    _ = visit.words
    curve = report.get("light_curve") or {}
    samples = [one for one in curve.get("samples") or () if one.get("magnitude") is not None]
    if len(samples) < 4:
        return ""
    samples = samples[:: -(-len(samples) // _MOST_SAMPLES)]
    times: list[float] = [one["at_s"] for one in samples]
    known = [
        (when, float(one["predicted_magnitude"]))
        for when, one in zip(times, samples, strict=True)
        if one.get("predicted_magnitude") is not None
    ]
    values = [float(one["magnitude"]) for one in samples] + [value for _when, value in known]
    brightest = min(values)
    faintest = min(max(values), brightest + _DEPTH_MAG)
    # bright is up
    marks = steps(brightest - 0.3, faintest + 0.3, most=5)
    digits = 0 if all(mark == round(mark) for mark in marks) else 1
    y = Axis(
        low=faintest + 0.3,
        high=brightest - 0.3,
        ticks=tuple((v, _.number(v, digits)) for v in marks),
    )
    measured = [
        (when, min(float(one["magnitude"]), faintest))
        for when, one in zip(times, samples, strict=True)
    ]
    lost = [bool(one.get("saturated")) for one in samples]
    return plot(
        _(
            "Light curve: magnitude {low} at the faintest, {high} at the brightest.",
            low=_.number(faintest, 1),
            high=_.number(brightest, 1),
        ),
        x=_time_axis(times[0], times[-1], visit),
        y=y,
        dots=(
            Dots(points=[p for p, s in zip(measured, lost, strict=True) if not s], radius=1.9),
            Dots(
                points=[p for p, s in zip(measured, lost, strict=True) if s],
                kind="c-open",
                radius=1.9,
            ),
        ),
        line=[(when, min(value, faintest)) for when, value in known],
    )


def along_track(report: dict[str, Any], visit: Visit) -> str:
    """Return the seconds by which each change of frames came early or late; empty without."""
    _ = visit.words
    proof = report.get("proof") or {}
    values = [float(value) for value in proof.get("residuals_s") or ()]
    seconds = [float(value) for value in proof.get("residual_utc_s") or ()]
    frames = report.get("frames") or []
    start = next((one["start_utc"] for one in frames if one.get("start_utc")), None)
    if len(values) < 3 or len(values) != len(seconds) or start is None:
        return ""
    first = parse_utc(start).timestamp()
    reach = _residual_axis(values)
    marks = steps(-reach, reach, most=4)
    digits = 2 if reach < 0.3 else 1
    return plot(
        _("Along-track residuals, at most {reach} s.", reach=_.number(max(map(abs, values)), 2)),
        x=_time_axis(first + min(seconds), first + max(seconds), visit),
        y=Axis(
            low=-reach,
            high=reach,
            ticks=tuple((v, _.number(v, digits if v else 0, sign=bool(v))) for v in marks),
        ),
        dots=(Dots(points=[(first + s, v) for s, v in zip(seconds, values, strict=True)]),),
        height=180.0,
    )


def far_residuals(report: dict[str, Any], visit: Visit) -> str:
    """Return which residuals lie beyond the scale of their plot, empty without such."""
    _ = visit.words
    proof = report.get("proof") or {}
    values = [float(value) for value in proof.get("residuals_s") or ()]
    far = beyond(values, _residual_axis(values)) if len(values) > 2 else []
    told = (", " if _.language == "en" else "\u202f; ").join(
        f"{_.number(value, 2, sign=True)} s" for value in far
    )
    return _("Beyond the scale, as arrows: {values}.", values=told) if far else ""


def _residual_axis(values: list[float]) -> float:
    """Return where the axis of residuals ends on either side, in s."""
    return 1.15 * residual_reach(values, _LEAST_RESIDUAL_S)


def _time_axis(first: float, last: float, visit: Visit) -> Axis:
    step = 60 if last - first > 150 else 30
    begin = int(-(-first // step) * step)
    pattern = "%H:%M" if step == 60 else "%H:%M:%S"
    return Axis(
        low=first,
        high=last,
        ticks=tuple(
            (float(when), local(from_unix(when), visit.zone).strftime(pattern))
            for when in range(begin, int(last) + 1, step)
        ),
    )
