"""Who reads a review for the second time sees no review of that stay until the reading is signed or given back."""

import uuid
from collections.abc import Sequence

from app.kernel.refusal import Refused
from app.platform.work import Reading

SENTENCE = (
    "You are reading a review of this stay for the second time. Sign your reading or give it back on the page of second"
    " readings; then you see the reviews."
)
_KEPT = """
select distinct encounter_id from second_reading_claim
where taken_by = %s and ended_at is null and encounter_id = any(%s)
"""


def kept_blind(db: Reading, encounter_ids: Sequence[uuid.UUID]) -> set[uuid.UUID]:
    """Those of the stays of which the reader has a second reading open."""
    if db.who.actor_id is None:
        return set()
    return set(db.values(_KEPT, (db.who.actor_id, list(encounter_ids))))


def refuse_while_blind(db: Reading, encounter_ids: Sequence[uuid.UUID]) -> None:
    """Refused for whoever has a second reading of one of these stays open."""
    if kept_blind(db, encounter_ids):
        raise Refused(SENTENCE)
