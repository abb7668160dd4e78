"""The present class of 一人一策 on the person's record, written by whoever decides it."""

from collections.abc import Iterable

from apps.cadres.models import AttentionClass, Cadre


def set_attention_class(*, cadres: Iterable[int], attention_class: AttentionClass | str, by) -> int:
    """Write the class ("" for undecided) of these people in one statement; returns how many changed.

    The caller records the decision itself; the person's version stays, so that somebody editing the record isn't told to start over.
    """
    return Cadre.objects.filter(pk__in=cadres).exclude(attention_class=attention_class).update(attention_class=attention_class)
