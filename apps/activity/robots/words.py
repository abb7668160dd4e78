"""What a robot is sent, and what it says back.

Forms, limits and error codes are those of 企业微信「群机器人配置说明」 and 钉钉「自定义机器人」: 企业微信 takes 2,048 bytes of text and 4,096 of Markdown, both take
twenty messages a minute; 钉钉 then refuses for ten minutes. A signed address of 钉钉 carries the time in milliseconds (one hour at most from its clock) and
the HMAC-SHA256 of "time\\nsecret" under the secret.
"""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote_plus

from django.conf import settings

from apps.activity.models import GroupMessage, GroupRobot, MessageForm, RobotKind

PER_MINUTE = 20
MOST_BYTES = {(RobotKind.WECOM, MessageForm.TEXT): 2048, (RobotKind.WECOM, MessageForm.MARKDOWN): 4096, (RobotKind.DINGTALK, MessageForm.TEXT): 18_000,
              (RobotKind.DINGTALK, MessageForm.MARKDOWN): 18_000}  # fmt: skip
PAUSE = {RobotKind.WECOM: timedelta(minutes=1), RobotKind.DINGTALK: timedelta(minutes=10)}


class Unsent(Exception):
    """Why a message didn't arrive, as a sentence. ``again``: trying later may help; ``hold``: leave the robot in peace so long."""

    def __init__(self, sentence: str, *, again: bool, hold: timedelta | None = None) -> None:
        super().__init__(sentence)
        self.sentence, self.again, self.hold = sentence, again, hold


@dataclass(frozen=True)
class Saying:
    """What a code means; the rest as for ``Unsent``."""

    sentence: str
    again: bool = False
    too_fast: bool = False


TOO_FAST = Saying("发得太快，对方暂时限流，稍后自动重试。", again=True, too_fast=True)
BUSY = Saying("对方系统繁忙，稍后自动重试。", again=True)
CODES: dict[str, dict[int, Saying]] = {
    RobotKind.WECOM: {
        -1: BUSY,
        45009: TOO_FAST,
        45033: TOO_FAST,
        93000: Saying("机器人地址无效：可能已被移出群，或地址抄错。请在群里重新查看并更新地址。"),
        40008: Saying("对方不接受这种消息格式，请改用纯文字。"),
        40058: Saying("对方认为消息内容不合规定。"),
        44004: Saying("消息内容为空。"),
        45002: Saying("消息太长，对方没有接收。"),
    },
    RobotKind.DINGTALK: {
        -1: BUSY,
        130101: TOO_FAST,
        410100: TOO_FAST,
        310000: Saying("没有通过机器人的安全设置（关键词、加签或地址白名单）。请核对加签密钥，关键词可设为「提醒」。"),
        300001: Saying("机器人地址里的令牌无效，请重新复制地址。"),
        400101: Saying("机器人地址里的令牌不存在，请重新复制地址。"),
        400102: Saying("机器人已被停用。"),
        400105: Saying("对方不接受这种消息格式，请改用纯文字。"),
        400106: Saying("机器人已不在群里。"),
        400013: Saying("这个群已经解散。"),
        430101: Saying("消息里有对方不允许的外部链接。"),
        430102: Saying("消息里有对方不允许的文字。"),
    },
}


def address(robot: GroupRobot, now: datetime) -> str:
    """The robot's address; that of 钉钉 signed for this moment where a secret is set."""
    if robot.kind != RobotKind.DINGTALK or not robot.secret:
        return robot.url
    time = str(int(now.timestamp() * 1000))
    signed = hmac.new(robot.secret.encode(), f"{time}\n{robot.secret}".encode(), hashlib.sha256).digest()
    return f"{robot.url}&timestamp={time}&sign={quote_plus(base64.b64encode(signed))}"


def written(message: GroupMessage) -> bytes:
    """The JSON body for the message's robot, cut at whole lines to what the robot takes."""
    robot, lines = message.robot, [line for line in message.body.splitlines() if line]
    link = f"{settings.PORTAL_URL}{message.url}" if settings.PORTAL_URL and message.url else ""
    room = MOST_BYTES[robot.kind, robot.form]
    if robot.form == MessageForm.TEXT:
        content = _fitting([message.title, *lines], [link] if link else [], room, "\n")
        return _json({"msgtype": "text", "text": {"content": content}})
    shown, last = [_plain(line) for line in lines], [f"[登录平台查看]({link})"] if link else []
    if robot.kind == RobotKind.WECOM:
        content = _fitting([f"**{_plain(message.title)}**", *(f"> {line}" for line in shown)], last, room, "\n")
        return _json({"msgtype": "markdown", "markdown": {"content": content}})
    text = _fitting([f"#### {_plain(message.title)}", *(f"- {line}" for line in shown)], last, room, "\n\n")
    return _json({"msgtype": "markdown", "markdown": {"title": message.title, "text": text}})


def _plain(text: str) -> str:
    """Nothing in a name becomes Markdown."""
    return "".join(f"\\{sign}" if sign in "\\`*_[]<>#" else sign for sign in text)


def _fitting(lines: list[str], last: list[str], room: int, between: str) -> str:
    while len(lines) > 1 and len(between.join(lines + last).encode()) > room:
        lines = lines[:-1]
    return between.join(lines + last)


def _json(body: dict) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode()


def understood(robot: GroupRobot, status: int, body: bytes) -> None:
    """Returns when the robot took the message, raises ``Unsent`` otherwise."""
    if 300 <= status < 400:
        raise Unsent(f"对方要求转到别的地址（HTTP {status}），为安全起见不跟随。请核对机器人地址。", again=False)
    if status == 429:
        raise Unsent(TOO_FAST.sentence, again=True, hold=PAUSE[robot.kind])
    if status >= 500:
        raise Unsent(f"对方服务器出错（HTTP {status}），稍后自动重试。", again=True)
    if status != 200:
        raise Unsent(f"对方没有接收（HTTP {status}）。请核对机器人地址。", again=False)
    try:
        answer = json.loads(body)
        code, words = int(answer["errcode"]), str(answer.get("errmsg", ""))
    except (ValueError, KeyError, TypeError):
        raise Unsent("对方的回答看不懂，不像是群机器人。请核对机器人地址。", again=False) from None
    if code == 0:
        return
    saying = CODES[robot.kind].get(code)
    if saying is None:
        raise Unsent(f"对方没有接收（错误码 {code}）：{_scrubbed(robot, words)[:120]}", again=False)
    raise Unsent(f"{saying.sentence}（错误码 {code}）", again=saying.again, hold=PAUSE[robot.kind] if saying.too_fast else None)


def _scrubbed(robot: GroupRobot, words: str) -> str:
    """Without the part of the address that opens the group, should the other side repeat it."""
    key = robot.url.partition("?")[2].partition("=")[2].partition("&")[0]
    return words.replace(key, "…") if key else words
