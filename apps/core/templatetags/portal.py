"""Template tags and filters every page uses. Built in: no ``{% load %}`` needed."""

from collections.abc import Mapping
from datetime import date, datetime
from urllib.parse import urlencode

from django import template
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from apps.core import tones

register = template.Library()
WEEKDAYS = "一二三四五六日"


@register.simple_tag
def icon(name: str, label: str = "", size: str = "") -> SafeString:
    """An icon of static/img/icons.svg. With ``label`` it speaks, without it is decoration. ``size``: "" or "lg"."""
    speak = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html('<svg class="icon {}" {}><use href="{}#{}"></use></svg>', size, speak, static("img/icons.svg"), name)


@register.simple_tag
def tag(word: object, tone: str = "plain") -> SafeString:
    """A state as colour, word and shape: ``{% tag "重点关注" "key" %}``. Tones stand in apps/core/tones.py."""
    return format_html('<span class="tag {}">{}</span>', tone, word)


@register.filter
def tone(value: object) -> str:
    """Tone of a state value: ``{% tag run.get_state_display run.state|tone %}``."""
    return tones.tone_of(value)


@register.simple_tag
def tag_class(value: object) -> str:
    """CSS class of a state value, for markup of one's own: ``<span class="tag {% tag_class plan.care_class %}">``."""
    return tones.tone_of(value)


@register.filter
def number(value: object, places: int = 0) -> str:
    """12345.6 → "12,346"; None → "—"; text stays as it is."""
    if value is None or value == "":
        return "—"
    if isinstance(value, bool) or not hasattr(value, "__round__"):
        return str(value)
    return f"{value:,.{places}f}"


@register.filter
def percent(value: object, places: int = 1) -> str:
    """0.864 → "86.4%"; None → "—". The argument is the number of decimals; whole results lose ".0"."""
    if value is None or value == "":
        return "—"
    text = f"{float(value) * 100:.{places}f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) + "%"


@register.filter
def signed(value: object) -> str:
    """Change since last period: 183 → "+183", -6 → "−6", 0 → "持平"."""
    if value is None or value == "":
        return "—"
    if value == 0:
        return "持平"
    return ("+" if value > 0 else "−") + f"{abs(value):,}"


@register.filter
def date_zh(value: date | datetime | None, style: str = "full") -> str:
    """Beijing date. full "2026 年 11 月 21 日", day "11 月 21 日", week "11 月 21 日 星期六", time "11 月 21 日 07:30", iso "2026-11-21",
    month "2026 年 11 月"."""
    if not value:
        return "—"
    if isinstance(value, datetime):
        value = timezone.localtime(value) if timezone.is_aware(value) else value
    elif style == "time":
        style = "day"
    day = f"{value.month} 月 {value.day} 日"
    if style == "week":
        return f"{day} 星期{WEEKDAYS[value.weekday()]}"
    if style == "iso":
        return f"{value:%Y-%m-%d}"
    if style == "month":
        return f"{value.year} 年 {value.month} 月"
    return {"day": day, "time": f"{day} {value:%H:%M}"}.get(style, f"{value.year} 年 {day}")


@register.simple_tag
def date_partial(value: date | None, precision: str = "day") -> str:
    """A date known to the year, month or day: "1949 年", "1949 年 3 月", "1949 年 3 月 5 日". Precision by word or first letter."""
    if not value:
        return "—"
    known = str(precision).lower()[:1]
    if known == "y":
        return f"{value.year} 年"
    return f"{value.year} 年 {value.month} 月" if known == "m" else date_zh(value)


@register.filter
def age(born: date | None, today: date | None = None) -> str:
    """Full years at ``today`` (an argument: ``{{ cadre.birth_date|age:request.today }}``); 29 February counts from 1 March."""
    if not born or not today:
        return "—"
    return f"{today.year - born.year - ((today.month, today.day) < (born.month, born.day))} 岁"


@register.filter
def days_off(due: date, today: date) -> str:
    """Distance of a due day: "已过 4 天", "今天", "还有 3 天"."""
    gap = (due - today).days
    if gap == 0:
        return "今天"
    return f"还有 {gap} 天" if gap > 0 else f"已过 {-gap} 天"


@register.simple_tag(takes_context=True)
def here_with(context, **changes: object) -> str:
    """This page's query string with some values replaced, page and cursor dropped: ``<a href="{% here_with kind='离休' %}">``.

    None or "" removes a value. Use it for sorting, tabs and removing one filter; ``{% querystring %}`` keeps the page number.
    """
    query = context["request"].GET.copy()
    for gone in ("page", "after", "before"):
        query.pop(gone, None)
    for name, value in changes.items():
        query.pop(name, None)
        if value not in (None, ""):
            query.setlist(name, value if isinstance(value, list | tuple) else [value])
    return "?" + query.urlencode()


@register.simple_tag
def url_with(url: str, **query: object) -> str:
    """A URL with a query string; empty values are left out: ``{% url 'cadres:list' as u %}{% url_with u kind='离休' %}``."""
    kept = {name: value for name, value in query.items() if value not in (None, "")}
    return f"{url}{'&' if '?' in url else '?'}{urlencode(kept, doseq=True)}" if kept else url


@register.simple_tag
def crumbs(*parts: str) -> SafeString:
    """Breadcrumbs: label, url, label, url, …, last label: ``{% crumbs "一人一档" list_url "浔阳区" %}``."""
    pairs = [(parts[i], parts[i + 1] if i + 1 < len(parts) else "") for i in range(0, len(parts), 2)]
    items = format_html_join("", "<li>{}</li>", ((format_html('<a href="{}">{}</a>', url, label) if url else label,) for label, url in pairs))
    return format_html('<nav class="crumbs" aria-label="所在位置"><ol>{}</ol></nav>', items)


@register.simple_block_tag
def page_head(content: str, title: str, sub: str = "", tags: str = "") -> SafeString:
    """Head of a page; the block holds the buttons: ``{% page_head title="今日待访" sub="…" %}<a class="btn go">…</a>{% endpage_head %}``."""
    return render_to_string("components/page_head.html", {"title": title, "sub": sub, "tags": tags, "acts": mark_safe(content.strip())})


@register.simple_block_tag
def panel(content: str, title: str = "", note: str = "", more: str = "", more_url: str = "", id: str = "", kind: str = "", flush: bool = False) -> SafeString:
    """A white box with a heading. ``flush=True`` when it holds a table or list (no padding); ``kind="mark"`` for a red edge."""
    given = {"title": title, "note": note, "more": more, "more_url": more_url, "id": id, "kind": kind, "flush": flush, "body": content}
    return render_to_string("components/panel.html", given)


@register.simple_block_tag
def dialog(content: str, id: str, title: str) -> SafeString:
    """A native dialog, opened by ``<button data-dialog="ID">``; put a ``<footer>`` with the buttons inside the block."""
    return render_to_string("components/dialog.html", {"id": id, "title": title, "body": content})


@register.simple_block_tag
def help(content: str, about: str) -> SafeString:
    """「?」 beside something people hesitate at: ``{% help about="类别" %}…{% endhelp %}``."""
    return render_to_string("components/help.html", {"about": about, "body": content})


@register.filter
def get(mapping: Mapping, key: object) -> object:
    """``mapping[key]`` or None."""
    return mapping.get(key)


@register.filter
def page_range(page) -> list:
    """Numbers around the current page, "…" for gaps."""
    return list(page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1))


@register.filter
def chart_rows(chart: Mapping) -> list[dict]:
    """The table twin of a chart: ``[{"category", "cells": [{"value", "url"}]}]``."""
    return [
        {"category": category, "cells": [{"value": one["data"][i], "url": (one.get("urls") or {i: ""})[i]} for one in chart["series"]]}
        for i, category in enumerate(chart["categories"])
    ]
