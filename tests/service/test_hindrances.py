"""What stood in the way of a pass is remembered for as long as it stood there."""

import dataclasses

from issgaze.civil import later
from issgaze.errors import ArchiveError
from issgaze.service.hindrances import Hindrances
from tests.service.test_capture import START, JumpingClock, row


def test_a_disk_that_is_full_for_days_is_the_reason_of_every_pass_missed() -> None:
    clock = JumpingClock()
    began = clock.now
    hindrances = Hindrances(clock)
    for minute in range(3 * 24 * 60):
        clock.now = later(began, 60.0 * minute)
        hindrances.note_refusal(
            ArchiveError("/roof/plan.json: no space left on device", remedy="Make room.")
        )
    for day in range(3):
        rise = later(began, 86400.0 * day + 3600.0)
        missed = dataclasses.replace(row(), rise_utc=rise, set_utc=later(rise, 360.0))
        assert hindrances.of(missed) == "the disk refused: no space left on device"


def test_two_refusals_far_apart_leave_the_time_between_free() -> None:
    clock = JumpingClock()
    hindrances = Hindrances(clock)
    refusal = ArchiveError("/roof/plan.json: no space left on device", remedy="Make room.")
    clock.now = later(START, -7200.0)
    hindrances.note_refusal(refusal)
    clock.now = later(START, 7200.0)
    hindrances.note_refusal(refusal)
    assert hindrances.of(row()) is None
