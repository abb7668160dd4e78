"""Text that is unreadable in the database, and an index that finds it again; import from apps.core.crypto.

Stored form (bytea): ``algorithm | key id | 12-byte nonce | ciphertext | 16-byte tag``; one byte each for the first two, so
every value says by itself how it is read. Algorithm 1 is AES-256-GCM, 2 is SM4-GCM (GB/T 32907, for sites assessed under
GB/T 39786): ``settings.FIELD_ALGORITHM`` says which one *writes*, both are always *read*, so a site switches by changing the
setting and running ``rotate_field_keys``. Both are software; a certified module would take the place of ``_cipher``.

The associated data is ``table.column``: a value copied into another column no longer opens. ``settings.FIELD_KEYS`` maps key id
(1-255) to 32 bytes in base64, ``settings.FIELD_KEY_CURRENT`` writes, the others are kept for reading until rotated away.
``settings.INDEX_KEY`` is a separate secret: the space of ID numbers is small enough to be guessed by whoever holds it.
"""

import base64
import binascii
import hmac
import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

ALGORITHMS = {"aes-gcm": 1, "sm4-gcm": 2}
NONCE, TAG, HEADER = 12, 16, 2
INDEX_BYTES = 16


class WrongKey(Exception):
    """The value can't be opened: unknown key, other column, or altered bytes. Never carries the value."""


class SM4GCM:
    """SM4 in GCM mode behind the interface of AESGCM; its 16-byte key is derived, so that no key serves two ciphers."""

    def __init__(self, key):
        self._sm4 = SM4(hmac.digest(key, b"sm4-gcm", "sha256")[:16])

    def encrypt(self, nonce, data, aad):
        box = Cipher(self._sm4, modes.GCM(nonce)).encryptor()
        box.authenticate_additional_data(aad)
        return box.update(data) + box.finalize() + box.tag

    def decrypt(self, nonce, data, aad):
        box = Cipher(self._sm4, modes.GCM(nonce, data[-TAG:])).decryptor()
        box.authenticate_additional_data(aad)
        return box.update(data[:-TAG]) + box.finalize()


@lru_cache(maxsize=64)
def _cipher(algorithm, encoded_key):
    return (AESGCM if algorithm == 1 else SM4GCM)(_key_bytes(encoded_key, "FIELD_KEYS"))


def _key_bytes(encoded, name):
    try:
        key = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError, TypeError):
        key = b""
    if len(key) != 32:
        raise ImproperlyConfigured(f"settings.{name}: each key is 32 bytes in base64 (openssl rand -base64 32)")
    return key


def current_header():
    """The two bytes that new values begin with: (algorithm, key id). ImproperlyConfigured when the settings disagree."""
    algorithm = ALGORITHMS.get(getattr(settings, "FIELD_ALGORITHM", "aes-gcm"))
    if algorithm is None:
        raise ImproperlyConfigured(f"settings.FIELD_ALGORITHM is one of {', '.join(ALGORITHMS)}")
    key_id = settings.FIELD_KEY_CURRENT
    if key_id not in settings.FIELD_KEYS or not 1 <= key_id <= 255:
        raise ImproperlyConfigured("settings.FIELD_KEY_CURRENT names a key (1-255) of settings.FIELD_KEYS")
    return bytes((algorithm, key_id))


def encrypt_many(texts, aad):
    """Seal texts (None stays None) for one column; aad is "table.column". About 2.5 microseconds each. Returns list[bytes | None]."""
    texts, header, extra = list(texts), current_header(), aad.encode()
    seal = _cipher(header[0], settings.FIELD_KEYS[header[1]]).encrypt
    pool = os.urandom(NONCE * len(texts))
    nonces = (pool[i : i + NONCE] for i in range(0, len(pool), NONCE))
    return [
        None if text is None else b"".join((header, nonce, seal(nonce, text.encode(), extra)))
        for text, nonce in zip(texts, nonces, strict=True)
    ]


def encrypt(text, aad):
    """Seal one text for one column; aad is "table.column". None stays None."""
    return encrypt_many([text], aad)[0]


def decrypt(sealed, aad):
    """Open bytes made by encrypt() with the same aad; None stays None. WrongKey when that can't be done."""
    if sealed is None:
        return None
    sealed = bytes(sealed)
    if len(sealed) < HEADER + NONCE + TAG or sealed[0] not in ALGORITHMS.values():
        raise WrongKey(f"{aad}: not a sealed value")
    encoded_key = settings.FIELD_KEYS.get(sealed[1])
    if encoded_key is None:
        raise WrongKey(f"{aad}: key {sealed[1]} is not in settings.FIELD_KEYS")
    body = HEADER + NONCE
    try:
        return _cipher(sealed[0], encoded_key).decrypt(sealed[HEADER:body], sealed[body:], aad.encode()).decode()
    except InvalidTag:
        raise WrongKey(f"{aad}: does not open with key {sealed[1]} in this column") from None


def derived_cipher(header, salt, name):
    """A cipher under a key of its own for one file, from the field key that ``header`` (algorithm, key id) names. WrongKey when there is none."""
    encoded_key = settings.FIELD_KEYS.get(header[1])
    if encoded_key is None or header[0] not in ALGORITHMS.values():
        raise WrongKey(f"{name}: key {header[1]} is not in settings.FIELD_KEYS")
    key = HKDF(SHA256(), 32, salt, b"stored file " + name.encode()).derive(_key_bytes(encoded_key, "FIELD_KEYS"))
    return (AESGCM if header[0] == ALGORITHMS["aes-gcm"] else SM4GCM)(key)


@lru_cache(maxsize=16)
def _begun(encoded_key, purpose):
    """The fingerprint of a purpose, to be copied and ended for each value: half the time of beginning anew."""
    return hmac.new(_key_bytes(encoded_key, "INDEX_KEY"), f"{purpose}\0".encode(), "sha256")


def blind_index(value, purpose):
    """Keyed fingerprint for exact search and uniqueness: HMAC-SHA256 cut to 16 bytes; None for None or blank.

    ``purpose`` ("cadre.id_number") keeps equal values of two columns apart. Normalise before (upper-case X, no spaces inside):
    only the ends are stripped here. 16 bytes leave a chance of 1 in 10**24 that two of ten million people collide.
    """
    value = (value or "").strip()
    if not value:
        return None
    digest = _begun(settings.INDEX_KEY, purpose).copy()
    digest.update(value.encode())
    return digest.digest()[:INDEX_BYTES]
