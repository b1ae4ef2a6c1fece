"""Where the products' arrays live: in memory, or wherever the caller keeps them."""

from typing import Any, Protocol

import numpy as np
from numpy.typing import DTypeLike, NDArray


class Storage(Protocol):
    """Gives the arrays that products are written to, piece by piece, from the top down."""

    def allocate(self, name: str, shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
        """Return an array for the product of that name; what it holds does not matter."""
        ...

    def settle(self, array: NDArray[Any]) -> None:
        """Take note that a further piece was written or read, and may leave memory."""
        ...


class InMemory:
    """Plain arrays."""

    def allocate(self, name: str, shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:  # noqa: ARG002 - the name matters to storage that writes files
        """Return a new array."""
        return np.empty(shape, dtype)

    def settle(self, array: NDArray[Any]) -> None:
        """Leave it where it is."""
