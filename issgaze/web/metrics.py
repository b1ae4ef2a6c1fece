"""/metrics in the text format of Prometheus; nothing in it tells where the roof is."""

from collections.abc import Iterable
from typing import Any


def metrics_text(status: dict[str, Any], ledger: dict[str, Any]) -> str:
    """Return the exposition text of a status and a ledger document."""
    lines: list[str] = []
    clock = status.get("clock") or {}
    _add(lines, "clock_bound_seconds", "Bound on the clock's error.", [("", clock.get("bound_s"))])
    disk = status.get("disk") or {}
    free = disk.get("free_gb")
    _add(lines, "disk_free_bytes", "Room on the disk.", [("", free and free * 1e9)])
    _add(
        lines,
        "element_age_days",
        "Age of the element set in force.",
        [
            (f'{{norad_id="{item["norad_id"]}"}}', item["age_days"])
            for item in status.get("elements") or []
        ],
    )
    _add(
        lines,
        "passes_total",
        "Visible passes by outcome.",
        [(f'{{outcome="{name}"}}', count) for name, count in ledger["by_outcome"].items()],
    )
    _add(lines, "passes_unexplained", "Must be 0.", [("", ledger["unexplained"])])
    return "".join(lines)


def _add(
    lines: list[str], name: str, text: str, values: Iterable[tuple[str, float | None]]
) -> None:
    known = [(labels, value) for labels, value in values if value is not None]
    if known:
        kind = "counter" if name.endswith("_total") else "gauge"
        lines.append(f"# HELP issgaze_{name} {text}\n# TYPE issgaze_{name} {kind}\n")
        lines += [f"issgaze_{name}{labels} {value:g}\n" for labels, value in known]
