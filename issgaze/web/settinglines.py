"""The settings by section, as the page of the device tells them."""

import dataclasses
from dataclasses import dataclass
from typing import Any

from issgaze.config import Settings, schema
from issgaze.web.visit import Visit

# what names the place, or a folder or another machine of the house
_PRIVATE = {
    "site.latitude_deg", "site.longitude_deg", "site.height_m", "site.horizon", "camera.folder",
    "camera.lens_file", "archive.path", "page.host",
}  # fmt: skip
# a simulated world has its own of these, and asks no file for them
_OF_DEVICES = {"roof", "gnss", "elements", "camera.folder", "camera.lens_file"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingLine:
    """One setting.

    Attributes:
        key: Without its section.
        value: As it would be typed.
        doc: What it means.
        changed: True when it is not the default.
        brought: True when the simulation brings it, whatever the file says.
    """

    key: str
    value: str
    doc: str
    changed: bool
    brought: bool


def setting_sections(visit: Visit, settings: Settings) -> list[tuple[str, list[SettingLine]]]:
    """Return the sections with their settings; none of one that the simulation does without.

    Args:
        visit: Who looks; guests see nothing that names the place.
        settings: Of the file; in a simulated world the status says what holds in their place.
    """
    brought = _brought(visit)
    hidden = _OF_DEVICES if visit.simulated else set() if visit.owner else _PRIVATE
    sections: list[tuple[str, list[SettingLine]]] = []
    for name, _sentence, fields in schema():
        held: Any = getattr(settings, name)
        lines: list[SettingLine] = []
        for key, field in fields.items() if name not in hidden else ():
            whole = f"{name}.{key}"
            if whole in hidden:
                continue
            value = brought.get(whole, getattr(held, key))
            lines.append(
                SettingLine(
                    key=key,
                    value=_typed(value),
                    doc=visit.words.setting(str(field.metadata.get("doc", ""))),
                    changed=_typed(value) != _typed(_default(field)),
                    brought=whole in brought,
                )
            )
        sections.append((name, lines))
    return sections


def _brought(visit: Visit) -> dict[str, Any]:
    told: Any = visit.status.get("settings") if visit.simulated else None
    return {
        f"{section}.{key}": value
        for section, values in (told.items() if isinstance(told, dict) else ())
        for key, value in (values.items() if isinstance(values, dict) else ())
    }


def _default(field: dataclasses.Field[Any]) -> Any:
    return field.default if field.default is not dataclasses.MISSING else None


def _typed(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple | list):
        return ", ".join(str(item) for item in value) or "–"
    return f"{value:.10g}" if isinstance(value, float) else str(value) or "–"
