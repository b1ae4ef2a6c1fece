"""How much memory this machine has."""

import ctypes
import os

# what the kernel, the desktop-less system and the other programs leave alone; on a Zero 2 W, whose
# 512 MB shrink to about 430 behind the graphics, 45 % are the 190 MB that a 12 MP stack needs
_SHARE = 0.45
# of malloc.h: blocks from this size on are mapped one by one
_M_MMAP_THRESHOLD = -3
_LARGE_BYTES, _ROOM_BYTES = 1 << 20, 8 << 20
# as free room at the end of the heap from this size on goes back to the system
_M_TRIM_THRESHOLD = -1
_BAND_BYTES, _KEPT_BYTES = 4 << 20, 32 << 20


def memory_budget_mb(configured: int) -> int:
    """Return what developing may take in MB: as configured, else a share of the machine's memory.

    Args:
        configured: In MB, 0 for the share.
    """
    if configured > 0:
        return configured
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return int(_SHARE * total / 1e6)


def return_memory_at_once() -> None:
    """Make the allocator give large blocks back to the system as soon as they are freed.

    The GNU one otherwise keeps the room of the last frame for later: measured 37 MB at 12 MP
    (benchmarks/bench_memory.py). Elsewhere nothing happens.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)
        mallopt(_M_TRIM_THRESHOLD, _ROOM_BYTES)


def keep_memory_of_bands() -> None:
    """Make the allocator keep blocks of some MB for the next ones of that size.

    Work in bands asks for the same few sizes thousands of times: mapping each anew costs more than
    filling it (measured 10.1 s of CPU against 4.3 s for a picture of 3 MP). What is larger is still
    given back at once.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, _BAND_BYTES)
        mallopt(_M_TRIM_THRESHOLD, _KEPT_BYTES)
