"""Addresses of responsibility."""

from __future__ import annotations

from django.urls import path

from linli.responsibility.web import advisers, chiefs, duties, findings, matrix, proposals, sheets, squads

app_name = "responsibility"
urlpatterns = [
    path("desk/responsibility/", matrix.page, name="matrix"),
    path("desk/responsibility/cell/", matrix.cell, name="cell"),
    path("desk/responsibility/export/", matrix.export, name="export"),
    path("desk/responsibility/send/", proposals.send, name="send"),
    path("desk/responsibility/proposals/<uuid:proposal_id>/", proposals.proposal, name="proposal"),
    path("desk/responsibility/proposals/<uuid:proposal_id>/what-if/", proposals.what_if, name="what-if"),
    path("desk/responsibility/findings/", findings.page, name="findings"),
    path("desk/responsibility/findings/units.geojson", findings.on_map, name="map"),
    path("desk/responsibility/duties/", duties.page, name="duties"),
    path("desk/responsibility/duties/row/", duties.row, name="duty"),
    path("desk/responsibility/duties/export/", duties.export, name="duties-export"),
    path("desk/responsibility/sheets/", sheets.page, name="sheets"),
    path("desk/responsibility/sheets/<uuid:unit_id>/<int:year>/four.pdf", sheets.pdf, name="sheets-pdf"),
    path("desk/responsibility/sheets/<uuid:unit_id>/<int:year>/four.docx", sheets.word, name="sheets-word"),
    path("desk/responsibility/chiefs/", chiefs.page, name="chiefs"),
    path("desk/responsibility/chiefs/<uuid:place_id>/", chiefs.place, name="chief"),
    path("desk/responsibility/advisers/", advisers.page, name="advisers"),
    path("desk/responsibility/advisers/export/", advisers.export, name="advisers-export"),
    path("desk/responsibility/advisers/new/", advisers.new, name="contract-new"),
    path("desk/responsibility/advisers/<uuid:contract_id>/", advisers.contract, name="contract"),
    path("desk/responsibility/squads/", squads.index, name="squads"),
    path("desk/responsibility/squads/new/", squads.new, name="squad-new"),
    path("desk/responsibility/squads/<uuid:squad_id>/", squads.squad, name="squad"),
    path("desk/squad/", squads.mine, name="squad-mine"),
    path("desk/squad/<uuid:squad_id>/<uuid:case_id>/", squads.claim, name="squad-claim"),
]
