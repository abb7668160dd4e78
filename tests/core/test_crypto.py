import base64

import pytest
from django.core.exceptions import FieldError, ImproperlyConfigured

from apps.core import sealing
from apps.core.crypto import EncryptedTextField, WrongKey, blind_index, decrypt, encrypt, encrypt_many

ID = "360499194005120319"
AAD = "cadres_cadre.id_number"
ONE, TWO, INDEX = (base64.b64encode(bytes([n]) * 32).decode() for n in (1, 2, 3))


@pytest.fixture(autouse=True)
def keys(settings):
    settings.FIELD_KEYS, settings.FIELD_KEY_CURRENT, settings.INDEX_KEY = {1: ONE, 2: TWO}, 1, INDEX
    settings.FIELD_ALGORITHM = "aes-gcm"
    return settings


@pytest.fixture(params=["aes-gcm", "sm4-gcm"])
def algorithm(request, keys):
    keys.FIELD_ALGORITHM = request.param
    return request.param


@pytest.mark.parametrize("text", [ID, "", "欧阳·阿依古丽 😀", "x" * 5000])
def test_what_goes_in_comes_out(algorithm, text):
    sealed = encrypt(text, AAD)
    assert decrypt(sealed, AAD) == text
    assert decrypt(memoryview(sealed), AAD) == text
    assert text == "" or text.encode() not in sealed


def test_layout_names_algorithm_and_key(algorithm, keys):
    keys.FIELD_KEY_CURRENT = 2
    sealed = encrypt(ID, AAD)
    assert tuple(sealed[:2]) == (sealing.ALGORITHMS[algorithm], 2)
    assert len(sealed) == 2 + 12 + 18 + 16


def test_none_stays_none():
    assert encrypt(None, AAD) is None
    assert decrypt(None, AAD) is None
    assert encrypt_many([None, "a", None], AAD)[::2] == [None, None]


def test_equal_texts_look_different(algorithm):
    assert len(set(encrypt_many([ID] * 100, AAD))) == 100


def test_many_open_in_order():
    texts = [str(n) for n in range(1000)]
    assert [decrypt(sealed, AAD) for sealed in encrypt_many(iter(texts), AAD)] == texts


def test_another_column_does_not_open(algorithm):
    with pytest.raises(WrongKey):
        decrypt(encrypt(ID, AAD), "cadres_cadre.phone")


@pytest.mark.parametrize("position", [0, 1, 2, 14, -1])
def test_an_altered_byte_does_not_open(algorithm, position):
    sealed = bytearray(encrypt(ID, AAD))
    sealed[position] ^= 3
    with pytest.raises(WrongKey) as refusal:
        decrypt(bytes(sealed), AAD)
    assert ID not in str(refusal.value)


@pytest.mark.parametrize("rubbish", [b"", b"\x01\x01", b"\x01\x01" + bytes(20), b"\x09\x01" + bytes(40)])
def test_rubbish_does_not_open(rubbish):
    with pytest.raises(WrongKey):
        decrypt(rubbish, AAD)


def test_old_key_and_old_algorithm_are_still_read(keys):
    old = encrypt(ID, AAD)
    keys.FIELD_KEY_CURRENT, keys.FIELD_ALGORITHM = 2, "sm4-gcm"
    assert decrypt(old, AAD) == ID
    keys.FIELD_KEYS = {2: TWO}
    with pytest.raises(WrongKey, match="key 1"):
        decrypt(old, AAD)


def test_same_id_with_other_bytes_is_a_wrong_key(keys):
    old = encrypt(ID, AAD)
    keys.FIELD_KEYS = {1: TWO}
    with pytest.raises(WrongKey):
        decrypt(old, AAD)


@pytest.mark.parametrize(
    "wrong",
    [
        {"FIELD_KEY_CURRENT": 7},
        {"FIELD_KEYS": {1: "short"}},
        {"FIELD_KEYS": {1: base64.b64encode(b"x" * 16).decode()}},
        {"FIELD_ALGORITHM": "rot13"},
    ],
)
def test_settings_that_cannot_work_say_so(keys, wrong):
    for name, value in wrong.items():
        setattr(keys, name, value)
    with pytest.raises(ImproperlyConfigured):
        encrypt(ID, AAD)


def test_sm4_is_the_national_cipher():
    """Vector of GB/T 32907 appendix A.1 through the same class that the wrapper uses."""
    from cryptography.hazmat.primitives.ciphers import Cipher, modes

    block = bytes.fromhex("0123456789abcdeffedcba9876543210")
    box = Cipher(sealing.SM4(block), modes.ECB()).encryptor()
    assert box.update(block).hex() == "681edf34d206965e86b3e94f536e4246"


class TestBlindIndex:
    def test_equal_values_meet(self):
        assert blind_index(ID, "cadre.id_number") == blind_index(f" {ID} ", "cadre.id_number")
        assert len(blind_index(ID, "cadre.id_number")) == 16

    def test_purpose_value_and_key_each_change_it(self, keys):
        seen = {blind_index(ID, "cadre.id_number"), blind_index(ID, "relative.id_number"), blind_index(ID[:-1], "cadre.id_number")}
        keys.INDEX_KEY = TWO
        seen.add(blind_index(ID, "cadre.id_number"))
        assert len(seen) == 4

    @pytest.mark.parametrize("blank", [None, "", "  ", "\u3000"])
    def test_blank_has_none(self, blank):
        assert blind_index(blank, "cadre.id_number") is None

    def test_is_hmac_sha256(self):
        import hashlib
        import hmac

        expected = hmac.new(bytes([3]) * 32, b"p\0v", hashlib.sha256).digest()[:16]
        assert blind_index("v", "p") == expected


class TestFieldAlone:
    def test_only_emptiness_can_be_asked(self):
        field = EncryptedTextField()
        assert field.get_lookup("isnull") is not None
        for lookup in ("exact", "contains", "in", "gt"):
            with pytest.raises(FieldError, match="blind index"):
                field.get_lookup(lookup)

    def test_deconstructs_for_migrations(self):
        _, path, args, kwargs = EncryptedTextField("身份证号", null=True, max_length=18, aad="old.column").deconstruct()
        assert path == "apps.core.crypto.EncryptedTextField"
        assert kwargs == {"verbose_name": "身份证号", "null": True, "max_length": 18, "aad": "old.column"}
        assert args == []
