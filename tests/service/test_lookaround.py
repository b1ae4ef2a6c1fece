"""What set-up finds plugged in: the place that a receiver tells."""

import json
from pathlib import Path

import pytest

from issgaze.archive.layout import Archive
from issgaze.config import GnssSettings
from issgaze.errors import DeviceError
from issgaze.ports import GnssFix
from issgaze.service import setupunits
from issgaze.service.lookaround import gnss_position

_NOWHERE = GnssFix(utc=None, latitude_deg=None, longitude_deg=None, height_m=None, satellites=2)
_FIX = GnssFix(utc=None, latitude_deg=49.02, longitude_deg=13.23, height_m=None, satellites=9)


class Receiver:
    def __init__(self, fix: GnssFix | None) -> None:
        self._fix = fix

    def read(self) -> GnssFix:
        if self._fix is None:
            raise DeviceError("silent", remedy="Wait.")
        return self._fix


@pytest.mark.parametrize(
    ("fix", "place"), [(None, None), (_NOWHERE, None), (_FIX, (49.02, 13.23, 0.0))]
)
def test_a_receiver_that_nobody_reads_yet_is_asked(
    tmp_path: Path, fix: GnssFix | None, place: tuple[float, float, float] | None
) -> None:
    found = gnss_position(Archive(tmp_path), GnssSettings(), receiver=lambda _: Receiver(fix))
    assert found == place


def test_what_the_gnss_program_published_is_taken_first(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    archive.run.mkdir()
    told = {"latitude_deg": 48.2, "longitude_deg": 16.4, "height_m": 190.0}
    (archive.run / "gnss.json").write_text(json.dumps(told))
    found = gnss_position(archive, GnssSettings(), receiver=lambda _: Receiver(_FIX))
    assert found == (48.2, 16.4, 190.0)


def test_a_receiver_on_the_roof_is_the_observers(tmp_path: Path) -> None:
    assert gnss_position(Archive(tmp_path), GnssSettings(source="roof")) is None


@pytest.mark.parametrize(
    ("page", "started", "stopped"),
    [(True, True, False), (False, False, True), (None, False, False)],
)
def test_the_page_is_started_stopped_or_left_as_it_is(
    monkeypatch: pytest.MonkeyPatch, *, page: bool | None, started: bool, stopped: bool
) -> None:
    commands: list[str] = []

    def run(*words: str) -> bool:
        commands.append(" ".join(words))
        return True

    monkeypatch.setattr(setupunits, "_run", run)
    monkeypatch.setattr("os.geteuid", lambda: 0)
    setupunits.start_units(page=page)
    assert ("systemctl enable --now issgaze-web.service" in commands) is started
    assert ("systemctl disable --now issgaze-web.service" in commands) is stopped
    assert "systemctl enable --now issgaze-observe.service" in commands
