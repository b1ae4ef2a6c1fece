import io
from pathlib import Path

import numpy as np
from PIL import Image

from issgaze.civil import parse_utc
from issgaze.imaging.frame import Frame, FrameInfo
from issgaze.service.livepreview import LIVE_FILE, with_live_preview
from issgaze.service.series import Light


def light(number: int) -> Light:
    mosaic = np.full((600, 800), 300, dtype=np.uint16)
    # one bright photosite row per frame: a trail thinner than a pixel of the preview
    mosaic[100 + 100 * number, 200:600] = 4000
    info = FrameInfo(
        start_utc=parse_utc("2024-05-10T01:40:00Z"),
        exposure_s=5.0,
        black_level_adu=256.0,
        white_level_adu=4095.0,
        bayer_pattern="RGGB",
    )
    return Light(file=f"{number}", frame=Frame(mosaic=mosaic, info=info), error=None)


def test_the_trail_grows_frame_by_frame(tmp_path: Path) -> None:
    lights = [light(0), Light(file="x", frame=None, error="broken"), light(1)]
    bright: list[int] = []
    for passed in with_live_preview(lights, tmp_path):
        if passed.frame is not None:
            # the digest works in the pixels
            passed.frame.mosaic[...] = 0
        picture = np.asarray(Image.open(io.BytesIO((tmp_path / LIVE_FILE).read_bytes())))
        bright.append(int((picture.max(axis=(1, 2)) > 150).sum()))
        assert 20 < np.median(picture) < 60
    first, still, second = bright
    assert first == still
    assert second >= 2 * first > 0
