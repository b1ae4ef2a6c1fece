"""`issgaze doctor` by its contract, and the bundle that goes to strangers."""

import json
import time
import zipfile
from pathlib import Path

import pytest

from issgaze.archive.layout import Archive
from issgaze.archive.ledger import Ledger
from issgaze.archive.status import write_status
from issgaze.civil import format_utc, from_unix, later
from issgaze.cli.main import main
from tests.archive.test_ledger import chosen

_OMM = Path(__file__).parents[2] / "issgaze" / "data" / "iss_omm.json"
_CONFIG = """
# our attic, 12 Elm Street
[site]
name = "Elm Street"
latitude_deg = 48.21234
longitude_deg = 16.37654
height_m = 193.0
time_zone = "Europe/Vienna"
"""


@pytest.fixture
def configured(tmp_path: Path) -> Path:
    path = tmp_path / "issgaze.toml"
    path.write_text(_CONFIG)
    return path


def test_the_document_keeps_the_contract(
    configured: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["doctor", "-c", str(configured), "--archive", str(tmp_path / "new"), "--json"]
    assert main(words) == 1, "there are no elements"
    checks = json.loads(capsys.readouterr().out)["checks"]
    assert {check["state"] for check in checks} <= {"ok", "warn", "fail", "skip"}
    named = {check["name"]: check for check in checks}
    assert {"versions", "configuration", "site", "camera", "clock", "system", "disk"} <= set(named)
    assert named["site"]["state"] == "ok"
    assert all(check["remedy"] for check in checks if check["state"] in {"warn", "fail"})
    assert "48.2" not in json.dumps(checks)


def test_a_wrong_configuration_does_not_hide_the_rest(
    configured: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    configured.write_text("[site]\nlatitude_deg = 148.0\n")
    words = ["doctor", "-c", str(configured), "--archive", str(tmp_path / "new")]
    assert main(words) == 1
    said = capsys.readouterr().out
    assert "FAIL  configuration" in said
    assert "latitude_deg" in said
    assert "disk" in said


def test_a_setting_that_cannot_work_is_a_finding(
    configured: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    configured.write_text(configured.read_text() + '[page]\nhost = "http://x"\n')
    words = ["doctor", "-c", str(configured), "--archive", str(tmp_path / "new")]
    assert main(words) == 1
    assert "FAIL  configuration      page.host = 'http://x' is a web" in capsys.readouterr().out


def test_an_upgrade_is_asked_for_only_when_wanted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["doctor", "--archive", str(tmp_path)])
    assert "time to upgrade" not in capsys.readouterr().out
    main(["doctor", "--archive", str(tmp_path), "--before-upgrade"])
    assert "ok    time to upgrade" in capsys.readouterr().out


def test_what_forbids_an_upgrade_is_told_from_what_does_not(
    configured: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["doctor", "-c", str(configured), "--archive", str(tmp_path), "--before-upgrade"]
    assert main(words) == 1
    out = capsys.readouterr().out
    assert "Nothing forbids an upgrade now; what failed is another matter: " in out
    assert "elements 25544" in out.splitlines()[-1]
    rise = format_utc(later(from_unix(time.time()), 600.0))
    status = {"utc": format_utc(from_unix(time.time())), "next_pass": {"rise": {"utc": rise}}}
    (tmp_path / "run").mkdir()
    write_status(tmp_path / "run", status)
    assert main(words) == 1
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == "Do not upgrade now, because of: time to upgrade."
    assert main([*words, "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert document["upgrade_forbidden_by"] == ["time to upgrade"]


def test_the_age_of_things_in_a_simulated_world_counts_from_its_clock(
    configured: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["-c", str(configured), "--archive", str(tmp_path)]
    assert main(["elements", "import", str(_OMM), *words]) == 0
    capsys.readouterr()
    main(["doctor", *words, "--json"])
    checks = {one["name"]: one for one in json.loads(capsys.readouterr().out)["checks"]}
    assert checks["elements 25544"]["value"].startswith("1 held, the youngest ")
    (tmp_path / "run").mkdir()
    write_status(tmp_path / "run", {"utc": "2024-05-10T06:00:00Z", "simulated": True})
    main(["doctor", *words, "--json"])
    checks = {one["name"]: one for one in json.loads(capsys.readouterr().out)["checks"]}
    assert checks["elements 25544"]["state"] == "ok"


def test_an_archive_that_one_may_not_read_is_a_finding_and_forbids_an_upgrade(
    configured: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def forbidden(path: Path, **_: object) -> str:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("os.access", lambda _path, _mode: False)
    words = ["doctor", "-c", str(configured), "--archive", str(tmp_path), "--before-upgrade"]
    with monkeypatch.context() as patched:
        patched.setattr(
            "issgaze.archive.status.json.loads", lambda _text: forbidden(tmp_path / "run")
        )
        (tmp_path / "run").mkdir()
        (tmp_path / "run" / "status.json").write_text("{}")
        assert main(words) == 1
    out = capsys.readouterr().out
    assert "FAIL  archive            you may not read it" in out
    assert "member of the group issgaze" in out
    assert out.splitlines()[-1] == "Do not upgrade now, because of: time to upgrade."


def test_every_finding_that_was_looked_at_has_its_limit(
    configured: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["doctor", "-c", str(configured), "--archive", str(tmp_path), "--json"])
    checks = json.loads(capsys.readouterr().out)["checks"]
    assert not [one["name"] for one in checks if one["state"] != "skip" and not one["limit"]]
    assert "--site" not in json.dumps(checks)


def test_the_bundle_holds_no_place_and_no_secret(
    configured: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    archive = Archive(tmp_path / "archive")
    ledger = Ledger(archive.ledger)
    row = ledger.open(chosen(reason="Culminates at 71°, magnitude −3.9"))
    ledger.settle(row.id, "skipped", "Too low: culminates at 19°, rises at 18:04:11")
    (archive.root / "web-token").write_text("very-secret-token")
    bundle = tmp_path / "report.zip"
    words = ["doctor", "-c", str(configured), "--archive", str(archive.root)]
    assert main([*words, "--bundle", str(tmp_path / "none" / "report.zip")]) == 2
    assert f"mkdir -p {tmp_path / 'none'}" in capsys.readouterr().err
    main([*words, "--bundle", str(bundle)])
    assert f"bundle written to {bundle}" in capsys.readouterr().err
    with zipfile.ZipFile(bundle) as opened:
        names = set(opened.namelist())
        text = "\n".join(opened.read(name).decode() for name in sorted(names))
    assert names == {"doctor.json", "issgaze.toml", "outcomes.json", "reports.json"}
    for private in ("48.21", "16.37", "193", "Elm", "secret", "19°", "18:04", row.id):
        assert private not in text, private
    assert '"outcome": "skipped"' in text
    assert "Europe/Vienna" in text


def test_on_a_terminal_lines_are_broken_at_words(
    configured: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ["doctor", "-c", str(configured), "--archive", str(tmp_path)]
    main(words)
    whole = capsys.readouterr().out
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "70")
    main(words)
    broken = capsys.readouterr().out
    assert broken.split() == whole.split(), "paths stay whole, to be copied"
    assert max(len(line) for line in whole.splitlines()) > 100
    assert all(len(line) <= 70 or "/" in line for line in broken.splitlines())
