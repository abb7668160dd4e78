"""The one exception for "this can't be done, and here is why"."""


class Refused(Exception):
    """``sentence`` is shown to the user as it stands; ``field`` names the form field it belongs to, ``code`` is for programs."""

    def __init__(self, sentence: str, *, code: str = "refused", field: str = "", status: int = 400) -> None:
        super().__init__(sentence)
        self.sentence, self.code, self.field, self.status = sentence, code, field, status


class Stale(Refused):
    """Somebody else saved the same record in the meantime."""

    def __init__(self, sentence: str = "这条记录刚刚被别人改过，请核对后再保存。", **kwargs) -> None:
        super().__init__(sentence, code="stale", status=409, **kwargs)
