"""What the board says of itself, read from a tree like that of a Raspberry Pi."""

from pathlib import Path

import pytest

from issgaze.devices.board import board_facts


def _write(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text)


@pytest.fixture
def zero(tmp_path: Path) -> Path:
    _write(tmp_path, "proc/device-tree/model", "Raspberry Pi Zero 2 W Rev 1.0\0")
    _write(tmp_path, "proc/meminfo", "MemTotal:  434816 kB\nCmaTotal:  262144 kB\nHugeTLB: x\n")
    _write(tmp_path, "sys/class/thermal/thermal_zone0/temp", "71234\n")
    _write(tmp_path, "sys/devices/platform/soc/soc:firmware/get_throttled", "50005\n")
    _write(tmp_path, "sys/class/leds/ACT/brightness", "255\n")
    _write(tmp_path, "sys/class/leds/PWR/brightness", "0\n")
    _write(tmp_path, "sys/class/leds/eth0:green/brightness", "1\n")
    _write(tmp_path, "sys/module/imx477/parameters/dpc_enable", "1\n")
    return tmp_path


def test_a_pi_is_read(zero: Path) -> None:
    board = board_facts(zero)
    assert board.model == "Raspberry Pi Zero 2 W Rev 1.0"
    assert board.memory_mb == pytest.approx(434.8, abs=0.1)
    assert board.cma_mb == pytest.approx(262.1, abs=0.1)
    assert board.temperature_c == pytest.approx(71.234)
    assert board.throttled == 0x50005
    assert board.lit_leds == ("ACT",)
    assert board.defect_correction is True


def test_what_a_machine_does_not_show_is_unknown(tmp_path: Path) -> None:
    board = board_facts(tmp_path)
    assert board.model is None
    assert board.memory_mb is None
    assert board.temperature_c is None
    assert board.throttled is None
    assert board.lit_leds == ()
    assert board.defect_correction is None


@pytest.mark.parametrize("text", ["", "zz", "0x"])
def test_nonsense_is_unknown(zero: Path, text: str) -> None:
    _write(zero, "sys/devices/platform/soc/soc:firmware/get_throttled", text)
    _write(zero, "sys/class/thermal/thermal_zone0/temp", text)
    _write(zero, "proc/meminfo", text)
    board = board_facts(zero)
    assert board.throttled is None
    assert board.temperature_c is None
    assert board.memory_mb is None
