"""/metrics in the text format of Prometheus; nothing in it tells where the roof is."""

import resource
from collections.abc import Iterable
from typing import Any


def metrics_text(
    status: dict[str, Any], ledger: dict[str, Any], *, age_s: float | None, viewers: int
) -> str:
    """Return the exposition text.

    Args:
        status: status.json.
        ledger: The document of the ledger.
        age_s: Of the status, None without one.
        viewers: Who watch live now.
    """
    lines: list[str] = []
    clock, disk = status.get("clock") or {}, status.get("disk") or {}
    free, total = disk.get("free_gb"), disk.get("total_gb")
    _add(lines, "status_age_seconds", "Since observe last wrote its status.", [("", age_s)])
    _add(
        lines,
        "state",
        "1 for what the device does now.",
        [(f'{{state="{_label(status.get("state", "silent"))}"}}', 1)],
    )
    _add(lines, "clock_bound_seconds", "Bound on the clock's error.", [("", clock.get("bound_s"))])
    _add(lines, "disk_free_bytes", "Room on the disk.", [("", free and free * 1e9)])
    _add(lines, "disk_size_bytes", "Size of the disk.", [("", total and total * 1e9)])
    _add(
        lines,
        "element_age_days",
        "Age of the element set in force.",
        [
            (f'{{norad_id="{_label(item.get("norad_id"))}"}}', item.get("age_days"))
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
    _add(lines, "page_viewers", "Who watch the page live.", [("", viewers)])
    held = resource.getrusage(resource.RUSAGE_SELF)
    _add(lines, "page_peak_rss_bytes", "Largest memory of the page.", [("", held.ru_maxrss * 1024)])
    spent = held.ru_utime + held.ru_stime
    _add(lines, "page_cpu_seconds_total", "Processor time of the page.", [("", spent)])
    return "".join(lines)


def _label(value: Any) -> str:
    text = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return text.replace("\n", " ")[:40]


def _add(lines: list[str], name: str, text: str, values: Iterable[tuple[str, Any]]) -> None:
    known = [(labels, value) for labels, value in values if isinstance(value, int | float)]
    if known:
        kind = "counter" if name.endswith("_total") else "gauge"
        lines.append(f"# HELP issgaze_{name} {text}\n# TYPE issgaze_{name} {kind}\n")
        lines += [f"issgaze_{name}{labels} {value:.10g}\n" for labels, value in known]
