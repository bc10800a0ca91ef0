"""What a packet says of choices: every list that stands, with the answer."""

import uuid
from collections.abc import Sequence

from app.census.united import subject
from app.discharge.choice import queries, rules, showing
from app.discharge.choice.terms import ChoiceOutcome
from app.discharge.terms import CareType
from app.kernel.wording import full_text
from app.platform.work import Reading
from app.web.packets import Block, Section, Table

HEADS = ("Provider", "Distance", "CMS stars", "Network", "Disclosure")


def sections(db: Reading, encounter_id: uuid.UUID) -> Sequence[Section]:
    """Lists that stand, each as it was shown, with the answer that stands."""
    stay = subject(db, encounter_id)
    answers = {one.list_id: one for one in queries.versions(db, [stay.encounter_id]) if one.ended_at is None}
    blocks = []
    for one in queries.lists(db, [stay.encounter_id]):
        if one.ended_at is not None:
            continue
        shown, answer = one.content, answers.get(one.id)
        facts = [("List made", full_text(one.made_at, stay.zone)), ("Order", showing.list_context(shown)["order"])]
        if (network := rules.network_text(shown)) != "":
            facts.append(("Network", network))
        if answer is not None:
            facts += [
                ("Answer", ", ".join([ChoiceOutcome(answer.outcome).label, *showing.names(answer.vendors, shown)])),
                ("When", full_text(answer.chosen_at, stay.zone)), ("How", showing.sentence(answer)),
            ]  # fmt: skip
        rows = [
            (row["name"], row["miles"], row["stars"]["said"], row["network"], row["interest"])
            for row in map(showing.vendor_row, shown.vendors)
        ]
        blocks.append(Block(CareType(one.care_type).label, facts, table=Table(HEADS, rows)))
    return [Section("choice", "Patient choice", 85, blocks)]
