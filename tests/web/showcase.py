"""An archive with something on every page: real predictions, pictures, a film, a lens, a night."""

import io
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from issgaze.archive.elements import ElementStore
from issgaze.archive.layout import Archive
from issgaze.archive.ledger import Ledger
from issgaze.archive.passdocument import pass_document
from issgaze.archive.passfiles import folder_path
from issgaze.archive.status import write_status
from issgaze.civil import format_utc, later, parse_utc, seconds_between
from issgaze.config import Settings, parse_settings
from issgaze.devices.video import Film
from issgaze.orbit.formats import parse_elements
from issgaze.picture.encode import jpeg_from_8bit
from issgaze.picture.smaller import smaller_picture
from issgaze.planning.choose import Conditions
from issgaze.planning.plan import Choice
from issgaze.service.nextchart import publish_charts
from issgaze.service.prediction import (
    predict,
    predict_for_guests,
    publish_prediction,
)
from issgaze.service.privacy import guest_document
from issgaze.sky.horizon import HorizonMask

_OMM = Path(__file__).parents[2] / "issgaze" / "data" / "iss_omm.json"
NOW = parse_utc("2024-05-10T18:00:00Z")
SETTINGS: Settings = parse_settings(
    '[site]\nname = "Attic"\nlatitude_deg = 48.2134\nlongitude_deg = 16.3789\n'
    'time_zone = "Europe/Vienna"\n',
    name="showcase",
)
_ROOF = HorizonMask(azimuth_deg=(0.0, 90.0, 180.0, 270.0), altitude_deg=(6.0, 22.0, 4.0, 8.0))
_FRAMES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Showcase:
    """The archive, and what is in it."""

    archive: Archive
    pictured: str
    skipped: str
    following: Choice
    settings: Settings

    def status(self, now: datetime = NOW, **changes: Any) -> None:
        """Write the status of an instant."""
        site = self.settings.site
        document = {
            "utc": format_utc(now), "version": "0.1.0", "simulated": True, "speed": 1,
            "state": "waiting", "sentence": "Waiting.",
            "site": {
                "name": site.name, "latitude_deg": site.latitude_deg,
                "longitude_deg": site.longitude_deg, "height_m": 190.0,
                "time_zone": site.time_zone,
            },
            "camera": {"sensor": "imx477", "mode": "binned", "lens_known": True},
            "clock": {"trust": "trusted", "bound_s": 0.012, "source": "chrony"},
            "elements": [{"norad_id": 25544, "name": "ISS", "epoch": "x", "age_days": 0.4}],
            "disk": {"free_gb": 41.2, "total_gb": 64.0}, **changes,
        }  # fmt: skip
        write_status(self.archive.run, document)

    def shooting(self, now: datetime, done: int, planned: int = 40) -> None:
        """Write the status of an instant of the next pass, and the trail so far."""
        pass_id = self.following.iss_pass.id
        folder = folder_path(self.archive, pass_id)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "live.jpg").write_bytes(jpeg_from_8bit(sky(done / planned)[::2, ::2]))
        (folder / "digested.json").write_text(json.dumps({"lights": done}))
        capture = {
            "pass_id": pass_id, "phase": "lights", "done": done, "planned": planned,
            "exposure_s": 8.0, "analogue_gain": 8.0, "dead_time_s": 0.00063,
            "sensor_temperature_c": 11.5,
        }  # fmt: skip
        self.status(now, state="capturing", capture=capture)


def sky(trail: float) -> np.ndarray:
    """Return a night sky of 1200x900 px with a part of a trail."""
    generator = np.random.default_rng(7)
    y, x = np.mgrid[0:900, 0:1200]
    picture = np.stack([18 + y // 30, 22 + y // 26, 38 + y // 22], axis=-1).astype(np.float32)
    picture += generator.normal(0.0, 2.0, (900, 1200, 1)).astype(np.float32)
    for column, row in generator.integers((0, 0), (1199, 700), (500, 2)):
        picture[row : row + 2, column : column + 2] += generator.uniform(30, 200)
    line = np.abs(y - (560 - 0.42 * x + 0.0001 * (x - 600.0) ** 2)) < 3
    picture[line & (x < 1200 * trail)] = (250, 246, 230)
    picture[y > 760 + 30 * np.sin(x / 70.0)] = (6, 6, 8)
    return np.clip(picture, 0, 255).astype(np.uint8)


def build(root: Path, settings: Settings = SETTINGS) -> Showcase:
    """Make the archive of a roof."""
    archive = Archive(root)
    (elements,) = parse_elements(_OMM.read_bytes(), source="test").sets
    store = ElementStore(archive.elements)
    store.add(elements)
    before = later(NOW, -86400.0)
    earlier = predict(store, settings, before, Conditions(), learnt=_ROOF)
    prediction = predict(store, settings, NOW, Conditions(), learnt=_ROOF)
    guest = predict_for_guests(store, settings, NOW, Conditions())
    publish_prediction(archive, prediction, guest)
    publish_charts(archive, settings, prediction, guest, _ROOF)
    past = [c for c in earlier.visible() if c.iss_pass.set.utc < NOW]
    ledger = Ledger(archive.ledger)
    shot = next(choice for choice in past if choice.verdict == "shoot")
    pictured = ledger.open(shot).id
    elsewhere = predict_for_guests(store, settings, before, Conditions()).choices
    _develop(archive, shot, pictured, _same_pass(shot, elsewhere))
    folder = folder_path(archive, pictured).relative_to(root)
    ledger.settle(pictured, "caught", "The trail lies 0.2′ beside the predicted path and 0.01 s "
                  "ahead of the prediction, 3.5 s were allowed.", folder=str(folder))  # fmt: skip
    skipped = ""
    for choice in past:
        if choice is not shot:
            skipped = ledger.open(choice).id
            ledger.settle(skipped, "skipped", "Too low: culminates at 19°, the limit is 20°")
    for choice in prediction.visible():
        ledger.open(choice)
    _calibrate(archive, shot)
    following = next(c for c in prediction.visible() if c.verdict == "shoot")
    show = Showcase(
        archive=archive, pictured=pictured, skipped=skipped, following=following, settings=settings
    )
    show.status()
    return show


def _same_pass(choice: Choice, others: Iterable[Choice]) -> Choice:
    top = choice.iss_pass.culmination.utc
    return min(others, key=lambda o: abs(seconds_between(o.iss_pass.culmination.utc, top)))


def _develop(archive: Archive, choice: Choice, pass_id: str, elsewhere: Choice) -> None:
    folder = folder_path(archive, pass_id)
    folder.mkdir(parents=True)
    whole = sky(1.0)
    names = {"picture.jpg": 4000, "screen.jpg": 1920, "preview.jpg": 960, "thumb.jpg": 480}
    for name, width in names.items():
        (folder / name).write_bytes(jpeg_from_8bit(smaller_picture(whole, width)))
    (folder / "single.jpg").write_bytes(jpeg_from_8bit(smaller_picture(sky(0.2), 960)))
    with Film(width=320, height=240, fps=12) as film:
        for number in range(_FRAMES):
            film.add(np.ascontiguousarray(smaller_picture(sky(number / _FRAMES), 320)[:240]))
        (folder / "timelapse.mp4").write_bytes(film.finish())
    start = choice.iss_pass.lit[0].start.utc
    frames = [
        {"file": f"lights/{n:04d}.fits", "used": n != 5, "exposure_s": 10.0,
         "reason": "cut short" if n == 5 else None, "dead_time_s": 0.00063 if n else None,
         "start_utc": format_utc(later(start, 10.0 * n))}
        for n in range(_FRAMES + 1)
    ]  # fmt: skip
    samples = [
        {"utc": format_utc(later(start, 2.0 * n)), "magnitude": -3.0 + 0.002 * (n - 40) ** 2,
         "predicted_magnitude": -3.1 + 0.002 * (n - 40) ** 2, "saturated": n % 9 == 0}
        for n in range(60)
    ]  # fmt: skip
    passed = pass_document(choice.iss_pass)
    report = {
        "pass": passed, "frames": frames, "outcome": "caught",
        "proof": {"accepted": True, "cross_track_arcmin": -0.21, "along_track_s": 0.012,
                  "residuals_s": [0.01, -0.02, 0.03, -0.01], "residual_utc_s": [10, 40, 70, 100]},
        "quality": {"star_count": 1412, "limiting_magnitude": 7.1, "fwhm_px": 2.1,
                    "background_mag_arcsec2": 20.9},
        "light_curve": {"samples": samples, "fades": [{"late_s": 1.2, "direction": "in"}]},
        "dead_time": {"stamps_s": 0.00063},
        "missing": [{"what": "timelapse-stars.mp4", "reason": "without a lens stars move"}],
    }  # fmt: skip
    (folder / "report.json").write_text(json.dumps(report))
    words = {
        "en": {"title": "Space station over the Attic, 10 May 2024", "alt_text": "A bright arc.",
               "caption": "The International Space Station over the Attic."},
        "fr": {"title": "La station au-dessus du grenier", "alt_text": "Un arc brillant.",
               "caption": "La Station spatiale internationale au-dessus du grenier."},
    }  # fmt: skip
    open_report = {
        "pass": guest_document(pass_document(elsewhere.iss_pass)), "shown": None,
        "proof": report["proof"], "quality": report["quality"],
        "frames": [{"used": one["used"], "exposure_s": 10.0} for one in frames],
        "captions": words,
    }  # fmt: skip
    (folder / "guest.json").write_text(json.dumps(open_report))
    (folder / "alt.txt").write_text("A bright arc over dark roofs.")
    (folder / "caption.txt").write_text("The International Space Station over the Attic.")
    events = [
        {"utc": format_utc(later(start, -600)), "event": "preflight",
         "checks": [{"name": "dew", "state": "warn", "value": "97 %",
                     "remedy": "The heater works at its most; see whether the dome stays clear."}]},
        {"utc": format_utc(later(start, -60)), "event": "armed"},
    ]  # fmt: skip
    (folder / "events.jsonl").write_text("".join(json.dumps(e) + "\n" for e in events))


def _calibrate(archive: Archive, choice: Choice) -> None:
    folder = archive.calibration
    folder.mkdir(parents=True)
    utc = format_utc(choice.iss_pass.culmination.utc)
    row = {"utc": utc, "event": "refined", "stars_matched": 816, "median_residual_px": 0.54,
           "turned_deg": 0.004, "lens": {"projection": "equisolid", "focal_px": 967.7,
           "width_px": 2028, "height_px": 1520}}  # fmt: skip
    (folder / "lens-history.jsonl").write_text(json.dumps(row) + "\n")
    generator = np.random.default_rng(1)
    places = generator.uniform((0, 0), (2028, 1200), (200, 2))
    off = generator.normal(0.0, 0.4, (200, 2))
    stars = np.hstack((places, off)).round(2).tolist()
    document = {"utc": utc, "width_px": 2028, "height_px": 1520, "stars": stars}
    (folder / "lens-residuals.json").write_text(json.dumps(document))
    line = {
        "azimuth_deg": list(range(0, 360, 10)),
        "altitude_deg": [8.0 + n % 5 for n in range(36)],
    }
    (folder / "horizon.json").write_text(json.dumps(line))
    mask = np.full((380, 507), 255, np.uint8)
    mask[300:] = 0
    stream = io.BytesIO()
    Image.fromarray(mask).save(stream, "PNG")
    (folder / "horizon.png").write_bytes(stream.getvalue())
