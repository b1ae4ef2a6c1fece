"""docs/simulator.md, written from the scenario's own dataclasses."""

import dataclasses
from collections.abc import Iterator
from typing import Any

from issgaze.simulated.scenario import (
    CameraScenario,
    FailureScenario,
    ForegroundScenario,
    LensScenario,
    MoverScenario,
    SiteScenario,
    SkyScenario,
    StationScenario,
    load_scenario,
    scenario_names,
)

_SECTIONS: tuple[tuple[str, Any], ...] = (
    ("[site]", SiteScenario),
    ("[camera]", CameraScenario),
    ("[lens]", LensScenario),
    ("[sky]", SkyScenario),
    ("[foreground]", ForegroundScenario),
    ("[station]", StationScenario),
    ("[[movers]]", MoverScenario),
    ("[[failures]]", FailureScenario),
)


def simulator_page() -> str:
    """Return the page."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# The simulator"
    yield ""
    yield "Written from `issgaze/simulated/scenario.py`, which says what each key means."
    yield "`issgaze simulate --out DIR --scenario NAME|FILE` renders a pass as raw frames;"
    yield "`issgaze run --simulated --scenario NAME|FILE` lives through the whole night."
    yield ""
    yield "| scenario | shows |"
    yield "|---|---|"
    for name in scenario_names():
        yield f"| `{name}` | {load_scenario(name).summary} |"
    yield ""
    yield "A file has `start_utc`, and may have `summary`, `seed`, `clock_error_s`,"
    yield "`clock_drift_ppm` and these tables; what is left out keeps its default."
    for title, kind in _SECTIONS:
        yield ""
        yield f"## {title}"
        yield "| key | default | limits |"
        yield "|---|---|---|"
        for field in dataclasses.fields(kind):
            low, high = field.metadata["low"], field.metadata["high"]
            limits = "" if low is None else f"{low:g} to {high:g}"
            yield f"| `{field.name}` | `{_toml(field.default)}` | {limits} |"


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return str(list(value))
    return f'"{value}"' if isinstance(value, str) else str(value)
