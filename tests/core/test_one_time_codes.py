"""Fingerprints of one-time codes: one length whatever the code, the same however it is typed, none of nothing."""

import re

from apps.core.one_time_codes import fingerprint, fresh_codes


def test_fingerprints_are_thirty_two_hexadecimal_digits():
    made = {fingerprint(code, "x.code") for code in fresh_codes(3000)}
    assert all(re.fullmatch("[0-9a-f]{32}", one) for one in made)


def test_typed_in_any_way_and_apart_by_purpose():
    assert fingerprint(" 12345-67890 ", "x") == fingerprint("\uff11234567890", "x")
    assert fingerprint("1234567890", "x") != fingerprint("1234567890", "y")
    assert fingerprint("no digits", "x") == ""
