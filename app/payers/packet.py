"""What a packet says of payers: what they were asked, what they answered, which days stand, every contact."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from app.census.united import Subject, subject
from app.kernel.wording import full_text
from app.payers.authorizations.queries import AnswerVersion, AskedVersion, Authorization, authorizations
from app.payers.authorizations.showing import answer_line, asked_line, days_lines
from app.payers.contacts.queries import contacts
from app.payers.contacts.showing import contact_line
from app.platform.work import Reading
from app.web.packets import Block, Section, Table


def sections(db: Reading, encounter_id: uuid.UUID) -> Sequence[Section]:
    """Authorizations in the order in which they were begun, then the log of contacts; nothing that was struck out."""
    stay = subject(db, encounter_id)
    held = [one for one in authorizations(db, stay.encounter_id) if one.head.ended_at is None]
    blocks = [_authorization(one, db, stay) for one in held]
    spoken = sorted(
        (one for one in contacts(db, stay.encounter_id) if one.stands), key=lambda one: (one.at, one.made_at)
    )
    if spoken:
        rows = [(full_text(one.at, stay.zone), contact_line(one), one.said) for one in spoken]
        blocks.append(Block("Contacts with payers", table=Table(("When", "Contact", "What was said"), rows)))
    return [Section("payers", "Payers and authorizations", 50, blocks)]


def _authorization(one: Authorization, db: Reading, stay: Subject) -> Block:
    found, today = one.standing, stay.day(db.now)
    facts = [("State", found.state.label), ("Number", one.number), *days_lines(found.days, today)]
    told: list[AskedVersion | AnswerVersion] = [
        *(a for a in one.asked if a.stands),
        *(a for a in one.answers if a.stands),
    ]
    rows = []
    for part in sorted(told, key=_when):
        asked = isinstance(part, AskedVersion)
        line = asked_line(part, today) if isinstance(part, AskedVersion) else answer_line(part, today)
        words = part.message if isinstance(part, AskedVersion) else part.text
        rows.append((full_text(_when(part), stay.zone), "Asked" if asked else "Answered", line, words))
    return Block(
        one.head.payer,
        facts=[(label, text) for label, text in facts if text],
        paragraphs=list(found.days.contradictions),
        table=Table(("When", "Who spoke", "What", "In words"), rows),
    )


def _when(one: AskedVersion | AnswerVersion) -> datetime:
    return one.asked_at if isinstance(one, AskedVersion) else one.received_at
