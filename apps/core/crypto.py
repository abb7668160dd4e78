"""Encrypted model field, and the functions below it: the one door to encryption for the rest of the portal."""

import base64
import binascii

from django import forms
from django.core import validators
from django.core.exceptions import FieldError
from django.db import models
from django.db.models.query_utils import DeferredAttribute

from apps.core.sealing import WrongKey, blind_index, current_header, decrypt, encrypt, encrypt_many

__all__ = ["EncryptedTextField", "Sealed", "WrongKey", "blind_index", "decrypt", "encrypt", "encrypt_many"]

DUMP_PREFIX = "sealed:"


class Sealed:
    """A value as it lies in the database; open() gives the text. Printing it shows nothing."""

    __slots__ = ("_text", "aad", "data")

    def __init__(self, data, aad):
        self.data, self.aad, self._text = bytes(data), aad, None

    def open(self):
        """The text; WrongKey when it can't be had."""
        if self._text is None:
            self._text = decrypt(self.data, self.aad)
        return self._text

    def __eq__(self, other):
        return isinstance(other, Sealed) and (self.data, self.aad) == (other.data, other.aad)

    def __hash__(self):
        return hash((self.data, self.aad))

    def __repr__(self):
        return "〔已加密〕"


class SealedAttribute(DeferredAttribute):
    """Opens on first access, so that a list that never shows the value never pays for it; unchanged values keep their bytes."""

    def __get__(self, instance, cls=None):
        value = super().__get__(instance, cls)
        return value.open() if isinstance(value, Sealed) else value

    def __set__(self, instance, value):
        instance.__dict__[self.field.attname] = value


class EncryptedTextField(models.Field):
    """Text kept as bytea; reads as str on instances, as Sealed from values() and annotations.

    Only ``isnull`` can be asked of it: put a blind_index() column beside it for exact search. ``max_length`` limits the text.
    ``aad`` fixes the associated data of a column whose table or column was renamed; by default it is "table.column".
    """

    description = "Text, encrypted at rest"
    descriptor_class = SealedAttribute
    empty_strings_allowed = False

    def __init__(self, *args, aad=None, **kwargs):
        self._aad = aad
        super().__init__(*args, **kwargs)
        if self.max_length is not None:
            self.validators.append(validators.MaxLengthValidator(self.max_length))

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        if self._aad:
            kwargs["aad"] = self._aad
        return name, "apps.core.crypto.EncryptedTextField", args, kwargs

    def get_internal_type(self):
        return "BinaryField"

    @property
    def aad(self):
        return self._aad or f"{self.model._meta.db_table}.{self.column}"

    def from_db_value(self, value, expression, connection):
        return None if value is None else Sealed(value, self.aad)

    def to_python(self, value):
        if isinstance(value, str) and value.startswith(DUMP_PREFIX):
            return self._from_dump(value)
        return value if value is None or isinstance(value, Sealed) else str(value)

    def _from_dump(self, value):
        try:
            sealed = Sealed(base64.b64decode(value.removeprefix(DUMP_PREFIX), validate=True), self.aad)
            sealed.open()
        except (binascii.Error, WrongKey):
            return value
        return sealed

    def pre_save(self, model_instance, add):
        return model_instance.__dict__.get(self.attname)

    def get_prep_value(self, value):
        if isinstance(value, Sealed):
            current = value.aad == self.aad and value.data.startswith(current_header())
            return value.data if current else encrypt(value.open(), self.aad)
        if isinstance(value, (bytes, memoryview)):
            raise TypeError(f"{self}: takes text or Sealed, not bytes")
        return None if value is None else encrypt(str(value), self.aad)

    def get_db_prep_value(self, value, connection, prepared=False):
        value = super().get_db_prep_value(value, connection, prepared)
        return None if value is None else connection.Database.Binary(value)

    def get_lookup(self, lookup_name):
        if lookup_name != "isnull":
            raise FieldError(f"{self}: encrypted, ask its blind index instead of '{lookup_name}'")
        return super().get_lookup(lookup_name)

    def value_to_string(self, obj):
        """What dumpdata writes: the sealed bytes, never the text."""
        data = self.get_prep_value(self.value_from_object(obj))
        return None if data is None else DUMP_PREFIX + base64.b64encode(data).decode()

    def formfield(self, **kwargs):
        defaults = {"form_class": forms.CharField, "max_length": self.max_length}
        if self.null:
            defaults["empty_value"] = None
        return super().formfield(**(defaults | kwargs))
