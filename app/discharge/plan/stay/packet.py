"""What a packet says of the plan: date, destination, readiness, barriers, milestones, goals."""

import uuid
from collections.abc import Sequence

from app.census.united import subject
from app.discharge.plan import queries
from app.discharge.plan.barriers.showing import due_text
from app.discharge.plan.items.queries import items
from app.discharge.plan.terms import BarrierState, ItemPart, ItemState
from app.discharge.ready.queries import statements
from app.kernel.wording import day_text, full_text
from app.platform.work import Reading
from app.web.packets import Block, Section, Table

PLACE = 15


def sections(db: Reading, encounter_id: uuid.UUID) -> Sequence[Section]:
    """The plan as it stands; no section where nothing was planned."""
    stay = subject(db, encounter_id)
    stays, today = [stay.encounter_id], stay.day(db.now)
    facts: list[tuple[str, str]] = []
    expected, going = queries.expected_date(db, stay.encounter_id), queries.disposition(db, stay.encounter_id)
    if expected is not None:
        facts.append(("Expected discharge", f"{day_text(expected.expected_on, today)}, {expected.confidence.label}"))
    if going is not None:
        facts.append(("Going to", f"{going.to.label}: {going.detail}" if going.detail else going.to.label))
        if going.backup is not None:
            facts.append(("Second choice", going.backup.label))
        if going.agreed_with:
            facts.append(("Agreed with", going.agreed_with))
    facts += [(one.kind.label, f"{full_text(one.at, stay.zone)}, {one.physician}") for one in statements(db, stays)]
    blocks = [Block(facts=facts)] if facts else []
    barriers = [one for one in queries.barriers(db, stays) if one.state is not BarrierState.STRUCK_OUT]
    if barriers:
        rows = [
            (one.words, one.party, full_text(one.began_at, stay.zone), due_text(one.due_at, stay, db.now),
             f"resolved {full_text(one.resolved_at, stay.zone)}" if one.resolved_at else one.state.label)
            for one in barriers
        ]  # fmt: skip
        blocks.append(Block("Barriers", table=Table(("Barrier", "Owner", "Since", "Due", "State"), rows)))
    counted = [one for one in items(db, stays) if one.state is not ItemState.STRUCK_OUT]
    for part, title in ((ItemPart.MILESTONE, "Milestones"), (ItemPart.TASK, "Tasks"), (ItemPart.GOAL, "Goals")):
        lines = [
            (one.words, " ".join(filter(None, (one.measure, one.target))),
             day_text(one.due_on, today) if one.due_on else "", one.state.label)
            for one in counted if one.part is part
        ]  # fmt: skip
        if lines:
            blocks.append(Block(title, table=Table((part.label, "Measure and target", "By", "State"), lines)))
    return [Section("plan", "Discharge plan", PLACE, blocks)] if blocks else []
