"""One filter the staged rows need."""

from collections.abc import Sequence

from django import template

register = template.Library()


@register.filter
def nth(items: Sequence, index: int) -> object:
    """``items[index]``."""
    return items[index]
