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

_TONIGHT = """
## What would tonight look like from my roof?
Write a small file with your place, your camera, your lens and the hour from which to look for a
pass; the first visible one that culminates above 20 degrees is rendered.

```toml
# my-roof.toml
start_utc = "2024-05-12T19:00:00Z"
[site]
name = "My roof"
latitude_deg = 48.14
longitude_deg = 11.58
height_m = 520.0
time_zone = "Europe/Berlin"
[camera]
sensor = "imx708"
f_number = 2.2
[lens]
projection = "equidistant"
focal_mm = 2.75
altitude_deg = 60.0
azimuth_deg = 180.0
[sky]
zenith_mag = 19.5
domes = [340.0, 8.0, 60.0]
[foreground]
kind = "none"
[station]
elements_file = "/home/me/iss.json"
```

    issgaze simulate --scenario my-roof.toml --out night
    issgaze stack night/lights/*.fits --darks night/darks/*.fits --lens night/lens.json \\
        --elements night/elements.json --out picture

`elements_file` is an OMM record in JSON, as CelesTrak gives it; without one the set of May 2024
that ships is used, which is good for a few weeks around that date. `kind = "picture"` with
`mask_file` puts your own horizon before the sky.

## Scenarios""".splitlines()

_TRUTH = """
## What is written
`lights/NNNN.fits` and `darks/NNNN.fits` as a camera would write them, `lens.json` and
`elements.json` as an owner would have them, `scenario.toml` to make the same frames again, and
the truth, which no other command reads: `truth.json` (the pass, the station's track, stars down to
6.5 mag and planets at the middle of the run) and, in `truth/`, `stars.npz` (every star's pixel at
any instant: straight lines between the instants given), `track.npz` (the station every 0.1 s) and
the layers of the middle frame in electrons, without noise: `frame = (glow + stars + station +
movers) * clear + ground`.

What is modelled, and after whom: stars of Hipparcos to 8 mag with proper motion, beyond them
seeded ones; precession, nutation, aberration, refraction (Saemundsson); twilight (zenith after
Patat et al. 2006, the rest scattered once along each line of sight), moonlight (Krisciunas &
Schaefer 1991), airglow (van Rhijn), light domes, the Milky Way drawn from its well-known features;
the station by SGP4, with phase and light time, fading through the air of the Earth's limb (bent,
spread, dimmed by Rayleigh scattering, ozone and aerosol, in three colours); rolling shutter row by
row. Aurora (over the geomagnetic oval), clouds, dew and trees are made to look right, not measured.
What is known of the chips, and how well, stands in `issgaze/optics/profiles.py`.""".splitlines()


def simulator_page() -> str:
    """Return the page."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# The simulator"
    yield ""
    yield "Written from `issgaze/simulated/scenario.py`, which says what each key means."
    yield "`issgaze simulate --out DIR --scenario NAME|FILE` renders a pass as raw frames;"
    yield "`issgaze run --simulated --scenario NAME|FILE` lives through the whole night."
    yield from _TONIGHT
    yield ""
    yield "| scenario | shows |"
    yield "|---|---|"
    for name in scenario_names():
        yield f"| [`{name}`](simulator/{name}.jpg) | {load_scenario(name).summary} |"
    yield ""
    yield "One frame of each, developed by `docs/simulator/render.py` (`make pictures`):"
    yield ""
    for name in scenario_names():
        yield f"![{name}](simulator/{name}.jpg)"
    yield ""
    yield from _TRUTH
    yield ""
    yield "## A scenario of one's own"
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
