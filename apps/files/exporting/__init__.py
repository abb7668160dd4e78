"""Lists going out as workbooks: columns chosen, masked by class, marked with who, when and why; small ones at once, large ones in the background.

    asked → (small) the workbook as the answer
          → queued → running → ready → expired        queued, running → failed, cancelled

An app above declares its lists in ``exports`` (``EXPORTS.add``).
"""
