"""Addresses of following up."""

from __future__ import annotations

from django.urls import path

from linli.followup.web import calling, drawing, exclusions, rates

app_name = "followup"
urlpatterns = [
    path("desk/followup/", calling.calls, name="calls"),
    path("desk/followup/next/", calling.take_next, name="take-next"),
    path("desk/followup/call/<uuid:case_id>/", calling.call, name="call"),
    path("desk/followup/call/<uuid:case_id>/take/", calling.take, name="take"),
    path("desk/followup/call/<uuid:case_id>/number/", calling.number, name="number"),
    path("desk/followup/call/<uuid:case_id>/back/", calling.back, name="back"),
    path("desk/followup/call/<uuid:case_id>/welcome/", calling.welcome, name="welcome"),
    path("desk/followup/rates/", rates.rates, name="rates"),
    path("desk/followup/rates/cases/", rates.behind, name="rates-cases"),
    path("desk/followup/rates/rates.xlsx", rates.sheet, name="rates-sheet"),
    path("desk/followup/exclusions/", exclusions.exclusions, name="exclusions"),
    path("desk/followup/exclusions/new/<uuid:case_id>/", exclusions.new, name="exclusion-new"),
    path("desk/followup/exclusions/<uuid:exclusion_id>/", exclusions.exclusion, name="exclusion"),
    path("desk/followup/draws/", drawing.draws, name="draws"),
    path("desk/followup/draws/<uuid:draw_id>/", drawing.draw, name="draw"),
    path("desk/followup/draws/<uuid:draw_id>/draw/", drawing.reveal, name="draw-reveal"),
    path("desk/followup/draws/<uuid:draw_id>/draw.json", drawing.published, name="draw-json"),
    path("desk/followup/inspections/", drawing.inspections, name="inspections"),
    path("desk/followup/inspections/<uuid:inspection_id>/", drawing.inspection, name="inspection"),
    path("desk/followup/inspections/<uuid:inspection_id>/take/", drawing.take, name="inspection-take"),
    path("desk/followup/inspections/<uuid:inspection_id>/reopen/", drawing.reopen, name="inspection-reopen"),
    path(
        "desk/followup/inspections/<uuid:inspection_id>/<uuid:file_id>/",
        drawing.picture,
        name="inspection-picture",
    ),
]
