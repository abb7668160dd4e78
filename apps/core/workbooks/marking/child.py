"""The child process that writes the marked copy: ``python -m apps.core.workbooks.marking.child``, fenced as the reading child is.

Takes its orders as one JSON object on standard input and writes the workbook to standard output, which is an open file. Ends with 0, or
with 3 and ``[code, facts]`` as JSON on standard error.
"""

import json
import resource
import sys
import zipfile
from pathlib import Path

from apps.core.workbooks.child import fence
from apps.core.workbooks.limits import Limits, UnreadableWorkbook
from apps.core.workbooks.marking.rewriting import Rewriter
from apps.core.workbooks.package import Package

FAULT = 3
LEVEL = 4


def main() -> int:
    orders = json.load(sys.stdin.buffer)
    path, limits = Path(orders["path"]), Limits(**orders["limits"])
    fence(limits, reads=path.stat().st_size, writes=orders["bytes"])
    try:
        package = Package(path, limits)
        if package.kind != "xlsx":
            raise UnreadableWorkbook("not_a_workbook")
        with zipfile.ZipFile(sys.stdout.buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as out:
            Rewriter(package, out, orders).write()
        return 0
    except UnreadableWorkbook as fault:
        said = [fault.code, fault.facts]
    except (MemoryError, RecursionError, OSError, zipfile.LargeZipFile, RuntimeError):
        said = ["too_large", {}]
    except (LookupError, ValueError, AttributeError, TypeError):
        said = ["broken", {}]
    sys.stderr.write(json.dumps(said) + "\n")
    return FAULT


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.exit(main())
