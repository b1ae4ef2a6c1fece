"""A stand-in for libcamera's Python module: what picamera2 uses of it, and a camera behind it."""

import sys

from . import controls, properties
from .camera import Camera, CameraManager
from .model import World, world
from .types import (
    CameraConfiguration,
    ColorSpace,
    ControlType,
    FrameBuffer,
    FrameBufferAllocator,
    FrameMetadata,
    Orientation,
    PixelFormat,
    Rectangle,
    Request,
    SensorConfiguration,
    Size,
    StreamRole,
    Transform,
)

_libcamera = sys.modules[__name__]

__all__ = [
    "Camera", "CameraConfiguration", "CameraManager", "ColorSpace", "ControlType", "FrameBuffer",
    "FrameBufferAllocator", "FrameMetadata", "Orientation", "PixelFormat", "Rectangle", "Request",
    "SensorConfiguration", "Size", "StreamRole", "Transform", "World", "controls", "properties",
    "world",
]  # fmt: skip
