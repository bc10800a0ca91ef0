"""Opinions of physicians as a section of packets: questions, answers with their rationale, talks with the payer."""

import uuid
from collections.abc import Sequence

from app.advisor import queries
from app.advisor.queries import Signed, Version
from app.advisor.rules import said
from app.advisor.terms import AttendingAnswer, EscalationKind, Reason
from app.census.united import Subject, subject
from app.kernel.wording import dated_text
from app.platform.work import Reading
from app.web.packets import Block, Section

PLACE = 40


def sections(db: Reading, encounter_id: uuid.UUID) -> Sequence[Section]:
    """Answers that stand, the latest first, and what the attending answered; what was struck out is left out."""
    stay = subject(db, encounter_id)
    questions = {one.escalation_id: one for one in queries.versions(db, encounter_id)}
    answers = queries.signed(db, [encounter_id]).get(stay.encounter_id, [])
    opinions = [
        _opinion(one, questions[one.escalation_id], stay, db)
        for one in answers
        if queries.is_opinion(one) and one.escalation_id in questions
    ]
    messages = [
        Block(
            heading=f"Attending physician: {AttendingAnswer(one.answer).label}",
            facts=(("Asked", one.question), ("Answered by", one.answered_by),
                   ("Answered", dated_text(one.answered_at, stay.zone, db.now))),
            paragraphs=(one.said,) if one.said else (),
        )
        for one in queries.messages(db, encounter_id)
        if one.answer and one.answered_at is not None
    ]  # fmt: skip
    found = [
        Section("opinions", "Opinions of physicians", PLACE, tuple(opinions)),
        Section("attending", "Answers of the attending physician", PLACE + 1, tuple(messages)),
    ]
    return [one for one in found if one.blocks]


def _opinion(one: Signed, question: Version, stay: Subject, db: Reading) -> Block:
    facts = [
        ("Question", question.question),
        ("Asked", dated_text(question.asked_at, stay.zone, db.now)),
        ("Signed by", one.decided_by),
        ("Signed", dated_text(one.decided_at, stay.zone, db.now)),
    ]
    if one.why is not Reason.OTHER:
        facts.append(("Because", one.why.label))
    if one.made_because:
        facts.append(("Amended", f"{dated_text(one.made_at, stay.zone, db.now)}: {one.made_because}"))
    heading = said(one.answer, EscalationKind(one.kind))
    return Block(heading=heading, facts=tuple(facts), paragraphs=(one.rationale,) if one.rationale else ())
