"""`issgaze stack` from raw frames to every product, by the contract that others script against."""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from astropy.io import fits
from PIL import Image

from issgaze.civil import later, parse_utc
from issgaze.cli.main import main
from issgaze.cli.stackfolder import StackFolder
from issgaze.errors import UsageError
from issgaze.orbit.finder import find_passes
from issgaze.orbit.formats import parse_elements
from issgaze.sky.site import Site

PRODUCTS = {
    "stars.fits", "trail.fits", "ground.fits", "picture.jpg", "picture.tif", "timelapse.mp4",
    "lens.json", "report.json", "caption.txt", "caption.fr.txt", "alt.txt",
    "screen.jpg", "preview.jpg", "thumb.jpg", "single.jpg", "picture-names.jpg",
    "preview.webp", "report.html", "alt.fr.txt", "guest.json",
    "timelapse-stars.mp4",
}  # fmt: skip


def stack(night: Path, out: Path, *more: str, lights: list[Path] | None = None) -> list[str]:
    frames = lights or sorted((night / "lights").iterdir())
    darks = sorted((night / "darks").iterdir())
    return [
        "stack", *map(str, frames), "--darks", *map(str, darks),
        "--lens", str(night / "lens.json"), "--elements", str(night / "elements.json"),
        "--out", str(out), *more,
    ]  # fmt: skip


@pytest.fixture(scope="module")
def result(night: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("result") / "new" / "folder"
    assert main(stack(night, out)) == 0
    return out


@pytest.fixture(scope="module")
def report(result: Path) -> dict[str, Any]:
    return json.loads((result / "report.json").read_text())


def test_every_product_is_there(result: Path) -> None:
    assert {path.name for path in result.iterdir()} == PRODUCTS


def test_the_linear_products_are_on_one_grid_and_open_elsewhere(result: Path) -> None:
    shapes = set()
    for name in ("stars", "trail", "ground"):
        with fits.open(result / f"{name}.fits") as opened:
            opened.verify("exception")
            header, data = opened[0].header, opened[0].data
            shapes.add(data.shape)
            assert data.dtype == np.dtype(">f4")
            assert np.isfinite(data).all()
            assert header["NFRAMES"] == 14
            assert 0.0 <= header["REJFRAC"] < 0.5
            assert header["DATE-REF"].startswith("2024-05-10T01:4")
    assert len(shapes) == 1
    assert next(iter(shapes))[0] == 3


def test_the_trail_stands_alone(result: Path) -> None:
    trail = fits.getdata(result / "trail.fits")
    lit = trail[1] > 0.0
    assert 0.0005 < lit.mean() < 0.03
    assert (trail >= 0.0).all()
    # it crosses a good part of the picture
    rows, columns = np.nonzero(lit)
    assert np.hypot(np.ptp(rows), np.ptp(columns)) > 0.4 * np.hypot(*lit.shape)


def test_the_report_proves_the_station(report: dict[str, Any]) -> None:
    proof = report["proof"]
    assert proof["accepted"] is True
    # a bias of 0.08 s stood here when frame numbers were timed at the middle of a Bayer cell
    assert abs(proof["along_track_s"]) < 0.05
    assert abs(proof["cross_track_arcmin"]) < 3.0
    assert proof["speed_ratio"] == pytest.approx(1.0, abs=0.01)
    # fourteen frames spread over the pass leave gaps of the lit arc, and that is said
    assert report["outcome"] == "partial"
    assert "of the lit arc was exposed" in report["reason"]
    assert 0.2 < report["lit_part_exposed"] < 0.99
    assert report["missing"] == []
    assert report["pass"]["id"] == "20240510T0144Z-25544"


def test_the_report_has_every_key_of_the_contract(report: dict[str, Any]) -> None:
    assert {
        "frames",
        "lens",
        "proof",
        "quality",
        "resources",
        "outcome",
        "reason",
        "missing",
    } <= set(report)
    for frame in report["frames"]:
        assert set(frame) == {
            "file", "used", "reason", "start_utc", "exposure_s", "dead_time_s",
        }  # fmt: skip
    assert report["frames"][0]["dead_time_s"] is None
    assert all(frame["dead_time_s"] > 0 for frame in report["frames"][1:])
    assert {"star_count", "limiting_magnitude", "fwhm_px", "background_mag_arcsec2"} <= set(
        report["quality"]
    )
    assert {"seconds", "peak_rss_mb", "bytes_written"} <= set(report["resources"])
    assert report["quality"]["star_count"] > 300
    assert report["quality"]["limiting_magnitude"] > 5.5


def test_the_picture_and_the_film_play(result: Path) -> None:
    with Image.open(result / "picture.jpg") as picture:
        assert picture.info.get("icc_profile")
        pixels = np.asarray(picture.convert("L"), dtype=float)
    assert 5.0 < np.median(pixels) < 90.0
    assert pixels.max() > 240.0
    with av.open(str(result / "timelapse.mp4")) as film:
        stream = film.streams.video[0]
        assert stream.codec_context.name == "h264"
        assert sum(1 for _ in film.decode(stream)) == 14


def test_the_caption_tells_what_the_report_says(result: Path, report: dict[str, Any]) -> None:
    caption = (result / "caption.txt").read_text()
    assert "International Space Station" in caption
    assert "10 May 2024" in caption
    assert f"{report['pass']['culmination']['altitude_deg']:.0f}°" in caption
    assert "14 exposures of 8 s (camera IMX462)" in caption
    assert "14 poses de 8\u202fs" in (result / "caption.fr.txt").read_text()


def _digests(folder: Path) -> dict[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.iterdir()
        # both say what time and memory developing took
        if path.name not in {"report.json", "report.html"}
    }


def test_the_truth_is_never_looked_at(night: Path, result: Path, tmp_path: Path) -> None:
    """Without truth.json, and with the scenario gone too, every product is the same to the byte."""
    bare = tmp_path / "bare"
    shutil.copytree(night, bare)
    (bare / "truth.json").unlink()
    (bare / "scenario.toml").unlink()
    assert main(stack(bare, tmp_path / "out")) == 0
    assert _digests(tmp_path / "out") == _digests(result)


def test_frames_that_cannot_be_used_are_named_and_the_rest_is_stacked(
    night: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lights = [Path(shutil.copy(path, tmp_path)) for path in sorted((night / "lights").iterdir())]
    lights[2].write_bytes(lights[2].read_bytes()[:50_000])
    lights[5].write_bytes(b"not a frame")
    Image.new("RGB", (64, 48)).save(tmp_path / "other.png")
    given = [*lights, tmp_path / "other.png"]
    assert main(stack(night, tmp_path / "out", "--json", lights=given)) == 0
    said = capsys.readouterr()
    report = json.loads(said.out)
    refused = {frame["file"]: frame["reason"] for frame in report["frames"] if not frame["used"]}
    assert set(refused) == {lights[2].name, lights[5].name, "other.png"}
    assert "bytes of pixels are there" in refused[lights[2].name]
    assert "not a FITS file" in refused[lights[5].name]
    assert "other.png left out: " in said.err
    assert sum(frame["used"] for frame in report["frames"]) == 12


def test_without_a_lens_it_finds_one_and_proves_the_station_with_it(
    night: Path, report: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = stack(night, tmp_path)
    place = words.index("--lens")
    assert main(words[:place] + words[place + 2 :]) == 0
    said = capsys.readouterr().err.splitlines()
    # nobody looks at a terminal: each stage is a line
    stages = ["looking for the lens in 0008.fits", "stacking 14 frames",
              "putting the stack together", "measuring stars and trail", "composing the picture",
              "making the films"]  # fmt: skip
    assert [line for line in said if line in stages] == stages
    blind = json.loads((tmp_path / "report.json").read_text())
    assert blind["missing"] == []
    assert blind["proof"]["accepted"] is True
    given = report["proof"]
    assert blind["proof"]["along_track_s"] == pytest.approx(given["along_track_s"], abs=0.03)
    assert blind["quality"]["star_count"] > 0.97 * report["quality"]["star_count"]
    assert blind["lens"]["focal_px"] == pytest.approx(report["lens"]["focal_px"], rel=5e-3)
    assert (tmp_path / "lens.json").exists()


def test_without_site_and_elements_it_says_what_it_could_not_do(
    night: Path, tmp_path: Path
) -> None:
    frames = []
    for number, light in enumerate(sorted((night / "lights").iterdir())[5:9]):
        with fits.open(light) as opened:
            for key in ("SITELAT", "SITELONG", "SITEELEV"):
                del opened[0].header[key]
            frames.append(tmp_path / f"{number}.fits")
            opened.writeto(frames[-1])
    assert main(["stack", *map(str, frames), "--out", str(tmp_path)]) == 0
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["proof"]["accepted"] is False
    missing = {item["what"]: item["reason"] for item in report["missing"]}
    assert "the site is not known" in missing["lens.json"]
    assert "stars.fits" in missing
    assert not (tmp_path / "stars.fits").exists()
    assert (tmp_path / "picture.jpg").exists()
    assert report["trail_found"] is True


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (["stack", "nowhere.fits", "--out", "x"], 1, "nowhere.fits: no such file"),
        (["stack", "--out", "x"], 2, "FRAME"),
        (["stack", "{light}"], 2, "--out"),
        (["stack", "{light}", "--out", "{light}"], 2, "--out"),
        (["stack", "{light}", "--out", "x", "--lens", "{light}"], 1, "no JSON"),
        (["stack", "{light}", "--out", "x", "--lens", "none.json"], 1, "no such lens file"),
        (["stack", "{light}", "--out", "x", "--elements", "none.txt"], 1, "no such file"),
        (["stack", "{light}", "--out", "x", "--exposure", "-1"], 2, "must be above 0"),
        (["stack", "{light}", "--out", "x", "--start", "noon"], 2, "noon"),
        (["stack", "{light}", "--out", "x", "--time-zone", "Mars/Base"], 1, "Mars/Base"),
        (["stack", "{light}", "--out", "x", "--resolution", "double"], 2, "double"),
    ],
)
def test_every_mistake_has_an_answer(
    night: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    status: int,
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    light = str(sorted((night / "lights").iterdir())[0])
    assert main([word.replace("{light}", light) for word in words]) == status
    said = capsys.readouterr()
    assert message in said.err
    assert "Traceback" not in said.err
    assert len(said.err.strip().splitlines()) >= 2


def test_a_place_that_contradicts_lens_and_headers_is_named(
    night: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lights = sorted((night / "lights").iterdir())[5:6]
    for name in ("timelapse.mp4", "stars.fits", "caption.fr.txt", "caption.de.txt", "notes.txt"):
        (tmp_path / name).write_bytes(b"issgaze, an earlier run")
    (tmp_path / "report.json").write_text('{"format": "issgaze-report"}')
    words = ["stack", *map(str, lights), "--out", str(tmp_path), "--site", "40.0,-75.0"]
    assert main([*words, "--lens", str(night / "lens.json")]) == 0
    err = capsys.readouterr().err
    assert "km from the place in the frames' headers, the limit is 100 km" in err
    assert "are not where lens, site and time put them" in err
    assert "given with --darks" in err
    assert "1 frame makes no film" in err
    assert f"stars.fits, report.json, caption.fr.txt in {tmp_path} replaced" in err
    assert f"timelapse.mp4 in {tmp_path} removed" in err
    assert not (tmp_path / "timelapse.mp4").exists(), "what is of another run does not stay"
    for name in ("notes.txt", "caption.de.txt"):
        assert (tmp_path / name).exists(), "what is not called as products are does"
    notes = json.loads((tmp_path / "report.json").read_text())["notes"]
    assert any("--site is used" in note for note in notes)


def test_a_sound_command_line_is_not_commented(
    night: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lights = sorted((night / "lights").iterdir())[5:6]
    assert main(stack(night, tmp_path, "--site", "49.1,13.3", lights=lights)) == 0
    err = capsys.readouterr().err
    for word in ("--site", "--darks", "replaced", "put them"):
        assert word not in err


def test_a_lens_of_another_size_is_refused(night: Path, tmp_path: Path, capsys) -> None:
    lens = json.loads((night / "lens.json").read_text()) | {"width_px": 1000, "height_px": 700}
    (tmp_path / "lens.json").write_text(json.dumps(lens))
    frame = str(sorted((night / "lights").iterdir())[0])
    words = ["--lens", str(tmp_path / "lens.json"), "--out", str(tmp_path / "out")]
    assert main(["stack", frame, *words]) == 1
    assert "the lens file is for frames of 1000x700 px" in capsys.readouterr().err


def test_a_lens_without_a_site_is_refused(night: Path, tmp_path: Path, capsys) -> None:
    lens = json.loads((night / "lens.json").read_text()) | {"source": "frame.fits, sky-only"}
    (tmp_path / "lens.json").write_text(json.dumps(lens))
    frame = str(sorted((night / "lights").iterdir())[0])
    words = ["--lens", str(tmp_path / "lens.json"), "--out", str(tmp_path / "out")]
    assert main(["stack", frame, *words]) == 1
    assert "a solution among the stars, not of a camera on a site" in capsys.readouterr().err


def test_frames_of_which_none_can_be_used(tmp_path: Path, capsys) -> None:
    (tmp_path / "a.fits").write_bytes(b"x")
    assert main(["stack", str(tmp_path / "a.fits"), "--out", str(tmp_path / "out"), "--json"]) == 1
    error = json.loads(capsys.readouterr().out)["error"]
    assert "none of 1 frames could be used; a.fits: not a FITS file" in error["message"]
    assert error["remedy"]


def test_the_steps_after_the_last_frame_are_counted(report: dict[str, Any]) -> None:
    resources = report["resources"]
    assert set(resources["steps"]) == {
        "digest", "finish", "measure", "picture", "films", "words",
    }  # fmt: skip
    parts = [step["seconds"] for step in resources["steps"].values()]
    assert resources["seconds"] == pytest.approx(sum(parts), abs=0.1)
    assert 0.0 < resources["after_last_frame_s"] < resources["seconds"]
    assert 30.0 < resources["encoder_peak_rss_mb"] < 120.0


def test_the_page_for_people_tells_the_report(result: Path, report: dict[str, Any]) -> None:
    page = (result / "report.html").read_text()
    assert report["reason"].split(",")[0] in page
    assert 'class="skychart"' in page
    assert "Brightness" in page
    assert page.count("lights/") + page.count(".fits") >= 14


def test_the_guests_report_has_the_rounded_site_alone(result: Path, report: dict[str, Any]) -> None:
    """Field by field: what may leave, and at which precision."""
    text = (result / "guest.json").read_text()
    guest = json.loads(text)
    assert set(guest) == {
        "format", "version", "outcome", "simulated", "satellite", "site_name", "time_zone",
        "resolution", "camera", "trail_found", "lit_part_exposed", "proof", "quality", "frames",
        "pass", "shown", "captions", "crops", "missing",
    }  # fmt: skip
    assert set(guest["frames"][0]) == {"used", "exposure_s"}
    assert not {"lens", "light_curve", "reference_utc", "residuals_s", "exposure"} & set(guest)

    def walk(value: Any, key: str = "") -> None:
        if isinstance(value, dict):
            for name, item in value.items():
                walk(item, name)
        elif isinstance(value, list):
            for item in value:
                walk(item, key)
        elif isinstance(value, str) and (key == "utc" or key.endswith("_utc")):
            assert value.endswith(":00Z"), (key, value)
        elif isinstance(value, float | int) and key.endswith("_deg"):
            assert value == round(value), (key, value)
        elif isinstance(value, float | int) and key == "range_km":
            assert value % 10 == 0, (key, value)

    walk({**guest, "captions": None})
    # computed for the site on the grid, not rounded from the exact pass
    elements = parse_elements(
        (Path(__file__).parents[2] / "issgaze" / "data" / "iss_omm.json").read_bytes(), source="x"
    ).sets[0]
    site = Site(latitude_deg=49.0, longitude_deg=13.2, height_m=600.0)
    middle = parse_utc(report["pass"]["culmination"]["utc"])
    (there,) = find_passes(elements, site, later(middle, -600.0), later(middle, 600.0))
    assert guest["pass"]["culmination"]["altitude_deg"] == round(there.culmination.altitude_deg)
    assert guest["pass"]["rise"]["azimuth_deg"] == round(there.rise.azimuth_deg)
    # the picture's own words are those for guests
    with Image.open(result / "picture.jpg") as picture:
        exif = picture.getexif()
    assert 0x8825 not in exif
    assert exif[0x010E].split(".")[0] in guest["captions"]["en"]["caption"].replace("\u2032", "'")


def test_files_that_no_stack_made_are_not_replaced(
    night: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    light = str(min((night / "lights").iterdir()))
    own = tmp_path / "picture.jpg"
    own.write_bytes(b"of a birthday")
    assert main(["stack", light, "--out", str(tmp_path)]) == 2
    assert "picture.jpg in it is of no earlier stack and would be lost" in capsys.readouterr().err
    assert own.read_bytes() == b"of a birthday"
    assert [path.name for path in tmp_path.iterdir()] == ["picture.jpg"]


def test_every_product_but_texts_is_known_as_ours(result: Path, tmp_path: Path) -> None:
    """Each by itself, as the last that is left of a stack; lens.json may be its owner's."""
    for product in result.iterdir():
        alone = tmp_path / f"{product.name}-alone"
        alone.mkdir()
        shutil.copy(product, alone)
        if product.suffix == ".txt" or product.name == "lens.json":
            with pytest.raises(UsageError, match=f"{product.name} in it is of no earlier stack"):
                StackFolder(alone)
        else:
            StackFolder(alone)


def test_a_lens_of_the_owner_stays_and_is_asked_for(
    night: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lights = sorted((night / "lights").iterdir())[5:7]
    lens = tmp_path / "lens.json"
    own = json.dumps(json.loads((night / "lens.json").read_text()), indent=4)
    lens.write_text(own)
    given = ["stack", *map(str, lights), "--out", str(tmp_path), "--lens"]
    assert main(given[:-1]) == 2
    assert f"Use it: `--lens {lens}`" in capsys.readouterr().err
    assert main([*given, str(night / "lens.json")]) == 2, "another one would replace it"
    assert [path.name for path in tmp_path.iterdir()] == ["lens.json"], "before any work"
    capsys.readouterr()
    # as the remedy says, twice: the second time into a folder with products
    before = lens.stat()
    for _ in range(2):
        assert main([*given, str(lens)]) == 0
        assert "lens.json" not in capsys.readouterr().err
        assert (lens.read_text(), lens.stat()) == (own, before)
        assert json.loads((tmp_path / "report.json").read_text())["lens_file"] == "given"
    assert main(given[:-1]) == 2, "that products lie beside it makes it none of them"
    assert lens.read_text() == own


def test_a_lens_that_a_stack_made_is_replaced_unless_it_was_changed(
    night: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lights = sorted((night / "lights").iterdir())[5:7]
    words = stack(night, tmp_path, lights=lights)
    assert main(words) == 0
    capsys.readouterr()
    assert main(words) == 0
    err = capsys.readouterr().err
    assert "replaced" in err
    assert "removed" not in err
    made = json.loads((tmp_path / "lens.json").read_text())
    (tmp_path / "lens.json").write_text(json.dumps(made | {"focal_px": made["focal_px"] + 1.0}))
    assert main(words) == 2
    assert "lens.json in it is of no earlier stack" in capsys.readouterr().err


def test_a_pass_folder_is_not_stacked_into(
    night: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    light = str(min((night / "lights").iterdir()))
    (tmp_path / "plan.json").write_text("{}")
    assert main(["stack", light, "--out", str(tmp_path)]) == 2
    assert f"`issgaze develop {tmp_path}`" in capsys.readouterr().err


def test_a_stack_that_fails_says_of_nothing_that_it_is_replaced(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.fits").write_bytes(b"x")
    before = tmp_path / "report.json"
    before.write_text('{"format": "issgaze-report"}')
    assert main(["stack", str(tmp_path / "a.fits"), "--out", str(tmp_path)]) == 1
    assert "replaced" not in capsys.readouterr().err
    assert before.exists()


def test_lights_given_as_darks_are_refused_before_anything_is_written(
    night: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lights = [str(path) for path in sorted((night / "lights").iterdir())[:2]]
    out = tmp_path / "result"
    assert main(["stack", *lights, "--darks", *lights, "--out", str(out)]) == 1
    said = capsys.readouterr().err.splitlines()
    assert "--darks: none of 2 frames is a dark; 0001.fits: " in said[-2]
    assert "leave --darks out" in said[-1]
    assert not out.exists()
