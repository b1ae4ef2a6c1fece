"""What a wiring file says about pins and about power: read, not drawn."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent

Terminal = tuple[str, str]

# what conducts inside of a part, from terminal to terminal; a relay's contact is named, so that
# it can be opened
INSIDE: dict[str, tuple[tuple[str, str], ...]] = {
    "FUSE": (("IN", "OUT"),),
    "BUCK_PICO": (("IN+", "OUT+"),),
    "BUCK_PI": (("IN+", "OUT+"),),
    "RELAY": (("COM", "NC"), ("COM", "NO")),
    "BRIDGE": (("VM", "OUT1"),),
    "FET": (("V+", "OUT+"),),
    "PICO": (("VSYS", "3V3"),),
    "PI": (("5V", "3V3"),),
}

# of the Pico's header (its data sheet, figure 2) and of the Pi's
PICO_HEADER = {
    2: 4, 3: 5, 4: 6, 5: 7, 6: 9, 7: 10, 8: 11, 9: 12, 10: 14, 11: 15, 12: 16, 13: 17, 14: 19,
    15: 20, 16: 21, 17: 22, 18: 24, 19: 25, 20: 26, 21: 27, 22: 29, 26: 31, 27: 32, 28: 34,
}  # fmt: skip
PI_HEADER = {
    2: 3, 3: 5, 4: 7, 5: 29, 6: 31, 12: 32, 13: 33, 14: 8, 15: 10, 16: 36, 17: 11, 18: 12, 19: 35,
    20: 38, 21: 40, 22: 15, 23: 16, 24: 18, 25: 22, 26: 37, 27: 13,
}  # fmt: skip
_POWER_PINS = {"PICO": {"3V3": 36, "GND": 38, "VSYS": 39}, "PI": {"3V3": 1, "5V": 2, "GND": 6}}


@dataclass
class Wiring:
    """Which terminal is joined to which, by wires.

    Attributes:
        labels: Of each part's pins.
        joined: Neighbours of each terminal.
    """

    labels: dict[str, dict[str, str]]
    joined: dict[Terminal, set[Terminal]] = field(default_factory=dict)

    def across(self, part: str, label: str) -> set[Terminal]:
        """Return what a wire joins to a terminal."""
        return self.joined.get((part, label), set())

    def fed(self, start: Terminal, *, without: Iterable[str] = ()) -> set[Terminal]:
        """Return all that current reaches from a terminal, when some parts do not conduct."""
        dead = set(without)
        reached, waiting = {start}, [start]
        while waiting:
            part, label = waiting.pop()
            after = set(self.across(part, label))
            if part not in dead:
                after |= {(part, out) for into, out in INSIDE.get(part, ()) if into == label}
            for terminal in after - reached:
                reached.add(terminal)
                waiting.append(terminal)
        return reached


# small sheets, so that each can be read on a page
CONTROLLER = tuple(
    HERE / f"wiring-{sheet}.yaml" for sheet in ("power", "loads", "cut", "roof", "pi", "clock")
)
PINS_ALONE = tuple(
    HERE / f"wiring-{sheet}.yaml" for sheet in ("power", "gpio-power", "gpio", "clock")
)


def read_wirings(paths: Iterable[Path]) -> Wiring:
    """Return what several sheets join together."""
    whole = Wiring(labels={})
    for path in paths:
        sheet = read_wiring(path)
        for part, labels in sheet.labels.items():
            whole.labels.setdefault(part, {}).update(labels)
        for terminal, others in sheet.joined.items():
            whole.joined.setdefault(terminal, set()).update(others)
    return whole


def read_wiring(path: Path) -> Wiring:
    """Return what a file for wireviz joins.

    Raises:
        ValueError: It names a part, pin or wire that it does not have, or uses a wire twice.
    """
    document = yaml.safe_load(path.read_text())
    labels = {name: _labels(part) for name, part in document["connectors"].items()}
    wiring = Wiring(labels=labels)
    used: set[tuple[str, int]] = set()
    for one, cable, other in document["connections"]:
        ((name, wires),) = cable.items()
        numbers = _numbers(wires)
        for number in numbers:
            if number > document["cables"][name]["wirecount"] or (name, number) in used:
                raise ValueError(f"{path.name}: wire {number} of {name} is missing or used twice")
            used.add((name, number))
        ends = _terminals(one, labels), _terminals(other, labels)
        if not len(ends[0]) == len(ends[1]) == len(numbers):
            raise ValueError(f"{path.name}: {name} joins {len(ends[0])} and {len(ends[1])} pins")
        for left, right in zip(*ends, strict=True):
            wiring.joined.setdefault(left, set()).add(right)
            wiring.joined.setdefault(right, set()).add(left)
    spare = [name for name, cable in document["cables"].items()
             if len({n for c, n in used if c == name}) != cable["wirecount"]]  # fmt: skip
    if spare:
        raise ValueError(f"{path.name}: wires without an end in {', '.join(spare)}")
    return wiring


def header_faults(wiring: Wiring, part: str) -> list[str]:
    """Return the pins of a Pico or a Pi whose label is not what the header has there."""
    header, word = (PICO_HEADER, "GP") if part == "PICO" else (PI_HEADER, "GPIO")
    faults = []
    for pin, label in wiring.labels[part].items():
        number = re.fullmatch(word + r"(\d+)", label)
        right = header.get(int(number[1])) if number else _POWER_PINS[part].get(label)
        if right is not None and str(right) != pin:
            faults.append(f"{part}: {label} is pin {right}, the file says {pin}")
    return faults


def _labels(part: dict[str, Any]) -> dict[str, str]:
    labels = [str(label) for label in part["pinlabels"]]
    return dict(zip(map(str, part.get("pins", labels)), labels, strict=True))


def _terminals(end: dict[str, Any], labels: dict[str, dict[str, str]]) -> list[Terminal]:
    ((name, pins),) = end.items()
    return [(name, labels[name][str(pin)]) for pin in pins]


def _numbers(wires: list[Any]) -> list[int]:
    found: list[int] = []
    for wire in wires:
        low, _, high = str(wire).partition("-")
        found += range(int(low), int(high or low) + 1)
    return found
