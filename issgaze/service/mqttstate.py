"""What goes to an MQTT broker: one document of the device, and what Home Assistant makes of it.

What leaves the device is of the rounded site: whole degrees and minutes.
"""

import json
from dataclasses import dataclass
from typing import Any

from issgaze.archive.layout import Archive
from issgaze.archive.ledger import Ledger, ledger_document
from issgaze.archive.passfiles import PICTURE_FILE, folder_path, read_object
from issgaze.archive.status import STATUS_FILE
from issgaze.civil import from_unix, parse_utc
from issgaze.errors import ArchiveError, TimeError


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """One value as Home Assistant shows it.

    Attributes:
        key: In the document.
        kind: "sensor" or "binary_sensor".
        more: What else its discovery says.
    """

    key: str
    name: str
    kind: str
    more: dict[str, Any]


ENTITIES = (
    Entity(key="state", name="State", kind="sensor", more={"icon": "mdi:telescope"}),
    Entity(
        key="capturing", name="Photographing", kind="binary_sensor",
        more={"device_class": "running"},
    ),
    Entity(key="problem", name="Problem", kind="binary_sensor", more={"device_class": "problem"}),
    Entity(
        key="next_pass", name="Next pass", kind="sensor",
        more={"device_class": "timestamp", "json_attributes": True},
    ),
    Entity(
        key="next_height", name="Next pass, height", kind="sensor",
        more={"unit_of_measurement": "°"},
    ),
    Entity(key="next_magnitude", name="Next pass, magnitude", kind="sensor", more={}),
    Entity(key="last_outcome", name="Last pass", kind="sensor", more={"icon": "mdi:image-check"}),
    Entity(
        key="pictures", name="Pictures", kind="sensor", more={"state_class": "total_increasing"}
    ),
    Entity(
        key="element_age_h", name="Age of the element set", kind="sensor",
        more={"device_class": "duration", "unit_of_measurement": "h",
              "entity_category": "diagnostic"},
    ),
    Entity(
        key="clock_bound_s", name="Clock error at most", kind="sensor",
        more={"device_class": "duration", "unit_of_measurement": "s",
              "entity_category": "diagnostic"},
    ),
    Entity(
        key="disk_free_gb", name="Room on the disk", kind="sensor",
        more={"device_class": "data_size", "unit_of_measurement": "GB",
              "entity_category": "diagnostic"},
    ),
)  # fmt: skip
_STALE_S = 30.0
_TIGHT_GB = 2.0


def state_document(archive: Archive, now_s: float) -> dict[str, Any]:
    """Return the document of the device.

    Args:
        archive: The archive.
        now_s: POSIX time.
    """
    path = archive.run / STATUS_FILE
    status = read_object(path) or {}
    try:
        age_s = now_s - path.stat().st_mtime
    except OSError:
        age_s = float("inf")
    alive = age_s < _STALE_S
    state = str(status.get("state", "silent")) if alive else "silent"
    clock, disk = _part(status, "clock"), _part(status, "disk")
    ages = [
        item["age_days"]
        for item in status.get("elements") or ()
        if isinstance(item, dict) and isinstance(item.get("age_days"), int | float)
    ]
    free_gb = disk.get("free_gb")
    tight = isinstance(free_gb, int | float) and free_gb < _TIGHT_GB
    return {
        "state": state,
        "capturing": state in {"capturing", "darks"},
        "problem": not alive or state == "stopped" or clock.get("trust") == "untrusted"
        or tight or not ages or max(ages) > 3.0,
        "element_age_h": round(24.0 * max(ages), 1) if ages else None,
        "clock_bound_s": clock.get("bound_s"),
        "disk_free_gb": free_gb,
        **_next(archive, status, now_s),
        **_past(archive, status, now_s),
    }  # fmt: skip


def _part(status: dict[str, Any], key: str) -> dict[str, Any]:
    part = status.get(key)
    return part if isinstance(part, dict) else {}


def _now(status: dict[str, Any], now_s: float) -> Any:
    if status.get("simulated"):
        try:
            return parse_utc(str(status.get("utc")))
        except TimeError:
            pass
    return from_unix(now_s)


def _next(archive: Archive, status: dict[str, Any], now_s: float) -> dict[str, Any]:
    """Return the next pass that will be shot, as the rounded site sees it."""
    now = _now(status, now_s)
    nothing: dict[str, Any] = {
        "next_pass": None,
        "next_height": None,
        "next_magnitude": None,
        "next": {},
    }
    document = read_object(archive.guest_predictions) or {}
    try:
        following = next(
            item
            for item in document.get("passes") or ()
            if item["verdict"] == "shoot" and parse_utc(item["set"]["utc"]) > now
        )
        lit = following.get("lit") or []
        first = lit[0]["from"] if lit else following["rise"]
        return {
            "next_pass": first["utc"],
            "next_height": following["culmination"]["altitude_deg"],
            "next_magnitude": following["peak_magnitude"],
            "next": {
                "id": following["id"],
                "culmination": following["culmination"]["utc"],
                "set": following["set"]["utc"],
                "reason": following["reason"],
            },
        }
    except (StopIteration, KeyError, TypeError, TimeError):
        return nothing


def _past(archive: Archive, status: dict[str, Any], now_s: float) -> dict[str, Any]:
    try:
        rows = Ledger(archive.ledger).rows()
    except ArchiveError:
        rows = ()
    document = ledger_document(rows, _now(status, now_s))
    outcomes = [row["outcome"] for row in document["rows"] if row["outcome"]]
    pictures = sum((folder_path(archive, row.id) / PICTURE_FILE).is_file() for row in rows)
    return {
        "last_outcome": outcomes[-1] if outcomes else None,
        "pictures": pictures,
        "outcomes": document["by_outcome"],
        "unexplained": document["unexplained"],
    }


def discovery(node: str, prefix: str, version: str) -> dict[str, str]:
    """Return what tells Home Assistant of the device: topics and documents.

    Args:
        node: Name of the device among others, of letters, digits and dashes.
        prefix: Where Home Assistant listens, "homeassistant" unless changed.
        version: Of the program.
    """
    device = {
        "identifiers": [f"issgaze-{node}"],
        "name": f"issgaze {node}" if node != "roof" else "issgaze",
        "manufacturer": "issgaze",
        "model": "Roof camera",
        "sw_version": version,
    }
    found: dict[str, str] = {}
    for entity in ENTITIES:
        more = dict(entity.more)
        document: dict[str, Any] = {
            "name": entity.name,
            "unique_id": f"issgaze-{node}-{entity.key}",
            "state_topic": state_topic(node),
            "availability_topic": availability_topic(node),
            "value_template": f"{{{{ value_json.{entity.key} }}}}",
            "device": device,
        }
        if entity.kind == "binary_sensor":
            template = f"{{{{ 'ON' if value_json.{entity.key} else 'OFF' }}}}"
            document["value_template"] = template
        if more.pop("json_attributes", False):
            document["json_attributes_topic"] = state_topic(node)
            document["json_attributes_template"] = "{{ value_json.next | tojson }}"
        topic = f"{prefix}/{entity.kind}/issgaze-{node}/{entity.key}/config"
        found[topic] = json.dumps(document | more)
    return found


def state_topic(node: str) -> str:
    """Return where the document goes."""
    return f"issgaze/{node}/state"


def availability_topic(node: str) -> str:
    """Return where "online" and "offline" go."""
    return f"issgaze/{node}/availability"
