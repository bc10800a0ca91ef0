"""What a packet says of notices: every delivery that stands, with its evidence."""

import uuid
from collections.abc import Sequence

from app.census.united import subject
from app.clocks.terms import NoticeKind
from app.kernel.wording import full_text
from app.notices.queries import versions
from app.notices.rules import name_of
from app.notices.showing import facts_of, sentence
from app.platform.work import Reading
from app.web.packets import Block, Section


def sections(db: Reading, encounter_id: uuid.UUID) -> Sequence[Section]:
    """Deliveries in the order in which they were made."""
    zone = subject(db, encounter_id).zone
    standing = [one for one in versions(db, encounter_id) if one.ended_at is None]
    blocks = [
        Block(
            name_of(NoticeKind(one.kind), one.copy),
            facts=[("Delivered", full_text(one.delivered_at, zone)), ("How", sentence(one)), *facts_of(one)],
        )
        for one in sorted(standing, key=lambda one: (one.delivered_at, one.made_at))
    ]
    return [Section("notices", "Notices", 60, blocks)]
