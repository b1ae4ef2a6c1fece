"""Mutated replies in every format: nothing crashes, and no line with a broken checksum enters."""

import json
import random
from pathlib import Path

import pytest

from issgaze.errors import ElementError
from issgaze.orbit.elements import ElementSet
from issgaze.orbit.formats import element_record, parse_elements

TLE = (
    "ISS (ZARYA)\r\n"
    "1 25544U 98067A   24130.36689744  .00016717  00000+0  27777-3 0  9993\r\n"
    "2 25544  51.6381 147.8590 0003466 150.4670 338.5502 15.51043222452558\r\n"
)


def checksum(line: str) -> int:
    return sum(int(c) if c.isdigit() else c == "-" for c in line[:68]) % 10


def whole(line: str) -> bool:
    return line[68:69].isdigit() and int(line[68]) == checksum(line)


def fixed(text: str) -> str:
    lines = text.splitlines()
    return "\r\n".join(
        line[:68] + str(checksum(line)) if line[:2] in {"1 ", "2 "} else line for line in lines
    )


def documents(iss: ElementSet) -> dict[str, str]:
    record = element_record(iss)
    keys = list(record)
    kvn = (
        "CCSDS_OMM_VERS = 2.0\nCENTER_NAME = EARTH\nREF_FRAME = TEME\nTIME_SYSTEM = UTC\n"
        + "".join(f"{key} = {record[key]}\n" for key in keys)
    )
    return {
        "tle": fixed(TLE),
        "json": json.dumps([record]),
        "csv": ",".join(keys) + "\n" + ",".join(str(record[key]) for key in keys) + "\n",
        "kvn": kvn,
        "xml": "<ndm><omm><body><segment><metadata>"
        + "".join(f"<{key}>{record[key]}</{key}>" for key in keys[:2])
        + "</metadata><data><meanElements>"
        + "".join(f"<{key}>{record[key]}</{key}>" for key in keys[2:9])
        + "</meanElements><tleParameters>"
        + "".join(f"<{key}>{record[key]}</{key}>" for key in keys[9:])
        + "</tleParameters></data></segment></body></omm></ndm>",
    }


def mutate(text: str, rng: random.Random) -> str:
    for _ in range(rng.choice((1, 1, 1, 2, 5))):
        place = rng.randrange(len(text))
        how = rng.randrange(6)
        if how == 0:
            text = (
                text[:place]
                + chr(rng.choice((0, 9, 10, 32, 45, 48, 57, 65, 233, 8364)))
                + text[place + 1 :]
            )
        elif how == 1:
            text = text[:place] + text[place + rng.randrange(1, 12) :]
        elif how == 2:
            text = text[:place] + text[max(0, place - 9) : place] + text[place:]
        elif how == 3:
            text = text[:place]
        elif how == 4:
            text = text[:place] + rng.choice("0123456789") + text[place + 1 :]
        else:
            text = (
                text[:place]
                + rng.choice(("NaN", "1e999", "-", '"', "<", "\n\n", "∞"))
                + text[place:]
            )
        if not text:
            return ""
    return text


def try_all(iss: ElementSet, count: int) -> int:
    rng = random.Random(17)
    read = 0
    for name, text in documents(iss).items():
        assert parse_elements(text.encode(), source=name).sets[0].norad_id == 25544, name
        for _ in range(count // 5):
            changed = mutate(text, rng)
            try:
                parsed = parse_elements(changed.encode(), source=name)
            except ElementError:
                continue
            for one in parsed.sets:
                read += 1
                assert 0 < one.norad_id <= 999_999_999
                assert 0.0 <= one.eccentricity < 1.0
            if name == "tle" and parsed.sets:
                lines = [line for line in changed.splitlines() if line[:2] in {"1 ", "2 "}]
                sound = [line for line in lines if len(line.rstrip()) == 69 and whole(line)]
                assert len(sound) >= 2 * len(parsed.sets), changed
    return read


def test_a_sample_of_mutations(iss: ElementSet) -> None:
    assert try_all(iss, 1500) > 100


@pytest.mark.long
def test_ten_thousand_mutations(iss: ElementSet) -> None:
    assert try_all(iss, 10_000) > 700


def test_the_file_that_ships_is_the_set_of_the_tests(iss: ElementSet) -> None:
    shipped = Path(__file__).parents[2] / "issgaze" / "data" / "iss_omm.json"
    (held,) = parse_elements(shipped.read_bytes(), source="").sets
    assert held.epoch == iss.epoch
    assert held.mean_anomaly_deg == iss.mean_anomaly_deg
