"""Who may open the files this app keeps itself: uploaded sheets, by whoever may import; reports, by whoever may read them."""

from apps.accounts.permissions import Right
from apps.files.registry import DOWNLOADS, DownloadRule

DOWNLOADS.add("import.roster", DownloadRule((Right.IMPORT_CREATE, Right.IMPORT_UPDATE), title="导入的原文件"))
DOWNLOADS.add("report", DownloadRule((Right.REPORT_VIEW,), title="统计报告"))
