"""Settings of the right type that cannot work, each with what to do."""

import json
from pathlib import Path

import pytest

from issgaze.archive.lensfile import write_lens
from issgaze.config import Settings, parse_settings
from issgaze.service.checkconfig import config_faults, config_notes
from tests.optics.test_lens import make


def faults(text: str, file: Path | None = None) -> list[tuple[str, str]]:
    found = config_faults(parse_settings(text, name="test"), file)
    return [(fault.message, fault.remedy) for fault in found]


def test_the_defaults_can_work() -> None:
    assert config_faults(Settings(), None) == []
    assert config_notes(Settings(), None) == []


@pytest.mark.parametrize(
    ("text", "message", "remedy"),
    [
        ('[page]\nhost = "http://10.0.0.2/"', "is a web address, a host alone", "127.0.0.1 is for"),
        ('[page]\nhost = "a b"', "page.host = 'a b' must have no spaces", "127.0.0.1 is for"),
        ('[page]\nhost = ""', "must be an address or the name of a host", "127.0.0.1 is for"),
        ('[develop]\nlanguages = ["de"]', "languages has 'de'", "one of these, or leave it out"),
        ('[develop]\nlanguages = ["EN"]', "languages has 'EN'", "For 'EN' write 'en'."),
        ('[develop]\nlanguages = ["french"]', "has 'french'", "For 'french' write 'fr'."),
        ("[develop]\nlanguages = []", "names no language", "takes en and fr"),
        ('[elements]\nsources = ["celestrak"]', "sources has 'celestrak'", "config example"),
        ("[passes]\nnorad_ids = []", "names no satellite", "[25544]"),
        ('[site]\nname = "a\\nb"', "a line break or tab", "in one line"),
        ('[camera]\nadapter = "folder"', "camera.folder is not set", "config set camera.folder"),
        ('[camera]\nadapter = "folder"\nfolder = "~/x"', "does not begin with /", "whole path"),
        ('[camera]\nlens_file = "~/lens.json"', "does not begin with /", "/lens.json"),
        ('[roof]\ncontroller = "pico"\nport = "ttyUSB0"', "does not begin", "/dev/ttyUSB0"),
        ('[roof]\ncontroller = "pico"\nport = "/tmp"', "is a folder, a port", "roof.port"),
        ('[gnss]\nport = "ttyACM0"', "gnss.port = 'ttyACM0' does not begin", "whole path"),
        ('[roof]\ncontroller = "gpio"\nled_pin = 17', "roof.heater_pin has it too", "16 to 27"),
        ('[archive]\npath = "/etc/passwd/a/b"', "/etc/passwd is a file", "archive.path"),
        ('[archive]\npath = "/etc/passwd"', "is a file, a folder is needed", "archive.path"),
        ('[camera]\nlens_file = "/etc"', "is a folder, a file is needed", "camera.lens_file"),
        ("[develop]\nmemory_budget_mb = 40", "the budget is 40 MB", "takes 45 % of the memory"),
    ],
)
def test_what_cannot_work_is_named_with_what_to_do(text: str, message: str, remedy: str) -> None:
    ((said, to_do),) = faults(text)
    assert message in said
    assert remedy in to_do


@pytest.mark.parametrize(
    "text",
    [
        '[page]\nhost = "::"', '[page]\nhost = "*"', '[page]\nhost = "my_pi.local"',
        '[develop]\nlanguages = ["fr"]', "[elements]\nsources = []",
        '[elements]\nsources = ["http://[::1]:8000/{norad_id}.json"]',
        '[roof]\nport = ""', '[gnss]\nsource = "gpsd"\nport = "x"', '[camera]\nfolder = "x"',
        '[roof]\ncontroller = "pico"\nport = "/dev/null"', '[archive]\npath = "~/sky"',
        '[archive]\npath = "/nowhere/yet"', '[camera]\nlens_file = "lens.json"',
        "[develop]\nmemory_budget_mb = 4000",
    ],
)  # fmt: skip
def test_what_a_sensible_owner_has_stays_right(text: str) -> None:
    assert faults(text) == []


def test_a_lens_file_is_looked_into(tmp_path: Path) -> None:
    lens = tmp_path / "lens.json"
    text = f"[camera]\nlens_file = {json.dumps(str(lens))}"
    assert "nothing is there now" in "".join(config_notes(parse_settings(text, name="t"), None))
    lens.write_text("{}")
    ((said, _),) = faults(text)
    assert said.startswith(f"camera.lens_file: {lens}: ")
    write_lens(lens, make())
    assert faults(text) == []
    assert config_notes(parse_settings(text, name="t"), None) == []


@pytest.mark.parametrize("path", ["sky", "~/sky"])
def test_for_the_services_a_path_is_whole(path: str) -> None:
    file = Path("/etc/issgaze/issgaze.toml")
    ((said, remedy),) = faults(f'[archive]\npath = "{path}"', file)
    assert "not every program finds it" in said
    assert remedy.endswith("/sky.")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[archive]\npath = "sky"', "sky from here, and another place for a program"),
        ('[camera]\nadapter = "simulated"', "`issgaze run --simulated`"),
        ("[camera]\nhas_cover = true", "nothing can shut it"),
        ("[site]\nlatitude_deg = 0\nlongitude_deg = 0", "in the sea off Africa"),
        ("[passes]\nmin_culmination_deg = 90", "hardly any pass climbs that high"),
        ("[archive]\nbudget_gb = 100000", "so it is full before the budget is"),
    ],
)
def test_what_may_be_meant_otherwise_is_a_note(text: str, said: str) -> None:
    settings = parse_settings(text, name="test")
    assert config_faults(settings, None) == []
    (note,) = config_notes(settings, None)
    assert said in note
