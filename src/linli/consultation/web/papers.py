"""Pictures that the asker chose, and documents: for those to whom the consultation is anything."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST, require_safe

from linli.consultation import actions, documents, queries
from linli.consultation.web.common import private, staff
from linli.kernel import clock, files
from linli.kernel.errors import NOT_FOUND, Problem


@require_safe
def picture(request: HttpRequest, consultation_id: UUID, file_id: UUID, small: bool = False) -> HttpResponse:
    """A chosen picture, or its small copy. Not kept by the browser: the right to see it ends on a day."""
    chosen = queries.picture_for(staff(request), consultation_id, file_id, clock.now())
    with files.open_file(chosen, thumbnail=small) as stream:
        answer = HttpResponse(stream.read(), content_type="image/jpeg")
    answer.headers["Content-Disposition"] = f'inline; filename="{chosen}.jpg"'
    return _plain(answer)


@require_POST
def document(request: HttpRequest, consultation_id: UUID, document_id: UUID) -> HttpResponse:
    """A document as a download that no browser interprets; taking a confidential one goes on record."""
    found = actions.take_document(document_id, by=staff(request), at=clock.now())
    if found.consultation_id != consultation_id:
        raise Problem(NOT_FOUND)
    answer = HttpResponse(documents.path_of(found.sha256).read_bytes(), content_type="application/pdf")
    answer.headers["Content-Disposition"] = content_disposition_header(True, found.name) or "attachment"
    return _plain(answer)


def _plain(answer: HttpResponse) -> HttpResponse:
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return private(answer)
