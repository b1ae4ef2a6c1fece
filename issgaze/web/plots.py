"""Small plots as SVG: classes alone, so that every theme colours them and no style is inline."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor

WIDTH, _LEFT, _RIGHT = 560.0, 52.0, 552.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """An axis: its ends, and what is written where.

    Attributes:
        low, high: Values at the foot or left and at the top or right.
        ticks: Value and label.
    """

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]

    def part(self, value: float) -> float:
        """Return where a value lies, 0 at low, 1 at high."""
        return (value - self.low) / ((self.high - self.low) or 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dots:
    """Points of one kind."""

    points: Sequence[tuple[float, float]]
    kind: str = "c-dot"
    radius: float = 2.4


def steps(low: float, high: float, *, most: int) -> list[float]:
    """Return round values between two, at most so many."""
    span = max(high - low, 1e-9)
    for step in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0):
        if span / step <= most:
            first = ceil(low / step - 1e-9)
            return [round(n * step, 6) for n in range(first, floor(high / step + 1e-9) + 1)]
    return [low, high]


def plot(
    label: str,
    *,
    x: Axis,
    y: Axis,
    dots: Sequence[Dots] = (),
    line: Sequence[tuple[float, float]] = (),
    height: float = 210.0,
) -> str:
    """Return a plot.

    Args:
        label: What it shows, for those who cannot see it.
        x: The axis across.
        y: The axis up.
        dots: Points, measured; what lies beyond the axis up is an arrow at its end.
        line: A line through points, predicted.
        height: Of the whole, in units of its width of 560.
    """
    foot = height - 30.0

    def place(point: tuple[float, float]) -> tuple[float, float]:
        across = _LEFT + (_RIGHT - _LEFT) * x.part(point[0])
        return round(across, 1), round(foot - (foot - 12.0) * y.part(point[1]), 1)

    parts = [
        f'<svg class="plot" viewBox="0 0 {WIDTH:.0f} {height:.0f}" width="100%" role="img" '
        f'aria-label="{escape(label)}">'
    ]
    for value, name in y.ticks:
        level = place((x.low, value))[1]
        parts.append(
            f'<path class="c-axis" d="M{_LEFT:.0f} {level}H{_RIGHT:.0f}"/>'
            f'<text x="{_LEFT - 8:.0f}" y="{level + 4:.1f}" text-anchor="end">{escape(name)}</text>'
        )
    for value, name in x.ticks:
        across = place((value, y.low))[0]
        parts.append(
            f'<text x="{across}" y="{foot + 22:.0f}" text-anchor="middle">{escape(name)}</text>'
        )
    if len(line) > 1:
        path = " ".join(f"{a},{b}" for a, b in map(place, line))
        parts.append(f'<polyline class="c-line" points="{path}"/>')
    for group in dots:
        for point in group.points:
            a, b = place(point)
            part = y.part(point[1])
            if 0.0 <= part <= 1.0:
                parts.append(f'<circle class="{group.kind}" cx="{a}" cy="{b}" r="{group.radius}"/>')
            else:
                edge, up = (12.0, -1) if part > 1.0 else (foot, 1)
                arrow = f"M{a - 5:.1f} {edge - 8 * up:.1f}h10l-5 {8 * up}z"
                parts.append(f'<path class="{group.kind}" d="{arrow}"/>')
    return "".join(parts) + "</svg>"
