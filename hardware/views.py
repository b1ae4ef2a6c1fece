"""Pictures of the housing as SVG: views without hidden lines, and drawings with dimensions."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from build123d import Compound, Edge, GeomType, Part, Vector

Point = tuple[float, float]
Point3 = tuple[float, float, float]
_INK, _THIN, _BLUE = "#222222", "#999999", "#1660a8"
_FONT = "Helvetica, Arial, sans-serif"


@dataclass(frozen=True)
class View:
    """Lines of parts as seen from somewhere, in mm, y up."""

    visible: list[list[Point]]

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Left, low, right, high."""
        xs = [x for line in self.visible for x, _ in line]
        ys = [y for line in self.visible for _, y in line]
        return min(xs), min(ys), max(xs), max(ys)


def seen(parts: Sequence[Part], viewer: Point3, up: Point3 = (0, 0, 1)) -> View:
    """Return what is seen of parts from far away in the direction of `viewer`."""
    middle = Compound(children=list(parts)).bounding_box().center()
    centre = (middle.X, middle.Y, middle.Z)
    at = tuple(1e4 * axis + here for axis, here in zip(viewer, centre, strict=True))
    visible, _ = Compound(children=list(parts)).project_to_viewport(
        at, viewport_up=up, look_at=middle
    )
    return View(visible=[_line(edge) for edge in visible])


def spot(parts: Sequence[Part], viewer: Point3, point: Point3) -> Point:
    """Return where a point lies in what is `seen` of parts, z up."""
    middle = Compound(children=list(parts)).bounding_box().center()
    towards = Vector(*viewer).normalized()
    right = Vector(0, 0, 1).cross(towards).normalized()
    off = Vector(*point) - middle
    return off.dot(right), off.dot(towards.cross(right))


def plan(part: Part) -> View:
    """Return a part from above, in its own x and y."""
    middle = part.bounding_box().center()
    return _moved(seen([part], (0, 0, 1), (0, 1, 0)), middle.X, middle.Y)


def front(part: Part) -> View:
    """Return a part from the front, in its own x and z."""
    middle = part.bounding_box().center()
    return _moved(seen([part], (0, -1, 0)), middle.X, middle.Z)


def _moved(view: View, dx: float, dy: float) -> View:
    return View(visible=[[(x + dx, y + dy) for x, y in line] for line in view.visible])


def _line(edge: Edge) -> list[Point]:
    count = 2 if edge.geom_type == GeomType.LINE else max(12, int(edge.length / 1.5))
    points = [edge.position_at(index / (count - 1)) for index in range(count)]
    return [(round(point.X, 3), round(point.Y, 3)) for point in points]


@dataclass
class Sheet:
    """A drawing in the making: pieces of SVG in mm, y down."""

    pieces: list[str] = field(default_factory=list)
    left: float = 1e9
    top: float = 1e9
    right: float = -1e9
    low: float = -1e9

    def _reach(self, x: float, y: float, margin: float = 0.0) -> None:
        self.left, self.right = min(self.left, x - margin), max(self.right, x + margin)
        self.top, self.low = min(self.top, y - margin), max(self.low, y + margin)

    def view(self, view: View, at: Point) -> "Placed":
        """Put a view so that its lower left corner is at a point; return where it lies."""
        left, low, right, high = view.bounds
        placed = Placed(sheet=self, dx=at[0] - left, dy=at[1] + low, view=view)
        path = []
        for line in view.visible:
            points = [placed.at(x, y) for x, y in line]
            path.append("M" + " L".join(f"{x:.2f} {y:.2f}" for x, y in points))
        self.pieces.append(
            f'<path d="{" ".join(path)}" fill="none" stroke="{_INK}" stroke-width="0.35"'
            ' stroke-linecap="round" stroke-linejoin="round"/>'
        )
        for x, y in ((left, low), (right, high)):
            self._reach(*placed.at(x, y), 4.0)
        return placed

    def text(self, x: float, y: float, words: str, **how: object) -> None:
        """Write words; `anchor`, `size`, `colour`, `turn`."""
        size = float(str(how.get("size", 4.0)))
        turn = how.get("turn", 0)
        self.pieces.append(
            f'<text x="{x:.2f}" y="{y:.2f}" font-family="{_FONT}" font-size="{size}"'
            f' fill="{how.get("colour", _INK)}" text-anchor="{how.get("anchor", "middle")}"'
            f' transform="rotate({turn} {x:.2f} {y:.2f})">{words}</text>'
        )
        wide = 0.62 * size * len(words)
        anchor = how.get("anchor", "middle")
        start = x if anchor == "start" else x - wide if anchor == "end" else x - wide / 2.0
        if turn:
            self._reach(x, y, wide / 2.0)
        else:
            self._reach(start, y, size)
            self._reach(start + wide, y, size)

    def line(
        self, one: Point, other: Point, *, arrows: bool = False, thin: bool = False,
        width: float = 0.2,
    ) -> None:  # fmt: skip
        """Draw a line, with arrows at both ends for a dimension."""
        marks = ' marker-start="url(#from)" marker-end="url(#to)"' if arrows else ""
        colour = _THIN if thin else _BLUE
        self.pieces.append(
            f'<line x1="{one[0]:.2f}" y1="{one[1]:.2f}" x2="{other[0]:.2f}" y2="{other[1]:.2f}"'
            f' stroke="{colour}" stroke-width="{width}"{marks}/>'
        )
        self._reach(*one)
        self._reach(*other)

    def svg(self, title: str) -> str:
        """Return the drawing."""
        wide, high = self.right - self.left, self.low - self.top
        arrow = (
            '<marker id="{name}" markerWidth="9" markerHeight="6" refX="{at}" refY="3"'
            ' orient="auto"><path d="{path}" fill="' + _BLUE + '"/></marker>'
        )
        marks = arrow.format(name="to", at=8, path="M0 1 L8 3 L0 5 Z")
        marks += arrow.format(name="from", at=0, path="M8 1 L0 3 L8 5 Z")
        body = "\n".join(self.pieces)
        size = f'width="{3 * wide:.0f}" height="{3 * high:.0f}"'
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" {size}'
            f' viewBox="{self.left:.2f} {self.top:.2f} {wide:.2f} {high:.2f}" role="img">\n'
            f"<title>{title}</title>\n<defs>{marks}</defs>\n"
            f'<rect x="{self.left:.2f}" y="{self.top:.2f}" width="{wide:.2f}" height="{high:.2f}"'
            f' fill="white"/>\n{body}\n</svg>\n'
        )


@dataclass(frozen=True)
class Placed:
    """A view on its sheet."""

    sheet: Sheet
    dx: float
    dy: float
    view: View

    def at(self, x: float, y: float) -> Point:
        """Return where a point of the view lies on the sheet."""
        return x + self.dx, self.dy - y

    def across(self, x: Point, y: float, off: float, words: str) -> None:
        """Give a horizontal dimension from x[0] to x[1] at height y, drawn `off` below."""
        low = self.dy - y + off
        for end in x:
            self.sheet.line((end + self.dx, self.dy - y), (end + self.dx, low + 1.0), thin=True)
        one, other = (x[0] + self.dx, low), (x[1] + self.dx, low)
        self.sheet.line(one, other, arrows=True)
        self.sheet.text((one[0] + other[0]) / 2.0, low - 1.2, words, colour=_BLUE)

    def upright(self, x: float, y: Point, off: float, words: str) -> None:
        """Give a vertical dimension from y[0] to y[1], measured at x, drawn `off` to the right."""
        right = x + self.dx + off
        for end in y:
            beyond = right + (1.0 if off > 0 else -1.0)
            self.sheet.line((x + self.dx, self.dy - end), (beyond, self.dy - end), thin=True)
        one, other = (right, self.dy - y[0]), (right, self.dy - y[1])
        self.sheet.line(one, other, arrows=True)
        self.sheet.text(right - 1.2, (one[1] + other[1]) / 2.0, words, colour=_BLUE, turn=-90)

    def outline(self, x: float, y: float, long: float, wide: float, words: str) -> None:
        """Draw a board by its outline about a point, with its name."""
        corners = [(x - long / 2.0, y - wide / 2.0), (x + long / 2.0, y - wide / 2.0),
                   (x + long / 2.0, y + wide / 2.0), (x - long / 2.0, y + wide / 2.0)]  # fmt: skip
        for one, other in zip(corners, corners[1:] + corners[:1], strict=True):
            self.sheet.line(self.at(*one), self.at(*other))
        middle = self.at(x, y)
        self.sheet.text(middle[0], middle[1] + 1.3, words, colour=_BLUE, size=3.5)

    def names(self, named: Sequence[tuple[Point, str]], *, gap: float, size: float) -> None:
        """Write names beside the view, each with a line to a point of it, `gap` away from it.

        Names of points left of the view's middle stand on the left, and no two closer than a line.
        """
        left, _, right, _ = self.view.bounds
        for side in (-1.0, 1.0):
            edge = right + gap if side > 0 else left - gap
            mine = [
                (x, y, words) for (x, y), words in named if (x * 2.0 >= left + right) == (side > 0)
            ]
            level = 1e9
            for x, y, words in sorted(mine, key=lambda entry: -entry[1]):
                level = min(y, level - 1.5 * size)
                one, other = self.at(x, y), self.at(edge, level)
                self.sheet.line(one, other, width=0.045 * size)
                anchor = "start" if side > 0 else "end"
                self.sheet.text(
                    other[0] + side * 0.4 * size, other[1] + 0.35 * size, words, colour=_BLUE,
                    anchor=anchor, size=size,
                )  # fmt: skip

    def note(self, x: float, y: float, to: Point, words: str) -> None:
        """Write words at `to` (relative, y up) with a line to a point of the view."""
        one, other = self.at(x, y), self.at(x + to[0], y + to[1])
        self.sheet.line(one, other)
        anchor = "start" if to[0] >= 0 else "end"
        beside = 1.0 if to[0] >= 0 else -1.0
        self.sheet.text(other[0] + beside, other[1] + 1.3, words, colour=_BLUE, anchor=anchor)
