"""Hand-offs to programs of the community, versions and all."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from app.census.united import with_former
from app.discharge.after.terms import ProgramKind, ProgramState
from app.platform.work import Reading


class Handoff(msgspec.Struct):
    """A version of a hand-off. `encounter_id` is the stay for which it counts."""

    id: uuid.UUID
    handoff_id: uuid.UUID
    encounter_id: uuid.UUID
    kind: ProgramKind
    program: str
    member_number: str
    lead_name: str
    lead_phone: str
    consent_by: str
    consent_at: datetime | None
    chosen_at: datetime
    told_at: datetime | None
    answered_at: datetime | None
    met_at: datetime | None
    documents: str
    state: ProgramState
    note: str
    made_at: datetime
    made_by: str
    ended_at: datetime | None


_HANDOFFS = """
select h.id, h.handoff_id, h.encounter_id, h.kind, h.program, h.member_number, h.lead_name, h.lead_phone, h.consent_by,
  h.consent_at, h.chosen_at, h.told_at, h.answered_at, h.met_at, h.documents, h.state, h.note, h.made_at,
  coalesce(m.display_name, ''), h.ended_at
from program_handoff h left join app_user m on m.id = h.made_by
where h.encounter_id = any(%s) {} order by h.chosen_at, h.made_at, h.id
"""


def handoffs_of(db: Reading, encounter_ids: Sequence[uuid.UUID], *, ended: bool = False) -> list[Handoff]:
    """The hand-offs of these stays in the order in which they were chosen; with `ended` every version."""
    belongs = with_former(db, encounter_ids)

    def shape(*row: Any) -> Handoff:
        given = dict(zip(Handoff.__struct_fields__, row, strict=True))
        given["encounter_id"] = belongs[given["encounter_id"]]
        given["kind"], given["state"] = ProgramKind(given["kind"]), ProgramState(given["state"])
        return Handoff(**given)

    return db.rows(shape, _HANDOFFS.format("" if ended else "and h.ended_at is null"), (list(belongs),))
