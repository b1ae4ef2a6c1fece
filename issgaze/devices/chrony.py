"""How well chronyd disciplines the clock, as `chronyc tracking` says."""

import subprocess
from collections.abc import Callable, Sequence

from issgaze.errors import DeviceError
from issgaze.ports import ClockQuality

_WORDS = ("chronyc", "-c", "-n", "tracking")
_LIMIT_S = 3.0
# "local stratum": chronyd serves its own clock and calls it synchronised
_LOCAL = "7F7F0101"
TRUSTED_BOUND_S, COARSE_BOUND_S = 0.1, 30.0


def chrony_quality(
    words: Sequence[str] = _WORDS,
    *,
    run: Callable[..., "subprocess.CompletedProcess[str]"] = subprocess.run,
) -> ClockQuality:
    """Return what chronyd makes of the clock.

    Args:
        words: The command.
        run: Runs it.

    Raises:
        DeviceError: There is no chronyd, or it does not answer.
    """
    try:
        done = run(words, capture_output=True, text=True, timeout=_LIMIT_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise DeviceError(
            f"{words[0]}: {error}", remedy="Run `sudo apt install chrony`."
        ) from error
    if done.returncode != 0:
        told = (done.stdout + done.stderr).strip().splitlines()
        raise DeviceError(
            f"{words[0]}: {told[0] if told else 'failed without a word'}",
            remedy="See `systemctl status chrony`.",
        )
    return quality_of(done.stdout)


def quality_of(tracking: str) -> ClockQuality:
    """Judge a line of `chronyc -c tracking`.

    The bound is the offset, the root dispersion and half the root delay, as chronyc(1) gives the
    largest error of the system's clock.
    """
    fields = tracking.strip().split(",")
    if len(fields) < 14:
        return _untrusted("chrony, an answer that makes no sense")
    reference, stratum, leap = fields[0].upper(), fields[2], fields[13]
    if leap == "Not synchronised" or reference == "00000000" or stratum == "0":
        return _untrusted("chrony, not synchronised")
    if reference == _LOCAL:
        return _untrusted("chrony, on its own clock (local stratum)")
    try:
        offset_s, delay_s, dispersion_s = (float(fields[index]) for index in (4, 10, 11))
    except ValueError:
        return _untrusted("chrony, an answer that makes no sense")
    bound_s = abs(offset_s) + dispersion_s + delay_s / 2.0
    if not bound_s >= 0.0:
        return _untrusted("chrony, an answer that makes no sense")
    return bounded(bound_s, "chrony")


def bounded(bound_s: float, source: str) -> ClockQuality:
    """Return how far a clock is believed whose error is at most so large."""
    if bound_s < TRUSTED_BOUND_S:
        return ClockQuality(trust="trusted", bound_s=bound_s, source=source)
    if bound_s <= COARSE_BOUND_S:
        return ClockQuality(trust="coarse", bound_s=bound_s, source=source)
    return ClockQuality(trust="untrusted", bound_s=bound_s, source=source)


def _untrusted(source: str) -> ClockQuality:
    return ClockQuality(trust="untrusted", bound_s=None, source=source)
