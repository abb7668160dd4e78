"""What a voter does, without a login: nobody is named anywhere, and nothing is kept that leads from a code to an answer.

The row of the code goes when the answer comes, both in one transaction; no time is kept, no line goes into the audit, and the code travels in the
body of the request (in the address it stands behind ``#``, which no server sees), so that no log has it either.
"""

from collections.abc import Sequence
from datetime import date

from django.db import transaction

from apps.branches.models import Ballot, BallotAnswer, BallotCode, BallotState, Grade
from apps.branches.selectors.ballots import PURPOSE, fingerprint
from apps.core.one_time_codes import UNKNOWN, patience, unknown
from apps.core.refusal import Refused
from apps.core.scope import system_scope


def _ballot(code: str, today: date, address: str) -> Ballot:
    """The ballot under a row lock; voters of one ballot pass one by one. Raises ``Refused`` (field ``code``)."""
    patience(address, PURPOSE)
    pk = BallotCode.objects.filter(digest=fingerprint(code)).values_list("ballot", flat=True).first()
    if pk is None:
        raise unknown(address, PURPOSE)
    found = Ballot.objects.select_for_update(of=("self",)).select_related("branch", "org").get(pk=pk)
    if found.state != BallotState.OPEN or found.closes_on < today:
        raise Refused("这次评议已经结束，谢谢您的参与。", code="ballot_over", field="code")
    return found


@transaction.atomic
def ballot_of(*, code: str, today: date, address: str) -> Ballot:
    """The ballot a code is for; nothing is used up. ``address`` is where the request comes from, to slow down guessing. Raises ``Refused`` (field ``code``)."""
    with system_scope("public ballot"):
        return _ballot(code, today, address)


@transaction.atomic
def vote(*, code: str, grades: Sequence[str], remark: str, today: date, address: str) -> None:
    """Use a code up and keep the answer. ``grades`` are values of ``Grade``, one per question. Raises ``Refused`` (fields ``code``, ``q0``, ``q1``, …)."""
    with system_scope("public ballot"):
        ballot = _ballot(code, today, address)
        missing = [n for n in range(len(ballot.questions)) if n >= len(grades) or grades[n] not in Grade.values]
        if missing:
            raise Refused("还有一项没有选。", code="question_open", field=f"q{missing[0]}")
        row = BallotCode.objects.filter(digest=fingerprint(code)).first()
        if row is None or not BallotCode.objects.filter(pk=row.pk).delete()[0]:
            raise Refused(UNKNOWN, code="unknown_code", field="code")
        BallotAnswer.objects.create(ballot=ballot, org=ballot.org, group=row.group, grades=list(grades[: len(ballot.questions)]), remark=remark.strip()[:300])
