"""A registry of any size within minutes, for measuring: invented people, their plans of the year and visits, made by the database itself.

``fill`` works set by set in one transaction. Indexes, unique and foreign keys of the large tables are taken down and built again at the
end, and their history triggers are off meanwhile: the people made here have no first entry in their history. Every other column, the
search vector, the paths and the due days are what the portal itself would have written (``tests/dashboard/test_scale.py`` compares them).
"""

from apps.dashboard.scale.filling import Filled, fill, tidy

__all__ = ["Filled", "fill", "tidy"]
