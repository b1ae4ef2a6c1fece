"""The threads that share the digesting of a frame: one for each core."""

import os
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from issgaze.stacking.together import Workers

# no board has more, and a laptop gains nothing from more: memory is the limit
_MOST = 4


@contextmanager
def hands() -> Generator[Workers]:
    """Give as many workers as there are cores, up to four."""
    count = min(_MOST, os.cpu_count() or 1)
    if count == 1:
        yield Workers()
        return
    with ThreadPoolExecutor(count) as pool:

        def together(tasks: Sequence[Callable[[], None]]) -> None:
            for future in [pool.submit(task) for task in tasks]:
                future.result()

        yield Workers(count=count, together=together)
