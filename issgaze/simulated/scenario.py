"""Scenarios: everything that one simulated night is made of, in a small TOML file.

Each field below is a key of the file. What a scenario leaves out has the default of a clear, dark
night over a roof in order; `issgaze/simulated/scenarios` holds the ones that ship.
"""

import dataclasses
import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from issgaze.civil import parse_utc, time_zone
from issgaze.configtoml import TomlError, parse_toml
from issgaze.configvalues import check_value, read_table, unknown_keys
from issgaze.errors import ScenarioError, TimeError

_FOLDER = Path(__file__).parent / "scenarios"


def _key(default: Any, low: float | None = None, high: float | None = None) -> Any:
    return dataclasses.field(default=default, metadata={"low": low, "high": high})


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteScenario:
    """Where the roof is.

    Attributes:
        ut1_minus_utc_s: How far the Earth's rotation is ahead of the clocks.
    """

    name: str = _key("")
    latitude_deg: float = _key(0.0, -90, 90)
    longitude_deg: float = _key(0.0, -180, 180)
    height_m: float = _key(0.0, -500, 9000)
    time_zone: str = _key("UTC")
    ut1_minus_utc_s: float = _key(0.0, -0.9, 0.9)


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraScenario:
    """The camera and how its time stamps behave.

    Attributes:
        exposure_s, analogue_gain: What `issgaze simulate` exposes with.
        stamp: Which end of the exposure the raw stamp of the device means. Whoever reads it takes
            it for the end, as libcamera's is: "start" dates frames one exposure too early.
        stamp_jitter_s: Standard deviation of the stamps.
        extra_dead_time_s: Added to the mode's smallest gap.
        raw: How frames cross the bus: "unpacked" in 16-bit words, "packed" as CSI2P (both give the
            same frames), or "compressed" as a Raspberry Pi 5 does unasked, which is refused.
        drop_every: Every so manieth frame is lost, 0 for none.
    """

    sensor: Literal["imx477", "imx708", "imx462", "imx290", "imx296", "imx219"] = _key("imx477")
    mode: Literal["binned", "full"] = _key("binned")
    f_number: float = _key(2.0, 0.7, 22)
    exposure_s: float = _key(8.0, 0.001, 600)
    analogue_gain: float = _key(8.0, 1, 32)
    temperature_c: float = _key(12.0, -40, 80)
    hot_pixels_per_million: float = _key(150.0, 0, 100_000)
    row_noise_e: float = _key(0.3, 0, 100)
    amp_glow_e_per_s: float = _key(0.05, 0, 100)
    stamp: Literal["start", "end"] = _key("end")
    stamp_jitter_s: float = _key(0.0, 0, 10)
    extra_dead_time_s: float = _key(0.0, 0, 60)
    raw: Literal["unpacked", "packed", "compressed"] = _key("unpacked")
    drop_every: int = _key(0, 0, 10_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class LensScenario:
    """The lens and where it looks; the numbers mean what docs/formats.md says.

    Attributes:
        altitude_deg, azimuth_deg: Of the lens axis.
        roll_deg: Turn of the camera about the axis, clockwise as the picture turns.
        center_offset_px: Axis from the middle of the sensor, in pixels of the full mode.
        blur_um, edge_blur_um: Width (FWHM) of a star at the axis and at the sensor's corner.
        circle_mm: Radius of the image circle; 0 for one that covers the sensor.
        falloff: Part of the light lost at the corner beyond the cosine's.
        halo: Part of a star's light that goes into its halo.
    """

    projection: Literal[
        "equidistant", "equisolid", "rectilinear", "stereographic", "orthographic"
    ] = _key("equisolid")
    focal_mm: float = _key(3.0, 0.5, 200)
    altitude_deg: float = _key(90.0, -90, 90)
    azimuth_deg: float = _key(0.0, -360, 360)
    roll_deg: float = _key(0.0, -360, 360)
    mirrored: bool = _key(False)  # noqa: FBT003 - a default, not a flag
    radial: tuple[float, ...] = _key((0.0, 0.0, 0.0), -1, 1)
    tangential: tuple[float, ...] = _key((0.0, 0.0), -0.1, 0.1)
    center_offset_px: tuple[float, ...] = _key((0.0, 0.0), -500, 500)
    blur_um: float = _key(5.5, 0.1, 100)
    edge_blur_um: float = _key(7.5, 0.1, 100)
    circle_mm: float = _key(0.0, 0, 50)
    falloff: float = _key(0.35, 0, 1)
    halo: float = _key(0.03, 0, 0.9)


@dataclass(frozen=True, slots=True, kw_only=True)
class SkyScenario:
    """The sky behind the station.

    Attributes:
        zenith_mag: Moonless background at the zenith, V mag/arcsec^2.
        extinction_mag: Per airmass.
        airglow: Strength of the green and red bands low in the sky, 1 is ordinary.
        milky_way: Strength, 1 is as it is.
        domes: Light domes: azimuth in degrees, brightness at the horizon in zenith backgrounds,
            width in degrees, three numbers for each.
        moon, planets: Whether they are there.
        aurora: 0 none to 1 strong.
        cloud_cover: Part of the sky behind clouds.
        cloud_drift_deg_per_s: Speed of the clouds at the zenith.
        dew: 0 dry to 1 wet, growing over the pass.
        faintest_mag: Of the seeded stars beyond the catalogue.
    """

    zenith_mag: float = _key(21.6, 14, 23)
    extinction_mag: float = _key(0.2, 0, 5)
    airglow: float = _key(1.0, 0, 10)
    milky_way: float = _key(1.0, 0, 10)
    domes: tuple[float, ...] = _key((), -360, 1000)
    moon: bool = _key(True)  # noqa: FBT003 - a default, not a flag
    planets: bool = _key(True)  # noqa: FBT003 - a default, not a flag
    aurora: float = _key(0.0, 0, 1)
    cloud_cover: float = _key(0.0, 0, 1)
    cloud_drift_deg_per_s: float = _key(0.05, -5, 5)
    dew: float = _key(0.0, 0, 1)
    faintest_mag: float = _key(10.0, 8, 13)


@dataclass(frozen=True, slots=True, kw_only=True)
class ForegroundScenario:
    """What stands before the sky.

    Attributes:
        kind: "rooftop" is built in, "picture" takes `mask_file`, "none" leaves the sky free.
        mask_file: A picture as large as the sensor's field, white where the sky is.
        sway_px: How far the tree's top moves in the wind, in pixels of the binned mode.
        window_lit: Whether somebody is at home.
        ambient: How bright the ground is against the sky.
    """

    kind: Literal["rooftop", "picture", "none"] = _key("rooftop")
    mask_file: str = _key("")
    sway_px: float = _key(0.6, 0, 100)
    window_lit: bool = _key(True)  # noqa: FBT003 - a default, not a flag
    ambient: float = _key(1.0, 0, 100)


@dataclass(frozen=True, slots=True, kw_only=True)
class StationScenario:
    """The satellite of the element set.

    Attributes:
        standard_mag: At 1000 km and half phase.
        along_track_s: How much later than its element set it comes, as after a reboost.
        elements_file: OMM record in JSON, a path or the name of one that ships; empty for the
            station's own.
    """

    standard_mag: float = _key(-1.8, -10, 15)
    along_track_s: float = _key(0.0, -600, 600)
    elements_file: str = _key("")


@dataclass(frozen=True, slots=True, kw_only=True)
class MoverScenario:
    """Something else that moves: in a straight line over the sky in its own time.

    Attributes:
        kind: What it is.
        start_s: When it appears, in s after the culmination of the station.
        lasts_s: For how long.
        from_altitude_deg ... to_azimuth_deg: Where it appears and vanishes, along a great circle.
        mag: Its brightness; that of the steady light of an aircraft.
        blink_s: Period of an aircraft's flashes.
    """

    kind: Literal["aircraft", "satellite", "meteor"] = _key("satellite")
    start_s: float = _key(0.0, -3600, 3600)
    lasts_s: float = _key(60.0, 0.01, 3600)
    from_altitude_deg: float = _key(20.0, -10, 90)
    from_azimuth_deg: float = _key(0.0, -360, 360)
    to_altitude_deg: float = _key(20.0, -10, 90)
    to_azimuth_deg: float = _key(90.0, -360, 360)
    mag: float = _key(3.0, -15, 12)
    blink_s: float = _key(1.2, 0.1, 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureScenario:
    """Something that fails on cue.

    Attributes:
        what: The failure.
        start_s: When, in s after the scenario's start.
        lasts_s: For how long.
        amount: Size of a clock's step in s, of a jump of the GNSS northward in degrees, or of the
            delay of a slow camera or disk in s.
    """

    what: Literal[
        "camera_hangs",
        "camera_gone",
        "camera_black",
        "camera_frozen",
        "camera_wrong_size",
        "camera_slow",
        "roof_silent",
        "rain",
        "gnss_silent",
        "gnss_no_fix",
        "gnss_jumps",
        "disk_full",
        "disk_read_only",
        "disk_slow",
        "clock_step",
        "clock_untrusted",
        "power_cut",
    ] = _key("camera_hangs")
    start_s: float = _key(0.0, 0, 1e7)
    lasts_s: float = _key(60.0, 0, 1e7)
    amount: float = _key(0.0, -1e6, 1e6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One simulated night.

    Attributes:
        name: Of the scenario.
        summary: What it shows, in one sentence.
        start_utc: Where its clock starts; the first good pass afterwards is the scenario's.
        seed: Of everything that chance decides.
        clock_error_s: How far the device's clock is ahead at the start.
        clock_drift_ppm: By how much it gains.
    """

    name: str
    summary: str
    start_utc: datetime
    seed: int
    clock_error_s: float
    clock_drift_ppm: float
    site: SiteScenario
    camera: CameraScenario
    lens: LensScenario
    sky: SkyScenario
    foreground: ForegroundScenario
    station: StationScenario
    movers: tuple[MoverScenario, ...]
    failures: tuple[FailureScenario, ...]


_TABLES: dict[str, Any] = {
    "site": SiteScenario,
    "camera": CameraScenario,
    "lens": LensScenario,
    "sky": SkyScenario,
    "foreground": ForegroundScenario,
    "station": StationScenario,
}
_LISTS: dict[str, Any] = {"movers": MoverScenario, "failures": FailureScenario}
_TOP = ("summary", "start_utc", "seed", "clock_error_s", "clock_drift_ppm")


def scenario_names() -> tuple[str, ...]:
    """Return the names of the scenarios that ship."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.toml")))


def scenario_path(name_or_path: str) -> Path:
    """Return the file of a scenario, by its name or path.

    Raises:
        ScenarioError: There is none.
    """
    path = Path(name_or_path)
    if path.suffix == ".toml" and path.is_file():
        return path
    shipped = _FOLDER / f"{name_or_path}.toml"
    if name_or_path in scenario_names():
        return shipped
    near = difflib.get_close_matches(name_or_path, scenario_names(), n=1)
    hint = f", did you mean {near[0]}?" if near else ""
    raise ScenarioError(
        f"there is no scenario {name_or_path!r}{hint}",
        remedy=f"Choose one of: {', '.join(scenario_names())}; or give the path of a .toml file.",
    )


def load_scenario(name_or_path: str) -> Scenario:
    """Read a scenario by its name, or a file of the owner's.

    Raises:
        ScenarioError: There is none, or it makes no sense; the message lists every fault in it.
    """
    path = scenario_path(name_or_path)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ScenarioError(
            f"{path}: cannot be read", remedy="Check that it is a text file that you may read."
        ) from error
    return parse_scenario(text, name=path.stem)


def scenario_text(name_or_path: str, seed: int) -> str:
    """Return a scenario's file with another seed in it, so that it gives the same frames again.

    Raises:
        ScenarioError: There is no such scenario.
    """
    lines = scenario_path(name_or_path).read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not re.match(r"seed\s*=", line)]
    return f"seed = {seed}\n" + "\n".join(kept) + "\n"


def parse_scenario(text: str, *, name: str) -> Scenario:
    """Read the text of a scenario.

    Raises:
        ScenarioError: It makes no sense; the message lists every fault in it.
    """
    try:
        document = parse_toml(text)
    except TomlError as error:
        raise ScenarioError(f"{name}: {error.message}", remedy=error.remedy) from error
    faults = unknown_keys(document, (*_TOP, *_TABLES, *_LISTS), where="key")
    values: dict[str, Any] = {
        section: _table(kind, document.get(section, {}), section, faults)
        for section, kind in _TABLES.items()
    }
    for section, kind in _LISTS.items():
        entries = document.get(section, [])
        if not isinstance(entries, list):
            faults.append(f"{section} must be written as [[{section}]]")
            entries = []
        values[section] = tuple(_table(kind, entry, section, faults) for entry in entries)
    values["summary"] = _top(document, "summary", str, "", faults)
    values["seed"] = _top(document, "seed", int, 1, faults)
    values["clock_error_s"] = float(_top(document, "clock_error_s", float, 0.0, faults))
    values["clock_drift_ppm"] = float(_top(document, "clock_drift_ppm", float, 0.0, faults))
    start = _start(document, faults)
    _check_whole(values, faults)
    if faults or start is None:
        raise ScenarioError(
            f"{name}: " + "; ".join(faults),
            remedy="Correct that; docs/simulator.md lists the keys.",
        )
    return Scenario(name=name, start_utc=start, **values)


def _start(document: Mapping[str, Any], faults: list[str]) -> datetime | None:
    given = document.get("start_utc")
    if given is None:
        faults.append("start_utc is missing")
        return None
    try:
        return parse_utc(given if isinstance(given, str) else given.isoformat())
    except (TimeError, AttributeError):
        faults.append(f"start_utc = {given!r} is no instant")
        return None


def _top(document: Mapping[str, Any], key: str, kind: Any, default: Any, faults: list[str]) -> Any:
    try:
        return check_value(document.get(key, default), kind, {})
    except ValueError as error:
        faults.append(f"{key} = {document[key]!r} {error}")
        return default


def _table(kind: Any, table: Any, section: str, faults: list[str]) -> Any:
    return kind(**read_table(kind, table, section, faults))


def _check_whole(values: Mapping[str, Any], faults: list[str]) -> None:
    lens, sky = values["lens"], values["sky"]
    for key, count in (("radial", 3), ("tangential", 2), ("center_offset_px", 2)):
        if len(getattr(lens, key)) != count:
            faults.append(f"lens.{key} needs {count} numbers")
    if len(sky.domes) % 3:
        faults.append("sky.domes needs three numbers for each dome")
    try:
        time_zone(values["site"].time_zone)
    except TimeError as error:
        faults.append(f"site.time_zone: {error.message}")
