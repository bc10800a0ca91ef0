"""What a packet says of status: the midnights, the documented expectation, determinations, changes."""

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime

from app.census.united import subject
from app.kernel.wording import full_text
from app.platform.work import Reading
from app.status import queries
from app.status.changing.kept import Change, changes
from app.status.queries import Case, Expected
from app.status.reckoning import reckoned
from app.status.tab.drawing import table_of
from app.status.terms import Answer, Basis, ChangeKind, Channel, CutShort, Finding, Question
from app.web.packets import Block, Section, Table

PLACE = 30
_COUNTED = ("determined", "closed")
Said = Callable[[datetime], str]


def sections(db: Reading, encounter_id: uuid.UUID) -> Sequence[Section]:
    """Midnights first, then what was decided about them."""
    stay = subject(db, encounter_id)

    def said(at: datetime) -> str:
        return full_text(at, stay.zone)

    one = reckoned(db, [stay.encounter_id]).get(stay.encounter_id)
    found = []
    if one is not None and one.found.began_at is not None:
        rows = [
            (night["night"], night["care"], night["benchmark"], night["presumption"], night["billing"])
            for night in table_of(one)
        ]
        table = Table(("Midnight", "Care", "Benchmark", "After the order", "Billing"), rows) if rows else None
        blocks = [Block("Two midnights", paragraphs=(one.found.sentence,), table=table)]
        written = queries.expectations(db, [stay.encounter_id]).get(stay.encounter_id)
        if written is not None:
            blocks.append(_expectation(written, said))
        found.append(Section("midnights", "Two midnights", PLACE, blocks))
    decided = [_determination(each, said) for each in queries.cases(db, encounter_id) if each.version.state in _COUNTED]
    found.append(Section("determinations", "Determinations of the committee", PLACE + 1, decided))
    changed = [_change(each, said) for each in changes(db, encounter_id) if each.state == "completed"]
    found.append(Section("status_changes", "Changes of status", PLACE + 2, changed))
    return [each for each in found if each.blocks]


def _expectation(written: Expected, said: Said) -> Block:
    facts = [("Basis", Basis(written.basis).label), ("Physician", written.physician),
             ("Documented", said(written.written_at))]  # fmt: skip
    if written.cut_short:
        facts.append(("Cut short", CutShort(written.cut_short).label))
    if written.elsewhere_since is not None:
        facts.append(("Care at the sending hospital since", said(written.elsewhere_since)))
    return Block("Documented expectation", facts=facts, paragraphs=(written.factors,))


def _determination(one: Case, said: Said) -> Block:
    version = one.version
    facts = [("Question", Question(version.question).label), ("Found", Finding(version.finding).label)]
    if version.determined_at is not None:
        facts.append(("Determined", said(version.determined_at)))
    facts += [("Member", f"{each.name}: {Finding(each.finding).label}") for each in one.given]
    facts += [
        ("Practitioner", f"{each.practitioner}, {said(each.attempted_at)}, {Channel(each.channel).label.lower()}:"
         f" {Answer(each.answer).label.lower()}")
        for each in one.heard
    ]  # fmt: skip
    facts += [(f"Told: {each.told}", f"{each.recipient}, {said(each.delivered_at)}") for each in one.written]
    if version.exception:
        facts.append(("Exception", version.exception))
    views = [each.views for each in one.heard if each.views]
    return Block(Finding(version.finding).label, facts=facts, paragraphs=(version.rationale, *views))


def _change(one: Change, said: Said) -> Block:
    facts = [("Order", " ".join(part for part in (one.order_number, one.ordered_by) if part))]
    if one.ordered_at is not None and one.effective_at is not None:
        facts += [("Written", said(one.ordered_at)), ("Effective", said(one.effective_at))]
    return Block(ChangeKind(one.kind).label, facts=facts, paragraphs=(one.reason,))
