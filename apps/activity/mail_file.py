"""A mail backend for machines without a mail server: each message becomes one ``.eml`` file, named by its Message-ID."""

import os
import re
import tempfile
from email.utils import make_msgid
from pathlib import Path

from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.utils import DNS_NAME


def file_name(message_id: str) -> str:
    """``<delivery-7@host>`` → ``delivery-7@host.eml``; anything a file system could mind becomes ``_``."""
    return re.sub(r"[^A-Za-z0-9@._-]", "_", message_id.strip("<> ")).lstrip(".")[:200] + ".eml"


class MailFileBackend(BaseEmailBackend):
    """Writes into ``settings.EMAIL_FILE_PATH``. The same Message-ID sent again replaces its file, so that a repeated sending stays one mail."""

    def send_messages(self, messages) -> int:
        folder = Path(settings.EMAIL_FILE_PATH)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for message in messages:
            message_id = message.extra_headers.get("Message-ID") or make_msgid(domain=str(DNS_NAME))
            message.extra_headers["Message-ID"] = message_id
            self._write(folder / file_name(message_id), message.message().as_bytes())
        return len(messages)

    @staticmethod
    def _write(path: Path, content: bytes) -> None:
        handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(content)
                out.flush()
                os.fsync(out.fileno())
            os.replace(temporary, path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
