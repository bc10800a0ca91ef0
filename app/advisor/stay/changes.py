"""What physicians answered on a stay since an instant, for whoever reviews it again."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from app.advisor.queries import is_opinion, messages, signed
from app.advisor.rules import said
from app.advisor.terms import AttendingAnswer, EscalationKind
from app.census.united import subject
from app.platform.work import Reading
from app.web.changes import Change


def opinions_since(db: Reading, encounter_id: uuid.UUID, since: datetime) -> Sequence[Change]:
    """Answers that stand, of physicians who decide and of the attending."""
    stay = subject(db, encounter_id)
    answers = [
        Change(
            "Physician advisor", f"{said(one.answer, EscalationKind(one.kind)).lower()}, {one.why.label.lower()}",
            one.decided_at,
        )
        for one in signed(db, [encounter_id]).get(stay.encounter_id, [])
        if is_opinion(one) and one.decided_at > since
    ]  # fmt: skip
    replies = [
        Change("Attending", AttendingAnswer(one.answer).label.lower() + (f", {one.said}" if one.said else ""),
               one.answered_at)
        for one in messages(db, encounter_id)
        if one.answer and one.answered_at is not None and one.answered_at > since
    ]  # fmt: skip
    return [*answers, *replies]
