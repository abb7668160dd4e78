"""Files of any length that are unreadable on disk: written and read as streams, in constant memory, under the keys of the sealed columns.

Stored form: ``mark | version | algorithm | key id | 16-byte salt``, then chunks of 64 KB, each ``ciphertext | 16-byte tag``. Every file has a key of its
own, derived (HKDF-SHA256) from the field key of that number, the salt and the file's name; the nonce is the chunk's number. The associated data
is name, number and whether it is the last chunk: a chunk moved, swapped, left out or put in from another file doesn't open, nor does a file cut short.
"""

import io
import os
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag

from apps.core.sealing import TAG, WrongKey, current_header, derived_cipher

MARK = b"\x93SF1"
SALT = 16
HEADER = len(MARK) + 2 + SALT
CHUNK = 64 * 1024


def sealed(chunks: Iterable[bytes], name: str) -> Iterator[bytes]:
    """The stored form of ``chunks``, piece by piece, under the current key; ``name`` is what the file is known by for ever."""
    header, salt = current_header(), os.urandom(SALT)
    seal = derived_cipher(header, salt, name).encrypt
    yield MARK + header + salt
    for number, (chunk, last) in enumerate(_even(chunks)):
        yield seal(_nonce(number), chunk, _said(name, number, last))


def opened(source: BinaryIO, name: str) -> io.BufferedReader:
    """The text of a stored file as a stream; closing it closes ``source``. Raises ``WrongKey`` here or while reading, before any altered byte comes out."""
    return io.BufferedReader(_Opened(source, name), buffer_size=CHUNK)


def header_of(source: BinaryIO) -> bytes:
    """(algorithm, key id) a stored file was written under; b"" when it isn't one."""
    begin = source.read(HEADER)
    return begin[len(MARK) : len(MARK) + 2] if len(begin) == HEADER and begin.startswith(MARK) else b""


def _even(chunks: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    waiting = bytearray()
    for chunk in chunks:
        waiting += chunk
        while len(waiting) > CHUNK:
            yield bytes(waiting[:CHUNK]), False
            del waiting[:CHUNK]
    yield bytes(waiting), True


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")


def _said(name: str, number: int, last: bool) -> bytes:
    return f"{name}|{number}|{int(last)}".encode()


class _Opened(io.RawIOBase):
    """Reads one chunk ahead, since only the end of the source tells which chunk is the last."""

    def __init__(self, source: BinaryIO, name: str) -> None:
        self._source, self._name, self._number, self._text, self._at = source, name, 0, b"", 0
        begin = source.read(HEADER)
        if len(begin) != HEADER or not begin.startswith(MARK):
            source.close()
            raise WrongKey(f"{name}: not a sealed file")
        mark = len(MARK)
        try:
            self._open = derived_cipher(begin[mark : mark + 2], begin[mark + 2 :], name).decrypt
        except WrongKey:
            source.close()
            raise
        self._ahead: bytes | None = source.read(CHUNK + TAG)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        if self._at == len(self._text):
            self._next()
        count = min(len(buffer), len(self._text) - self._at)
        buffer[:count] = self._text[self._at : self._at + count]
        self._at += count
        return count

    def _next(self) -> None:
        if self._ahead is None:
            return
        chunk, following = self._ahead, self._source.read(CHUNK + TAG)
        try:
            if len(chunk) < TAG:
                raise InvalidTag
            self._text, self._at = self._open(_nonce(self._number), chunk, _said(self._name, self._number, not following)), 0
        except InvalidTag:
            raise WrongKey(f"{self._name}: chunk {self._number} is altered, misplaced or cut off") from None
        self._number += 1
        self._ahead = following or None

    def close(self) -> None:
        self._source.close()
        super().close()
