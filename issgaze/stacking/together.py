"""Work that may be done at the same time, without knowing how."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

# runs all tasks, in any order or at once, and returns when the last is done
Together = Callable[[Sequence[Callable[[], None]]], None]


def one_by_one(tasks: Sequence[Callable[[], None]]) -> None:
    """Run the tasks in their order."""
    for task in tasks:
        task()


@dataclass(frozen=True, slots=True, kw_only=True)
class Workers:
    """How many hands there are, and how they are called.

    Results do not depend on it: tasks write to different rows.

    Attributes:
        count: Tasks into which work is cut, at least 1.
        together: Runs them.
    """

    count: int = 1
    together: Together = one_by_one

    def ranges(self, total: int, *, step: int = 1) -> list[tuple[int, int]]:
        """Return up to `count` ranges that cover 0 to total, borders at multiples of step."""
        steps = -(-total // step)
        count = max(1, min(self.count, steps))
        borders = [steps * number // count * step for number in range(count)]
        return list(pairwise([*borders, total]))
