"""The board under doctor's eyes: system, memory, heat, power, lamps."""

from collections.abc import Iterator

from issgaze.devices.board import (
    CAPPED,
    SINCE_START,
    THROTTLED,
    UNDERVOLTAGE,
    BoardFacts,
)
from issgaze.service.check import Check, State

_WARM_C, _HOT_C = 70.0, 80.0
# a frame of 12 MP in the camera's buffers, several times over
_CMA_MB = 250.0
_LITTLE_MEMORY_MB = 900.0


def board_checks(board: BoardFacts) -> Iterator[Check]:
    """Yield what the board's own facts say."""
    yield _system(board)
    yield _memory(board)
    yield _cma(board)
    yield _heat(board)
    yield _power(board)
    yield _defects(board)
    yield _lamps(board)


def _system(board: BoardFacts) -> Check:
    sound = board.machine in {"aarch64", "x86_64"}
    return Check(
        name="system",
        state="ok" if sound else "fail",
        value=f"{board.machine}{f', {board.model}' if board.model else ''}",
        limit="64 bits",
        remedy="" if sound else "Install the 64-bit Raspberry Pi OS: the stack needs it.",
    )


def _memory(board: BoardFacts) -> Check:
    if board.memory_mb is None:
        return Check(name="memory", state="skip", value="not shown here")
    little = board.memory_mb < _LITTLE_MEMORY_MB
    return Check(
        name="memory",
        state="warn" if little else "ok",
        value=f"{board.memory_mb:.0f} MB",
        limit=f"{_LITTLE_MEMORY_MB:.0f} MB for full frames",
        remedy='Set `camera.mode` to "binned" on this board.' if little else "",
    )


def _cma(board: BoardFacts) -> Check:
    if board.cma_mb is None or not board.cma_mb:
        return Check(name="camera memory", state="skip", value="none set aside on this machine")
    little = board.cma_mb < _CMA_MB
    return Check(
        name="camera memory",
        state="warn" if little else "ok",
        value=f"{board.cma_mb:.0f} MB",
        limit=f"{_CMA_MB:.0f} MB for full frames",
        remedy="Add `dtoverlay=vc4-kms-v3d,cma-320` to /boot/firmware/config.txt and restart."
        if little
        else "",
    )


def _heat(board: BoardFacts) -> Check:
    if board.temperature_c is None:
        return Check(name="temperature", state="skip", value="not shown here")
    state: State = "ok" if board.temperature_c < _WARM_C else "warn"
    if board.temperature_c >= _HOT_C:
        state = "fail"
    return Check(
        name="temperature",
        state=state,
        value=f"{board.temperature_c:.0f} °C",
        limit=f"{_HOT_C:.0f} °C, where it slows down",
        remedy="" if state == "ok" else "Give the box air or shade, the processor a heat sink.",
    )


def _power(board: BoardFacts) -> Check:
    if board.throttled is None:
        return Check(name="power", state="skip", value="not shown here")
    now, before = board.throttled, board.throttled >> SINCE_START
    limit = "4.63 V, and no throttling"
    remedy = "Use the board's own power supply and a short, thick cable."
    if now & UNDERVOLTAGE:
        return Check(
            name="power", state="fail", value="too low a voltage now", limit=limit, remedy=remedy
        )
    if now & (CAPPED | THROTTLED):
        return Check(
            name="power",
            state="warn",
            value="slowed down now",
            limit=limit,
            remedy="Look at temperature and power supply.",
        )
    if before & UNDERVOLTAGE:
        value = "too low a voltage since the start"
        return Check(name="power", state="warn", value=value, limit=limit, remedy=remedy)
    return Check(name="power", state="ok", value="good since the start", limit=limit)


def _defects(board: BoardFacts) -> Check:
    name = "defect correction"
    if board.defect_correction is None:
        return Check(name=name, state="skip", value="no such sensor driver here")
    if board.defect_correction:
        return Check(
            name=name,
            state="warn",
            value="on: faint stars are taken for defects",
            limit="off",
            remedy="Put `options imx477 dpc_enable=0` into /etc/modprobe.d/issgaze.conf, restart.",
        )
    return Check(name=name, state="ok", value="off", limit="off")


def _lamps(board: BoardFacts) -> Check:
    name, limit = "board lamps", "dark under a dome"
    if not board.lit_leds:
        return Check(name=name, state="ok", value="dark", limit=limit)
    return Check(
        name=name,
        state="warn",
        value=f"{' and '.join(board.lit_leds)} shine",
        limit=limit,
        remedy="Add `dtparam=act_led_trigger=none` and `dtparam=pwr_led_trigger=none` to "
        "/boot/firmware/config.txt, or cover them.",
    )
