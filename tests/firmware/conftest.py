"""The firmware's modules, imported as they lie in the controller's flash."""

import sys
from pathlib import Path

from issgaze import roofwire

_FIRMWARE = Path(__file__).parents[2] / "firmware"
sys.modules.setdefault("roofwire", roofwire)
if str(_FIRMWARE) not in sys.path:
    sys.path.insert(0, str(_FIRMWARE))
