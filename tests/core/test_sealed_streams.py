"""Files that lie encrypted: what goes in comes out, and nothing else ever does."""

import base64
import io

import pytest

from apps.core.crypto import WrongKey
from apps.core.sealed_streams import CHUNK, HEADER, TAG, header_of, opened, sealed

ONE, TWO = (base64.b64encode(bytes([n]) * 32).decode() for n in (1, 2))
BLOCK = CHUNK + TAG


@pytest.fixture(autouse=True, params=["aes-gcm", "sm4-gcm"])
def keys(settings, request):
    settings.FIELD_KEYS, settings.FIELD_KEY_CURRENT, settings.FIELD_ALGORITHM = {1: ONE, 2: TWO}, 1, request.param
    return settings


def kept(*chunks, name="a"):
    return b"".join(sealed(chunks, name))


def given(data, name="a"):
    with opened(io.BytesIO(data), name) as content:
        return content.read()


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 7])
def test_what_goes_in_comes_out(size):
    text = bytes(n % 251 for n in range(size))
    stored = kept(text)
    assert given(stored) == text
    assert kept(text) != stored
    assert len(text) < 32 or text[:32] not in stored


def test_the_size_of_the_pieces_is_of_no_matter():
    assert given(kept(b"ab", b"", b"c" * (CHUNK + 5), b"d")) == b"ab" + b"c" * (CHUNK + 5) + b"d"


def test_small_reads(keys):
    with opened(io.BytesIO(kept(b"0123456789" * 20_000)), "a") as content:
        assert [content.read(3), content.read(4)] == [b"012", b"3456"]
        assert sum(map(len, iter(lambda: content.read(1000), b""))) == 199_993


def test_a_file_says_what_it_was_written_under(keys):
    keys.FIELD_KEY_CURRENT = 2
    assert header_of(io.BytesIO(kept(b"x")))[1] == 2
    assert header_of(io.BytesIO(b"PK\x03\x04")) == b""


THREE = [b"a" * CHUNK, b"b" * CHUNK, b"c" * 100]


def cut(stored, at):
    return stored[:at]


def swapped(stored):
    first, second = HEADER, HEADER + BLOCK
    return stored[:first] + stored[second : second + BLOCK] + stored[first:second] + stored[second + BLOCK :]


@pytest.mark.parametrize(
    "harm",
    [
        lambda s: cut(s, HEADER), lambda s: cut(s, HEADER + BLOCK), lambda s: cut(s, HEADER + 2 * BLOCK), lambda s: cut(s, len(s) - 1), lambda s: cut(s, 5), lambda s: b"",
        swapped, lambda s: s + b"x", lambda s: s + s[HEADER:], lambda s: s[:HEADER] + s[HEADER + BLOCK :],
        lambda s: s[:40] + bytes([s[40] ^ 1]) + s[41:], lambda s: s[:-1] + bytes([s[-1] ^ 1]), lambda s: s[:10] + bytes([s[10] ^ 1]) + s[11:],
        lambda s: s[:4] + bytes([s[4] ^ 3]) + s[5:], lambda s: s[:5] + b"\x02" + s[6:],
    ],
    ids=[
        "no chunk", "one of three", "two of three", "last byte", "half a header", "empty", "swapped", "longer", "twice", "first missing",
        "bit in a chunk", "bit in a tag", "salt", "algorithm", "key",
    ],
)  # fmt: skip
def test_altered_files_are_found_out(harm):
    with pytest.raises(WrongKey):
        given(harm(kept(*THREE)))


def test_a_file_put_in_the_place_of_another():
    with pytest.raises(WrongKey):
        given(kept(b"text", name="b"), name="a")


def test_an_unknown_key(keys):
    stored = kept(b"x")
    keys.FIELD_KEYS, keys.FIELD_KEY_CURRENT = {2: TWO}, 2
    with pytest.raises(WrongKey, match="key 1"):
        given(stored)
