"""Addresses of intake."""

from __future__ import annotations

from django.urls import URLPattern, path

from linli.intake.web import batches, resembling, suggestions

app_name = "intake"
urlpatterns: list[URLPattern] = [
    path("desk/suggest/", suggestions.suggest, name="suggest"),
    path("desk/suggestions/", suggestions.page, name="suggestions"),
    path("desk/similar/", resembling.similar, name="similar"),
    path("desk/recurring/", resembling.recurring, name="recurring"),
    path("desk/batches/", batches.batches, name="batches"),
    path("desk/batches/<uuid:batch_id>/", batches.batch, name="batch"),
    path("desk/batches/<uuid:batch_id>/columns/", batches.columns, name="batch-columns"),
    path("desk/batches/<uuid:batch_id>/kinds/", batches.kinds, name="batch-kinds"),
    path("desk/batches/<uuid:batch_id>/take/", batches.take, name="batch-take"),
    path("desk/batches/<uuid:batch_id>/stop/", batches.stop, name="batch-stop"),
    path("desk/batches/<uuid:batch_id>/drop/", batches.drop, name="batch-drop"),
    path("desk/batches/<uuid:batch_id>/progress/", batches.progress, name="batch-progress"),
    path("desk/batches/<uuid:batch_id>/result.csv", batches.result_csv, name="batch-result-csv"),
    path("desk/batches/<uuid:batch_id>/result.xlsx", batches.result_xlsx, name="batch-result"),
    path("desk/batches/<uuid:batch_id>/replies.csv", batches.replies_csv, name="batch-replies-csv"),
    path("desk/batches/<uuid:batch_id>/replies.xlsx", batches.replies_xlsx, name="batch-replies"),
]
