import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issgaze.config import Settings, find_configuration, load_settings, parse_settings
from issgaze.errors import ConfigurationError


def test_an_empty_file_gives_the_defaults() -> None:
    assert parse_settings("", name="x") == Settings()


def test_values_are_read_with_their_types() -> None:
    settings = parse_settings(
        '[site]\nlatitude_deg = 48\nlongitude_deg = 16.3738\ntime_zone = "Europe/Vienna"\n'
        "[passes]\nnorad_ids = [25544, 48274]\n",
        name="x",
    )
    assert settings.site.latitude_deg == 48.0
    assert isinstance(settings.site.latitude_deg, float)
    assert settings.passes.norad_ids == (25544, 48274)
    assert settings.require_site().longitude_deg == 16.3738


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[site]\nlatitude = 48.0", "unknown key in [site]: latitude, did you mean latitude_deg?"),
        ("[stie]\n", "unknown section: stie, did you mean site?"),
        ("[site]\nlatitude_deg = 91.0", "site.latitude_deg = 91.0 must lie in -90 to 90"),
        ('[site]\nlatitude_deg = "48"', "site.latitude_deg = '48' must be a number"),
        ("[site]\nlatitude_deg = true", "site.latitude_deg = True must be a number"),
        ('[site]\ntime_zone = "Europe/Wien"', "there is no time zone 'Europe/Wien'"),
        ('[camera]\nsensor = "imx577"', "must be one of imx477"),
        ('[camera]\nsensor = "imx577"', "(did you mean imx477?)"),
        ("[passes]\nnorad_ids = 25544", "passes.norad_ids = 25544 must be a list in brackets"),
        ("[passes]\nnorad_ids = [0]", "must lie in 1 to 999999999"),
        ("[page]\nport = 80.5", "page.port = 80.5 must be a whole number"),
        ("site = 3", "site = 3 must be a table [site]"),
        ("[site\n", "line 1: [site names no section"),
        ('[site]\nlatitude_deg = "48,1"', "must be a number with a point: 48.1"),
        ('[page]\nport = "80"', "must be a whole number without quotes: 80"),
        ('[camera]\nsensor = "IMX-577"', "(did you mean imx477?)"),
    ],
)
def test_a_wrong_file_is_answered_with_value_and_limit(text: str, message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_settings(text, name="issgaze.toml")
    assert message in caught.value.message
    assert caught.value.message.startswith("issgaze.toml: ")


@pytest.mark.parametrize("written", ["imx477", "IMX477", "IMX-477", "imx 477", "Imx_477"])
def test_a_sensor_may_be_written_as_it_stands_on_the_camera(written: str) -> None:
    assert parse_settings(f'[camera]\nsensor = "{written}"', name="x").camera.sensor == "imx477"


def test_words_to_choose_from_may_be_written_as_people_do() -> None:
    text = '[camera]\nmode = "Full"\n[develop]\nalso = ["Star trails", "stars-only"]'
    settings = parse_settings(text, name="x")
    assert settings.camera.mode == "full"
    assert settings.develop.also == ("star_trails", "stars_only")


def test_a_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "x.toml"
    file.write_bytes(b"\xef\xbb\xbf[page]\nport = 9000\n")
    assert load_settings(file).page.port == 9000


def test_all_faults_are_named_at_once() -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_settings("[site]\nlatitude_deg = 99.0\nheigth_m = 3\n[pages]\n", name="x")
    assert all(
        part in caught.value.message for part in ("latitude_deg = 99.0", "height_m?", "page?")
    )


def test_a_missing_site_says_how_to_give_one() -> None:
    with pytest.raises(ConfigurationError, match="the site is not known") as caught:
        Settings().require_site()
    assert "issgaze setup" in caught.value.remedy


def test_a_named_file_must_exist(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no such configuration file"):
        find_configuration(str(tmp_path / "none.toml"))


def test_the_environment_names_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("[page]\nport = 9000\n")
    monkeypatch.setenv("ISSGAZE_CONFIG", str(file))
    assert load_settings(find_configuration(None)).page.port == 9000


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigurationError, match="not UTF-8 text"):
        load_settings(tmp_path / "x.toml")


@given(st.text(max_size=200))
def test_no_text_brings_the_reader_down(text: str) -> None:
    with contextlib.suppress(ConfigurationError):
        parse_settings(text, name="x")


@pytest.mark.parametrize(
    ("line", "example"),
    [("latitude_deg = north", "latitude_deg = 48.2082"), ("height_m = high", "height_m = 0.0")],
)
def test_the_example_for_a_number_that_is_none_is_taken(line: str, example: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_settings(f"[site]\n{line}\n", name="x")
    assert example in caught.value.remedy
    parse_settings(f"[site]\n{example}\n", name="x")


def test_a_key_that_is_a_text_in_one_section_keeps_the_hint_for_texts() -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_settings("[roof]\nport = /dev/roof\n", name="x")
    assert 'port = "/dev/roof"' in caught.value.remedy


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("latitude_deg = 48.2\n", "latitude_deg, it belongs under [site]"),
        ("latitude_dg = 48.2\n", "did you mean latitude_deg under [site]?"),
        ("port = 80\n", "port, it belongs under [roof] or [gnss] or [page]"),
        ('[page]\nlanguage = "fr"\n', "language, did you mean languages under [develop]?"),
        ("[camera]\nheight_m = 3\n", "unknown key in [camera]: height_m, it belongs under [site]"),
        # what is near in its own section stays there
        ("[site]\nlatitude_degg = 48.2\n", "latitude_degg, did you mean latitude_deg?"),
        ("[nam]\n", "unknown section: nam, did you mean"),
        ("[port]\n", "unknown section: port, "),
    ],
)
def test_a_key_in_a_wrong_place_is_sent_home(text: str, hint: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_settings(text, name="x")
    assert hint in caught.value.message
