import base64
import io

import pytest
from django.core.exceptions import FieldError
from django.core.management import CommandError, call_command
from django.db import connection, models
from django.test.utils import isolate_apps

from apps.core import key_rotation
from apps.core.crypto import EncryptedTextField, Sealed, WrongKey
from apps.core.fences import Fence
from apps.core.scope import Scope, entered, system_scope

ONE, TWO = (base64.b64encode(bytes([n]) * 32).decode() for n in (1, 2))


@pytest.fixture
def keys(settings):
    settings.FIELD_KEYS, settings.FIELD_KEY_CURRENT, settings.FIELD_ALGORITHM = {1: ONE, 2: TWO}, 1, "aes-gcm"
    return settings


@pytest.fixture
def notes(db, keys):
    """A fenced table with one encrypted column, made for the test."""
    with isolate_apps("apps.core"):

        class SealedNote(models.Model):
            org_path = models.CharField(max_length=60)
            secret = EncryptedTextField("密文", null=True, blank=True, max_length=18)

            class Meta:
                app_label = "core"

            def __str__(self):
                return self.org_path

    with connection.schema_editor() as editor:
        editor.create_model(SealedNote)
        editor.execute(Fence("core_sealednote").sql)
    return SealedNote


def fill(model, texts):
    with system_scope("test"):
        return model.objects.bulk_create(model(org_path=f"/36/{n % 2}/", secret=text) for n, text in enumerate(texts))


def raw(model):
    with system_scope("test"), connection.cursor() as cursor:
        cursor.execute(f"SELECT secret FROM {model._meta.db_table} ORDER BY id")
        return [None if sealed is None else bytes(sealed) for (sealed,) in cursor.fetchall()]


class TestField:
    def test_text_in_bytes_below_text_out(self, notes):
        fill(notes, ["360499194005120313", None, ""])
        with system_scope("test"):
            assert [note.secret for note in notes.objects.order_by("id")] == ["360499194005120313", None, ""]
        assert b"360499" not in raw(notes)[0]
        assert raw(notes)[0][:2] == bytes([1, 1])

    def test_opens_only_when_read(self, notes, keys):
        fill(notes, ["a"])
        keys.FIELD_KEYS = {2: TWO}
        keys.FIELD_KEY_CURRENT = 2
        with system_scope("test"):
            note = notes.objects.get()
            assert note.org_path == "/36/0/"
            with pytest.raises(WrongKey):
                _ = note.secret

    def test_values_are_sealed_and_print_nothing(self, notes):
        fill(notes, ["secret text"])
        with system_scope("test"):
            (value,) = notes.objects.values_list("secret", flat=True)
        assert isinstance(value, Sealed)
        assert "secret" not in f"{value}{value!r}"
        assert value.open() == "secret text"

    def test_saving_what_was_not_read_keeps_the_bytes(self, notes):
        fill(notes, ["a"])
        before = raw(notes)
        with system_scope("test"):
            note = notes.objects.get()
            note.org_path = "/36/9/"
            note.save()
        assert raw(notes) == before

    def test_saving_under_a_new_key_uses_it(self, notes, keys):
        fill(notes, ["a"])
        with system_scope("test"):
            note = notes.objects.get()
            keys.FIELD_KEY_CURRENT = 2
            note.save()
        assert raw(notes)[0][:2] == bytes([1, 2])

    def test_changing_and_deferring(self, notes):
        fill(notes, ["a"])
        with system_scope("test"):
            note = notes.objects.get()
            note.secret = "b"
            note.save()
            assert notes.objects.defer("secret").get().secret == "b"
            note.refresh_from_db()
            assert note.secret == "b"

    def test_only_emptiness_can_be_asked_of_the_database(self, notes):
        fill(notes, ["a", None])
        with system_scope("test"):
            assert notes.objects.filter(secret__isnull=True).count() == 1
            with pytest.raises(FieldError):
                notes.objects.filter(secret="a").count()

    def test_forms_take_text_and_limit_it(self, notes):
        field = notes._meta.get_field("secret").formfield()
        assert field.clean("") is None
        assert field.max_length == 18

    def test_dump_and_load(self, notes):
        fill(notes, ["a"])
        field = notes._meta.get_field("secret")
        with system_scope("test"):
            dumped = field.value_to_string(notes.objects.get())
        assert dumped.startswith("sealed:")
        assert field.to_python(dumped).open() == "a"
        assert field.to_python("sealed:nonsense") == "sealed:nonsense"

    def test_bytes_are_not_text(self, notes):
        with pytest.raises(TypeError), system_scope("test"):
            notes(org_path="/36/0/", secret=b"a").save()


class TestRotation:
    def test_every_value_is_written_again_in_batches(self, notes, keys):
        texts = [str(n) for n in range(11)] + [None]
        fill(notes, texts)
        keys.FIELD_KEY_CURRENT, keys.FIELD_ALGORITHM = 2, "sm4-gcm"
        field = notes._meta.get_field("secret")
        assert key_rotation.outdated(field) == 11
        assert [changed for changed, _ in key_rotation.rotate(field, batch=4)] == [4, 4, 3]
        assert {sealed[:2] for sealed in raw(notes) if sealed} == {bytes([2, 2])}
        assert key_rotation.outdated(field) == 0
        keys.FIELD_KEYS = {2: TWO}
        with system_scope("test"):
            assert [note.secret for note in notes.objects.order_by("id")] == texts

    def test_twice_changes_nothing_more(self, notes, keys):
        fill(notes, ["a", "b"])
        keys.FIELD_KEY_CURRENT = 2
        field = notes._meta.get_field("secret")
        list(key_rotation.rotate(field))
        before = raw(notes)
        assert list(key_rotation.rotate(field)) == []
        assert raw(notes) == before

    def test_a_value_changed_meanwhile_is_left_alone(self, notes, keys, monkeypatch):
        """The other writer commits between our read and our write: stood in for by a change inside the same transaction."""
        (note,) = fill(notes, ["old"])
        keys.FIELD_KEY_CURRENT = 2
        field = notes._meta.get_field("secret")
        really_open = key_rotation._open

        def while_someone_writes(field, rows):
            notes.objects.filter(pk=note.pk).update(secret="new")
            return really_open(field, rows)

        monkeypatch.setattr(key_rotation, "_open", while_someone_writes)
        assert [changed for changed, _ in key_rotation.rotate(field)] == [0]
        with system_scope("test"):
            assert notes.objects.get().secret == "new"

    def test_what_does_not_open_is_named_and_the_rest_goes_on(self, notes, keys):
        first, _ = fill(notes, ["a", "b"])
        with system_scope("test"), connection.cursor() as cursor:
            cursor.execute("UPDATE core_sealednote SET secret = set_byte(secret, 20, get_byte(secret, 20) # 1) WHERE id = %s", [first.pk])
        keys.FIELD_KEY_CURRENT = 2
        assert list(key_rotation.rotate(notes._meta.get_field("secret"))) == [(1, [first.pk])]

    def test_reaches_every_place_though_the_table_is_fenced(self, notes, keys):
        fill(notes, ["a", "b"])
        with entered(Scope(("/36/1/",))):
            assert notes.objects.count() == 1
        keys.FIELD_KEY_CURRENT = 2
        assert sum(changed for changed, _ in key_rotation.rotate(notes._meta.get_field("secret"))) == 2


class TestCommand:
    @pytest.fixture(autouse=True)
    def only_the_notes(self, notes, monkeypatch):
        monkeypatch.setattr("apps.core.management.commands.rotate_field_keys.encrypted_fields", lambda: [notes._meta.get_field("secret")])

    def test_says_what_it_did(self, notes, keys):
        fill(notes, ["a", "b"])
        keys.FIELD_KEY_CURRENT = 2
        out = io.StringIO()
        with pytest.raises(CommandError, match="还有 2 条"):
            call_command("rotate_field_keys", check=True, stdout=out)
        call_command("rotate_field_keys", stdout=out)
        assert "core_sealednote.secret：旧密钥 2 条" in out.getvalue()
        assert "已重新加密 2 条，余 0 条" in out.getvalue()
        call_command("rotate_field_keys", check=True, stdout=out)
        assert "旧密钥可以停用" in out.getvalue()

    def test_a_missing_key_is_told_and_ends_in_failure(self, notes, keys):
        (note,) = fill(notes, ["a"])
        keys.FIELD_KEYS, keys.FIELD_KEY_CURRENT = {2: TWO}, 2
        err = io.StringIO()
        with pytest.raises(CommandError, match="请保留旧密钥"):
            call_command("rotate_field_keys", stdout=io.StringIO(), stderr=err)
        assert str(note.pk) in err.getvalue()


def test_the_portals_own_columns_are_found():
    found = {f"{field.model._meta.db_table}.{field.column}" for field in key_rotation.encrypted_fields()}
    assert {"cadres_cadre.id_number", "cadres_cadre.phone"} <= found
