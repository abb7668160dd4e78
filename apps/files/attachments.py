"""Who may open the files this app keeps itself: reports, by whoever may read them. Uploaded sheets: ``sheetkinds.register``."""

from apps.accounts.permissions import Right
from apps.files.registry import DOWNLOADS, DownloadRule

DOWNLOADS.add("report", DownloadRule((Right.REPORT_VIEW,), title="统计报告"))
