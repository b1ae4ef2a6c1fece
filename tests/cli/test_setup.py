"""`issgaze setup`: a conversation on any terminal, and from a file."""

import io
import json
import re
from pathlib import Path

import pytest

from issgaze.archive.cities import cities, find_cities, labels, nearest_city
from issgaze.archive.layout import Archive
from issgaze.cli.main import main
from issgaze.config import load_settings
from issgaze.web.access import read_token


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.delenv("ISSGAZE_CONFIG", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def talk(monkeypatch: pytest.MonkeyPatch, home: Path, *lines: str) -> int:
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))
    return main(["-c", str(home / "new.toml"), "setup", "--archive", str(home / "archive")])


# site, exact, height, zone, name, camera, mode, focal, f-number, lens, horizon, budget, roof,
# page, yes
WHOLE = ("Wien", "48.20821, 16.37382", "190", "", "Attic", "imx462", "binned", "2.2", "f/1.6",
         "", "", "8", "none", "no", "yes")  # fmt: skip


def test_a_first_set_up(monkeypatch: pytest.MonkeyPatch, home: Path,
                        capsys: pytest.CaptureFixture[str]) -> None:  # fmt: skip
    assert talk(monkeypatch, home, *WHOLE) == 0
    settings = load_settings(home / "new.toml")
    assert (settings.site.latitude_deg, settings.site.longitude_deg) == (48.20821, 16.37382)
    assert (settings.site.time_zone, settings.site.name) == ("Europe/Vienna", "Attic")
    assert (settings.camera.sensor, settings.camera.mode) == ("imx462", "binned")
    assert (settings.camera.focal_mm, settings.camera.f_number) == (2.2, 1.6)
    assert settings.archive.budget_gb == 8.0
    text = (home / "new.toml").read_text()
    assert "# Where the roof is" in text, "every setting is explained in the new file"
    assert "lens_file" not in "".join(line for line in text.splitlines() if line[:1] != "#")
    said = capsys.readouterr().out
    assert "Vienna, Austria" in said
    assert "\x1b" not in said, "a dumb terminal knows no escapes"
    assert not (home / "state" / "issgaze" / "setup-answers.json").exists()


def test_nothing_is_written_before_yes(monkeypatch: pytest.MonkeyPatch, home: Path,
                                       capsys: pytest.CaptureFixture[str]) -> None:  # fmt: skip
    assert talk(monkeypatch, home, *WHOLE[:-1], "") == 1
    assert "nothing was written" in capsys.readouterr().err
    assert not (home / "new.toml").exists()


@pytest.mark.parametrize("after", range(1, 14))
def test_a_line_that_breaks_anywhere_is_taken_up_again(
    monkeypatch: pytest.MonkeyPatch, home: Path, capsys: pytest.CaptureFixture[str], after: int
) -> None:
    assert talk(monkeypatch, home, *WHOLE[:after]) == 1
    assert "goes on with your answers" in capsys.readouterr().err
    assert not (home / "new.toml").exists()
    # what was answered stands in brackets now: Enter is enough
    rest = list(WHOLE)
    rest[1:after] = [""] * (after - 1)
    assert talk(monkeypatch, home, *([""] if after else []), *rest[2:]) == 0
    settings = load_settings(home / "new.toml")
    assert settings.site.longitude_deg is not None
    assert abs(settings.site.longitude_deg - 16.37382) < 0.002
    assert (settings.camera.focal_mm, settings.archive.budget_gb) == (2.2, 8.0)


@pytest.mark.parametrize(
    ("at", "wrong", "said"),
    [
        (0, "Xanadupolis", "no place above 15,000 people is called 'Xanadupolis'"),
        (0, "91, 10", "latitude 91.0 must lie in -90 to 90"),
        (0, "999,999", "latitude 999.0 must lie in -90 to 90"),
        (0, "-91,0", "latitude -91.0 must lie in -90 to 90"),
        (0, "45, 190", "longitude 190.0 must lie in -180 to 180"),
        (0, "48.2", "is not latitude, longitude"),
        (1, "48.2 N", "is not latitude, longitude"),
        (2, "high", "'high' is no number"),
        (2, "nan", "'nan' is no number"),
        (2, "1,200", "may be 1200 or 1.200: write it without a comma"),
        (3, "Europe/Wien", "there is no time zone 'Europe/Wien'"),
        (5, "imx447", "did you mean imx477"),
        (5, "webcam", "imx296, imx219, or folder"),
        (6, "binnd", "did you mean binned"),
        (7, "0.1", "must lie in 0.5 to 200"),
        (9, "nowhere.json", "nowhere.json"),
        (10, "0:95", "altitudes from 0 to below 90"),
        (11, "0.5", "must lie in 1 to 100000"),
        (12, "pica", "must be one of none, pico, gpio"),
        (13, "perhaps", "neither yes nor no"),
    ],
)
def test_a_wrong_answer_is_said_at_once(
    monkeypatch: pytest.MonkeyPatch, home: Path, capsys: pytest.CaptureFixture[str],
    at: int, wrong: str, said: str,
) -> None:  # fmt: skip
    assert talk(monkeypatch, home, *WHOLE[:at], wrong, *WHOLE[at:]) == 0
    # long lines are broken at any word
    shown = " ".join(capsys.readouterr().out.split())
    assert f"! {said}" in shown or said in shown


def test_hints_lead_back_to_the_same_file(
    monkeypatch: pytest.MonkeyPatch, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert talk(monkeypatch, home, "q") == 1
    assert f"`issgaze -c {home / 'new.toml'} setup` goes on" in capsys.readouterr().err
    assert talk(monkeypatch, home, *WHOLE[:-2], "yes", "yes") == 0
    assert (
        f"page: `issgaze -c {home / 'new.toml'} web` serves it on http://127.0.0.1:8080/"
        in capsys.readouterr().out
    )


def test_namesakes_are_told_apart(
    monkeypatch: pytest.MonkeyPatch, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ("Springfield", "0", "<", "Springfield", "3", *WHOLE[1:])
    assert talk(monkeypatch, home, *asked) == 0
    shown = capsys.readouterr().out
    assert "3  Springfield, Illinois, United States  (39.80, -89.64)" in shown
    assert "! '0' is no number from 1 to 8" in shown
    assert shown.count("Where does the camera stand?") == 1, "back at the same question"
    assert load_settings(home / "new.toml").site.time_zone == "America/Chicago"


def test_one_can_stop_among_namesakes(
    monkeypatch: pytest.MonkeyPatch, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert talk(monkeypatch, home, "Springfield", "q") == 1
    assert "goes on with your answers" in capsys.readouterr().err


def test_questions_are_numbered_as_they_come(
    monkeypatch: pytest.MonkeyPatch, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert talk(monkeypatch, home, *WHOLE) == 0
    numbers = re.findall(r"^(\d+)/(\d+)  ", capsys.readouterr().out, re.MULTILINE)
    assert [int(number) for number, _ in numbers] == list(range(1, 15))
    assert numbers[-1] == ("14", "14")


def test_the_archive_that_was_named_stands_in_the_file(
    monkeypatch: pytest.MonkeyPatch, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert talk(monkeypatch, home, *WHOLE) == 0
    assert load_settings(home / "new.toml").archive_path() == home / "archive"
    command = f"issgaze -c {home / 'new.toml'} doctor"
    shown = capsys.readouterr().out
    assert f"`{command}`" in shown
    before, _, _ = shown.partition("Write it to")
    assert f'archive.path = "{home / "archive"}"' in before, "seen before it is confirmed"


def test_one_can_go_back(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    assert talk(monkeypatch, home, *WHOLE[:3], "<", "250", *WHOLE[3:]) == 0
    assert load_settings(home / "new.toml").site.height_m == 250.0


def test_a_second_set_up_offers_what_holds_and_keeps_comments(
    monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    assert talk(monkeypatch, home, *WHOLE) == 0
    path = home / "new.toml"
    path.write_text("# mine\n" + path.read_text())
    # coordinates and not a city: the question for the exact place is not asked again
    assert talk(monkeypatch, home, *[""] * 3, "Roof", *[""] * 8, "yes", "yes") == 0
    settings = load_settings(path)
    assert (settings.site.name, settings.camera.focal_mm) == ("Roof", 2.2)
    assert path.read_text().startswith("# mine\n")
    assert read_token(Archive(home / "archive"))


def test_degrees_are_read_as_people_write_them(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    for text, place in (
        ("33.8688S 151.2093E", (-33.8688, 151.2093)),
        ("48,2082, 16,3738", (48.2082, 16.3738)),
        ("48.2082° N, 16.3738° W", (48.2082, -16.3738)),
        ("-33.9;18.4", (-33.9, 18.4)),
    ):
        (home / "new.toml").unlink(missing_ok=True)
        assert talk(monkeypatch, home, text, *WHOLE[2:]) == 0
        site = load_settings(home / "new.toml").site
        assert (site.latitude_deg, site.longitude_deg) == place
    assert site.time_zone == "Africa/Johannesburg", "the nearest city's"


ANSWERS = """
[site]
city = "Graz"
latitude_deg = 47.0707
longitude_deg = 15.4395
[camera]
sensor = "imx477"
[setup]
page = false
"""


def test_answers_from_a_file_ask_nothing(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "answers.toml").write_text(ANSWERS)
    words = ["-c", str(home / "new.toml"), "setup", "--archive", str(home / "archive"), "--json"]
    assert main([*words, "--answers", str(home / "answers.toml")]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["file"] == str(home / "new.toml")
    settings = load_settings(home / "new.toml")
    assert settings.site.time_zone == "Europe/Vienna"
    assert settings.site.latitude_deg == 47.0707
    assert settings.archive.budget_gb >= 2.0


def test_a_city_alone_must_be_one_city_and_is_said_to_be_its_middle(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = home / "answers.toml"
    words = ["-c", str(home / "new.toml"), "setup", "--archive", str(home / "archive")]
    answers.write_text('[site]\ncity = "Springfield"\n')
    assert main([*words, "--answers", str(answers)]) == 1
    err = capsys.readouterr().err
    assert "site.city 'Springfield' may be 8 places" in err
    assert "Springfield, Illinois, United States; " in err
    answers.write_text('[site]\ncity = "Springfield, Illinois"\n')
    assert main([*words, "--answers", str(answers)]) == 0
    assert "! The middle of Springfield, Illinois, United States:" in capsys.readouterr().out
    assert load_settings(home / "new.toml").site.time_zone == "America/Chicago"


def test_answers_override_and_the_rest_stays(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = home / "new.toml"
    path.write_text(
        '# mine\n[site]\nname = "Attic"\nheight_m = 350.0\nlatitude_deg = 1.0\n'
        'longitude_deg = 2.0\ntime_zone = "Asia/Tokyo"\n[camera]\nfocal_mm = 4.5\n'
    )
    (home / "answers.toml").write_text(ANSWERS)
    words = ["-c", str(path), "setup", "--archive", str(home / "archive")]
    assert main([*words, "--answers", str(home / "answers.toml")]) == 0
    settings = load_settings(path)
    assert (settings.site.latitude_deg, settings.site.time_zone) == (47.0707, "Europe/Vienna")
    kept = (settings.site.name, settings.site.height_m, settings.camera.focal_mm)
    assert kept == ("Attic", 350.0, 4.5)
    assert settings.archive.budget_gb == 20.0, "a budget is chosen for a new file alone"
    assert path.read_text().startswith("# mine\n")
    assert "token" not in capsys.readouterr().out, "the answers say: no page"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("page = false", 'page = "no"'), "setup.page = 'no' must be true or false"),
        (("page = false", "pages = false"), "[setup] knows page alone"),
        (("sensor", "sensr"), "did you mean sensor"),
        (('"Graz"', '"Grazz"'), "'Grazz' is not known"),
        (("47.0707", '"47"'), "must be a number"),
        (("[setup]\n", "[setup\n"), "answers.toml"),
        (("[camera]\n", "[camra]\n"), "did you mean camera"),
        (("[camera]\n", '[page]\nhost = "a b"\n[camera]\n'), "page.host = 'a b' must have no"),
        (("[camera]\n", '[develop]\nlanguages = ["EN"]\n[camera]\n'), "write 'en'. Correct"),
    ],
)
def test_wrong_answers_write_nothing(
    home: Path, capsys: pytest.CaptureFixture[str], change: tuple[str, str], said: str
) -> None:
    (home / "answers.toml").write_text(ANSWERS.replace(*change))
    words = ["-c", str(home / "new.toml"), "setup", "--archive", str(home / "archive")]
    assert main([*words, "--answers", str(home / "answers.toml")]) == 1
    err = capsys.readouterr().err
    assert said in err
    # it is the answers that are wrong, and not the configuration
    assert str(home / "answers.toml") in err
    assert str(home / "new.toml") not in err.splitlines()[0]
    assert "config edit" not in err
    assert not (home / "new.toml").exists()


def test_machines_are_not_asked(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["-c", str(home / "new.toml"), "setup", "--json"]) == 1
    assert "--answers" in json.loads(capsys.readouterr().out)["error"]["remedy"]


def test_places_are_found_in_any_spelling() -> None:
    assert len(cities()) > 30000
    for text, name in (("wien", "Vienna"), ("MÜNCHEN", "Munich"), ("vienna, aus", "Vienna"),
                       ("Sao Paulo", "São Paulo")):  # fmt: skip
        assert find_cities(text)[0].name == name
    assert find_cities("paris, united")[0].country == "United States"
    assert find_cities("Springfield, Oregon")[0].label == "Springfield, Oregon, United States"
    (again,) = find_cities(find_cities("Springfield, Ohio")[0].label)
    assert again.state == "Ohio"
    namesakes = labels(find_cities("San Fernando"))
    assert len(set(namesakes)) == len(namesakes)
    assert any(", near " in label for label in namesakes)
    assert find_cities("") == []
    for city in cities()[::500]:
        from zoneinfo import ZoneInfo

        ZoneInfo(city.time_zone)
        assert abs(city.latitude_deg) < 90
    assert nearest_city(-17.7, 179.99).time_zone == "Pacific/Fiji", "across the date line"


def test_answers_without_a_word_of_the_page_leave_it_alone(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = home / "new.toml"
    path.write_text("[site]\nlatitude_deg = 1.0\nlongitude_deg = 2.0\n")
    (home / "answers.toml").write_text("[camera]\nfocal_mm = 4.5\n")
    words = ["-c", str(path), "setup", "--archive", str(home / "archive")]
    assert main([*words, "--answers", str(home / "answers.toml")]) == 0
    assert "the page stays as it was" in capsys.readouterr().out
    assert read_token(Archive(home / "archive")) is None


def test_answers_that_are_not_there_are_looked_for_by_name(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["setup", "--answers", str(home / "nofile.toml")]) == 1
    message, remedy = capsys.readouterr().err.splitlines()
    assert message.endswith("nofile.toml: no such file or directory")
    assert "Check the name" in remedy
