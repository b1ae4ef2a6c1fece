"""The hardware's own modules, imported as they lie there."""

import sys
from pathlib import Path

HARDWARE = Path(__file__).parents[2] / "hardware"
for folder in (HARDWARE, HARDWARE.parent / "firmware"):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
