from django.urls import path

from apps.files.views import batches, columns, copies, downloads, exports, imports, judging, passwords, reports, undoing

app_name = "files"
urlpatterns = [
    path("stored/<uuid:key>/", downloads.download, name="download"),
    path("imports/", batches.batches, name="batches"),
    path("imports/new/", imports.upload, name="upload"),
    path("imports/review/", judging.queue, name="reviews"),
    path("imports/<int:pk>/review/", judging.judge, name="judge"),
    path("imports/<int:pk>/review/all/", judging.judge_all, name="judge_all"),
    path("imports/<int:pk>/review/again/", judging.judge_again, name="judge_again"),
    path("imports/template/<slug:kind>/", imports.blank_template, name="template"),
    path("imports/columns/", columns.memories, name="memories"),
    path("imports/columns/<int:pk>/forget/", columns.forget, name="memory_forget"),
    path("imports/<int:pk>/", imports.batch, name="batch"),
    path("imports/<int:pk>/progress/", imports.progress, name="progress"),
    path("imports/<int:pk>/rows/", imports.rows, name="rows"),
    path("imports/<int:pk>/problems/", imports.problems, name="problems"),
    path("imports/<int:pk>/refused/", copies.copy, {"what": "refused"}, name="refused"),
    path("imports/<int:pk>/annotated/", copies.copy, {"what": "annotated"}, name="annotated"),
    path("imports/<int:pk>/apply/", imports.apply, name="apply"),
    path("imports/<int:pk>/cancel/", imports.cancel, name="cancel"),
    path("imports/<int:pk>/again/", imports.again, name="again"),
    path("imports/<int:pk>/resume/", imports.resume, name="resume"),
    path("imports/<int:pk>/undo/", undoing.undo, name="undo"),
    path("imports/<int:pk>/passwords/", passwords.hand_out, name="passwords"),
    path("exports/", exports.exports, name="exports"),
    path("exports/<int:pk>/", exports.export, name="export"),
    path("exports/<int:pk>/cancel/", exports.export_cancel, name="export_cancel"),
    path("exports/<int:pk>/download/", exports.export_download, name="export_download"),
    path("reports/", reports.index, name="reports"),
    path("reports/build/", reports.build, name="report_build"),
    path("reports/<int:pk>/", reports.detail, name="report"),
    path("reports/<int:pk>/publish/", reports.publish, name="report_publish"),
    path("reports/<int:pk>/list/<slug:key>/", reports.people, name="report_people"),
]
