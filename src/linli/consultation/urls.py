"""Addresses of judging hard cases."""

from __future__ import annotations

from django.urls import path

from linli.consultation.web import asking, consulting, dossiers, lists, papers

app_name = "consultation"
urlpatterns = [
    path("desk/consultations/", lists.listed, name="list"),
    path("desk/consultations/ask/<uuid:case_id>/", asking.ask, name="ask"),
    path("desk/consultations/hand-up/<uuid:case_id>/", dossiers.hand_up, name="hand-up"),
    path("desk/consultations/dossiers/<uuid:dossier_id>/", dossiers.dossier, name="dossier"),
    path("desk/consultations/<uuid:consultation_id>/", consulting.page, name="page"),
    path(
        "desk/consultations/<uuid:consultation_id>/opinions/<uuid:opinion_id>/",
        consulting.opinion,
        name="opinion",
    ),
    path(
        "desk/consultations/<uuid:consultation_id>/documents/<uuid:document_id>/",
        papers.document,
        name="document",
    ),
    path(
        "desk/consultations/<uuid:consultation_id>/pictures/<uuid:file_id>/", papers.picture, name="picture"
    ),
    path(
        "desk/consultations/<uuid:consultation_id>/pictures/<uuid:file_id>/small/",
        papers.picture,
        {"small": True},
        name="picture-small",
    ),
]
