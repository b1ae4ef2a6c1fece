"""The products that people look at: picture, films, captions, the page, and last the report."""

import contextlib
import dataclasses
import resource
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from issgaze import __version__
from issgaze.archive.passfiles import GUEST_FILE, REPORT_FILE
from issgaze.arrays import Float32Array
from issgaze.civil import local, parse_utc, time_zone
from issgaze.errors import DeviceError, PropagationError
from issgaze.imaging.masterdark import MasterDark
from issgaze.orbit.elements import ISS_NORAD_ID
from issgaze.picture.caption import alt_text, caption, title
from issgaze.picture.compose import Variant
from issgaze.picture.crops import SHAPES, frame_crop
from issgaze.picture.encode import (
    PictureMetadata,
    animation_bytes,
    jpeg_from_8bit,
    tiff_header,
    to_8bit,
)
from issgaze.picture.render import rendered_bands
from issgaze.picture.stillstars import StillStars
from issgaze.picture.timelapse import resized, timelapse_size
from issgaze.picture.tone import measure_tone
from issgaze.service.annotate import ANNOTATED_FILE, annotated
from issgaze.service.darkroom import Darkroom, Shown
from issgaze.service.developjob import DevelopJob
from issgaze.service.films import FrameSource, make_films
from issgaze.service.guests import guest_report
from issgaze.service.livepreview import LIVE_FILE
from issgaze.service.page import write_page
from issgaze.service.products import Products
from issgaze.service.series import FrameRecord
from issgaze.stacking.together import Workers

_FEWEST_FILM_FRAMES = 4
# made only when they are asked for; the plain picture is always there
VARIANT_FILES: dict[Variant, str] = {
    "star_trails": "picture-star-trails.jpg",
    "all_lights": "picture-all-lights.jpg",
    "ground_only": "picture-ground.jpg",
    "stars_only": "picture-stars.jpg",
}


class Steps:
    """What each step of developing took, for the report."""

    def __init__(self) -> None:
        self._before, self._cpu_before = time.monotonic(), time.process_time()
        self.document: dict[str, dict[str, float]] = {}

    def done(self, name: str) -> None:
        """Note that a step is done: its seconds, and the largest memory so far."""
        now, cpu = time.monotonic(), time.process_time()
        self.document[name] = {
            "seconds": round(now - self._before, 2),
            "cpu_s": round(cpu - self._cpu_before, 2),
            "peak_rss_mb": peak_rss_mb(),
        }
        self._before, self._cpu_before = now, cpu


def peak_rss_mb() -> float:
    """Return the largest memory of this process so far; Linux counts in kB."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0, 1)


class Finishing:
    """Makes what is shown of one series.

    Every method that writes raises ArchiveError when the disk refuses.

    Args:
        job: What is known of the series.
        room: What was measured on it; its stacks are let go before the films are made.
        report: The report so far; completed and written last.
        exposed: Start and end of every exposure that went in.
        products: Where products go.
        workers: For what is done in bands.
        steps: What the steps before took.
    """

    def __init__(
        self,
        job: DevelopJob,
        room: Darkroom,
        report: dict[str, Any],
        exposed: Sequence[tuple[datetime, datetime]],
        *,
        products: Products,
        workers: Workers,
        steps: Steps,
    ) -> None:
        self._job = job
        self._report = report
        self._products = products
        self._workers = workers
        self._steps = steps
        self._encoder_mb: float | None = None
        self._guest = guest_report(report, job, exposed)
        self._guest["captions"] = {
            language: _words(self._guest, language, job.zone) for language in job.languages
        }
        self._about = metadata_of(self._guest)
        self._size = room.mosaic_size
        self._tone = room.shown.tone
        fraction = room.sky_fraction()
        self._crops(room.shown, fraction)
        self._picture(room.shown)
        self._names(room, fraction)
        self._variants(room)
        self._small_fraction = None if fraction is None else self._for_film(fraction)
        self._still = (
            StillStars(room.lens, job.site, room.stacks.reference_utc)
            if room.lens is not None and job.site is not None
            else None
        )
        steps.done("picture")

    def _picture(self, shown: Shown) -> None:
        """Write picture.tif while it is made, then picture.jpg and its smaller editions."""
        height, width = shown.composition.shape
        eight = np.empty((height, width, 3), np.uint8)

        def chunks() -> Iterator[bytes | memoryview]:
            yield tiff_header(height, width, metadata=self._about)
            top = 0
            for band in rendered_bands(shown.composition, tone=shown.tone, workers=self._workers):
                eight[top : top + len(band)] = to_8bit(band, first_row=top)
                top += len(band)
                yield band.astype("<u2", copy=False).data.cast("B")

        self._products.stream("picture.tif", chunks())
        self._products.file("picture.jpg", jpeg_from_8bit(eight, metadata=self._about))
        self._products.smaller_pictures(eight, metadata=self._about)

    def _names(self, room: Darkroom, fraction: Float32Array | None) -> None:
        """Write the second picture, with names; what it needs may not be known."""
        job = self._job
        known = room.lens is not None and job.site is not None and job.iss_pass is not None
        if not job.overlay or not known or room.lens is None or fraction is None:
            return
        with contextlib.suppress(PropagationError):
            packed = annotated(job, room.lens, room.stacks, fraction)
            self._products.file(ANNOTATED_FILE, packed)

    def _crops(self, shown: Shown, fraction: Float32Array | None) -> None:
        """Keep where phone crops lie, for the share pack."""
        shape = shown.composition.shape
        self._guest["crops"] = {
            name: dataclasses.asdict(
                frame_crop(shape, aspect, trail=shown.trail, sky_fraction=fraction)
            )
            for name, aspect in SHAPES.items()
        }

    def _variants(self, room: Darkroom) -> None:
        for variant in self._job.variants:
            name = VARIANT_FILES[variant]
            other = room.variant(variant)
            if other is None:
                self._products.miss(name, "without a lens sky and ground are not told apart")
                continue
            tone = self._tone
            if variant in {"star_trails", "all_lights"}:
                tone = measure_tone(other, found=other.stars, trail=room.shown.trail)
                tone = dataclasses.replace(tone, balance=self._tone.balance)
            whole = np.concatenate(
                [to_8bit(band) for band in rendered_bands(other, tone=tone, workers=self._workers)]
            )
            self._products.file(name, jpeg_from_8bit(whole, metadata=self._about))

    def _for_film(self, fraction: Float32Array) -> Float32Array:
        width, height = timelapse_size(*self._size)
        return resized(fraction, (height, width))

    def films(self, records: Sequence[FrameRecord], *, dark: MasterDark | None) -> None:
        """Write the time-lapses; the stacks are to be gone by then."""
        names = [record.file for record in records if record.used]
        wanted = ["timelapse.mp4", "timelapse-stars.mp4", "preview.webp"]
        if len(names) < _FEWEST_FILM_FRAMES:
            frames = "1 frame makes" if len(names) == 1 else f"{len(names)} frames make"
            why = f"{frames} no film, {_FEWEST_FILM_FRAMES} do"
            for name in wanted:
                self._products.miss(name, why)
            return
        try:
            films = make_films(
                FrameSource(names, self._job.reread),
                size=timelapse_size(*self._size),
                tone=self._tone,
                dark=dark,
                sky_fraction=self._small_fraction,
                still_stars=self._still,
                memory_budget_mb=self._job.memory_budget_mb,
                workers=self._workers,
            )
            self._encoder_mb = films.encoder_peak_rss_mb
        except DeviceError as error:
            for name in wanted:
                self._products.miss(name, error.message)
            return
        self._products.file("timelapse.mp4", films.moving)
        if films.still_stars is None:
            self._products.miss("timelapse-stars.mp4", "without a lens stars cannot be held still")
        else:
            self._products.file("timelapse-stars.mp4", films.still_stars)
        self._products.file("single.jpg", jpeg_from_8bit(films.single, metadata=self._about))
        width = films.preview[0].shape[1]
        self._products.file("preview.webp", animation_bytes(films.preview, width_px=width))
        self._steps.done("films")

    def words(self) -> None:
        """Write captions, alt text, the page and, last of all, the report."""
        job, report, products = self._job, self._report, self._products
        leading, *others = job.languages
        products.text("caption.txt", caption(report, leading, job.zone))
        products.text("alt.txt", alt_text(self._guest, leading, job.zone))
        for language in others:
            products.text(f"caption.{language}.txt", caption(report, language, job.zone))
            products.text(f"alt.{language}.txt", alt_text(self._guest, language, job.zone))
        report["missing"] = [dataclasses.asdict(item) for item in products.missing]
        self._steps.done("words")
        seconds = {name: step["seconds"] for name, step in self._steps.document.items()}
        report["resources"] |= {
            "seconds": round(sum(seconds.values()), 2),
            "after_last_frame_s": round(sum(seconds.values()) - seconds["digest"], 2),
            "peak_rss_mb": peak_rss_mb(),
            "encoder_peak_rss_mb": self._encoder_mb,
            "steps": self._steps.document,
        }
        self._guest["missing"] = report["missing"]
        products.document(GUEST_FILE, self._guest)
        write_page(report, job, products)
        report["resources"]["bytes_written"] = products.bytes_written
        products.document(REPORT_FILE, report)
        products.remove(LIVE_FILE)


def _words(report: dict[str, Any], language: str, zone: ZoneInfo) -> dict[str, str]:
    return {
        "title": title(report, language, zone),
        "caption": caption(report, language, zone),
        "alt_text": alt_text(report, language, zone),
    }


def metadata_of(guest: dict[str, Any]) -> PictureMetadata:
    """Return what goes into a picture file, of a guests' report with its captions."""
    words = next(iter(guest["captions"].values()))
    when = _taken(guest)
    offset = f"{when:%z}" if when else ""
    return PictureMetadata(
        title=words["title"],
        description=words["caption"],
        alt_text=words["alt_text"],
        keywords=_keywords(guest),
        credit=credit_line(guest),
        date_local=f"{when:%Y:%m:%d %H:%M:%S}" if when else "",
        offset=f"{offset[:3]}:{offset[3:]}" if offset else "",
        software=f"issgaze {__version__}",
    )


def _taken(guest: dict[str, Any]) -> datetime | None:
    """Return when the picture begins, on the wall clock; None when nobody knows."""
    shown: dict[str, Any] = guest.get("shown") or {}
    begin = (shown.get("from") or {}).get("utc")
    starts = (f.get("start_utc") for f in guest["frames"] if f["used"])
    utc = begin or next((start for start in starts if start), None)
    return local(parse_utc(utc), time_zone(guest["time_zone"])) if utc else None


def credit_line(report: dict[str, Any]) -> str:
    """Return the line to print beside the picture."""
    place = report.get("site_name")
    return f"{place} / issgaze" if place else "issgaze"


def _keywords(report: dict[str, Any]) -> tuple[str, ...]:
    satellite = report.get("satellite") or {}
    proved = bool((report.get("proof") or {}).get("accepted"))
    names = (
        ("ISS", "International Space Station") if satellite.get("norad_id") == ISS_NORAD_ID else ()
    )
    return (*(names if proved else ()), "night sky", "star field", "satellite trail", "issgaze")
