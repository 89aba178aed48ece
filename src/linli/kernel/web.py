"""Refusals as problem documents (RFC 9457) or pages: one place for all of them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import (
    BadRequest,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
)
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render

from linli.kernel import rulebook
from linli.kernel.errors import (
    INTERNAL,
    INVALID,
    MALFORMED,
    METHOD,
    NOT_ALLOWED,
    NOT_FOUND,
    TOO_LARGE,
    Problem,
)
from linli.kernel.text import Text

log = logging.getLogger("linli.web")
FIELDS_SHOWN = 50
RETRY_AFTER = 60
PROBLEM_JSON = "application/problem+json"


def document(problem: Problem) -> dict[str, Any]:
    """The problem as RFC 9457 members, with `code`, both languages, and the fields that are wrong."""
    title, hint = problem.title, problem.error.hint
    body: dict[str, Any] = {
        "type": f"/problems/{problem.error.code}",
        "title": str(title),
        "status": problem.error.status,
        "code": problem.error.code,
        "detail": str(hint),
        "zh": {"title": title.zh, "detail": hint.zh},
        "en": {"title": title.en, "detail": hint.en},
    }
    if problem.fields:
        shown = list(problem.fields.items())[:FIELDS_SHOWN]
        body["fields"] = {name: {"zh": text.zh, "en": text.en} for name, text in shown}
    return body


def as_json(problem: Problem) -> HttpResponse:
    """The answer of an API endpoint."""
    response = JsonResponse(document(problem), status=problem.error.status, content_type=PROBLEM_JSON)
    _headers(response, problem)
    return response


def answer(request: HttpRequest, problem: Problem) -> HttpResponse:
    """The problem in the form that the caller reads: JSON under /api/ or when asked for, else a page."""
    wants_json = request.path.startswith("/api/") or "json" in request.headers.get("Accept", "")
    if wants_json or request.headers.get("HX-Request") == "true":
        return as_json(problem)
    context = {"problem": document(problem), "error": problem.error, "title_text": str(problem.title)}
    response = render(request, "ui/problem.html", context, status=problem.error.status)
    _headers(response, problem)
    return response


def _headers(response: HttpResponse, problem: Problem) -> None:
    if problem.error.status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="linli"'
    if problem.error.status == 429:
        response.headers["Retry-After"] = str(problem.params.get("seconds", RETRY_AFTER))


def problem_of(error: Exception) -> Problem | None:
    """The problem that one of Django's own refusals amounts to; None for a fault of ours."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, Http404):
        return Problem(NOT_FOUND)
    if isinstance(error, PermissionDenied):
        return Problem(NOT_ALLOWED)
    if isinstance(error, RequestDataTooBig | TooManyFieldsSent):
        return Problem(TOO_LARGE)
    if isinstance(error, SuspiciousOperation | BadRequest | MultiPartParserError | UnicodeError):
        return Problem(MALFORMED)
    return None


def invalid(**fields: Text) -> Problem:
    """A 422 that says which fields are wrong and why."""
    return Problem(INVALID, fields=fields)


class ClientAddressMiddleware:
    """Takes the caller's address from X-Forwarded-For, but only from a proxy that the settings name.

    Otherwise anybody could write the header and walk around every bound on an address.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.proxies = frozenset(settings.TRUSTED_PROXIES)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request; REMOTE_ADDR is the last address before our own proxies."""
        if request.META.get("REMOTE_ADDR") in self.proxies:
            hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",")]
            outside = [hop for hop in hops if hop and hop not in self.proxies]
            if outside:
                request.META["REMOTE_ADDR"] = outside[-1]
        return self.get_response(request)


def _most_bytes() -> int:
    """What the largest form may send: its words, and pictures before and after."""
    table = rulebook.table("files")
    pictures: int = 2 * table["count"]["per_matter"] * table["picture"]["max_bytes"]
    return pictures + int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)


class ProblemMiddleware:
    """Turns what a view raises into its answer; an unforeseen fault is logged and answered kindly."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request; an address or a query with a NUL character is malformed, and a body larger than
        any form of ours is refused before it is read."""
        if "%00" in request.META.get("QUERY_STRING", "") or "\x00" in request.path:
            return answer(request, Problem(MALFORMED))
        length = request.META.get("CONTENT_LENGTH") or ""
        if length.isascii() and length.isdigit() and int(length) > _most_bytes():
            return answer(request, Problem(TOO_LARGE))
        response = self.get_response(request)
        if response.status_code == 405 and response.get("Content-Type") != PROBLEM_JSON:
            said = answer(request, Problem(METHOD))
            said.headers["Allow"] = response.headers.get("Allow", "")
            return said
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse:
        """Answer what a view raised."""
        problem = problem_of(exception)
        if problem is None:
            log.error("fault at %s %s", request.method, request.path, exc_info=exception)
            problem = Problem(INTERNAL)
        return answer(request, problem)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django's handler404."""
    return answer(request, Problem(NOT_FOUND))


def refused(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django's handler403."""
    return answer(request, Problem(NOT_ALLOWED))


def malformed(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django's handler400, which also answers a request that is too large."""
    return answer(request, problem_of(exception) or Problem(MALFORMED) if exception else Problem(MALFORMED))


def fault(request: HttpRequest) -> HttpResponse:
    """Django's handler500."""
    return answer(request, Problem(INTERNAL))
