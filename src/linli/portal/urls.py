"""Addresses of the residents' pages."""

from __future__ import annotations

from django.urls import path

from linli.portal.web import home, report, track

app_name = "portal"
urlpatterns = [
    path("", home.home, name="home"),
    path("me/", home.mine, name="mine"),
    path("report/", report.what, name="report"),
    path("report/where/", report.where, name="report-where"),
    path("report/kind/", report.kind, name="report-kind"),
    path("report/send/", report.send, name="report-send"),
    path("report/photo/<uuid:file_id>/", report.photo, name="report-photo"),
    path("t/", track.find, name="find"),
    path("t/<str:number>/<str:code>/", track.track, name="track"),
    path("t/<str:number>/<str:code>/rate/", track.rate, name="rate"),
    path("t/<str:number>/<str:code>/reopen/", track.reopen, name="reopen"),
    path("t/<str:number>/<str:code>/photo/<uuid:file_id>/", track.photo, name="track-photo"),
]
