"""The JSON interface: one document, problem answers everywhere, a body that cannot break the parser."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.parser import Parser as NinjaParser

from linli import __version__
from linli.cases.api import router as cases
from linli.consultation.api.operations import router as consultations
from linli.followup.api.calls import router as calls
from linli.followup.api.draws import router as draws
from linli.followup.api.exclusions import router as exclusions
from linli.followup.api.rates import router as rates
from linli.joint.api.parts import router as parts
from linli.joint.api.whistles import router as whistles
from linli.kernel.errors import INVALID, MALFORMED, NOT_ALLOWED, NOT_SIGNED_IN, Problem
from linli.kernel.text import Text
from linli.kernel.web import answer, problem_of
from linli.territory.api import router as territory

PROBLEM_JSON = "application/problem+json"


class Parser(NinjaParser):
    """Bodies as UTF-8 JSON; too deep, malformed, or with text that no database takes is refused with 400."""

    def parse_body(self, request: HttpRequest) -> Any:
        """The decoded body."""
        try:
            body = json.loads(request.body)
        except (ValueError, RecursionError):
            raise Problem(MALFORMED) from None
        if b"\\u" in request.body and not _writable(body):
            raise Problem(MALFORMED)
        return body


def _writable(value: Any) -> bool:
    """Whether every text can be stored: no NUL character, no half of a surrogate pair."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            if "\x00" in each or any("\ud800" <= c <= "\udfff" for c in each):
                return False
        elif isinstance(each, dict):
            waiting += [*each.keys(), *each.values()]
        elif isinstance(each, list):
            waiting += each
    return True


class Api(NinjaAPI):
    """NinjaAPI whose refusals are documented as what they are: problem documents."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._documents: dict[str, Any] = {}

    def get_openapi_schema(self, **kwargs: Any) -> Any:
        """The OpenAPI document, with every 4xx as application/problem+json. Made once a process: it takes more than a
        second, and anybody may ask for it."""
        asked = repr(sorted(kwargs.items()))
        if asked not in self._documents:
            self._documents[asked] = self._written(**kwargs)
        return self._documents[asked]

    def _written(self, **kwargs: Any) -> Any:
        schema = super().get_openapi_schema(**kwargs)
        for path in schema["paths"].values():
            for operation in path.values():
                for status, response in operation.get("responses", {}).items():
                    content = response.get("content", {})
                    if int(status) >= 400 and "application/json" in content:
                        response["content"] = {PROBLEM_JSON: content["application/json"]}
        return schema


api = Api(title="Linli", version=__version__, parser=Parser(), docs_url=None, urls_namespace="api")
for _router in (cases, territory, parts, whistles, consultations, calls, rates, exclusions, draws):
    api.add_router("/", _router)


@api.exception_handler(Problem)
def _problem(request: HttpRequest, error: Problem) -> HttpResponse:
    return answer(request, error)


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    fields: dict[str, Text] = {}
    for each in error.errors:
        place = ".".join(
            str(part) for part in each["loc"] if part not in {"body", "query", "path", "data", "form"}
        )
        fields[place or "body"] = Text(f"格式不正确({each['type']})", str(each["msg"]))
    return answer(request, Problem(INVALID, fields=fields))


@api.exception_handler(AuthenticationError)
def _unknown(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return answer(request, Problem(NOT_SIGNED_IN))


@api.exception_handler(HttpError)
def _http(request: HttpRequest, error: HttpError) -> HttpResponse:
    code = NOT_ALLOWED if error.status_code == 403 else MALFORMED
    return answer(request, Problem(code))


@api.exception_handler(Exception)
def _other(request: HttpRequest, error: Exception) -> HttpResponse:
    problem = problem_of(error)
    if problem is None:
        raise error
    return answer(request, problem)
