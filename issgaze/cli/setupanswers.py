"""The answers file of `issgaze setup --answers`: a set-up that asks nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from issgaze.config import NOT_UTF8
from issgaze.configtoml import TomlError, parse_toml
from issgaze.errors import ConfigurationError, remedy_for

if TYPE_CHECKING:
    from issgaze.archive.layout import Archive
    from issgaze.cli.setupreading import Answers


def answers_of(file: Path, archive: Archive, *, fresh: bool) -> Answers:
    """Return the settings of an answers file.

    One rule: what the answers name overrides, everything else in the configuration stays. A city
    stands for its coordinates and time zone, coordinates for the time zone; only a configuration
    that is made anew is given a budget that suits the disk.

    Args:
        file: Of answers.
        archive: Its disk has room for the budget.
        fresh: Whether there is no configuration yet.

    Raises:
        ConfigurationError: It cannot be read, or something in it is wrong.
    """
    from issgaze.archive.cities import nearest_city
    from issgaze.cli.setupquestions import budget_gb, room_gb

    document = _read_answers(file)
    values = _page_answer(file, document.pop("setup", {}), fresh=fresh)
    for section, table in document.items():
        if not isinstance(table, dict):
            raise ConfigurationError(
                f"{file}: {section} stands in no [section]", remedy="Put it below one."
            )
        values |= {f"{section}.{key}": value for key, value in table.items()}
    city = values.pop("site.city", None)
    place = [values.get(f"site.{name}_deg") for name in ("latitude", "longitude")]
    known = [float(each) for each in place if isinstance(each, float | int)]
    if city is not None:
        told = _city(file, str(city), alone=len(known) < 2)
        values = (told if len(known) < 2 else {}) | values
    if len(known) == 2 and "site.time_zone" not in values:
        values["site.time_zone"] = nearest_city(*known).time_zone
    free_gb = room_gb(archive.root)
    if fresh and "archive.budget_gb" not in values and free_gb is not None:
        values["archive.budget_gb"] = float(round(budget_gb(free_gb)))
    return values


def _city(file: Path, name: str, *, alone: bool) -> Answers:
    """Return the answers that a city gives, "city" among them.

    Args:
        file: Of answers, for errors.
        name: As written there.
        alone: Whether it stands for the coordinates: then it must be one city only.

    Raises:
        ConfigurationError: There is none of that name, or several.
    """
    from issgaze.archive.cities import find_cities, labels
    from issgaze.cli.setupreading import of_city

    found = find_cities(name)
    if not found:
        raise ConfigurationError(
            f"{file}: site.city {name!r} is not known",
            remedy="Take a larger one nearby, or give site.latitude_deg and longitude_deg.",
        )
    named = [city for city in found if city.is_called(name)] or found
    if alone and len(named) > 1:
        raise ConfigurationError(
            f"{file}: site.city {name!r} may be {len(named)} places",
            remedy=f"Write which: {'; '.join(labels(named))}; or give site.latitude_deg and "
            "longitude_deg.",
        )
    return of_city(named[0])


def _read_answers(file: Path) -> dict[str, Any]:
    try:
        return parse_toml(file.read_text(encoding="utf-8"))
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ConfigurationError(f"{file}: {reason}", remedy=remedy_for(error)) from error
    except TomlError as error:
        raise ConfigurationError(f"{file}: {error.message}", remedy=error.remedy) from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{file}: not UTF-8 text", remedy=NOT_UTF8) from error


def _page_answer(file: Path, table: object, *, fresh: bool) -> Answers:
    """Return whether the page shall be shown; nothing where that stays as it is.

    Raises:
        ConfigurationError: There is something else in [setup].
    """
    if not isinstance(table, dict) or set(table) - {"page"}:
        raise ConfigurationError(
            f"{file}: [setup] knows page alone", remedy="As in `[setup]`, below it `page = false`."
        )
    page = table.get("page", True if fresh else None)
    if not isinstance(page, bool | None):
        raise ConfigurationError(
            f"{file}: setup.page = {page!r} must be true or false", remedy="Without quotes."
        )
    return {} if page is None else {"page": page}
