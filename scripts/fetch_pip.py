"""Put pip into a venv made without it: takes the pinned wheel from the package index, checks its hash, lets it install itself.

For machines whose Python lacks `ensurepip` (Debian without python3-venv) and where nobody may install packages.
"""

import hashlib
import os
import re
import ssl
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request
from pathlib import Path

WHEEL = "pip-25.3-py3-none-any.whl"
SHA256 = "9655943313a94722b7774661c21049070f6bbb0a1516bf02f7c8d5d9201514cd"


def fetch(url: str) -> bytes:
    """Content of `url`, certificates checked with PIP_CERT where set."""
    context = ssl.create_default_context(cafile=os.environ.get("PIP_CERT") or None)
    request = urllib.request.Request(url, headers={"Accept": "text/html"})
    with urllib.request.urlopen(request, timeout=60, context=context if url.startswith("https") else None) as answer:
        return answer.read()


def main() -> int:
    """Install pip beside the running interpreter; returns the exit code of the installation."""
    index = (os.environ.get("PIP_INDEX_URL") or "https://pypi.org/simple").rstrip("/") + "/pip/"
    link = re.search(rf'href="([^"#]*{re.escape(WHEEL)})', fetch(index).decode())
    if link is None:
        print(f"{index} does not list {WHEEL}", file=sys.stderr)
        return 1
    content = fetch(urllib.parse.urljoin(index, link[1].replace("&amp;", "&")))
    if hashlib.sha256(content).hexdigest() != SHA256:
        print(f"{WHEEL} from {index} has another hash than expected", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        wheel = Path(folder) / WHEEL
        wheel.write_bytes(content)
        return subprocess.call([sys.executable, f"{wheel}/pip", "install", "--quiet", "--no-index", str(wheel)])


if __name__ == "__main__":
    sys.exit(main())
