"""Conferences with their notes, what they gave to do, and reviews of complex cases."""

import uuid
from collections.abc import Sequence
from datetime import datetime

import msgspec

from app.census.united import with_former
from app.discharge.rounds import rules
from app.discharge.rounds.commands import NO_ACTION, NO_CONFERENCE
from app.discharge.rounds.terms import ActionState, CaseState, CaseStep
from app.kernel.refusal import NotFound
from app.platform.work import Reading


class ActionVersion(msgspec.Struct):
    """A version of something to do."""

    action_id: uuid.UUID
    encounter_id: uuid.UUID
    conference_id: uuid.UUID | None
    what: str
    owner: str
    due_at: datetime
    state: ActionState
    set_at: datetime
    note: str
    made_at: datetime
    made_by: str
    ended_at: datetime | None


class CaseVersion(msgspec.Struct):
    """A step in the review of a complex case."""

    id: uuid.UUID
    encounter_id: uuid.UUID
    step: CaseStep
    owner: str
    barrier: str
    next_step: str
    due_at: datetime | None
    note: str
    made_at: datetime
    made_by: str
    ended_at: datetime | None


class Noted(msgspec.Struct):
    """What a conference said of a stay."""

    conference_id: uuid.UUID
    encounter_id: uuid.UUID
    said: str
    unit: str
    held_at: datetime
    people: str
    made_at: datetime
    made_by: str
    ended_at: datetime | None


class Held(msgspec.Struct):
    """A conference of a unit."""

    id: uuid.UUID
    facility_id: int
    unit: str
    held_at: datetime
    people: str
    made_by: str
    notes: int


_ACTIONS = """
select a.action_id, a.encounter_id, a.conference_id, a.what, a.owner, a.due_at, a.state, a.set_at, a.note, a.made_at,
  coalesce(m.display_name, ''), a.ended_at
from conference_action a left join app_user m on m.id = a.made_by
"""
_CASES = """
select c.id, c.encounter_id, c.step, c.owner, c.barrier, c.next_step, c.due_at, c.note, c.made_at,
  coalesce(m.display_name, ''), c.ended_at
from case_review c left join app_user m on m.id = c.made_by
where c.encounter_id = any(%s) order by c.made_at, c.id
"""
_NOTES = """
select n.conference_id, n.encounter_id, n.said, c.unit, c.held_at, c.people, n.made_at, coalesce(m.display_name, ''),
  n.ended_at
from conference_note n join conference c on c.id = n.conference_id left join app_user m on m.id = n.made_by
"""
_HELD = """
select c.id, c.facility_id, c.unit, c.held_at, c.people, coalesce(m.display_name, ''),
  (select count(*) from conference_note n where n.conference_id = c.id and n.ended_at is null)
from conference c left join app_user m on m.id = c.made_by
"""


def _action(*row: object) -> ActionVersion:
    made = ActionVersion(*row)  # type: ignore[arg-type]
    made.state = ActionState(made.state)
    return made


def _case(*row: object) -> CaseVersion:
    made = CaseVersion(*row)  # type: ignore[arg-type]
    made.step = CaseStep(made.step)
    return made


def actions_of(db: Reading, encounter_ids: Sequence[uuid.UUID], *, ended: bool = False) -> list[ActionVersion]:
    """What is to be done for these stays, the first due first; with `ended` every version."""
    belongs = with_former(db, encounter_ids)
    where = "where a.encounter_id = any(%s)" + ("" if ended else " and a.ended_at is null")
    found = db.rows(_action, f"{_ACTIONS} {where} order by a.due_at, a.made_at, a.id", (list(belongs),))
    for one in found:
        one.encounter_id = belongs[one.encounter_id]
    return found


def action(db: Reading, action_id: uuid.UUID) -> ActionVersion:
    """The version that stands; NotFound outside the reader's scope."""
    return db.one(_action, f"{_ACTIONS} where a.action_id = %s and a.ended_at is null", (action_id,), missing=NO_ACTION)


def cases_of(db: Reading, encounter_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[CaseVersion]]:
    """All steps of the reviews of these stays, taken back or not, the earliest first."""
    belongs = with_former(db, encounter_ids)
    found: dict[uuid.UUID, list[CaseVersion]] = {}
    for one in db.rows(_case, _CASES, (list(belongs),)):
        found.setdefault(belongs[one.encounter_id], []).append(one)
    return found


def case_state(steps: Sequence[CaseVersion]) -> CaseState:
    """Where a case stands."""
    return rules.case_state(one.step for one in steps if one.ended_at is None)


def notes_of(db: Reading, encounter_id: uuid.UUID) -> list[Noted]:
    """What conferences said of a stay, the latest first; also what was taken away or corrected."""
    stays = list(with_former(db, [encounter_id]))
    return db.rows(Noted, f"{_NOTES} where n.encounter_id = any(%s) order by c.held_at desc, n.made_at desc", (stays,))


def notes_in(db: Reading, conference_id: uuid.UUID) -> dict[uuid.UUID, Noted]:
    """What a conference said of each stay, as it stands."""
    found = db.rows(Noted, f"{_NOTES} where n.conference_id = %s and n.ended_at is null", (conference_id,))
    return {one.encounter_id: one for one in found}


def conferences(db: Reading, facility_id: int, unit: str, most: int = 30) -> list[Held]:
    """The latest conferences of a unit."""
    return db.rows(
        Held,
        f"{_HELD} where c.facility_id = %s and c.unit = %s and c.ended_at is null order by c.held_at desc limit %s",
        (facility_id, unit, most),
    )


def conference(db: Reading, conference_id: uuid.UUID) -> Held:
    """One conference; NotFound outside the reader's scope."""
    found = db.rows(Held, f"{_HELD} where c.id = %s and c.ended_at is null", (conference_id,))
    if not found:
        raise NotFound(NO_CONFERENCE)
    return found[0]


class CaseRow(msgspec.Struct):
    """A stay of the list of complex cases, or one that is proposed for it."""

    encounter_id: uuid.UUID
    patient_id: uuid.UUID
    name: str
    place: str
    unit: str
    start_at: datetime | None
    listed: bool


_LISTED = """
select e.id, e.patient_id, concat_ws(', ', nullif(p.family, ''), nullif(p.given, '')),
  concat_ws('-', nullif(e.room, ''), nullif(e.bed, '')), e.unit, e.start_at,
  coalesce((select c.step <> 'close' from case_review c where c.encounter_id = e.id and c.ended_at is null
    order by c.made_at desc, c.id desc limit 1), false) as listed
from encounter e join patient p on p.id = e.patient_id
where e.facility_id = %s and e.status in ('admitted', 'on_leave') and e.gone_at is null
"""

_COMPLEX = """exists (select from risk_score r where r.encounter_id = x.id and r.ended_at is null
  and r.instrument = 'complexity' and r.band = 'complex')"""


def case_rows(db: Reading, facility_id: int) -> list[CaseRow]:
    """Stays on the list, and stays proposed for it: complex ones by their points, and long ones."""
    query = f"select x.* from ({_LISTED}) x where x.listed or x.start_at <= %s or {_COMPLEX} order by x.start_at, x.id"
    return db.rows(CaseRow, query, (facility_id, db.now - rules.LONG_STAY))
