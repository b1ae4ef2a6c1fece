"""Genuine picamera2 over genuine libcamera's virtual pipeline, on a machine without a camera.

What such a machine lacks is put in its place, and nothing else: displays (never used), DNG files
(never written), dma-heap memory (anonymous files instead), and raw streams, which the virtual
pipeline does not have: the buffer of an NV12 stream stands for them, byte by byte.
"""

import mmap
import os
import sys
import types
from typing import Any


def _module(name: str, **members: Any) -> None:
    module = types.ModuleType(name)
    module.__dict__.update(members)
    sys.modules[name] = module


class _Formats:
    def __getattr__(self, name: str) -> str:
        return name


_module("pykms", PixelFormat=_Formats())
_module("pidng")
_module("pidng.camdefs", Picamera2Camera=object)
_module("pidng.core", PICAM2DNG=object)

import libcamera  # noqa: E402
import picamera2.picamera2 as genuine  # noqa: E402
from picamera2 import Picamera2  # noqa: E402
from picamera2.allocators import DmaAllocator  # noqa: E402
from picamera2.allocators import dmaallocator as heaps  # noqa: E402
from picamera2.allocators.allocator import Sync  # noqa: E402

# of the stream that stands for raw: NV12 of 1280x480 pixels is 720 rows of 1280 bytes
WIDTH_PX, HEIGHT_PX = 640, 720


class _Descriptor:
    def __init__(self, number: int) -> None:
        self._number = number

    def get(self) -> int:
        return self._number

    def isValid(self) -> bool:  # noqa: N802 - libcamera's name
        return self._number >= 0


class _Heap:
    isValid = True  # noqa: N815 - picamera2's name

    def alloc(self, name: str, size: int) -> _Descriptor:
        number = os.memfd_create(name, os.MFD_CLOEXEC)
        os.ftruncate(number, size)
        return _Descriptor(number)

    def close(self) -> None:
        return


class _Plain(Sync):
    """Memory of a process needs no caches brought up to date."""

    def __init__(self, allocator: Any, fb: Any, write: Any) -> None:
        self._memory = allocator.mapped_buffers[fb]
        del write

    def __enter__(self) -> Any:
        return self._memory

    def __exit__(self, *_exception: object) -> None:
        return

    def get_buffer(self) -> Any:
        return self._memory


class _Memory(DmaAllocator):
    """Keeps picamera2's books over anonymous files: two planes for each NV12 buffer."""

    def __init__(self) -> None:
        heaps.DmaHeap = _Heap
        super().__init__()
        self.sync = _Plain

    def allocate(self, libcamera_config: Any, use_case: Any) -> None:
        del use_case
        self.libcamera_fds = []
        self.cleanup()
        for number in self.open_fds:
            os.close(number)
        self.frame_buffers, self.open_fds = {}, []
        for stream in libcamera_config:
            luminance = stream.stride * stream.size.height
            made = []
            for count in range(stream.buffer_count):
                number = self.dmaHeap.alloc(f"buffer{count}", stream.frame_size).get()
                self.open_fds.append(number)
                planes = []
                for offset, length in ((0, luminance), (luminance, luminance // 2)):
                    plane = libcamera.FrameBuffer.Plane()
                    plane.fd, plane.offset, plane.length = number, offset, length
                    planes.append(plane)
                # libcamera duplicates the descriptor: the books are kept of its own
                self.libcamera_fds.append(planes[0].fd)
                self.mapped_buffers_used[planes[0].fd] = False
                buffer = libcamera.FrameBuffer(planes)
                self.mapped_buffers[buffer] = mmap.mmap(planes[0].fd, stream.frame_size)
                made.append(buffer)
            self.frame_buffers[stream.stream] = made


genuine.DmaAllocator = _Memory


class VirtualCamera(Picamera2):
    """The virtual camera with a raw stream that it has not got."""

    def __init__(self) -> None:
        super().__init__(0, allocator=_Memory())

    def _get_raw_modes(self) -> list[dict[str, Any]]:
        return [{"format": "SRGGB12", "size": (WIDTH_PX, HEIGHT_PX)}]

    def create_video_configuration(self, *_: Any, **asked: Any) -> dict[str, Any]:
        if "raw" not in asked:
            # picamera2 makes one for itself when it opens the camera
            return super().create_video_configuration(*_, **asked)
        return super().create_video_configuration(
            main={"size": (2 * WIDTH_PX, 2 * HEIGHT_PX // 3), "format": "NV12"},
            raw=None,
            controls={},
            colour_space=libcamera.ColorSpace.Rec709(),
            **{key: asked[key] for key in ("buffer_count", "queue", "display", "encode")},
        )

    def configure(self, camera_config: Any = "preview") -> Any:
        done = super().configure(camera_config)
        # a genuine buffer described as raw
        kind = {"format": "SRGGB12", "size": (WIDTH_PX, HEIGHT_PX)}
        self.camera_config["raw"] = self.camera_config["main"] | kind
        self.stream_map["raw"] = self.stream_map["main"]
        return done
