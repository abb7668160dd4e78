"""Is this container's process working? `python deploy/healthcheck.py web` asks the web server, `alive` looks at a heartbeat file.

Exit code 0 or 1. The file is PORTAL_ALIVE_FILE, touched by the worker every few seconds and by the beat on every round.
"""

import os
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

OLDEST_SECONDS = 90


def web() -> bool:
    """Does /healthz answer 200 under the first allowed host name?"""
    host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0]
    port = os.environ.get("WEB_PORT", "8000")
    request = urllib.request.Request(f"http://127.0.0.1:{port}/healthz", headers={"Host": host, "X-Forwarded-Proto": "https"})
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=4) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


def alive() -> bool:
    """Was the heartbeat file touched lately?"""
    try:
        return time.time() - Path(os.environ["PORTAL_ALIVE_FILE"]).stat().st_mtime < OLDEST_SECONDS
    except (KeyError, OSError):
        return False


if __name__ == "__main__":
    sys.exit(0 if {"web": web, "alive": alive}[sys.argv[1]]() else 1)
