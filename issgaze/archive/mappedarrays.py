"""Arrays that live in files, for products larger than the memory of the board."""

import mmap
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from issgaze.archive.atomic import disk_error


class MappedArrays:
    """Storage of a digest's products in files without names, gone when the arrays are.

    Pages that were written go to the disk and leave memory; they come back when they are read.
    """

    def __init__(self, folder: Path) -> None:
        """Keep the files in a folder, which must be on a disk, not in memory."""
        self._folder = folder
        self._maps: dict[int, mmap.mmap] = {}

    def allocate(self, name: str, shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
        """Return a new array of zeros.

        Raises:
            ArchiveError: The disk refuses it.
        """
        size = int(np.prod(shape)) * np.dtype(dtype).itemsize
        path = self._folder / f".{name}.array"
        try:
            with path.open("w+b") as file:
                file.truncate(max(1, size))
                mapped = mmap.mmap(file.fileno(), max(1, size))
            path.unlink()
        except OSError as error:
            raise disk_error(path, error) from error
        array = np.frombuffer(mapped, dtype=dtype, count=size // np.dtype(dtype).itemsize)
        shaped = array.reshape(shape)
        self._maps[id(shaped)] = mapped
        return shaped

    def settle(self, array: NDArray[Any]) -> None:
        """Leave what was written to the kernel, which writes it to the disk when it likes."""
        mapped = self._maps.get(id(array))
        if mapped is not None:
            # of a shared map this forgets no change, only that the pages are ours
            mapped.madvise(mmap.MADV_DONTNEED)
