"""Addresses of the desks."""

from __future__ import annotations

from django.urls import path

from linli.desk.web import bench, browse, case, catalogue, drafts, home, intake, pictures, queue, townmap

app_name = "desk"
urlpatterns = [
    path("desk/", home.home, name="home"),
    path("desk/more/", home.more, name="more"),
    path("desk/messages/", home.read, name="messages-read"),
    path("desk/new/", intake.new, name="new"),
    path("desk/new/caller/", intake.caller, name="new-caller"),
    path("desk/map/", townmap.page, name="map"),
    path("desk/map/cases.geojson", townmap.cases, name="map-cases"),
    path("desk/map/units.geojson", townmap.units, name="map-units"),
    path("desk/map/places.geojson", townmap.places, name="map-places"),
    path("desk/search/", browse.search, name="search"),
    path("desk/catalogue/", catalogue.listed, name="catalogue"),
    path("desk/catalogue/versions/", catalogue.versions, name="catalogue-versions"),
    path("desk/catalogue/differences/", catalogue.difference, name="catalogue-diff"),
    path("desk/catalogue/excel/", catalogue.export, name="catalogue-export"),
    path("desk/catalogue/bench/", bench.bench, name="catalogue-bench"),
    path("desk/catalogue/drafts/", drafts.begin, name="catalogue-drafts"),
    path("desk/catalogue/drafts/<uuid:draft_id>/", drafts.draft, name="catalogue-draft"),
    path("desk/catalogue/drafts/<uuid:draft_id>/new/", drafts.new_kind, name="catalogue-draft-new"),
    path("desk/catalogue/drafts/<uuid:draft_id>/<str:code>/", drafts.change, name="catalogue-draft-kind"),
    path("desk/catalogue/<str:code>/", catalogue.kind, name="kind"),
    path("desk/units/<uuid:unit_id>/", browse.unit, name="unit"),
    path("desk/case/<uuid:case_id>/", case.page, name="case"),
    path("desk/case/<uuid:case_id>/move/<str:name>/", case.move, name="move"),
    path("desk/case/<uuid:case_id>/reporter/", case.reporter, name="reporter"),
    path("desk/filters/<uuid:filter_id>/drop/", queue.drop, name="filter-drop"),
    path("desk/<str:name>/", queue.queue, name="queue"),
    path("desk/<str:name>/filters/", queue.keep, name="filter-keep"),
    path("desk/<str:name>/fresh/", queue.fresh, name="fresh"),
    path("desk/<str:name>/bulk/<str:move>/", queue.bulk, name="bulk"),
    path("files/<uuid:file_id>/", pictures.picture, name="picture"),
    path("files/<uuid:file_id>/small/", pictures.picture, {"small": True}, name="picture-small"),
]
