from django.urls import path, re_path

from apps.cadres.views import codes, editing, family, listing, merging, notes, person, statistics, transfers

app_name = "cadres"
ROW = r"^(?P<pk>\d+)/(?P<kind>relative|survivor|treatment)/"
urlpatterns = [
    path("", listing.index, name="list"),
    path("export/", listing.export_list, name="export"),
    path("annual/", statistics.annual_table, name="annual"),
    path("annual/xlsx/", statistics.annual_workbook, name="annual_workbook"),
    path("annual/ledger/", statistics.population_ledger, name="ledger"),
    path("annual/ledger/xlsx/", statistics.ledger_workbook, name="ledger_workbook"),
    path("annual/differences/", statistics.difference, name="differences"),
    path("new/", editing.create, name="create"),
    path("codes/", codes.index, name="codes"),
    path("codes/<slug:table>/new/", codes.add, name="code_add"),
    path("codes/<int:pk>/", codes.edit, name="code"),
    path("duplicates/", merging.duplicates, name="duplicates"),
    path("merges/<int:pk>/", merging.record, name="merge_record"),
    path("<int:pk>/merge/", merging.choose, name="merge_choose"),
    path("<int:pk>/merge/<int:other>/", merging.merge, name="merge"),
    path("transfers/", transfers.index, name="transfers"),
    path("transfers/new/", transfers.ask, name="transfer_new"),
    path("transfers/<int:pk>/", transfers.detail, name="transfer"),
    path("transfers/rows/<int:pk>/", transfers.rows, name="transfer_rows"),
    path("transfers/rows/<int:pk>/recheck/", transfers.recheck, name="transfer_recheck"),
    path("<int:pk>/", person.detail, name="detail"),
    path("<int:pk>/edit/", editing.edit, name="edit"),
    path("<int:pk>/notes/", notes.edit, name="notes"),
    path("<int:pk>/reveal/", person.reveal, name="reveal"),
    path("<int:pk>/card/", person.card, name="card"),
    path("<int:pk>/change/<slug:kind>/", editing.change, name="change"),
    re_path(ROW + r"$", family.save, name="row_add"),
    re_path(ROW + r"(?P<key>\d+)/$", family.save, name="row"),
    re_path(r"^(?P<pk>\d+)/(?P<kind>relative|treatment)/(?P<key>\d+)/remove/$", family.remove, name="row_remove"),
    path("<int:pk>/files/", family.upload, name="upload"),
    path("<int:pk>/files/<uuid:key>/remove/", family.remove_document, name="document_remove"),
]
