"""Requests and answers: in order, once, and never in the way."""

import os
import threading
import time
from pathlib import Path

import pytest

from issgaze.archive.requests import Requests
from issgaze.errors import ConfigurationError, DeviceError
from issgaze.service.desk import Desk


def test_a_request_is_done_once_and_answered(tmp_path: Path) -> None:
    requests = Requests(tmp_path)
    asked = requests.ask("skip", pass_id="x")
    requests.ask("other")
    done: list[object] = []
    desk = Desk(Requests(tmp_path), {"skip": lambda facts: done.append(facts["pass_id"]) or "yes"})
    desk.look()
    assert done == ["x"]
    answer = requests.wait(asked, timeout_s=0.0)
    assert (answer["done"], answer["message"]) == (True, "yes")
    assert [one.kind for one in requests.pending({"skip", "other"})] == ["other"]
    assert not list((tmp_path / "answers").glob("*.json"))


def test_what_cannot_be_done_is_said_with_its_remedy(tmp_path: Path) -> None:
    requests = Requests(tmp_path)

    def refuse(_facts: object) -> str:
        raise ConfigurationError("no", remedy="Mend it.")

    asked = requests.ask("reload")
    Desk(requests, {"reload": refuse}).look()
    answer = requests.wait(asked, timeout_s=0.0)
    assert (answer["done"], answer["message"], answer["remedy"]) == (False, "no", "Mend it.")


def test_requests_are_done_in_the_order_they_came(tmp_path: Path) -> None:
    requests = Requests(tmp_path)
    order: list[int] = []
    for number in range(20):
        requests.ask("n", number=number)
    Desk(requests, {"n": lambda facts: order.append(facts["number"]) or ""}).look()
    assert order == list(range(20))


def test_nobody_there_is_said_and_the_request_taken_back(tmp_path: Path) -> None:
    requests = Requests(tmp_path)
    with pytest.raises(DeviceError, match="no answer within 0 s") as caught:
        requests.wait(requests.ask("reload"), timeout_s=0.0)
    assert "systemctl start issgaze-observe" in caught.value.remedy
    assert requests.pending({"reload"}) == []


def test_rubbish_in_the_folder_is_cleared_and_old_answers_go(tmp_path: Path) -> None:
    requests = Requests(tmp_path)
    asked = requests.ask("n")
    (tmp_path / "requests" / "0.json").write_text("[1]")
    (tmp_path / "requests" / "1.json").write_text("{torn")
    old = tmp_path / "answers" / "old.json"
    old.parent.mkdir()
    old.write_text("{}")
    os.utime(old, (time.time() - 3600, time.time() - 3600))
    Desk(requests, {"n": lambda _: ""}).look()
    assert not old.exists()
    assert [path.name for path in (tmp_path / "requests").iterdir()] == []
    assert requests.wait(asked, timeout_s=0.0)["done"] is True


def test_the_desk_looks_four_times_a_second_at_most(tmp_path: Path) -> None:
    requests = Requests(tmp_path)
    now = [0.0]
    done: list[int] = []
    desk = Desk(requests, {"n": lambda _: done.append(1) or ""}, monotonic_s=lambda: now[0])
    desk.look()
    requests.ask("n")
    desk.look()
    assert not done
    now[0] = 0.3
    desk.look()
    assert done == [1]


def test_a_handler_that_waits_is_not_entered_again(tmp_path: Path) -> None:
    requests = Requests(tmp_path)
    now = [0.0]
    depth: list[int] = []

    def handler(_facts: object) -> str:
        depth.append(1)
        now[0] += 10.0
        desk.look()
        return ""

    desk = Desk(requests, {"n": handler}, monotonic_s=lambda: now[0])
    requests.ask("n")
    desk.look()
    assert depth == [1]


def test_an_answer_comes_while_one_waits(tmp_path: Path) -> None:
    requests = Requests(tmp_path)
    asked = requests.ask("n")
    desk = Desk(requests, {"n": lambda _: "there"})
    worker = threading.Thread(target=desk.look)
    worker.start()
    assert requests.wait(asked, timeout_s=5.0)["message"] == "there"
    worker.join()
