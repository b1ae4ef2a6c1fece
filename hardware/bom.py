"""The bill of materials in three tiers, from parts.toml."""

import tomllib
from pathlib import Path
from typing import Any

from fasteners import needed

HERE = Path(__file__).parent
TIERS = ("minimum", "standard", "full")
# classes of price, euro: from, to
CLASSES = {"A": (1, 5), "B": (5, 15), "C": (15, 30), "D": (30, 60), "E": (60, 120), "F": (120, 300)}


def read_parts(path: Path = HERE / "parts.toml") -> tuple[str, list[dict[str, Any]]]:
    """Return the date of the prices, and the parts.

    Raises:
        ValueError: A part has an unknown tier or class, or says nothing of a substitute.
    """
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    for part in document["part"]:
        if set(part) != {"name", "tiers", "price", "instead"}:
            raise ValueError(f"{part['name']}: has {', '.join(part)}")
        if not part["tiers"] or not set(part["tiers"]) <= set(TIERS):
            raise ValueError(f"{part['name']}: tiers {', '.join(part['tiers'])}")
        if part["price"] not in CLASSES:
            raise ValueError(f"{part['name']}: price {part['price']}")
    return document["dated"], document["part"]


def total_eur(parts: list[dict[str, Any]], tier: str) -> tuple[int, int]:
    """Return what a tier costs, from and to."""
    low = sum(CLASSES[part["price"]][0] * part["tiers"].get(tier, 0) for part in parts)
    high = sum(CLASSES[part["price"]][1] * part["tiers"].get(tier, 0) for part in parts)
    return low, high


def page() -> str:
    """Return BOM.md."""
    dated, parts = read_parts()
    classes = ", ".join(f"{name} {low} to {high}" for name, (low, high) in CLASSES.items())
    lines = [
        "# What to buy",
        "",
        f"Written by `make hardware` from `parts.toml`. Prices are classes in euro, as of {dated}:",
        f"{classes}.",
        "",
        "| part | minimum | standard | full | price | instead |",
        "|---|---|---|---|---|---|",
    ]
    for part in parts:
        counts = " | ".join(str(part["tiers"].get(tier, "")) for tier in TIERS)
        lines.append(f"| {part['name']} | {counts} | {part['price']} | {part['instead']} |")
    sums = ["{} to {}".format(*total_eur(parts, tier)) for tier in TIERS]
    lines.append(f"| together, euro | {' | '.join(sums)} | | |")
    return "\n".join([*lines, *_fastener_lines(), *_tool_lines()]) + "\n"


def _fastener_lines() -> list[str]:
    """Return the table of screws and the like, counted from the joints."""
    lines = [
        "",
        "## Screws, nuts, inserts and spacers",
        "",
        "Stainless steel (A2), spacers of brass; what the housing takes, without spares.",
        "",
        "| what | minimum | standard | full |",
        "|---|---|---|---|",
    ]
    counts = [needed(tier) for tier in TIERS]
    for name in sorted(counts[-1]):
        row = " | ".join(str(count[name] or "") for count in counts)
        lines.append(f"| {name} | {row} |")
    return lines


TOOLS = (
    "printer with a bed of 220 mm that prints ASA",
    "soldering iron with a tip for inserts M3 and M2.5, solder",
    "hex keys 1.5, 2, 2.5 and 5 mm; spanners 5.5 and 10 mm",
    "wire stripper, crimping pliers for ferrules, side cutters, multimeter",
    "drill of 3 and 4 mm to clear holes; file",
    "neutral silicone, heat-proof (polyimide) tape, cable ties 2.5 mm, heat shrink, epoxy",
)


def _tool_lines() -> list[str]:
    return ["", "## Tools and small things", "", *(f"- {tool}" for tool in TOOLS)]
