"""Frames from files of any camera, in order of time, read one at a time."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from issgaze.archive.fitsimage import ImageRoom
from issgaze.archive.framefile import (
    PICTURE_SUFFIXES,
    FrameHints,
    LoadedFrame,
    load_frame,
    survey_frame,
)
from issgaze.civil import later, seconds_between
from issgaze.errors import ArchiveError, FrameError
from issgaze.imaging.frame import Frame
from issgaze.service.series import Light
from issgaze.sky.site import Site


class FrameSet:
    """A series of frame files.

    The order is that of the exposures where every header tells its time: names of a camera begin
    anew after 9999, and a shell sorts 10 before 2. Else it is that of the names given. Headers are
    read first, pixels again when they are needed, so that memory does not grow with the number of
    files.

    Args:
        paths: The files.
        hints: What the owner says of them.
    """

    def __init__(self, paths: Sequence[Path], hints: FrameHints) -> None:
        self._paths = tuple(paths)
        self._hints = hints
        self.timed = True
        self.exposed = True
        self.site: Site | None = None
        # one rendered frame makes the picture a rendered one
        self.simulated = False
        self.notes: tuple[str, ...] = ()
        self._starts: list[datetime] = []
        self._ends: list[datetime] = []
        self._survey()
        self._names = _distinct_names(self._paths)

    def _survey(self) -> None:
        notes: dict[str, None] = {}
        places: list[datetime | None] = []
        for number in range(len(self._paths)):
            try:
                facts = survey_frame(self._paths[number], number=number, hints=self._hints)
            except (FrameError, ArchiveError):
                # named when its turn comes, beside those it was given with
                places.append(places[-1] if places else None)
                continue
            places.append(facts.start_utc)
            self.timed = self.timed and facts.timed
            self.exposed = self.exposed and facts.exposed
            self.site = self.site or facts.site
            self.simulated = self.simulated or facts.simulated
            self._starts.append(facts.start_utc)
            self._ends.append(later(facts.start_utc, facts.exposure_s))
            if facts.note:
                notes[facts.note] = None
        self.timed = self.timed and bool(self._starts)
        self.exposed = self.exposed and bool(self._starts)
        self.notes = tuple(notes)
        if self.timed and self._hints.start_utc is None:
            first = min(self._starts)
            order = sorted(range(len(places)), key=lambda number: places[number] or first)
            self._paths = tuple(self._paths[number] for number in order)

    def __len__(self) -> int:
        """Return the number of files."""
        return len(self._paths)

    def path(self, number: int) -> Path:
        """Return the file of a frame."""
        return self._paths[number]

    def load(self, number: int, *, room: ImageRoom | None = None) -> LoadedFrame:
        """Read one frame with all that is known of it.

        Raises:
            FrameError: It cannot be read.
        """
        return load_frame(self._paths[number], number=number, hints=self._hints, room=room)

    @property
    def span_utc(self) -> tuple[datetime, datetime]:
        """First start and last end; only when `timed`."""
        return min(self._starts), max(self._ends)

    @property
    def middle_utc(self) -> datetime | None:
        """The middle of the series, None when its times are not known."""
        if not self.timed:
            return None
        first, last = self.span_utc
        return later(first, 0.5 * seconds_between(first, last))

    def lights(self, first: int = 0) -> Iterator[Light]:
        """Yield each frame from a number on, or why it cannot be read."""
        size: tuple[int, int] | None = None
        room = ImageRoom()
        for number in range(first, len(self._paths)):
            # nothing here holds a frame while the next one is read: two would be 50 MB
            light = self._light(number, size, room)
            if light.frame is not None and self._is_picture(number):
                size = size or light.frame.mosaic.shape
            yield light
            del light

    def _light(self, number: int, size: tuple[int, int] | None, room: ImageRoom) -> Light:
        name = self._names[number]
        try:
            frame = self.load(number, room=room).frame
            if size is not None and self._is_picture(number):
                _require_size(frame.mosaic.shape, size)
        except (FrameError, ArchiveError) as error:
            return Light(file=name, frame=None, error=error.message)
        return Light(file=name, frame=frame, error=None)

    def _is_picture(self, number: int) -> bool:
        return self._paths[number].suffix.lower() in PICTURE_SUFFIXES

    def reread(self, name: str) -> Frame:
        """Return one frame again, by the name that `lights` gave it."""
        return self.load(self._names.index(name)).frame


def _require_size(mosaic: tuple[int, int], first: tuple[int, int]) -> None:
    """Refuse a picture of another size in its own pixels, of which each is a 2x2 cell here."""
    if mosaic != first:
        (height, width), (own_height, own_width) = mosaic, first
        raise FrameError(
            f"another size: {width // 2}x{height // 2} px, the stack has "
            f"{own_width // 2}x{own_height // 2}",
            remedy="Stack pictures of one size.",
        )


def _distinct_names(paths: Sequence[Path]) -> tuple[str, ...]:
    """Return the file names, with folders where names alone would be ambiguous."""
    names = [path.name for path in paths]
    if len(set(names)) == len(names):
        return tuple(names)
    return tuple(str(path) for path in paths)
