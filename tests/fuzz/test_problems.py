"""Every operation of the JSON interface × what can be wrong with any request: always a problem document (RFC 9457)."""

from __future__ import annotations

import re
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen
from uuid import uuid4

import pytest
from django.test import Client

from linli.cases.tests import loop
from linli.kernel.errors import CODES
from linli.project.api import api
from tests.contracts.test_access import operations
from tests.fuzz.conftest import Served
from tests.world import Town

pytestmark = pytest.mark.django_db
OPERATIONS = sorted(operations())
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "X" * 40)
OPEN_TO_ALL = {  # what nobody has to sign in for
    "GET /api/v1/kinds", "GET /api/v1/kinds/{code}", "GET /api/v1/locate", "GET /api/v1/locate/address",
    "GET /api/v1/track/{number}", "GET /api/v1/units", "GET /api/v1/units.geojson", "GET /api/v1/units/{unit_id}",
    "POST /api/v1/cases", "POST /api/v1/files",
}  # fmt: skip


def path_of(operation: str) -> tuple[str, str]:
    method, _, template = operation.partition(" ")
    said = {"number": "20260310000001", "code": "E06010", "name": "accept"}
    return method, re.sub(r"{(\w+)}", lambda found: said.get(found[1]) or str(uuid4()), template)


def problem(answer: Any, *allowed: int) -> dict[str, Any]:
    assert answer.status_code in allowed, (answer.status_code, answer.content[:300])
    assert answer.headers["Content-Type"] == "application/problem+json"
    found: dict[str, Any] = answer.json()
    assert {"type", "title", "status", "code", "detail", "zh", "en"} <= found.keys()
    assert found["type"] == f"/problems/{found['code']}"
    assert CODES[found["code"]].status == found["status"] == answer.status_code
    return found


def takes_a_body(operation: str) -> bool:
    """Whether it reads what is sent with it; an operation that takes nothing answers whatever comes along."""
    method, _, template = operation.partition(" ")
    return "requestBody" in api.get_openapi_schema()["paths"][template][method.lower()]


@pytest.mark.parametrize(
    "operation", [each for each in OPERATIONS if each[:3] == "GET" or takes_a_body(each)]
)
def test_a_body_that_is_none_is_a_problem_document(operation: str, town: Town, client: Client) -> None:
    method, path = path_of(operation)
    if method == "GET":
        problem(client.get(f"{path}?q=%00"), 400)
        return
    clerk = loop.key_of(town, "shen")  # whom no door is shut before the body is read
    for body, kind in (
        (b"{", "application/json"),
        (b"[null, null]", "application/json"),
        (b"\xff", "text/plain"),
        (b"x", "multipart/form-data; boundary=x"),
    ):
        problem(client.generic(method, path, body, content_type=kind, headers=clerk), 400, 415, 422)
    large = b"[" * 2_500_000
    problem(client.generic(method, path, large, content_type="application/json", headers=clerk), 413, 422)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_wrong_method_is_a_problem_document_that_says_which_are_right(
    operation: str, town: Town, client: Client
) -> None:
    _, path = path_of(operation)
    right = {
        each.partition(" ")[0]
        for each in OPERATIONS
        if path_of(each)[1].split("/")[3:4] == path.split("/")[3:4]
    }
    for method in METHODS:
        if method in right:
            continue
        answer = client.generic(method, path)
        assert problem(answer, 405)["code"] == "method"
        assert answer.headers["Allow"]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_nobody_without_a_key_gets_at_what_is_not_open_to_all(
    operation: str, town: Town, client: Client
) -> None:
    method, path = path_of(operation)
    if operation in OPEN_TO_ALL:
        return
    for headers in ({}, {"Authorization": "Bearer lk_none"}):
        kind = "application/json"
        answer = client.generic(method, f"{path}?desk=receive", b"{}", content_type=kind, headers=headers)
        problem(answer, *((401,) if headers else (401, 404)))


@pytest.mark.parametrize(
    "path", ["/api/v1/", "/api/v1/nothing", "/api/v2/cases", "/api/v1/cases/x/moves/y/z"]
)
def test_an_address_that_is_none_is_a_problem_document(path: str, client: Client) -> None:
    problem(client.get(path), 404)
    problem(client.post(path, b"{", content_type="application/json"), 404)


def test_every_refusal_is_documented_with_its_shape() -> None:
    for path, item in api.get_openapi_schema()["paths"].items():
        for method, operation in item.items():
            refused = {
                int(status): said for status, said in operation["responses"].items() if int(status) >= 400
            }
            assert {400, 401, 403, 404, 405, 409, 413, 415, 422, 429} <= refused.keys(), (method, path)
            assert all(list(said["content"]) == ["application/problem+json"] for said in refused.values())


@pytest.mark.parametrize(
    "path",
    [
        "/static/../../../etc/passwd",
        "/static/%2e%2e/%2e%2e/pyproject.toml",
        "/static/..%2f..%2fsettings.py",
        "/files/../secrets/",
    ],
)
def test_no_path_leads_out_of_its_folder(path: str, served: Served) -> None:
    with pytest.raises(HTTPError) as refused:
        urlopen(served.url + path, timeout=60)
    with refused.value as answer:
        assert answer.code in {400, 404}
        said = answer.read()
    assert b"root:" not in said
    assert b"[project]" not in said


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "a b", "[::1", "127.0.0.1.evil.example", ""]
)
def test_a_request_for_another_host_is_refused_on_pages_and_interface(host: str, client: Client) -> None:
    for path in ("/", "/api/v1/units", "/t/1/2/"):
        answer = client.get(path, headers={"Host": host}, SERVER_NAME=host or "x")
        assert answer.status_code in {400, 404}, (path, answer.status_code)
        assert b"evil.example" not in answer.content


@pytest.mark.parametrize("path", ["/", "/t/", "/report/", "/desk/", "/api/v1/units", "/me/", "/me/phone/"])
def test_head_and_options_are_answered(path: str, town: Town, client: Client) -> None:
    head = client.head(path)
    assert head.status_code in {200, 302, 405}
    assert head.content == b"" or head.status_code == 405
    assert client.options(path).status_code < 500
