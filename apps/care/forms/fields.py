"""Fields that forms of care share."""

from django import forms


class ManyFiles(forms.FileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Any number of files, as a list."""

    def __init__(self, *, accept: str, **kwargs) -> None:
        super().__init__(widget=ManyFiles(attrs={"accept": accept}), **kwargs)

    def clean(self, data, initial=None) -> list:
        return [super(FilesField, self).clean(one, initial) for one in (data or [])]
