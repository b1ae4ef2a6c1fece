"""The receiver's word from second to second, the clock's states, and the program around them."""

import dataclasses
import itertools
import json
import math
import re
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from issgaze.civil import format_utc, later, parse_utc
from issgaze.cli.main import main
from issgaze.config import GnssSettings, SiteSettings
from issgaze.devices.gpsd import GpsdGnss
from issgaze.devices.pps import pulse_document
from issgaze.devices.serialgnss import SerialGnss
from issgaze.errors import ConfigurationError, DeviceError
from issgaze.ports import ClockQuality, ClockTrust, GnssFix
from issgaze.service.gnss import kilometres_between
from issgaze.service.gnssjudge import GnssJudge
from issgaze.service.gnssunit import AnyGnss, GnssUnit, real_receiver
from issgaze.service.judgedclock import JudgedClock
from tests.devices.test_nmea import gga, rmc, speaking

HOME = SiteSettings(latitude_deg=49.02, longitude_deg=13.23, height_m=620.0)
START = parse_utc("2024-05-10T21:00:00Z")
FIX = GnssFix(utc=START, latitude_deg=49.02, longitude_deg=13.23, height_m=620.0, satellites=9)
TRUSTED = ClockQuality(trust="trusted", bound_s=0.01, source="chrony")


class Receiver:
    def __init__(self, fix: GnssFix | None) -> None:
        self.fix = fix

    def read(self) -> GnssFix:
        if self.fix is None:
            raise DeviceError("the GNSS receiver is silent for 3 s", remedy="Wait.")
        return self.fix


class Night:
    """Seconds that go by, with what a receiver says in each."""

    def __init__(self, site: SiteSettings = HOME) -> None:
        self.judge = GnssJudge(site)
        self.second = 0

    def hears(
        self, *, clock: ClockQuality = TRUSTED, clock_error_s: float = 0.0, silent: bool = False,
        late_s: float = 0.0, **more: Any,
    ) -> dict[str, Any]:  # fmt: skip
        true = later(START, self.second)
        fix = dataclasses.replace(FIX, utc=later(true, late_s), **more)
        document = self.judge.document(
            Receiver(None if silent else fix), later(true, clock_error_s), self.second, clock
        )
        self.second += 1
        return document

    def quiet(self, seconds: int, **more: Any) -> dict[str, Any]:
        found = {}
        for _ in range(seconds):
            found = self.hears(**more)
        return found


def test_a_quiet_night_is_believed() -> None:
    night = Night()
    for number in range(200):
        # bad reception wanders by some metres, a slow line is late
        wander = 2e-5 * math.sin(number)
        document = night.hears(
            latitude_deg=49.02 + wander, height_m=620.0 + 30 * wander, late_s=-(number % 5) * 0.1
        )
        assert (document["state"], document["reason"]) == ("fix", "")
        assert document["clock"]["trust"] == "trusted"


def test_a_fix_100_km_off_is_refused_and_reported() -> None:
    document = Night().hears(latitude_deg=49.92)
    assert document["state"] == "jumped"
    assert document["reason"] == "the fix is 100 km from the site, the limit is 1 km"
    assert document["clock_error_s"] is None


@pytest.mark.parametrize(
    ("leap", "reason"),
    [
        ({"late_s": 3.0}, r"its time leapt by \+3\.0 s"),
        ({"late_s": -600.0}, r"its time leapt by -600\.0 s"),
        ({"latitude_deg": 49.024}, r"its place leapt by 0\.4 km"),
        ({"height_m": 1500.0}, r"its height leapt by \+880 m"),
    ],
)
def test_a_leap_is_refused_until_it_has_held_together(leap: dict[str, Any], reason: str) -> None:
    night = Night()
    assert night.quiet(10)["state"] == "fix"
    document = night.hears(**leap)
    assert document["state"] == "leapt"
    assert document["clock_error_s"] is None
    assert re.search(reason, document["reason"])
    assert night.quiet(58, **leap)["state"] == "leapt"
    assert night.quiet(5, **leap)["state"] == "fix"


def test_it_must_hold_together_anew_after_each_leap() -> None:
    night = Night()
    night.quiet(5)
    for number in range(100):
        assert night.hears(late_s=(-1) ** number * 5.0)["state"] == "leapt"


def test_a_week_number_that_rolled_over_is_named() -> None:
    document = Night().hears(late_s=-1024 * 7 * 86400.0)
    assert document["state"] == "leapt"
    assert "2004-09-24T21:00:00Z: its week number has rolled over" in document["reason"]


def test_without_a_site_the_first_fix_counts_and_leaps_still_do_not() -> None:
    night = Night(SiteSettings())
    assert night.quiet(5)["state"] == "fix"
    assert night.hears(longitude_deg=14.0)["state"] == "leapt"


def test_a_clock_that_the_receiver_contradicts_is_not_trusted() -> None:
    night = Night()
    assert night.quiet(4, clock_error_s=4.0)["clock"]["trust"] == "trusted"
    document = night.hears(clock_error_s=4.0)
    assert document["clock"] == {
        "trust": "untrusted",
        "bound_s": None,
        "source": "GNSS says otherwise",
    }
    assert "the clock is +4.0 s wrong by the receiver" in document["reason"]
    assert night.hears()["clock"]["trust"] == "trusted"


def test_a_slow_line_contradicts_nothing() -> None:
    assert Night().quiet(20, clock_error_s=1.2)["clock"]["trust"] == "trusted"


def test_a_coarse_clock_is_held_against_its_own_bound() -> None:
    coarse = ClockQuality(trust="coarse", bound_s=10.0, source="kernel")
    assert Night().quiet(20, clock=coarse, clock_error_s=8.0)["clock"]["trust"] == "coarse"
    assert Night().quiet(20, clock=coarse, clock_error_s=12.0)["clock"]["trust"] == "untrusted"


def test_a_receiver_never_makes_a_clock_trusted() -> None:
    bad = ClockQuality(trust="untrusted", bound_s=None, source="kernel, not synchronised")
    assert Night().quiet(20, clock=bad)["clock"]["trust"] == "untrusted"


def test_a_silent_receiver_leaves_the_clock_as_it_is() -> None:
    document = Night().quiet(10, silent=True)
    assert (document["state"], document["clock"]["trust"]) == ("silent", "trusted")


def test_distances_are_those_of_the_globe() -> None:
    # across the date line and to the pole, to 0.3 % of an ellipsoid
    fiji = dataclasses.replace(FIX, latitude_deg=-17.0, longitude_deg=179.9)
    samoa = dataclasses.replace(FIX, latitude_deg=-17.0, longitude_deg=-179.9)
    assert kilometres_between(fiji, samoa) == pytest.approx(21.3, abs=0.1)
    pole = dataclasses.replace(FIX, latitude_deg=90.0, longitude_deg=0.0)
    assert kilometres_between(FIX, pole) == pytest.approx(4557.0, rel=0.003)


# the clock as the observer sees it


class Fixed:
    """A clock that stands, with a quality."""

    def __init__(self, trust: ClockTrust, bound_s: float | None) -> None:
        self.now = START
        self.told = ClockQuality(trust=trust, bound_s=bound_s, source="kernel")
        self.seconds = 0.0

    def now_utc(self) -> datetime:
        return self.now

    def monotonic_s(self) -> float:
        self.seconds += 2.0
        return self.seconds

    def sleep_until(self, instant: datetime, *, wake: Any = None) -> bool:
        self.now = max(self.now, instant)
        return True

    def quality(self) -> ClockQuality:
        return self.told


def published(folder: Path, trust: str, bound_s: Any, *, age_s: float = 1.0) -> None:
    clock = {"trust": trust, "bound_s": bound_s, "source": "chrony"}
    document = {"utc": format_utc(later(START, -age_s)), "clock": clock}
    (folder / "gnss.json").write_text(json.dumps(document))


@pytest.mark.parametrize(
    ("kernel", "told", "trust", "bound_s"),
    [
        # chronyd knows better than the kernel, whose bound grows between two updates
        (("coarse", 0.4), ("trusted", 0.02), "trusted", 0.02),
        (("trusted", 0.01), ("coarse", 2.0), "trusted", 0.01),
        # nobody is believed against a kernel that knows of no source, or a receiver that objects
        (("untrusted", None), ("trusted", 0.02), "untrusted", None),
        (("trusted", 0.01), ("untrusted", None), "untrusted", None),
        (("trusted", 0.01), ("trusted", None), "trusted", 0.01),
        (("trusted", 0.01), ("certain", 0.0), "trusted", 0.01),
        (("trusted", 0.01), ("trusted", -1.0), "trusted", 0.01),
        (("trusted", 0.01), ("trusted", True), "trusted", 0.01),
    ],
)
def test_all_who_judge_the_clock_must_agree(
    tmp_path: Path, kernel: Any, told: Any, trust: str, bound_s: float | None
) -> None:
    published(tmp_path, *told)
    quality = JudgedClock(Fixed(*kernel), tmp_path).quality()
    assert (quality.trust, quality.bound_s) == (trust, bound_s)


@pytest.mark.parametrize("age_s", [31.0, -31.0])
def test_what_was_published_long_ago_counts_no_more(tmp_path: Path, age_s: float) -> None:
    published(tmp_path, "untrusted", None, age_s=age_s)
    assert JudgedClock(Fixed("trusted", 0.01), tmp_path).quality().trust == "trusted"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"clock": 3, "utc": 4}', '{"utc": "x"}'])
def test_a_broken_file_counts_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "gnss.json").write_text(text)
    assert JudgedClock(Fixed("trusted", 0.01), tmp_path).quality().trust == "trusted"


# the program


def test_it_publishes_and_says_what_changes(tmp_path: Path) -> None:
    clock, log = Fixed("trusted", 0.02), list[str]()
    fixes = iter([None, None, FIX, dataclasses.replace(FIX, utc=later(START, 3.0))])

    class Changing:
        def read(self) -> GnssFix:
            return Receiver(next(fixes)).read()

    def chrony() -> ClockQuality:
        raise DeviceError("no chronyd", remedy="")

    unit = GnssUnit(
        run=tmp_path, receiver=Changing(), site=HOME, clock=clock, stop=lambda: False,
        log=log.append, chrony=chrony,
    )  # fmt: skip
    document = unit.serve(times=4)
    assert json.loads((tmp_path / "gnss.json").read_text()) == json.loads(json.dumps(document))
    assert [line.split(":")[0] for line in log] == ["GNSS silent", "GNSS fix"]
    assert log[0].endswith("Wait.")
    assert document["clock"]["source"] == "kernel"


def test_gpsd_first_then_the_port() -> None:
    port = Receiver(FIX)
    assert AnyGnss(Receiver(None), port).read() == FIX
    gpsd = Receiver(dataclasses.replace(FIX, satellites=12))
    assert AnyGnss(gpsd, port).read().satellites == 12
    with pytest.raises(DeviceError, match="silent for 3 s; the GNSS receiver is silent for 3 s"):
        AnyGnss(Receiver(None), Receiver(None)).read()


@pytest.mark.parametrize(
    ("source", "kind"), [("gpsd", GpsdGnss), ("serial", SerialGnss), ("auto", AnyGnss)]
)
def test_the_configuration_chooses(source: Any, kind: type) -> None:
    assert isinstance(real_receiver(GnssSettings(source=source)), kind)


def test_the_roofs_receiver_is_the_observers() -> None:
    with pytest.raises(ConfigurationError, match="issgaze-observe reads that receiver"):
        real_receiver(GnssSettings(source="roof"))


def test_a_receiver_on_the_roof_is_left_to_the_observer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "issgaze.toml"
    config.write_text('[gnss]\nsource = "roof"\n')
    asked = itertools.chain([False, False], itertools.repeat(True))
    monkeypatch.setattr("issgaze.cli.signals.stop_on_signal", lambda: lambda: next(asked))
    archive = tmp_path / "archive"
    assert main(["gnss", "-c", str(config), "--archive", str(archive)]) == 0
    assert "issgaze-observe reads that receiver" in capsys.readouterr().err
    assert not (archive / "run" / "gnss.json").exists()
    assert main(["gnss", "--once", "-c", str(config), "--archive", str(archive)]) == 1
    assert "issgaze roof status" in capsys.readouterr().err


@pytest.fixture
def port() -> Iterator[str]:
    with speaking(rmc() + gga()) as path:
        yield path


def test_the_command_reads_a_receiver_on_a_port(
    tmp_path: Path, port: str, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "issgaze.toml"
    config.write_text(
        f'[gnss]\nsource = "serial"\nport = "{port}"\n'
        "[site]\nlatitude_deg = 49.02\nlongitude_deg = 13.23"
    )
    words = ["gnss", "--once", "-c", str(config), "--archive", str(tmp_path / "archive")]
    assert main([*words, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["latitude_deg"] == pytest.approx(49.02)
    assert document["satellites"] == 9
    # recorded long ago: the clock of this machine says so
    assert document["clock_error_s"] is None or document["clock_error_s"] > 1e6
    assert not (tmp_path / "archive").exists(), "a hand's try is nobody else's news"
    assert main(words) == 0
    assert "latitude_deg" in capsys.readouterr().out


def test_a_hands_try_without_pyserial_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "serial", None)
    config = tmp_path / "issgaze.toml"
    config.write_text('[gnss]\nsource = "serial"\n')
    words = ["gnss", "--once", "-c", str(config), "--archive", str(tmp_path / "archive")]
    assert main(words) == 0, "a silent receiver is an honest answer"
    said = capsys.readouterr().out
    assert "pyserial is not installed" in said
    assert "sudo apt install python3-serial" in said
    assert main([*words, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["remedy"] == "Run `sudo apt install python3-serial`."


def test_a_pulse_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "assert"
    assert pulse_document(START, path) is None
    path.write_text("0.000000000#0\n")
    assert pulse_document(START, path) is None
    seconds = int(START.timestamp()) - 1
    path.write_text(f"{seconds}.999998500#77\n")
    document = pulse_document(later(START, 0.5), path)
    assert document is not None
    assert document["count"] == 77
    assert document["missed_s"] == pytest.approx(-1.5e-6)
    assert document["age_s"] == pytest.approx(0.5, abs=0.001)
