"""The one exception of the embedded services."""


class EmbeddedError(RuntimeError):
    """An embedded service can't be used; the text is a whole sentence saying why and what to do."""
