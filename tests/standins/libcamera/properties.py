from enum import IntEnum
from types import SimpleNamespace

from .types import ControlId, ControlType


class _Filters(IntEnum):
    RGGB = 0
    GRBG = 1
    GBRG = 2
    BGGR = 3
    RGB = 4
    MONO = 5


draft = SimpleNamespace(ColorFilterArrangementEnum=_Filters)
Model = ControlId("Model", ControlType.String)
ColorFilterArrangement = ControlId("ColorFilterArrangement", ControlType.Integer32)
