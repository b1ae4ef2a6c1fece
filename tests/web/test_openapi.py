"""openapi.yaml says what the routes do: every route is in it, and what it promises is kept."""

import json
import re
from typing import Any

import pytest
import schemathesis
import yaml
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import CHECKS

from issgaze.archive.layout import Archive
from issgaze.archive.status import write_status
from issgaze.web.app import build_app
from tests.web.browser import Browser
from tests.web.conftest import picture_in, status

_MOST = 12


def description(browser: Browser) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(browser.get("/openapi.yaml").text)
    return document


def test_every_route_is_described_and_nothing_else(archive: Archive) -> None:
    app = build_app(archive)
    routes = {
        (re.sub(r"<(\w+)>", "{}", route.rule), route.method)
        for route in app.application.routes
        if not route.rule.startswith("/static/")
    }
    described = {
        (re.sub(r"\{\w+\}", "{}", path), method.upper())
        for path, methods in description(Browser(app))["paths"].items()
        for method in methods
    }
    assert described == routes


def _real(archive: Archive) -> None:
    write_status(archive.run, status())
    picture_in(archive)


@pytest.fixture
def schema(archive: Archive) -> Any:
    _real(archive)
    app = build_app(archive)
    loaded = schemathesis.openapi.from_wsgi("/openapi.yaml", app)
    loaded.config.generation.update(max_examples=_MOST)
    return loaded


_LEFT_OUT = {
    # a stream never ends; these wait for a program that does not run here
    "/api/events", "/lens/mask", "/focus", "/passes/{id}/star",
}  # fmt: skip


def test_what_is_promised_is_kept(schema: Any) -> None:
    checks = [CHECKS.get_one(name) for name in (
        "not_a_server_error", "status_code_conformance", "content_type_conformance",
        "response_schema_conformance",
    )]  # fmt: skip
    tried = 0
    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.path in _LEFT_OUT:
            continue

        @settings(
            max_examples=_MOST,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
            deadline=None,
        )
        @given(case=operation.as_strategy())
        def attempt(case: Any) -> None:
            nonlocal tried
            tried += 1
            response = case.call(headers={"Accept-Encoding": "identity"})
            case.validate_response(response, checks=checks)

        attempt()
    assert tried > 100


def test_the_documents_are_those_of_the_commands(archive: Archive) -> None:
    browser = Browser(build_app(archive))
    picture_in(archive)
    assert json.loads(browser.get("/api/status").text)["state"] == "waiting"
    assert json.loads(browser.get("/api/passes").text) == json.loads(
        archive.predictions.read_text()
    )
    ledger = json.loads(browser.get("/api/ledger").text)
    assert ledger["by_outcome"]["caught"] == 1
