"""The element sets that `issgaze passes` predicts from: a file's, else the archive's."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from issgaze.cli.archiveoption import archive_of

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from datetime import datetime

    from issgaze.archive.elements import HeldSet
    from issgaze.cli.output import Output
    from issgaze.config import Settings
    from issgaze.orbit.elements import ElementSet


def held_sets(
    arguments: argparse.Namespace, configured: Settings, start: datetime, output: Output
) -> tuple[HeldSet, ...]:
    """Return one set for each satellite, from the file that was named, else from the archive.

    Args:
        arguments: With elements, norad and archive.
        configured: The settings.
        start: When the prediction begins.
        output: Told what is left out.

    Raises:
        ElementError: There is none of use.
    """
    from issgaze.archive.elements import ElementStore
    from issgaze.errors import ElementError
    from issgaze.orbit.acceptance import OLDEST_NEWS_S

    if arguments.elements is not None:
        return _from_file(arguments.elements, arguments.norad, start, output)
    wanted = tuple(arguments.norad or configured.passes.norad_ids)
    store = ElementStore(archive_of(arguments).elements)
    held = [store.in_force(norad_id, at=start) for norad_id in wanted]
    if not any(held):
        kept = sum(len(store.history(norad_id)) for norad_id in wanted)
        named = ", ".join(map(str, wanted))
        raise ElementError(
            f"none of the {kept} element sets of {named} in {store.root} is young enough, the "
            f"limit is {OLDEST_NEWS_S / 86400.0:.0f} days"
            if kept
            else f"no element set of {named} is held in {store.root}",
            remedy=f"Run `issgaze elements fetch{_norad_words(wanted, configured)}`, or give a file"
            " with --elements FILE.",
        )
    for norad_id, one in zip(wanted, held, strict=True):
        if one is None:
            fetch = f"issgaze elements fetch{_norad_words((norad_id,), configured)}"
            output.log(f"{norad_id}: no element set is held, run `{fetch}`.")
    return tuple(one for one in held if one is not None)


def _norad_words(wanted: tuple[int, ...], configured: Settings) -> str:
    """Return the words that make a fetch ask for satellites that are not configured."""
    return "".join(
        f" --norad {norad_id}" for norad_id in wanted if norad_id not in configured.passes.norad_ids
    )


def _from_file(
    path: Path, wanted: list[int] | None, start: datetime, output: Output
) -> tuple[HeldSet, ...]:
    from issgaze.archive.elements import HeldSet
    from issgaze.cli.elementfile import read_element_file, select_sets, sets_before
    from issgaze.errors import ElementError

    parsed = read_element_file(path)
    for refused in parsed.refused:
        output.log(f"{path}: {refused.name} is left out: {refused.reason}")
    chosen = select_sets(parsed.sets, wanted, start)
    if not chosen:
        named = f" of {', '.join(map(str, wanted))}" if wanted else ""
        raise ElementError(
            f"{path}: holds no sound element set{named}",
            remedy=_held_in(parsed.sets) if wanted else "Give another file.",
        )
    there = {one.norad_id for one in chosen}
    for norad_id in wanted or ():
        if norad_id not in there:
            output.log(f"{path}: holds no sound element set of {norad_id}")
    return tuple(
        HeldSet(elements=one, standing="unconfirmed", before=sets_before(parsed.sets, one))
        for one in chosen
    )


def _held_in(sets: Sequence[ElementSet]) -> str:
    """Say which satellites a file holds."""
    names = {one.norad_id: one.name for one in sets}
    shown = ", ".join(f"{norad_id} {name}".strip() for norad_id, name in list(names.items())[:5])
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return f"It holds {shown}{more}: give one of them with --norad, or another file."
