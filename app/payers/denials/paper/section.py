"""What a packet says of the denials of a stay: what was denied, what was done about it, how it ended."""

import uuid
from collections.abc import Sequence
from datetime import date

from app.census.united import subject
from app.kernel.wording import day_text, full_text
from app.payers.authorizations.showing import ranges_words
from app.payers.denials import queries
from app.payers.denials.appeals.terms import AppealOutcome, AppealState
from app.payers.denials.terms import DenialKind, DenialOutcome, DenialState, TalkOutcome
from app.platform.work import Reading
from app.web.packets import Block, Section, Table

PLACE = 70
WITH_YEAR = date.min
"""As seen from here every day bears its year: what was sent once is read years later, and says the same then."""


def sections(db: Reading, encounter_id: uuid.UUID) -> Sequence[Section]:
    """Denials that stand, with their appeals; root cause and amounts are this house's own and stay out."""
    stay = subject(db, encounter_id)
    found = [one for one in queries.denials(db, encounter_id) if one.state != DenialState.STRUCK_OUT]
    appeals = queries.appeals(db, [one.denial_id for one in found])
    blocks = []
    for one in found:
        facts = [
            ("Notice", day_text(stay.day(one.notice_at), WITH_YEAR)),
            ("Received", day_text(one.received_on, WITH_YEAR) if one.received_on else ""),
            ("Days", ranges_words(one.days, WITH_YEAR)),
            ("Reference", one.reference),
            ("Reason", " ".join(part for part in (one.reason_code, one.reason) if part)),
            ("Peer-to-peer talk", TalkOutcome(one.talk_outcome).label if one.talk_outcome else
             f"asked {full_text(one.talk_asked_at, stay.zone)}" if one.talk_asked_at else ""),
            ("Outcome", DenialOutcome(one.outcome).label if one.outcome else ""),
        ]  # fmt: skip
        rows = [
            (f"{appeal.level}. {appeal.level_name}",
             full_text(appeal.sent_at, stay.zone) if appeal.sent_at else "",
             AppealOutcome(appeal.outcome).label if appeal.outcome else AppealState(appeal.state).label,
             day_text(stay.day(appeal.decided_at), WITH_YEAR) if appeal.decided_at else "")
            for appeal in appeals if appeal.denial_id == one.denial_id and appeal.state != AppealState.STRUCK_OUT
        ]  # fmt: skip
        blocks.append(
            Block(
                f"{DenialKind(one.kind).label} denial of {one.payer}",
                facts=[(label, text) for label, text in facts if text],
                table=Table(("Level", "Sent", "How it stands", "Decided"), rows) if rows else None,
            )
        )
    return [Section("denials", "Denials and appeals", PLACE, blocks)] if blocks else []
