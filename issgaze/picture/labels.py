"""Places labels on a chart so that they cover neither the track nor each other.

Without numpy: the page, which never loads it, draws charts, too.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Literal

Anchor = Literal["start", "middle", "end"]
# of the mean character of a wide sans-serif face, half of them bold, in parts of its size
_CHARACTER_WIDTH = 0.63
_GAP = 9.0
# a label that must stand may step away from its point, in gaps; each step costs as much as a
# little overlap
_STEPS = (1.0, 2.0, 3.2, 5.0)
_STEP_COST = 4.0
_SIDES = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1))


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle by its edges."""

    left: float
    top: float
    right: float
    bottom: float

    def overlap(self, other: "Box") -> float:
        """Return the area that both cover."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(0.0, width) * max(0.0, height)


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """Lines of text with the place of their first baseline."""

    x: float
    y: float
    anchor: Anchor
    lines: tuple[str, ...]


class LabelPlacer:
    """Finds room for one label after the other, the important ones first.

    Args:
        avoid: Points that no label shall cover, as x and y.
        frame: Where labels may stand.
        size: Of the type.
    """

    def __init__(self, avoid: Sequence[tuple[float, float]], frame: Box, *, size: float) -> None:
        self._avoid = avoid
        self._frame = frame
        self._size = size
        self._taken: list[Box] = []

    def reserve(self, box: Box) -> None:
        """Keep labels away from a rectangle."""
        self._taken.append(box)

    def place(
        self,
        x: float,
        y: float,
        lines: Iterable[str],
        *,
        must: bool = True,
        gap: float = _GAP,
        longest: int = 0,
    ) -> Label | None:
        """Return where to write a label of the point; None when it may be left out and collides.

        Eight places about the point are tried, the sides first, and those of a label that must
        stand farther out, too. There is room for `longest` characters even where the lines are
        shorter: another language may be put in their place.
        """
        text = tuple(lines)
        width = max(longest, *map(len, text)) * self._size * _CHARACTER_WIDTH
        height = len(text) * self._size * 1.2
        anchors: dict[int, Anchor] = {1: "start", 0: "middle", -1: "end"}
        best: tuple[float, Box, Anchor] | None = None
        for step, (number, (dx, dy)) in product(_STEPS if must else _STEPS[:1], enumerate(_SIDES)):
            near = step * (gap if dx == 0 or dy == 0 else 0.7 * gap)
            left = x + dx * near - (width if dx < 0 else width / 2 if dx == 0 else 0.0)
            top = y + dy * near - (height if dy < 0 else height / 2 if dy == 0 else 0.0)
            box = Box(left, top, left + width, top + height)
            cost = self._cost(box) + 0.01 * number + _STEP_COST * (step - 1.0)
            if best is None or cost < best[0]:
                best = (cost, box, anchors[dx])
        assert best is not None
        cost, box, anchor = best
        if not must and cost > 1.0:
            return None
        self._taken.append(box)
        at = {"start": box.left, "middle": (box.left + box.right) / 2, "end": box.right}[anchor]
        return Label(x=at, y=box.top + self._size, anchor=anchor, lines=text)

    def _cost(self, box: Box) -> float:
        covered = sum(
            box.left - 3 < x < box.right + 3 and box.top - 2 < y < box.bottom + 2
            for x, y in self._avoid
        )
        frame = self._frame
        outside = (
            max(0.0, frame.left - box.left)
            + max(0.0, box.right - frame.right)
            + max(0.0, frame.top - box.top)
            + max(0.0, box.bottom - frame.bottom)
        )
        crossed = sum(box.overlap(other) for other in self._taken)
        return 20.0 * covered + 5.0 * outside + 3.0 * crossed
