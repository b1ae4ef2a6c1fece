"""The child of `video`: reads raw frames from stdin and writes an MP4 to the file it is told.

Its settings keep it small on a board of 512 MB: no look-ahead, no B-frames, one reference picture,
one thread. x264's defaults need several times as much.
"""

import struct
import sys
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

import numpy as np

HEADER = struct.Struct("<III")
_OPTIONS = {
    "preset": "ultrafast",
    "crf": "23",
    "x264-params": "rc-lookahead=0:sync-lookahead=0:bframes=0:ref=1:threads=1:mbtree=0:keyint=50"
    ":aq-mode=1",
}
# BT.709, video range, as players assume for high definition
_BT709 = 1


def main() -> int:
    """Encode what arrives on stdin."""
    source = sys.stdin.buffer
    header = source.read(HEADER.size)
    if len(header) < HEADER.size:
        return 1
    width, height, fps = HEADER.unpack(header)
    encode(source, sys.argv[1], width=width, height=height, fps=fps)
    if len(sys.argv) > 2:
        Path(sys.argv[2]).write_text(str(peak_rss_mb()))
    return 0


def peak_rss_mb() -> float:
    """Return the largest memory of this program; getrusage would count the parent's before exec."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return round(int(line.split()[1]) / 1024.0, 1)
    return 0.0


def encode(source: BinaryIO, path: str, *, width: int, height: int, fps: int) -> None:
    """Write an MP4 of the raw RGB frames that `source` holds."""
    import av

    with av.open(path, mode="w", format="mp4", options={"movflags": "faststart"}) as container:
        # by this a later stack knows the file as one of ours
        container.metadata["comment"] = "issgaze"
        stream = container.add_stream("libx264", rate=Fraction(fps), options=_OPTIONS)
        stream.width, stream.height = width, height
        stream.pix_fmt = "yuv420p"
        stream.codec_context.thread_count = 1
        stream.codec_context.color_range = 1
        stream.codec_context.colorspace = _BT709
        stream.codec_context.color_primaries = _BT709
        stream.codec_context.color_trc = _BT709
        while True:
            raw = source.read(width * height * 3)
            if len(raw) < width * height * 3:
                break
            pixels = np.frombuffer(raw, dtype=np.uint8).reshape(height, width, 3)
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame = frame.reformat(format="yuv420p", dst_colorspace=_BT709)
            for packet in stream.encode(frame):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)


if __name__ == "__main__":
    sys.exit(main())
