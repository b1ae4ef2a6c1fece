"""Which colour a photosite of the mosaic sees."""

from issgaze.errors import FrameError

PLANES = "RGB"
PATTERNS = ("RGGB", "BGGR", "GRBG", "GBRG", "MONO")

Cell = tuple[tuple[int, int], tuple[int, int]]


def colour_cell(pattern: str) -> Cell:
    """Return the plane number (0 red, 1 green, 2 blue) of each site of a 2x2 cell, [y][x].

    A monochrome mosaic counts as green throughout.

    Raises:
        FrameError: The pattern is unknown.
    """
    if pattern == "MONO":
        return ((1, 1), (1, 1))
    if pattern not in PATTERNS:
        raise FrameError(
            f"unknown Bayer order {pattern!r}; known are {', '.join(PATTERNS)}",
            remedy="Set BAYERPAT of the frames to the order of the stored mosaic.",
        )
    first, second, third, fourth = (PLANES.index(letter) for letter in pattern)
    return ((first, second), (third, fourth))


def sites_of(pattern: str, plane: int) -> tuple[tuple[int, int], ...]:
    """Return the sites (y, x) of the 2x2 cell that see a plane; every plane of "MONO" sees all."""
    cell = colour_cell(pattern)
    return tuple((y, x) for y in (0, 1) for x in (0, 1) if pattern == "MONO" or cell[y][x] == plane)
