"""A night is rendered in constant memory, however many frames it has."""

import tracemalloc

from issgaze.civil import later
from issgaze.simulated.chip import Chip
from issgaze.simulated.passes import first_pass
from issgaze.simulated.scenario import Scenario
from issgaze.simulated.scene import Scene


def test_the_tenth_frame_needs_no_more_than_the_second(plain: Scenario) -> None:
    start = first_pass(plain).culmination
    scene, chip = Scene(plain, middle=start), Chip(plain, "binned")

    def frame(number: int) -> None:
        light = scene.expose(later(start, 5.0 * number - 25.0), 4.0)
        chip.read(light, exposure_s=4.0, analogue_gain=8.0, frame=number)

    frame(0)
    tracemalloc.start()
    try:
        frame(1)
        held, peak = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        for number in range(2, 10):
            frame(number)
        held_later, peak_later = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held_later - held < 200_000
    assert peak_later < 1.1 * peak
    # the light and the mosaic, and what it takes to make them: not several copies of the frame
    assert peak_later < 8.0 * 4 * 960 * 540
