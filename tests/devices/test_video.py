import io

import av
import numpy as np
import pytest

from issgaze.devices.video import PyavEncoder
from issgaze.errors import DeviceError


def pictures(count, width=96, height=64):
    for number in range(count):
        picture = np.full((height, width, 3), 20, dtype=np.uint8)
        picture[20:40, 4 * number : 4 * number + 20] = (220, 120, 40)
        yield picture


def test_a_film_plays_back_in_order_with_its_colours():
    movie = PyavEncoder().encode(pictures(8), width=96, height=64, fps=12)
    # the index stands before the pictures, so that a browser plays while it loads
    assert movie.index(b"moov") < movie.index(b"mdat")
    with av.open(io.BytesIO(movie)) as container:
        stream = container.streams.video[0]
        assert stream.codec_context.name == "h264"
        assert stream.codec_context.pix_fmt == "yuv420p"
        assert float(stream.average_rate) == 12.0
        shown = [frame.to_ndarray(format="rgb24") for frame in container.decode(stream)]
    assert len(shown) == 8
    for number, picture in enumerate(shown):
        bright = np.flatnonzero(picture[30].sum(axis=-1) > 200)
        assert bright.min() == pytest.approx(4 * number, abs=2)
        assert np.abs(picture[30, 4 * number + 10].astype(int) - (220, 120, 40)).max() < 25


def test_an_odd_size_is_refused():
    with pytest.raises(DeviceError, match="95x64 px was asked for; both must be even"):
        PyavEncoder().encode(pictures(1), width=95, height=64, fps=12)


def test_a_frame_of_another_size_is_refused():
    with pytest.raises(DeviceError, match=r"frame 0 of the video has the shape \(64, 96, 3\)"):
        PyavEncoder().encode(pictures(1), width=96, height=62, fps=12)


def test_a_failing_encoder_says_why(monkeypatch, tmp_path):
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho no codec today >&2\nexit 3\n")
    broken.chmod(0o755)
    monkeypatch.setattr("issgaze.devices.video.sys.executable", str(broken))
    with pytest.raises(DeviceError, match="the video encoder ended with 3: no codec today"):
        PyavEncoder().encode(pictures(1), width=96, height=64, fps=12)
