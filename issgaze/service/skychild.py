"""Measuring a look at the sky in a process of its own: its memory goes with it.

The observer idles for weeks in the memory of a small board; finding stars and making a picture
takes twice as much as all that it does otherwise, for a second every quarter of an hour.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from issgaze.archive.atomic import write_atomic
from issgaze.archive.fits import read_raw, write_raw
from issgaze.civil import parse_utc
from issgaze.errors import CameraError
from issgaze.imaging.frame import Frame
from issgaze.optics.lens import Lens
from issgaze.planning.photometry import Optics
from issgaze.service.skywatch import Examined, SkyLook
from issgaze.sky.horizon import HorizonMask
from issgaze.sky.site import Site

_LIMIT_S = 60.0
_FRAME = "sky.fits"


def examine_in_child(
    run: Path,
    frame: Frame,
    optics: Optics,
    site: Site,
    lens: Lens | None,
    horizon: HorizonMask | None,
) -> Examined:
    """Return what a frame says of the sky, measured by another process.

    Args:
        run: The run folder, in memory on a device.
        frame: With its true time.
        optics: That it was taken with.
        site: Where the camera stands.
        lens: None when it is not known.
        horizon: None when it is not known.

    Raises:
        ArchiveError: The run folder refuses the frame.
        CameraError: The other process fails.
    """
    held, picture = run / _FRAME, run / "sky.new.jpg"
    write_raw(held, frame, site=None, durable=False)
    words: dict[str, Any] = {
        "frame": str(held),
        "picture": str(picture),
        "sensor": optics.sensor.name,
        "focal_px": optics.focal_px,
        "pixel_um": optics.pixel_um,
        "f_number": optics.f_number,
        "site": [site.latitude_deg, site.longitude_deg, site.height_m],
        "lens": lens.to_document() if lens else None,
        "horizon": [horizon.azimuth_deg, horizon.altitude_deg] if horizon else None,
    }
    try:
        done = subprocess.run(
            [sys.executable, "-m", "issgaze.service.skychild"],
            input=json.dumps(words), capture_output=True, text=True, check=True, timeout=_LIMIT_S,
        )  # fmt: skip
        said = json.loads(done.stdout)
        said["utc"] = parse_utc(said["utc"])
        said.pop("cloud_fraction")
        return Examined(look=SkyLook(**said), picture=picture.read_bytes())
    except (subprocess.SubprocessError, OSError, ValueError, TypeError, KeyError) as error:
        raise CameraError(
            f"the look at the sky was not measured: {error}",
            remedy="The next one is in a quarter of an hour.",
        ) from error
    finally:
        held.unlink(missing_ok=True)
        picture.unlink(missing_ok=True)


def main() -> None:
    """Measure what standard input names; print the look."""
    from issgaze.optics.profiles import sensor_profile
    from issgaze.service.skywatch import examine_here

    words = json.load(sys.stdin)
    latitude_deg, longitude_deg, height_m = words["site"]
    horizon = words["horizon"]
    found = examine_here(
        read_raw(Path(words["frame"])),
        Optics(
            sensor=sensor_profile(words["sensor"]),
            focal_px=words["focal_px"],
            pixel_um=words["pixel_um"],
            f_number=words["f_number"],
        ),
        Site(latitude_deg=latitude_deg, longitude_deg=longitude_deg, height_m=height_m),
        Lens.from_document(words["lens"]) if words["lens"] else None,
        HorizonMask(azimuth_deg=tuple(horizon[0]), altitude_deg=tuple(horizon[1]))
        if horizon
        else None,
    )
    write_atomic(Path(words["picture"]), found.picture, durable=False)
    sys.stdout.write(json.dumps(found.look.document()) + "\n")


if __name__ == "__main__":
    main()
