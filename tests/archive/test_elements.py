"""The history of element sets: kept, ordered, and pruned at its far end."""

import dataclasses
from pathlib import Path

import pytest

from issgaze.archive import elements as store_module
from issgaze.archive.elements import ElementStore
from issgaze.civil import later, parse_utc
from issgaze.orbit.elements import ElementSet


def test_the_oldest_sets_go_and_the_newest_stay(
    iss: ElementSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "_MOST_KEPT", 5)
    store = ElementStore(tmp_path)
    days = [3, 0, 6, 1, 5, 2, 4, 7]
    for day in days:
        store.add(dataclasses.replace(iss, epoch=later(iss.epoch, day * 86400.0)))
    kept = [one.epoch for one in store.history(25544)]
    assert kept == [later(iss.epoch, day * 86400.0) for day in (3, 4, 5, 6, 7)]
    assert store.latest(25544, at=later(iss.epoch, 9 * 86400.0)).epoch == kept[-1]  # type: ignore[union-attr]


def test_other_satellites_keep_theirs(
    iss: ElementSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "_MOST_KEPT", 1)
    store = ElementStore(tmp_path)
    store.add(dataclasses.replace(iss, norad_id=999_999_999, name="FAR"))
    for day in (0, 1):
        store.add(dataclasses.replace(iss, epoch=later(iss.epoch, day * 86400.0)))
    assert store.satellites() == (25544, 999_999_999)
    assert len(store.history(25544)) == len(store.history(999_999_999)) == 1


def test_a_set_added_twice_is_one(iss: ElementSet, tmp_path: Path) -> None:
    store = ElementStore(tmp_path)
    first, second = store.add(iss), store.add(iss)
    assert len(store.history(25544)) == 1
    assert second.standing == first.standing
    assert store.latest(25544, at=parse_utc("2024-05-10T00:00:00Z")) == iss
