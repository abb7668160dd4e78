"""A stranger's workbook given back with marks at its cells. See ``marking``."""
