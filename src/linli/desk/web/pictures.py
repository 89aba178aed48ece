"""Stored pictures, for whoever may see them."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from linli.cases import queries
from linli.kernel import files
from linli.people import queries as people


@require_safe
def picture(request: HttpRequest, file_id: UUID, small: bool = False) -> HttpResponse:
    """The picture, or its small copy."""
    actor = people.actor_of(request)
    file = queries.file_for(actor, file_id, session=request.session.session_key or "")
    etag = f'"{file.sha256[:32]}{"-s" if small else ""}"'
    known = get_conditional_response(request, etag=etag)
    if known is not None and known.status_code == 304:
        return _private(known, etag)
    with files.open_file(file.id, thumbnail=small) as stream:
        answer = HttpResponse(stream.read(), content_type=file.media_type)
    answer.headers["Content-Disposition"] = f'inline; filename="{file.id}.jpg"'
    return _private(answer, etag)


def _private(answer: HttpResponse, etag: str) -> HttpResponse:
    """A picture never changes under its id; only this reader's browser may keep it."""
    answer.headers["ETag"] = etag
    answer.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer
