"""Read → check → show → apply. See ``staging`` (read and check) and ``applying`` (write)."""
