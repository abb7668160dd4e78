"""The way to a robot: one POST to a host of the list, by HTTPS, to a public address, without redirects, within seconds.

The name is looked up once and the very address that was looked at is connected to, so that a name cannot answer with an inner address the second time.
"""

import ipaddress
import socket
import ssl
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from time import monotonic
from urllib.parse import urlsplit

from django.conf import settings

from apps.activity.robots.words import Unsent
from apps.core.refusal import Refused

LARGEST_ANSWER = 64 * 1024


def check(url: str) -> str:
    """The host of an address a robot may have; ``Refused`` (field ``url``) with the reason otherwise."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip(".").lower(), parts.port
    except ValueError:
        raise Refused("这不是一个网址，请从群机器人的设置里完整复制。", code="robot_url", field="url") from None
    plain = settings.ROBOT_PRIVATE_ALLOWED and parts.scheme == "http"
    if not host or not (parts.scheme == "https" or plain):
        raise Refused("机器人地址应以 https:// 开头，请从群机器人的设置里完整复制。", code="robot_scheme", field="url")
    if parts.username or parts.password or parts.fragment:
        raise Refused("机器人地址里不应有用户名或 # 号。", code="robot_url", field="url")
    if host not in settings.ROBOT_HOSTS:
        raise Refused(f"只能发往 {'、'.join(settings.ROBOT_HOSTS)}，不能发往「{host}」。专有部署的地址请由运维加入设置 ROBOT_HOSTS。", code="robot_host", field="url")
    if port not in (None, 443) and not settings.ROBOT_PRIVATE_ALLOWED:
        raise Refused("机器人地址不应写端口。", code="robot_port", field="url")
    return host


def post(url: str, body: bytes) -> tuple[int, bytes]:
    """(status, answer) of the other side; ``Unsent`` when it can't be reached, may not be, or is too slow."""
    try:
        host = check(url)
    except Refused as refused:
        raise Unsent(refused.sentence, again=False) from None
    parts = urlsplit(url)
    port, ends = parts.port or (443 if parts.scheme == "https" else 80), monotonic() + settings.ROBOT_TIMEOUT
    try:
        line = _line(parts.scheme, host, port, _address(host, port))
        try:
            line.request("POST", f"{parts.path or '/'}?{parts.query}", body=body, headers={"Content-Type": "application/json; charset=utf-8", "User-Agent": "portal"})
            return _answer(line, ends)
        finally:
            line.close()
    except TimeoutError:
        raise Unsent(f"{host} 在 {settings.ROBOT_TIMEOUT:g} 秒内没有回答，稍后自动重试。", again=True) from None
    except ssl.SSLError:
        raise Unsent(f"{host} 的证书不可信，没有发送。", again=False) from None
    except (OSError, HTTPException):
        raise Unsent(f"连接不上 {host}，稍后自动重试。", again=True) from None


def _answer(line: HTTPConnection, ends: float) -> tuple[int, bytes]:
    _wait_no_longer(line, ends)
    answer, found = line.getresponse(), b""
    while len(found) < LARGEST_ANSWER:
        _wait_no_longer(line, ends)
        part = answer.read1(LARGEST_ANSWER - len(found))
        if not part:
            break
        found += part
    return answer.status, found


def _wait_no_longer(line: HTTPConnection, ends: float) -> None:
    left = ends - monotonic()
    if left <= 0:
        raise TimeoutError
    if line.sock is not None:
        line.sock.settimeout(left)


def _address(host: str, port: int) -> str:
    """An address of the host, every one of which must be public (or private ones allowed by the settings)."""
    found = [entry[4][0] for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if not settings.ROBOT_PRIVATE_ALLOWED and any(not ipaddress.ip_address(one.partition("%")[0]).is_global for one in found):
        raise Unsent(f"{host} 指向内部网络地址，没有发送。", again=False)
    return found[0]


def _line(scheme: str, host: str, port: int, address: str) -> HTTPConnection:
    """A connection to ``address`` that asks for ``host``."""
    seconds = settings.ROBOT_TIMEOUT
    line = HTTPSConnection(host, port, timeout=seconds, context=ssl.create_default_context()) if scheme == "https" else HTTPConnection(host, port, timeout=seconds)
    line._create_connection = lambda _, timeout, source=None: socket.create_connection((address, port), timeout, source)
    return line
