"""Addresses of joint."""

from __future__ import annotations

from django.urls import path

from linli.joint.web import lists, meetings, parts, spot, whistles

app_name = "joint"
urlpatterns = [
    path("desk/whistles/", whistles.index, name="whistles"),
    path("desk/whistles/on/<uuid:case_id>/", whistles.new, name="new"),
    path("desk/whistles/lists/", lists.of_unit, name="unit-lists"),
    path("desk/whistles/lists.xlsx", lists.file_of_unit, name="unit-lists-file"),
    path("desk/whistles/meetings/<uuid:meeting_id>/", meetings.page, name="meeting"),
    path("desk/whistles/<uuid:whistle_id>/", whistles.page, name="whistle"),
    path("desk/whistles/<uuid:whistle_id>/code/", spot.board, name="board"),
    path("desk/whistles/<uuid:whistle_id>/report-in/", spot.report_in, name="report-in"),
    path("desk/whistles/<uuid:whistle_id>/meetings/", meetings.new, name="meeting-new"),
    path("desk/whistles/<uuid:whistle_id>/lists/", lists.of_one, name="lists"),
    path("desk/whistles/<uuid:whistle_id>/lists.xlsx", lists.file_of_one, name="lists-file"),
    path("desk/parts/", parts.mine, name="mine"),
    path("desk/parts/figures/", parts.figures, name="figures"),
    path("desk/parts/<uuid:part_id>/", parts.page, name="part"),
]
