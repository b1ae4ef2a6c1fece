"""The plain types of libcamera's Python module."""

from enum import Enum


class ControlType(Enum):
    Null = 0
    Bool = 1
    Integer32 = 2
    Integer64 = 3
    Float = 4
    String = 5
    Rectangle = 6
    Size = 7


class ControlId:
    def __init__(self, name, kind):
        self.name, self.type = name, kind


class ControlInfo:
    def __init__(self, low, high, default):
        self.min, self.max, self.default = low, high, default


class Size:
    def __init__(self, width=0, height=0):
        self.width, self.height = width, height


class Rectangle:
    def __init__(self, x=0, y=0, width=0, height=0):
        self.x, self.y, self.width, self.height = x, y, width, height


class PixelFormat:
    def __init__(self, name):
        self.name = name

    def __str__(self):
        return self.name


class Transform:
    def __init__(self, hflip=False, vflip=False, transpose=False):
        self.hflip, self.vflip, self.transpose = bool(hflip), bool(vflip), bool(transpose)

    def __str__(self):
        return f"Transform({self.hflip}, {self.vflip}, {self.transpose})"


class Orientation(Enum):
    Rotate0 = 1
    Rotate0Mirror = 2
    Rotate180 = 3
    Rotate180Mirror = 4
    Rotate90Mirror = 5
    Rotate270 = 6
    Rotate270Mirror = 7
    Rotate90 = 8


class ColorSpace:
    class YcbcrEncoding(Enum):
        Null = 0
        Rec601 = 1
        Rec709 = 2

    class Range(Enum):
        Full = 0
        Limited = 1

    def __init__(self, other=None, *, primaries="Rec709", transfer="Srgb"):
        self.primaries = other.primaries if other is not None else primaries
        self.transferFunction = other.transferFunction if other is not None else transfer
        self.ycbcrEncoding = ColorSpace.YcbcrEncoding.Rec601
        self.range = ColorSpace.Range.Full

    def __str__(self):
        return f"ColorSpace({self.primaries})"

    @classmethod
    def Sycc(cls):  # noqa: N802 - libcamera's name
        return cls()

    @classmethod
    def Smpte170m(cls):  # noqa: N802 - libcamera's name
        return cls(primaries="Smpte170m", transfer="Rec709")

    @classmethod
    def Rec709(cls):  # noqa: N802 - libcamera's name
        return cls(transfer="Rec709")

    @classmethod
    def Raw(cls):  # noqa: N802 - libcamera's name
        return cls(primaries="Raw", transfer="Linear")


class StreamRole(Enum):
    Raw = 0
    StillCapture = 1
    VideoRecording = 2
    Viewfinder = 3


class SensorConfiguration:
    def __init__(self):
        self.bit_depth, self.output_size = 0, Size()


class FrameMetadata:
    class Status(Enum):
        Success = 0
        Error = 1
        Cancelled = 2
        Startup = 3

    def __init__(self):
        self.status, self.sequence, self.timestamp = FrameMetadata.Status.Success, 0, 0


class FrameBuffer:
    class Plane:
        fd, offset, length = -1, 0, 0

    def __init__(self, planes):
        self.planes = list(planes)
        self.metadata = FrameMetadata()


class FrameBufferAllocator:
    def __init__(self, camera):
        raise RuntimeError("buffers come from the heap, not from libcamera")


class Request:
    class Status(Enum):
        Pending = 0
        Complete = 1
        Cancelled = 2

    def __init__(self, cookie):
        self.cookie = cookie
        self.buffers, self.metadata, self.controls = {}, {}, {}
        self.status = Request.Status.Pending

    def add_buffer(self, stream, buffer):
        self.buffers[stream] = buffer

    def set_control(self, name, value):
        self.controls[name] = value

    def reuse(self):
        self.controls, self.metadata = {}, {}
        self.status = Request.Status.Pending


class Stream:
    def __init__(self):
        self.configuration = None


class StreamFormats:
    def __init__(self, sizes):
        self._sizes = sizes
        self.pixel_formats = [PixelFormat(name) for name in sizes]

    def sizes(self, pixel_format):
        return [Size(*each) for each in self._sizes[str(pixel_format)]]


class StreamConfiguration:
    def __init__(self, role, formats):
        self.role, self.formats = role, formats
        self.stream = Stream()
        self.size, self.pixel_format = Size(640, 480), PixelFormat("XBGR8888")
        self.buffer_count, self.stride, self.frame_size = 4, 0, 0
        self.color_space = None


class CameraConfiguration:
    class Status(Enum):
        Valid = 0
        Adjusted = 1
        Invalid = 2

    def __init__(self, streams, validate):
        self._streams, self._validate = streams, validate
        self.orientation, self.sensor_config = Orientation.Rotate0, None

    def __iter__(self):
        return iter(self._streams)

    def at(self, index):
        return self._streams[index]

    def validate(self):
        return self._validate(self)
