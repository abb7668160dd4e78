"""Reports of visiting work."""

from apps.care.reports import quarterly  # noqa: F401 - registers itself
