"""Fields and choices that several forms share. Forms check shapes; what may be done is the actions' business."""

from django import forms

ANY = ("", "全部")
PAPERS = "image/jpeg,image/png,image/webp,application/pdf,.docx,.xlsx"


def area(label: str, most: int, rows: int = 3, **given) -> forms.CharField:
    return forms.CharField(label=label, max_length=most, required=False, widget=forms.Textarea(attrs={"rows": rows}), **given)


def plain(value) -> str:
    """A decimal without needless zeros."""
    return f"{value.normalize():f}"
