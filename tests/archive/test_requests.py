"""Requests and answers through files."""

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from issgaze.archive.requests import answer_requests, ask
from issgaze.errors import DeviceError


def both(run: Path, handlers: dict[str, Any], what: str, **more: Any) -> dict[str, Any]:
    """Ask, with somebody answering whenever the asker waits."""
    return ask(
        run,
        what,
        pause=lambda _: answer_requests(run, handlers, now_s=time.time()),
        limit_s=1.0,
        **more,
    )


def test_a_request_is_carried_out_once_and_answered(tmp_path: Path) -> None:
    seen: list[Mapping[str, Any]] = []

    def handler(request: Mapping[str, Any]) -> dict[str, Any]:
        seen.append(request)
        return {"cover": "open"}

    assert both(tmp_path, {"roof": handler}, "roof.open", why="test")["cover"] == "open"
    assert seen == [{"what": "roof.open", "why": "test"}]
    assert not any((tmp_path / "requests").iterdir())
    assert not any((tmp_path / "answers").iterdir())


def test_a_refusal_comes_back_in_its_own_words(tmp_path: Path) -> None:
    def refuse(_: Mapping[str, Any]) -> dict[str, Any]:
        raise DeviceError("it rains", remedy="Wait.")

    with pytest.raises(DeviceError, match="it rains") as caught:
        both(tmp_path, {"roof": refuse}, "roof.open")
    assert caught.value.remedy == "Wait."


def test_without_anybody_there_is_no_answer_and_no_request_left(tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match=r"roof\.open: no answer within 1 s"):
        ask(tmp_path, "roof.open", limit_s=1.0, pause=lambda _: None)
    assert not any((tmp_path / "requests").iterdir())


def test_what_nobody_can_do_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match=r"tea: nobody here can do that, known: roof"):
        both(tmp_path, {"roof": dict}, "tea")


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b"\xff", b'{"what": 3}', b"[" * 5000])
def test_a_broken_request_is_answered_and_gone(tmp_path: Path, body: bytes) -> None:
    (tmp_path / "requests").mkdir()
    (tmp_path / "requests" / "x.json").write_bytes(body)
    said = answer_requests(tmp_path, {"roof": dict}, now_s=time.time())
    assert "nobody here can do that" in said[0]
    assert json.loads((tmp_path / "answers" / "x.json").read_text())["ok"] is False
    assert not any((tmp_path / "requests").iterdir())


def test_a_request_with_a_wrong_value_is_answered(tmp_path: Path) -> None:
    def heater(request: Mapping[str, Any]) -> dict[str, Any]:
        return {"duty": float(request["duty"])}

    with pytest.raises(DeviceError, match="the request makes no sense"):
        both(tmp_path, {"roof": heater}, "roof.heater", duty="much")


def test_a_request_of_yesterday_is_not_carried_out(tmp_path: Path) -> None:
    (tmp_path / "requests").mkdir()
    (tmp_path / "requests" / "x.json").write_text('{"what": "roof.open"}')
    assert answer_requests(tmp_path, {"roof": dict}, now_s=time.time() + 61.0) == []
    assert not any((tmp_path / "requests").iterdir())


def test_answers_that_nobody_fetched_are_swept_out(tmp_path: Path) -> None:
    (tmp_path / "answers").mkdir()
    (tmp_path / "answers" / "x.json").write_text("{}")
    answer_requests(tmp_path, {}, now_s=time.time() + 61.0)
    assert not any((tmp_path / "answers").iterdir())
