"""How much memory this machine has."""

import os

# what the kernel, the desktop-less system and the other programs leave alone; on a Zero 2 W, whose
# 512 MB shrink to about 430 behind the graphics, 45 % are the 190 MB that a 12 MP stack needs
_SHARE = 0.45


def memory_budget_mb(configured: int) -> int:
    """Return what developing may take in MB: as configured, else a share of the machine's memory.

    Args:
        configured: In MB, 0 for the share.
    """
    if configured > 0:
        return configured
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return int(_SHARE * total / 1e6)
