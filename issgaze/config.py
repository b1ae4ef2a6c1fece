"""issgaze.toml: what an owner can set, with its limits, and how a wrong file is answered.

The dataclasses below are the schema: a field's type, default, range and sentence come from here,
and the example file and docs/config.md are written from them. A constant with a comment is better
than an option, so what stands here is what one roof has and another has not.
"""

import dataclasses
import os
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from issgaze.civil import time_zone
from issgaze.configtoml import TomlError, parse_toml
from issgaze.configvalues import read_table, unknown_keys
from issgaze.errors import ConfigurationError, TimeError, remedy_for
from issgaze.sky.site import Site

if TYPE_CHECKING:
    from issgaze.sky.horizon import HorizonMask

SYSTEM_CONFIG = Path("/etc/issgaze/issgaze.toml")
# where one is looked for that is not named; the first there is holds
USUAL_CONFIGS = (Path("issgaze.toml"), SYSTEM_CONFIG)
SYSTEM_ARCHIVE = Path("/var/lib/issgaze")
NOT_UTF8 = "Save it as plain text in UTF-8, the usual encoding."
# what a site cannot do without, and how it is set
_SITE_COMMANDS = {
    "latitude_deg": "`issgaze config set site.latitude_deg ...`",
    "longitude_deg": "`issgaze config set site.longitude_deg ...`",
}


def _setting(default: Any, doc: str, *, low: float | None = None, high: float | None = None) -> Any:
    return dataclasses.field(default=default, metadata={"doc": doc, "low": low, "high": high})


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteSettings:
    """Where the roof is; 0.001 deg is worth having, 0.01 deg moves the station by 9 arcmin."""

    name: str = _setting("", "What you call the place; stands in captions.")
    latitude_deg: float | None = _setting(
        None, "Latitude, north positive, four decimals.", low=-90, high=90
    )
    longitude_deg: float | None = _setting(
        None, "Longitude, east positive, four decimals.", low=-180, high=180
    )
    height_m: float = _setting(0.0, "Height above the ellipsoid.", low=-500, high=9000)
    time_zone: str = _setting("UTC", "IANA name of the zone people there live by.")
    horizon: str = _setting(
        "", 'Roofs, trees and hills: azimuth:altitude pairs, as in "0:12 90:25 180:8".'
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PassSettings:
    """Which passes count."""

    norad_ids: tuple[int, ...] = _setting(
        (25544,), "Satellites to photograph, by catalogue number.", low=1, high=999_999_999
    )
    min_altitude_deg: float = _setting(
        10.0, "Rise and set are crossings of this altitude.", low=0, high=80
    )
    min_culmination_deg: float = _setting(
        20.0, "Passes that stay lower are skipped.", low=0, high=90
    )
    standard_magnitude: float = _setting(
        -1.8, "Magnitude at 1000 km and half phase.", low=-10, high=15
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraSettings:
    """The camera on the roof."""

    adapter: Literal["picamera", "folder", "simulated"] = _setting(
        "picamera", "What the camera is; folder takes frames that another program writes."
    )
    folder: str = _setting("", "Where that program writes them.")
    sensor: Literal["imx477", "imx708", "imx462", "imx290", "imx296", "imx219"] = _setting(
        "imx477", "Its chip."
    )
    mode: Literal["binned", "full"] = _setting("full", "Capture size.")
    focal_mm: float = _setting(2.7, "Focal length of the lens.", low=0.5, high=200)
    f_number: float = _setting(2.0, "Aperture of the lens.", low=0.7, high=22)
    lens_file: str = _setting("", "lens.json of the last calibration; empty: find out.")
    has_cover: bool = _setting(False, "True when the roof controller can shut a cover.")  # noqa: FBT003 - a default, not a flag


@dataclass(frozen=True, slots=True, kw_only=True)
class RoofSettings:
    """Cover, heater and rain sensor; pins are those of the chip (BCM), -1 where there is none."""

    controller: Literal["none", "pico", "gpio"] = _setting(
        "none", "pico is a controller of its own on USB, gpio the Pi's own pins."
    )
    port: str = _setting("/dev/issgaze-roof", "Where the controller is.")
    heater_pin: int = _setting(17, "Relay of the dew heater.", low=-1, high=27)
    servo_pin: int = _setting(12, "Servo of the cover.", low=-1, high=27)
    led_pin: int = _setting(27, "LED; dark while the cover is open.", low=-1, high=27)
    button_pin: int = _setting(22, "Button that keeps the cover shut.", low=-1, high=27)
    rain_pin: int = _setting(23, "Rain contact, closed while it is dry.", low=-1, high=27)
    pps_pin: int = _setting(18, "Pulse of a GNSS receiver, read by the kernel.", low=-1, high=27)
    heater_duty: float = _setting(0.3, "Of a heater on the Pi's own pins.", low=0, high=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class GnssSettings:
    """A satellite-navigation receiver, read by `issgaze gnss`."""

    source: Literal["auto", "gpsd", "serial", "roof"] = _setting(
        "auto", "auto takes gpsd if it runs, else the port; roof is the controller's."
    )
    port: str = _setting("/dev/issgaze-gnss", "Where the receiver is.")
    baud: int = _setting(9600, "Its speed, bits a second.", low=1200, high=921_600)


@dataclass(frozen=True, slots=True, kw_only=True)
class DevelopSettings:
    """How pictures are made."""

    resolution: Literal["auto", "half", "full"] = _setting("auto", "Size of the products.")
    memory_budget_mb: int = _setting(
        0, "What developing may take at its largest; 0 is 45 % of the memory.", low=0, high=8000
    )
    languages: tuple[str, ...] = _setting(("en", "fr"), "Captions, the first one leading.")
    also: tuple[Literal["star_trails", "all_lights", "ground_only", "stars_only"], ...] = _setting(
        (), "Further pictures: star_trails, all_lights, ground_only, stars_only."
    )
    overlay: bool = _setting(True, "A second picture with the names of stars and constellations.")  # noqa: FBT003 - a default, not a flag


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementSettings:
    """Where element sets come from, in order of preference."""

    sources: tuple[str, ...] = _setting(
        (
            "https://celestrak.org/NORAD/elements/gp.php?CATNR={norad_id}&FORMAT=json",
            "https://db.satnogs.org/api/tle/?norad_cat_id={norad_id}&format=json",
        ),
        "Addresses; {norad_id} is filled in.",
    )
    interval_h: float = _setting(7.0, "Hours between downloads.", low=2, high=72)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSettings:
    """The status page."""

    host: str = _setting("127.0.0.1", "Address to listen on; 0.0.0.0 for the local network.")
    port: int = _setting(8080, "Port to listen on.", low=1, high=65535)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveSettings:
    """Where everything is kept."""

    path: str = _setting("", "Folder of the archive; empty for the usual place.")
    budget_gb: float = _setting(20.0, "Raw frames go when it is used up.", low=1, high=100_000)
    budget_days: int = _setting(
        0, "Raw frames older than this go, too; 0 keeps them as long as there is room.",
        low=0, high=36_500,
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The whole configuration."""

    site: SiteSettings = dataclasses.field(default_factory=SiteSettings)
    passes: PassSettings = dataclasses.field(default_factory=PassSettings)
    camera: CameraSettings = dataclasses.field(default_factory=CameraSettings)
    roof: RoofSettings = dataclasses.field(default_factory=RoofSettings)
    gnss: GnssSettings = dataclasses.field(default_factory=GnssSettings)
    develop: DevelopSettings = dataclasses.field(default_factory=DevelopSettings)
    elements: ElementSettings = dataclasses.field(default_factory=ElementSettings)
    page: PageSettings = dataclasses.field(default_factory=PageSettings)
    archive: ArchiveSettings = dataclasses.field(default_factory=ArchiveSettings)

    def require_site(self) -> Site:
        """Return the site.

        Raises:
            ConfigurationError: Latitude or longitude is not set.
        """
        if self.site.latitude_deg is None or self.site.longitude_deg is None:
            commands = [_SITE_COMMANDS[name] for name in self._site_unset()]
            raise ConfigurationError(
                self.site_unknown(), remedy=f"Run `issgaze setup`, or {' and '.join(commands)}."
            )
        return Site(
            latitude_deg=self.site.latitude_deg,
            longitude_deg=self.site.longitude_deg,
            height_m=self.site.height_m,
        )

    def site_unknown(self) -> str:
        """Return what keeps the site from being known, in words."""
        unset = self._site_unset()
        verb = "is" if len(unset) == 1 else "are"
        return f"the site is not known: {' and '.join(unset)} {verb} not set"

    def _site_unset(self) -> list[str]:
        return [name for name in _SITE_COMMANDS if getattr(self.site, name) is None]

    def horizon(self) -> "HorizonMask | None":
        """Return what stands around the site; None for a free horizon."""
        # the page reads settings too, and does without arrays
        from issgaze.sky.horizon import parse_horizon

        return parse_horizon(self.site.horizon)

    def archive_path(self) -> Path:
        """Return the folder of the archive, whether it exists or not."""
        if self.archive.path:
            return Path(self.archive.path).expanduser()
        # made by the package; the page may read it and nothing more
        if os.access(SYSTEM_ARCHIVE / "passes", os.R_OK | os.X_OK):
            return SYSTEM_ARCHIVE
        data_home = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
        return Path(data_home).expanduser() / "issgaze"


def find_configuration(named: str | None) -> Path | None:
    """Return the configuration file to use; None where there is none and defaults hold.

    Raises:
        ConfigurationError: A file that was named explicitly does not exist.
    """
    explicit = named or os.environ.get("ISSGAZE_CONFIG")
    if explicit:
        path = Path(explicit)
        if not path.is_file():
            raise ConfigurationError(
                f"{path}: no such configuration file",
                remedy="Check -c FILE and $ISSGAZE_CONFIG, or leave both out.",
            )
        return path
    return next((path for path in USUAL_CONFIGS if path.is_file()), None)


def command_for(file: str | Path) -> str:
    """Return how issgaze is called for a configuration file."""
    usual = Path(file) in USUAL_CONFIGS
    return "issgaze" if usual else f"issgaze -c {shlex.quote(str(file))}"


def load_settings(path: Path | None) -> Settings:
    """Read a configuration file; None gives the defaults.

    Raises:
        ConfigurationError: It cannot be read; the message lists every fault in it.
    """
    if path is None:
        return Settings()
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"{path}: {getattr(error, 'strerror', None) or 'not UTF-8 text'}",
            remedy=remedy_for(error) if isinstance(error, OSError) else NOT_UTF8,
        ) from error
    return parse_settings(text, name=str(path))


def parse_settings(text: str, *, name: str) -> Settings:
    """Read the text of a configuration file.

    Raises:
        ConfigurationError: The message lists every fault in it.
    """
    try:
        document = parse_toml(text, bare=bare_examples())
    except TomlError as error:
        raise ConfigurationError(f"{name}: {error.message}", remedy=error.remedy) from error
    faults: list[str] = []
    sections = {
        field.name: _read_section(field.type, field.name, document, faults)
        for field in dataclasses.fields(Settings)
    }
    faults += unknown_keys(document, sections, where="section", homes=_homes())
    if faults:
        raise ConfigurationError(
            f"{name}: " + "; ".join(faults),
            remedy=f"Correct that in the file: `{command_for(name)} config edit` opens it, and "
            "takes it once it is right.",
        )
    return Settings(**sections)


def _read_section(kind: Any, section: str, document: Mapping[str, Any], faults: list[str]) -> Any:
    values = read_table(kind, document.get(section, {}), section, faults, homes=_homes())
    if section == "site" and "time_zone" in values:
        try:
            time_zone(values["time_zone"])
        except TimeError as error:
            faults.append(f"site.time_zone: {error.message}")
            del values["time_zone"]
    if section == "site" and values.get("horizon"):
        from issgaze.sky.horizon import parse_horizon

        try:
            parse_horizon(values["horizon"])
        except ValueError as error:
            faults.append(f"site.horizon {error}")
            del values["horizon"]
    return kind(**values)


def example_degrees(name: str) -> str:
    """Return a coordinate for the key of one, which has no default."""
    return "48.2082" if name.startswith("latitude") else "16.3738"


def bare_examples() -> dict[str, str]:
    """Return an example for each key that is a number or a truth in every section that has it."""
    examples: dict[str, str] = {}
    texts: set[str] = set()
    for _, _, fields in schema():
        for name, field in fields.items():
            if isinstance(field.default, str | tuple):
                texts.add(name)
            else:
                unset = field.default is None
                examples[name] = example_degrees(name) if unset else str(field.default).lower()
    return {name: example for name, example in examples.items() if name not in texts}


@cache
def _homes() -> dict[str, list[str]]:
    """Return the sections of each key."""
    homes: dict[str, list[str]] = {}
    for section, _, fields in schema():
        for name in fields:
            homes.setdefault(name, []).append(section)
    return homes


def schema() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield (section, its sentence, fields by name) for writing the example and the docs."""
    for section in dataclasses.fields(Settings):
        kind: Any = section.type
        fields = {field.name: field for field in dataclasses.fields(kind)}
        yield section.name, (kind.__doc__ or "").strip(), fields
