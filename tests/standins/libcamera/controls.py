from enum import IntEnum
from types import SimpleNamespace

from .types import ControlId, ControlType


class _NoiseReduction(IntEnum):
    Off = 0
    Fast = 1
    HighQuality = 2
    Minimal = 3
    ZSL = 4


draft = SimpleNamespace(NoiseReductionModeEnum=_NoiseReduction)

KNOWN = {
    name: ControlId(name, kind)
    for name, kind in {
        "ExposureTime": ControlType.Integer32,
        "ExposureTimeMode": ControlType.Integer32,
        "AnalogueGain": ControlType.Float,
        "AnalogueGainMode": ControlType.Integer32,
        "AeEnable": ControlType.Bool,
        "AwbEnable": ControlType.Bool,
        "ColourGains": ControlType.Float,
        "FrameDurationLimits": ControlType.Integer64,
        "NoiseReductionMode": ControlType.Integer32,
        "ScalerCrop": ControlType.Rectangle,
        # these only come back, as metadata
        "SensorTimestamp": ControlType.Integer64,
        "FrameDuration": ControlType.Integer64,
        "FrameWallClock": ControlType.Integer64,
        "DigitalGain": ControlType.Float,
        "SensorTemperature": ControlType.Float,
        "SensorBlackLevels": ControlType.Integer32,
    }.items()
}
ExposureTime = KNOWN["ExposureTime"]
ExposureTimeMode = KNOWN["ExposureTimeMode"]
AnalogueGain = KNOWN["AnalogueGain"]
AnalogueGainMode = KNOWN["AnalogueGainMode"]
