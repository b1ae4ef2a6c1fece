"""The camera and its manager: a sensor that exposes on while requests come and go."""

import os
import queue
import threading

import numpy as np

from . import controls as known
from . import properties
from .model import BLACK_16BIT, SENSORS, world
from .types import (
    CameraConfiguration,
    ControlInfo,
    FrameMetadata,
    PixelFormat,
    Rectangle,
    Request,
    Size,
    StreamConfiguration,
    StreamFormats,
    StreamRole,
)

_Status = CameraConfiguration.Status


class CameraManager:
    _one = None

    def __init__(self):
        self.event_fd = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._ready = queue.SimpleQueue()
        self._camera = Camera(self)

    @classmethod
    def singleton(cls):
        if cls._one is None:
            cls._one = cls()
        return cls._one

    @property
    def cameras(self):
        return [] if world.unplugged else [self._camera]

    def complete(self, request):
        self._ready.put(request)
        os.eventfd_write(self.event_fd, 1)

    def get_ready_requests(self):
        try:
            os.eventfd_read(self.event_fd)
        except BlockingIOError:
            return []
        found = []
        while not self._ready.empty():
            found.append(self._ready.get())
        return found


class Camera:
    def __init__(self, manager):
        self._manager = manager
        self.id = "/base/soc/i2c0mux/i2c@1/sensor@1a"
        self._queue = queue.SimpleQueue()
        self._thread = None
        self._config = None

    @property
    def properties(self):
        return {
            properties.Model: world.sensor,
            properties.ColorFilterArrangement: 0,
        }

    @property
    def controls(self):
        longest = SENSORS[world.sensor][3]
        ranges = {
            "ExposureTime": (29, longest, 20000),
            "AnalogueGain": (1.0, 31.6, 1.0),
            "AeEnable": (False, True, True),
            "AwbEnable": (False, True, True),
            "ColourGains": (0.0, 32.0, 0.0),
            "FrameDurationLimits": (16000, longest + 100_000, 33333),
            "NoiseReductionMode": (0, 4, 0),
            "ScalerCrop": (Rectangle(), Rectangle(), Rectangle()),
        }
        return {known.KNOWN[name]: ControlInfo(*values) for name, values in ranges.items()}

    def acquire(self):
        if world.acquired:
            raise RuntimeError("the camera is in use")
        world.acquired += 1
        world.boot_ns += round(world.opening_s * 1e9)

    def release(self):
        world.acquired -= 1

    def generate_configuration(self, roles):
        bits, sizes, *_ = SENSORS[world.sensor]
        formats = StreamFormats({f"S{world.pattern}{bits}_CSI2P": sizes})
        return CameraConfiguration(
            [StreamConfiguration(role, formats) for role in roles], _validate
        )

    def configure(self, config):
        self._config = config
        return 0

    def create_request(self, cookie):
        return Request(cookie)

    def queue_request(self, request):
        self._queue.put(request)

    def start(self, controls):
        given = {each.name: value for each, value in controls.items()}
        world.starts.append(given)
        self._queue = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._stream, args=(given, self._queue), daemon=True)
        self._thread.start()

    def stop(self):
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join()
            self._thread = None

    def _stream(self, given, requests):
        sensor = _Sensor(given)
        number = 0
        while (request := requests.get()) is not None:
            if world.unplugged or (
                world.hangs_after is not None and world.delivered >= world.hangs_after
            ):
                # nothing comes any more; only stopping helps
                while requests.get() is not None:
                    pass
                return
            while number in world.drop:
                number += 1
            self._fill(request, sensor, number)
            number += 1
            world.delivered += 1
            self._manager.complete(request)

    def _fill(self, request, sensor, number):
        begun = sensor.begun_ns + number * sensor.frame_us * 1000
        stamp = begun + sensor.exposure_us * 1000
        world.boot_ns = max(world.boot_ns, stamp + round(world.lag_s * 1e9))
        startup = number < sensor.startup_frames
        if not startup:
            world.exposed_from_ns.append(begun)
        for stream in self._config:
            buffer = request.buffers[stream.stream]
            status = FrameMetadata.Status
            buffer.metadata.status = status.Startup if startup else status.Success
            buffer.metadata.sequence = number
            if stream.role == StreamRole.Raw:
                os.pwrite(buffer.planes[0].fd, _pixels(stream, number), 0)
        values = {
            "SensorTimestamp": stamp,
            "ExposureTime": sensor.exposure_us,
            "FrameDuration": sensor.frame_us,
            "AnalogueGain": sensor.gain,
            "DigitalGain": 1.0,
            "SensorTemperature": 21.0,
            "SensorBlackLevels": (BLACK_16BIT.get(world.sensor, 4096),) * 4,
        }
        request.metadata = {
            known.KNOWN[name]: value for name, value in values.items() if name not in world.silent
        }
        request.status = Request.Status.Complete


class _Sensor:
    """How the sensor exposes, from the controls that were set before it began."""

    def __init__(self, given):
        _bits, _sizes, blanking, longest, startup = SENSORS[world.sensor]
        shortest_frame, longest_frame = given.get("FrameDurationLimits", (33333, 33333))
        self.exposure_us = min(given.get("ExposureTime", 20000), longest, longest_frame - blanking)
        self.frame_us = max(shortest_frame, self.exposure_us + blanking)
        self.gain = given.get("AnalogueGain", 1.0)
        fixed = (
            "AnalogueGain" in given and "ColourGains" in given and not given.get("AeEnable", True)
        )
        self.startup_frames = startup if fixed else max(startup, world.auto_gain_frames)
        self.begun_ns = world.boot_ns


def _validate(config):
    status = _Status.Valid
    for stream in config:
        if stream.role == StreamRole.Raw:
            wanted = stream.pixel_format.name
            given = _raw_format(wanted)
            if given != wanted:
                status = _Status.Adjusted
            stream.pixel_format = PixelFormat(given)
            wide, high = _nearest((stream.size.width, stream.size.height))
            stream.size = Size(wide, high)
            bits = 12 if given.endswith("12_CSI2P") else 10 if given.endswith("10_CSI2P") else 16
            bits = 8 if "COMP1" in given else bits
            stream.stride = -(-(wide * bits // 8) // 64) * 64
            stream.frame_size = stream.stride * high
        else:
            stream.stride = -(-stream.size.width // 64) * 64
            stream.frame_size = stream.stride * stream.size.height * 3 // 2
    return status


def _raw_format(wanted):
    bits = SENSORS[world.sensor][0]
    if world.compressed or (world.pisp and wanted.endswith("_CSI2P")):
        return f"{world.pattern}_PISP_COMP1"
    if world.packed:
        return f"S{world.pattern}{bits}_CSI2P"
    if wanted.endswith("_CSI2P"):
        return f"S{world.pattern}{bits}_CSI2P"
    return f"S{world.pattern}{16 if world.pisp else bits}"


def _nearest(wanted):
    return min(SENSORS[world.sensor][1], key=lambda size: abs(size[0] - wanted[0]))


def _pixels(stream, number):
    """Return a frame's bytes: its number above the black level, and a ramp; padding is 0xAA."""
    bits = SENSORS[world.sensor][0]
    black = BLACK_16BIT.get(world.sensor, 4096) >> (16 - bits)
    wide, high, stride = stream.size.width, stream.size.height, stream.stride
    values = np.full((high, wide), black + number, dtype=np.uint16)
    values[0] += np.arange(wide, dtype=np.uint16) % 7
    rows = np.full((high, stride), 0xAA, dtype=np.uint8)
    name = stream.pixel_format.name
    if name.endswith("12_CSI2P"):
        rows[:, 0 : wide * 3 // 2 : 3] = values[:, 0::2] >> 4
        rows[:, 1 : wide * 3 // 2 : 3] = values[:, 1::2] >> 4
        rows[:, 2 : wide * 3 // 2 : 3] = (values[:, 0::2] & 15) | ((values[:, 1::2] & 15) << 4)
    elif name.endswith("16"):
        rows[:, : 2 * wide] = (values << (16 - bits)).view(np.uint8)
    else:
        rows[:, : 2 * wide] = values.view(np.uint8)
    return rows.tobytes()
