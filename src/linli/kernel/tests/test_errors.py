"""Every way to be refused has a stable code, a status, and words in both languages that say what to do."""

from __future__ import annotations

import re

import pytest
from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation, TooManyFieldsSent
from django.http import Http404
from django.test import RequestFactory
from django.utils import translation

from linli.kernel import errors, web
from linli.kernel.errors import CODES, Problem, declare
from linli.kernel.text import Text

STATUSES = {400, 401, 403, 404, 405, 409, 410, 413, 415, 422, 429, 500, 503}


@pytest.mark.parametrize("code", sorted(CODES))
def test_a_code_is_stable_and_says_in_both_languages_what_happened_and_what_to_do(code: str) -> None:
    error = CODES[code]
    assert re.fullmatch(r"([a-z]+\.)?[a-z]+(-[a-z]+)*", code)
    assert error.status in STATUSES
    for text in (error.title, error.hint):
        assert re.search(r"[\u4e00-\u9fff]", text.zh)
        assert re.search(r"[A-Za-z]", text.en)
        assert not re.search(r"[\u4e00-\u9fff]", text.en)


def test_a_code_is_declared_once() -> None:
    with pytest.raises(ValueError, match="declared twice"):
        declare("not-found", 404, Text("无", "none"), Text("无", "none"))


def test_the_document_is_of_the_readers_language_and_holds_both() -> None:
    problem = Problem(errors.INVALID, fields={"text": Text("请填写", "Fill this in")})
    with translation.override("en"):
        found = web.document(problem)
    assert (found["type"], found["title"], found["status"]) == (
        "/problems/invalid",
        "Something needs to be corrected",
        422,
    )
    assert found["zh"]["title"] == "有内容需要更正"
    assert found["fields"] == {"text": {"zh": "请填写", "en": "Fill this in"}}


def test_a_flood_of_wrong_fields_does_not_become_a_flood_of_an_answer() -> None:
    fields = {f"f{n}": Text("错", "wrong") for n in range(5000)}
    assert len(web.document(Problem(errors.INVALID, fields=fields))["fields"]) == web.FIELDS_SHOWN


@pytest.mark.parametrize(
    ("raised", "code"),
    [
        (Http404(), "not-found"), (PermissionDenied(), "not-allowed"), (SuspiciousOperation(), "malformed"),
        (TooManyFieldsSent(), "too-large"), (BadRequest(), "malformed"), (UnicodeError(), "malformed"),
    ],
)  # fmt: skip
def test_what_django_refuses_has_a_code_too(raised: Exception, code: str) -> None:
    found = web.problem_of(raised)
    assert found is not None
    assert found.error.code == code


def test_a_fault_of_ours_is_no_refusal_of_theirs_and_tells_nothing_of_itself(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert web.problem_of(ZeroDivisionError("secret")) is None
    request = RequestFactory().get("/api/v1/x")
    answer = web.ProblemMiddleware(lambda _: None).process_exception(request, ZeroDivisionError("secret"))
    assert answer.status_code == 500
    assert b"secret" not in answer.content
    assert "secret" in caplog.text


def test_a_held_up_caller_hears_when_and_a_stranger_how() -> None:
    assert web.as_json(Problem(errors.TOO_MANY)).headers["Retry-After"] == "60"
    assert web.as_json(Problem(errors.NOT_SIGNED_IN)).headers["WWW-Authenticate"].startswith("Bearer")
