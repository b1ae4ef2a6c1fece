"""The Raspberry Pi's cameras, through picamera2: the one file that knows it.

One configuration and one start for each block: exposure and gain are set before the camera runs,
because a change in a running stream arrives frames later and, above 1.8 s on the IMX477, with
metadata that lie. No preview thread runs; this file turns picamera2's event loop itself, so that
waiting, time-outs and clean-up happen in the thread that asks for frames.

The kernel stamps the start of read-out of the first row, which is the end of its exposure.
"""

import dataclasses
import gc
import mmap
import re
import select
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from issgaze.arrays import UInt8Array, UInt16Array
from issgaze.devices.stampclock import StampClock
from issgaze.errors import CameraError, FrameError
from issgaze.imaging.frame import Frame, FrameInfo
from issgaze.imaging.rawbuffer import RawBuffer, mosaic_of
from issgaze.optics.sensor import CaptureMode, SensorProfile
from issgaze.planning.plan import ExposureBlock
from issgaze.ports import Clock

_PATIENCE_S = 3.0
_BUFFERS = 3
# picamera2 insists on a processed stream; the smallest costs least
_MAIN = {"size": (320, 240), "format": "YUV420"}
# the frame may be longer than the exposure by this: the sensor's blanking needs room
_BLANKING_US = 100_000
_LOST_AT = 1.5
# frames that libcamera marks as not to be used, and picamera2 throws away, after a start
_HIDDEN = {"imx290": 1, "imx462": 1}
# a driver's name for a chip is not always the chip's
_KIN = {"imx462": ("imx462", "imx290"), "imx290": ("imx290", "imx462")}
_RAW = re.compile(r"S(RGGB|BGGR|GRBG|GBRG)(10|12|16)(_CSI2P)?")


class PiCamera:
    """A camera on the ribbon cable, implementing ports.Camera.

    Args:
        sensor: The chip it should have.
        clock: Of the system, for how far its time can be believed.
        stamps: Dates frames; made from the clock when None.
        readable: Waits until a descriptor can be read, or so many seconds; returns whether it can.

    Raises:
        CameraError: picamera2 or libcamera is not installed.
    """

    def __init__(
        self,
        sensor: SensorProfile,
        clock: Clock,
        *,
        stamps: StampClock | None = None,
        readable: Callable[[int, float], bool] | None = None,
    ) -> None:
        try:
            from picamera2 import MappedArray, Picamera2
        except (ImportError, ValueError) as error:
            # a ValueError is numpy's, when libraries were built for another one
            raise CameraError(
                f"no camera: picamera2 is not installed ({error})",
                remedy="On a Raspberry Pi: `sudo apt install python3-picamera2`. "
                "Elsewhere: `issgaze run --simulated`.",
            ) from error
        self._open: Callable[[], Any] = Picamera2
        self._attached: Callable[[], list[Any]] = Picamera2.global_camera_info
        self._mapped: Callable[..., Any] = MappedArray
        self._sensor = sensor
        self._clock = clock
        self._stamps = stamps or StampClock(clock.quality)
        self._readable = readable or _readable
        self._camera: Any = None
        self._arrived: list[Any] = []
        self._memory: dict[Any, mmap.mmap] = {}
        self._sequence = 0
        # stamp of the frame before, and its frame duration, in ns; None after a start
        self._last: tuple[int, int] | None = None

    @property
    def sensor(self) -> SensorProfile:
        """The chip's profile."""
        return self._sensor

    def __enter__(self) -> "PiCamera":
        """Open the device; CameraError when it is missing or carries another chip."""
        # asked first: a constructor that fails leaves a descriptor open behind it
        if not self._attached():
            raise _no_camera("none is attached")
        try:
            self._camera = self._open()
        except (RuntimeError, IndexError, OSError) as error:
            raise _no_camera(str(error)) from error
        found = str(self._camera.camera_properties.get("Model", self._sensor.name))
        if not found.startswith(_KIN.get(self._sensor.name, (self._sensor.name,))):
            self._close()
            raise CameraError(
                f"the camera is an {found}, {self._sensor.name} is configured",
                remedy=f"Run `issgaze config set camera.sensor {found.partition('_')[0]}`.",
            )
        self._camera.pre_callback = self._take
        return self

    def __exit__(self, *exception: object) -> None:
        """Give the device back."""
        self._close()

    def expose(self, block: ExposureBlock, *, mode: str) -> Iterator[Frame]:
        """Stream the block's frames; each arrives when it has been read out.

        A frame's mosaic lies in the camera's own memory: it is lent until the next is asked for.

        Raises:
            CameraError: The camera hangs, vanishes or delivers something else than was asked.
        """
        camera = self._camera
        if camera is None:
            raise CameraError(
                "the camera is not open", remedy="Open it first: `with camera: camera.expose(...)`."
            )
        try:
            chosen, bits = self._configure(block, mode)
            self._clock.sleep_until(block.start_utc)
            self._stamps.mark()
            self._last = None
            camera.start(show_preview=None)
            yield from self._stream(block, chosen, bits)
        except (RuntimeError, OSError) as error:
            if isinstance(error, CameraError):
                raise
            raise CameraError(
                f"the camera failed: {error}", remedy="The camera is closed and opened again."
            ) from error
        finally:
            self._stop()

    def _configure(self, block: ExposureBlock, mode: str) -> tuple[CaptureMode, int]:
        """Set the camera up for a block; return its mode and the bits of its raw values."""
        chosen = self._mode(mode)
        bits = self._sensor.bit_depth
        camera = self._camera
        wanted = camera.create_video_configuration(
            main=dict(_MAIN),
            raw={
                "format": f"S{self._sensor.bayer_pattern}{bits}",
                "size": (chosen.width_px, chosen.height_px),
            },
            controls=_controls(block),
            buffer_count=_BUFFERS,
            queue=False,
            display=None,
            encode=None,
        )
        self._refuse_longer(block)
        camera.configure(wanted)
        given = camera.camera_configuration()["raw"]
        known = _RAW.fullmatch(str(given["format"]))
        if known is None:
            raise CameraError(
                f"the camera gives {given['format']}, unpacked or CSI2P-packed raw is needed",
                remedy="Update picamera2 and libcamera: this one compresses raw frames with loss.",
            )
        return chosen, bits if known[3] else int(known[2])

    def _refuse_longer(self, block: ExposureBlock) -> None:
        limits = self._camera.camera_controls.get("ExposureTime")
        # a limit of 0 means none
        if limits and limits[1] and round(block.exposure_s * 1e6) > limits[1]:
            raise CameraError(
                f"an exposure of {block.exposure_s:.3f} s, the {self._sensor.name} allows "
                f"{limits[1] * 1e-6:.3f} s",
                remedy="Plan shorter sub-exposures.",
            )

    def _mode(self, name: str) -> CaptureMode:
        for mode in self._sensor.modes:
            if mode.name == name:
                return mode
        known = ", ".join(mode.name for mode in self._sensor.modes)
        raise CameraError(
            f"the {self._sensor.name} has no capture mode {name!r}",
            remedy=f"Set camera.mode to one of: {known}.",
        )

    def _stream(self, block: ExposureBlock, mode: CaptureMode, bits: int) -> Iterator[Frame]:
        patience_s = 2.0 * block.exposure_s + _PATIENCE_S
        hidden_s = _HIDDEN.get(self._sensor.name, 0) * block.exposure_s
        for number in range(block.count):
            request = self._next(block, patience_s + (0.0 if number else hidden_s))
            try:
                # the mapping brings the processor's caches up to date
                with self._mapped(request, "raw", write=False):
                    yield self._frame(request, block, mode, bits)
            finally:
                request.release()

    def _next(self, block: ExposureBlock, patience_s: float) -> Any:
        """Return the next completed request; turn picamera2's loop until there is one."""
        camera = self._camera
        while not self._arrived:
            if not self._readable(camera.notifyme_r, patience_s):
                camera.cancel_all_and_flush()
                raise CameraError(
                    f"no frame for {patience_s:.1f} s, {block.exposure_s:.1f} s were asked for",
                    remedy="The camera is closed and opened again.",
                )
            camera.notifymeread.read()
            camera.process_requests(None)
        return self._arrived.pop(0)

    def _take(self, request: Any) -> None:
        """Keep a request for the stream; called by picamera2, under its lock."""
        request.acquire()
        self._arrived.append(request)

    def _rows(self, request: Any, given: dict[str, Any]) -> UInt8Array:
        """Return a buffer's bytes, shape (height, stride), through a mapping of our own.

        picamera2 closes its mapping with the stream, which fails while anybody looks at a frame;
        this one lives until the last look at it.
        """
        buffer = request.request.buffers[request.stream_map["raw"]]
        memory = self._memory.get(buffer)
        if memory is None:
            descriptor = buffer.planes[0].fd
            memory = mmap.mmap(descriptor, int(given["framesize"]), prot=mmap.PROT_READ)
            self._memory[buffer] = memory
        height, stride = int(given["size"][1]), int(given["stride"])
        return np.frombuffer(memory, dtype=np.uint8, count=height * stride).reshape(height, stride)

    def _frame(self, request: Any, block: ExposureBlock, mode: CaptureMode, bits: int) -> Frame:
        given = self._camera.camera_configuration()["raw"]
        buffer = RawBuffer(
            rows=self._rows(request, given),
            width_px=int(given["size"][0]),
            format=str(given["format"]),
        )
        try:
            mosaic = mosaic_of(buffer)
        except FrameError as error:
            raise CameraError(error.message, remedy=error.remedy) from error
        if mosaic.shape == (2 * mode.height_px, 2 * mode.width_px):
            mosaic = binned(mosaic)
        info = self._info(request.get_metadata(), block, mode, bits)
        return Frame(
            mosaic=mosaic,
            info=dataclasses.replace(info, bayer_pattern=str(given["format"])[1:5]),
        )

    def _info(
        self, metadata: dict[str, Any], block: ExposureBlock, mode: CaptureMode, bits: int
    ) -> FrameInfo:
        """Return what is known of a frame; every key of the metadata may be missing."""
        exposure_us = int(metadata.get("ExposureTime") or round(block.exposure_s * 1e6))
        if abs(exposure_us * 1e-6 - block.exposure_s) > 0.01 * block.exposure_s + 1e-4:
            raise CameraError(
                f"the camera exposes {exposure_us * 1e-6:.3f} s, "
                f"{block.exposure_s:.3f} s were asked for",
                remedy="The camera is closed and opened again.",
            )
        self._stamps.mark()
        end_ns = self._end_ns(metadata)
        frame_ns = int(metadata.get("FrameDuration") or block.interval_s * 1e6) * 1000
        lost, dead_s = self._since_last(end_ns, exposure_us * 1000)
        self._sequence += 1 + lost
        self._last = (end_ns, frame_ns)
        start, bound_s = self._stamps.date(end_ns - exposure_us * 1000)
        shift = max(0, 16 - bits)
        levels = metadata.get("SensorBlackLevels")
        grown = 2.0 ** (bits - self._sensor.bit_depth)
        return FrameInfo(
            start_utc=start,
            exposure_s=exposure_us * 1e-6,
            row_time_s=mode.row_time_s,
            clock_error_s=bound_s,
            bayer_pattern=self._sensor.bayer_pattern,
            black_level_adu=float(levels[0]) / 2**shift
            if levels
            else self._sensor.black_level_adu * grown,
            white_level_adu=((1 << self._sensor.bit_depth) - 1) * grown,
            analogue_gain=float(metadata.get("AnalogueGain") or block.analogue_gain),
            temperature_c=metadata.get("SensorTemperature"),
            instrument=self._sensor.name,
            dead_time_s=dead_s,
            sequence=self._sequence,
        )

    def _end_ns(self, metadata: dict[str, Any]) -> int:
        stamp = metadata.get("SensorTimestamp")
        if not stamp:
            raise CameraError(
                "the camera gives no SensorTimestamp, frames cannot be dated",
                remedy="Update libcamera: `sudo apt full-upgrade`.",
            )
        return int(stamp)

    def _since_last(self, end_ns: int, exposure_ns: int) -> tuple[int, float | None]:
        """Return frames lost since the last one, and the gap between both exposures in s."""
        if self._last is None:
            return 0, None
        last_ns, frame_ns = self._last
        step_ns = end_ns - last_ns
        lost = max(0, round(step_ns / frame_ns) - 1) if step_ns > _LOST_AT * frame_ns else 0
        return lost, (step_ns - exposure_ns) * 1e-9

    def _stop(self) -> None:
        """End the stream and give back what has arrived of it."""
        camera = self._camera
        while self._arrived:
            self._arrived.pop().release()
        if camera is not None and camera.started:
            camera.stop()
        while self._arrived:
            self._arrived.pop().release()
        self._memory.clear()
        self._stamps.mark()

    def _close(self) -> None:
        camera, self._camera = self._camera, None
        if camera is None:
            return
        try:
            camera.close()
        except (RuntimeError, OSError) as error:
            raise CameraError(
                f"the camera cannot be closed: {error}",
                remedy="`sudo systemctl restart issgaze-observe`.",
            ) from error
        # picamera2's listener leaves a descriptor behind that goes with the next collection only
        gc.collect()


def binned(mosaic: UInt16Array) -> UInt16Array:
    """Return a mosaic of half the size: the mean of each four nearest photosites of a colour.

    Chips without such a mode of their own are read whole.

    Args:
        mosaic: Sides divisible by four; shape (height, width).
    """
    height, width = mosaic.shape
    cells = mosaic.reshape(height // 4, 2, 2, width // 4, 2, 2)
    total = cells.sum(axis=(1, 4), dtype=np.uint32)
    mean: UInt16Array = ((total + 2) >> 2).astype(np.uint16)
    return mean.reshape(height // 2, width // 2)


def _no_camera(reason: str) -> CameraError:
    return CameraError(
        f"no camera: {reason}",
        remedy="Check the ribbon cable at both ends, then `rpicam-hello --list-cameras`.",
    )


def _controls(block: ExposureBlock) -> dict[str, Any]:
    exposure_us = round(block.exposure_s * 1e6)
    return {
        "ExposureTime": exposure_us,
        "AnalogueGain": float(block.analogue_gain),
        # left automatic, these would cost up to seven frames at the start
        "ColourGains": (1.0, 1.0),
        "AeEnable": False,
        "AwbEnable": False,
        "NoiseReductionMode": 0,
        # an upper limit equal to the exposure would cut the exposure by the blanking
        "FrameDurationLimits": (exposure_us, exposure_us + _BLANKING_US),
    }


def _readable(descriptor: int, timeout_s: float) -> bool:
    return bool(select.select([descriptor], [], [], timeout_s)[0])


def attached_sensors() -> tuple[str, ...]:
    """Return the chips of the cameras that libcamera sees, without opening one.

    Raises:
        CameraError: picamera2 or libcamera is not installed.
    """
    try:
        from picamera2 import Picamera2
    except (ImportError, ValueError) as error:
        raise CameraError(
            "no camera can be tried: picamera2 is not installed",
            remedy="On a Raspberry Pi: `sudo apt install python3-picamera2`.",
        ) from error
    names = [str(each.get("Model", "")) for each in Picamera2.global_camera_info()]
    return tuple(name.partition("_")[0] for name in names if name)


def is_kin(wanted: str, found: str) -> bool:
    """Return whether the driver's name of a chip means the one that is wanted."""
    return found.startswith(_KIN.get(wanted, (wanted,)))
