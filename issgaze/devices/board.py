"""What the board says of itself: memory, heat, power, lamps, as the kernel shows it."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

# of vcgencmd get_throttled and its file: what happens now, and (16 bits up) since the start
UNDERVOLTAGE, CAPPED, THROTTLED, TOO_HOT = 0x1, 0x2, 0x4, 0x8
SINCE_START = 16
# Documentation/accounting/psi.rst
_PRESSURE = re.compile(r"some .*avg60=([\d.]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardFacts:
    """What can be read; None for what this machine does not show.

    Attributes:
        model: As the device tree names it.
        machine: Architecture, "aarch64" or "x86_64".
        memory_mb, cma_mb: Main memory, and the part the camera may have in one piece.
        available_mb: What programs can still have of it.
        temperature_c: Of the processor.
        throttled: Bits of get_throttled.
        lit_leds: Lamps of the board that shine.
        defect_correction: True when the sensor driver paints over hot pixels, which eats stars.
    """

    model: str | None
    machine: str
    memory_mb: float | None
    cma_mb: float | None
    temperature_c: float | None
    throttled: int | None
    lit_leds: tuple[str, ...]
    defect_correction: bool | None
    available_mb: float | None = None


def board_facts(root: Path = Path("/")) -> BoardFacts:
    """Return what the board shows.

    Args:
        root: Where /proc and /sys are.
    """
    memory = _memory(root)
    heat = _number(root / "sys/class/thermal/thermal_zone0/temp")
    dpc = [
        value
        for path in sorted((root / "sys/module").glob("imx*/parameters/dpc_enable"))
        if (value := _text(path)) is not None
    ]
    return BoardFacts(
        model=_text(root / "proc/device-tree/model"),
        machine=os.uname().machine,
        memory_mb=memory.get("MemTotal"),
        available_mb=memory.get("MemAvailable"),
        cma_mb=memory.get("CmaTotal"),
        temperature_c=None if heat is None else heat / 1000.0,
        throttled=_throttled(root),
        lit_leds=_lit_leds(root),
        defect_correction=any(value not in {"0", "N"} for value in dpc) if dpc else None,
    )


def memory_pressure_percent(root: Path = Path("/")) -> float | None:
    """Return how much of the last minute some program waited for memory (PSI), in percent.

    None where the kernel does not count it; Raspberry Pi OS wants `psi=1` on its command line.
    """
    for line in (_text(root / "proc/pressure/memory") or "").splitlines():
        found = _PRESSURE.match(line)
        if found:
            return float(found.group(1))
    return None


def _memory(root: Path) -> dict[str, float]:
    found: dict[str, float] = {}
    for line in (_text(root / "proc/meminfo") or "").splitlines():
        name, _, rest = line.partition(":")
        words = rest.split()
        if words and words[0].isdigit():
            found[name] = int(words[0]) / 1000.0
    return found


def _throttled(root: Path) -> int | None:
    text = _text(root / "sys/devices/platform/soc/soc:firmware/get_throttled")
    try:
        return None if text is None else int(text, 16)
    except ValueError:
        return None


def _lit_leds(root: Path) -> tuple[str, ...]:
    lamps = sorted((root / "sys/class/leds").glob("*/brightness"))
    # the board's own: network sockets and keyboards have lamps as well
    own = [path for path in lamps if path.parent.name.upper() in {"ACT", "PWR", "LED0", "LED1"}]
    return tuple(path.parent.name for path in own if (_number(path) or 0.0) > 0.0)


def _number(path: Path) -> float | None:
    try:
        return float(_text(path) or "")
    except ValueError:
        return None


def _text(path: Path) -> str | None:
    try:
        return path.read_bytes().decode("utf-8", "replace").strip("\0\n ") or None
    except OSError:
        return None
