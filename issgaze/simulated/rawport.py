"""The raw stream of a simulated camera: through its bus in the scenario's format, and back."""

import numpy as np

from issgaze.arrays import UInt8Array, UInt16Array
from issgaze.errors import CameraError, FrameError
from issgaze.imaging.rawbuffer import RawBuffer, mosaic_of
from issgaze.optics.profiles import sensor_profile
from issgaze.simulated.csi2 import packed
from issgaze.simulated.scenario import CameraScenario

_ALIGNMENT_BYTES = 32


def raw_buffer(mosaic: UInt16Array, camera: CameraScenario) -> RawBuffer:
    """Return a frame as the camera's bus leaves it in memory, in the scenario's `raw` format."""
    sensor = sensor_profile(camera.sensor)
    name = f"S{sensor.bayer_pattern}{sensor.bit_depth}"
    width = mosaic.shape[1]
    if camera.raw == "packed":
        rows = packed(mosaic, bit_depth=sensor.bit_depth)
        return RawBuffer(rows=rows, width_px=width, format=f"{name}_CSI2P")
    words: UInt8Array = np.ascontiguousarray(mosaic, dtype="<u2").view(np.uint8)
    stride = -(-words.shape[1] // _ALIGNMENT_BYTES) * _ALIGNMENT_BYTES
    rows = np.zeros((len(words), stride), dtype=np.uint8)
    rows[:, : words.shape[1]] = words
    kind = "PISP_COMP1" if camera.raw == "compressed" else name
    return RawBuffer(rows=rows, width_px=width, format=kind)


def through_port(mosaic: UInt16Array, camera: CameraScenario) -> UInt16Array:
    """Return what an adapter hands on of a frame in the scenario's `raw` format.

    Raises:
        CameraError: The format is lossy.
    """
    try:
        return mosaic_of(raw_buffer(mosaic, camera))
    except FrameError as error:
        raise CameraError(error.message, remedy=error.remedy) from error
