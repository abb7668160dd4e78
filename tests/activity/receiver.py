"""A robot's other side on this machine: a real HTTP server that answers as it is told and remembers what it was sent."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


class Receiver:
    """``answers`` are taken in turn, the last one for good: (status, body, seconds to wait, headers)."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict, dict]] = []
        self.answers: list[tuple] = [(200, {"errcode": 0, "errmsg": "ok"}, 0, {})]
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):  # noqa: N802 - the library's name
                body = self.rfile.read(int(self.headers["Content-Length"]))
                parts = urlsplit(self.path)
                outer.asked.append((parts.path, {name: value for name, (value,) in parse_qs(parts.query).items()}, json.loads(body)))
                status, answer, wait, headers = outer.answers.pop(0) if len(outer.answers) > 1 else outer.answers[0]
                time.sleep(wait)
                sent = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(sent)))
                self.end_headers()
                self.wfile.write(sent)

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, status: int = 200, body=None, wait: float = 0, **headers) -> None:
        self.answers = [(status, {"errcode": 0, "errmsg": "ok"} if body is None else body, wait, headers)]

    def url(self, path: str = "/cgi-bin/webhook/send?key=abc-123") -> str:
        return f"http://127.0.0.1:{self.server.server_port}{path}"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
