"""Signs, the case, advance-care planning and meetings of stays, as they stand and stood."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime

import msgspec

from app.census.united import with_former
from app.discharge.illness.terms import CaseState
from app.platform.work import Reading


class SignRow(msgspec.Struct):
    """A sign, with what shows it."""

    id: uuid.UUID
    encounter_id: uuid.UUID
    sign: str
    told: bool
    evidence: str
    found_at: datetime
    made_by: str
    ended_at: datetime | None


_SIGNS = """
select s.id, s.encounter_id, s.sign, s.told, s.evidence, s.found_at, coalesce(u.display_name, ''), s.ended_at
from illness_sign s left join app_user u on u.id = s.made_by where s.encounter_id = any(%s)
"""


def signs(db: Reading, encounter_id: uuid.UUID) -> list[SignRow]:
    """Every sign of a stay that stands or stood, the latest first."""
    return db.rows(SignRow, f"{_SIGNS} order by s.ended_at is not null, s.found_at desc, s.id",
                    (list(with_former(db, [encounter_id])),))  # fmt: skip


def standing_signs(db: Reading, stays: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[SignRow]]:
    """The signs that stand, by stay. A stay that is part of another is not asked for its whole."""
    found: dict[uuid.UUID, list[SignRow]] = {}
    for one in db.rows(SignRow, f"{_SIGNS} and s.ended_at is null order by s.found_at", (list(stays),)):
        found.setdefault(one.encounter_id, []).append(one)
    return found


class CaseRow(msgspec.Struct):
    """One version of the answer to the signs of a stay."""

    id: uuid.UUID
    encounter_id: uuid.UUID
    case_id: uuid.UUID
    round_id: uuid.UUID
    state: str
    action: str
    why: str
    note: str
    found_at: datetime
    first_found_at: datetime
    answered_at: datetime | None
    return_on: date | None
    ordered_at: datetime | None
    seen_at: datetime | None
    made_at: datetime
    made_by: str
    ended_at: datetime | None

    @property
    def stands(self) -> CaseState:
        """Where it stands."""
        return CaseState(self.state)


_CASES = """
select c.id, c.encounter_id, c.case_id, c.round_id, c.state, c.action, c.why, c.note, c.found_at, c.first_found_at,
  c.answered_at, c.return_on, c.ordered_at, c.seen_at, c.made_at, coalesce(u.display_name, ''), c.ended_at
from illness_case c left join app_user u on u.id = c.made_by where c.encounter_id = any(%s)
"""


def case_versions(db: Reading, encounter_id: uuid.UUID) -> list[CaseRow]:
    """Every version of the case of a stay, the latest first."""
    return db.rows(CaseRow, f"{_CASES} order by c.made_at desc, c.id desc", (list(with_former(db, [encounter_id])),))


def cases(db: Reading, stays: Sequence[uuid.UUID]) -> dict[uuid.UUID, CaseRow]:
    """The case that stands, by the stay for which it counts."""
    belongs = with_former(db, stays)
    rows = db.rows(CaseRow, f"{_CASES} and c.ended_at is null order by c.made_at", (list(belongs),))
    return {belongs[one.encounter_id]: one for one in rows}


class Planning(msgspec.Struct):
    """One version of advance-care planning."""

    id: uuid.UUID
    encounter_id: uuid.UUID
    state: str
    documents: list[str]
    documents_seen: list[str]
    code_status: str
    conflict: str
    surrogate: str
    basis: str
    contact: str
    goals: str
    asked_at: datetime
    made_at: datetime
    made_by: str
    ended_at: datetime | None


_PLANNING = """
select a.id, a.encounter_id, a.state, a.documents, a.documents_seen, a.code_status, a.conflict, a.surrogate, a.basis,
  a.contact, a.goals, a.asked_at, a.made_at, coalesce(u.display_name, ''), a.ended_at
from advance_care a left join app_user u on u.id = a.made_by where a.encounter_id = any(%s)
"""


def planning_versions(db: Reading, encounter_id: uuid.UUID) -> list[Planning]:
    """Every version of advance-care planning of a stay, the latest first."""
    query = f"{_PLANNING} order by a.made_at desc, a.id desc"
    return db.rows(Planning, query, (list(with_former(db, [encounter_id])),))


def plannings(db: Reading, stays: Sequence[uuid.UUID]) -> dict[uuid.UUID, Planning]:
    """What is known of advance-care planning, by stay."""
    belongs = with_former(db, stays)
    rows = db.rows(Planning, f"{_PLANNING} and a.ended_at is null order by a.made_at", (list(belongs),))
    return {belongs[one.encounter_id]: one for one in rows}


class Meeting(msgspec.Struct):
    """One version of a family meeting."""

    id: uuid.UUID
    encounter_id: uuid.UUID
    meeting_id: uuid.UUID
    state: str
    wanted_at: datetime
    planned_at: datetime | None
    held_at: datetime | None
    minutes: int
    present: str
    outcome: str
    agreed: str
    hospice_considered: bool
    disposition: str
    note: str
    made_at: datetime
    made_by: str
    ended_at: datetime | None


_MEETINGS = """
select m.id, m.encounter_id, m.meeting_id, m.state, m.wanted_at, m.planned_at, m.held_at, m.minutes, m.present,
  m.outcome, m.agreed, m.hospice_considered, m.disposition, m.note, m.made_at, coalesce(u.display_name, ''), m.ended_at
from illness_meeting m left join app_user u on u.id = m.made_by where {}
"""


def meetings(db: Reading, stays: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Meeting]]:
    """Meetings as they stand, by stay, the latest first; without those that were struck out."""
    belongs = with_former(db, stays)
    query = _MEETINGS.format("m.encounter_id = any(%s) and m.ended_at is null and m.state <> 'struck_out'")
    found: dict[uuid.UUID, list[Meeting]] = {}
    for one in db.rows(Meeting, f"{query} order by coalesce(m.held_at, m.planned_at) desc", (list(belongs),)):
        found.setdefault(belongs[one.encounter_id], []).append(one)
    return found


def meeting_of(db: Reading, meeting_id: uuid.UUID) -> Meeting | None:
    """One meeting as it stands; None outside the reader's scope."""
    query = _MEETINGS.format("m.meeting_id = %s and m.ended_at is null")
    return next(iter(db.rows(Meeting, query, (meeting_id,))), None)
