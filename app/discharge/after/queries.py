"""Calls and issues of stays, versions and all; whom to call, and what a call asks about."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from app.census.united import with_former
from app.discharge.after.terms import CallOutcome, CallState, IssueState, Urgency
from app.discharge.after.versions import NOT_THERE
from app.kernel.refusal import NotFound
from app.platform.work import Reading


class Call(msgspec.Struct):
    """A version of a call; `outcome` is None only in a draft. `encounter_id` is the stay for which it counts."""

    id: uuid.UUID
    call_id: uuid.UUID
    encounter_id: uuid.UUID
    state: CallState
    outcome: CallOutcome | None
    spoke_with: str
    at: datetime
    answers: list[dict[str, Any]]
    note: str
    next_at: datetime | None
    next_why: str
    because: str
    made_at: datetime
    made_by: str
    ended_at: datetime | None


class Made(Call):
    """A version of a call that was made: somebody was reached, or nobody."""

    outcome: CallOutcome


class Issue(msgspec.Struct):
    """A version of an issue. `encounter_id` is the stay for which it counts."""

    id: uuid.UUID
    issue_id: uuid.UUID
    encounter_id: uuid.UUID
    call_id: uuid.UUID | None
    question: str
    urgency: Urgency
    what: str
    owner: str
    found_at: datetime
    due_at: datetime
    state: IssueState
    note: str
    made_at: datetime
    made_by: str
    ended_at: datetime | None


_CALLS = """
select c.id, c.call_id, c.encounter_id, c.state, c.outcome, c.spoke_with, c.at, c.answers, c.note, c.next_at,
  c.next_why, c.because, c.made_at, coalesce(m.display_name, ''), c.ended_at
from follow_up_call c left join app_user m on m.id = c.made_by
where c.encounter_id = any(%s) {} order by c.at, c.made_at, c.id
"""
_ISSUES = """
select i.id, i.issue_id, i.encounter_id, i.call_id, i.question, i.urgency, i.what, i.owner, i.found_at, i.due_at,
  i.state, i.note, i.made_at, coalesce(m.display_name, ''), i.ended_at
from follow_up_issue i left join app_user m on m.id = i.made_by
where i.encounter_id = any(%s) {} order by i.found_at, i.made_at, i.id
"""


def _typed(belongs: dict[uuid.UUID, uuid.UUID], row: tuple[Any, ...]) -> dict[str, Any]:
    given = dict(zip(Call.__struct_fields__, row, strict=True))
    given["encounter_id"] = belongs[given["encounter_id"]]
    given["state"] = CallState(given["state"])
    given["outcome"] = CallOutcome(given["outcome"]) if given["outcome"] else None
    return given


def calls_of(db: Reading, encounter_ids: Sequence[uuid.UUID]) -> list[Made]:
    """The calls that count for these stays, in the order in which they were made."""
    belongs = with_former(db, encounter_ids)
    query = _CALLS.format("and c.ended_at is null and c.state = 'recorded'")
    return db.rows(lambda *row: Made(**_typed(belongs, row)), query, (list(belongs),))


def versions_of(db: Reading, encounter_id: uuid.UUID) -> list[Call]:
    """Every version of every call of a stay, drafts too."""
    belongs = with_former(db, [encounter_id])
    return db.rows(lambda *row: Call(**_typed(belongs, row)), _CALLS.format(""), (list(belongs),))


def draft_of(db: Reading, encounter_id: uuid.UUID) -> Call | None:
    """The draft of a call that somebody keeps for this stay."""
    found = [one for one in versions_of(db, encounter_id) if one.ended_at is None and one.state is CallState.DRAFT]
    return found[0] if found else None


def call(db: Reading, encounter_id: uuid.UUID, call_id: uuid.UUID) -> Call:
    """The version of a call that stands."""
    for one in versions_of(db, encounter_id):
        if one.call_id == call_id and one.ended_at is None:
            return one
    raise NotFound(NOT_THERE)


def issues_of(db: Reading, encounter_ids: Sequence[uuid.UUID], *, ended: bool = False) -> list[Issue]:
    """The issues of these stays in the order in which they were found; with `ended` every version."""
    belongs = with_former(db, encounter_ids)

    def shape(*row: Any) -> Issue:
        given = dict(zip(Issue.__struct_fields__, row, strict=True))
        given["encounter_id"] = belongs[given["encounter_id"]]
        given["urgency"], given["state"] = Urgency(given["urgency"]), IssueState(given["state"])
        return Issue(**given)

    return db.rows(shape, _ISSUES.format("" if ended else "and i.ended_at is null"), (list(belongs),))


def open_count(db: Reading, encounter_id: uuid.UUID) -> str:
    """How many issues are open, for the tab; empty for none."""
    parts = list(with_former(db, [encounter_id]))
    count = db.value(
        "select count(*) from follow_up_issue where encounter_id = any(%s) and ended_at is null"
        " and state in ('open', 'working')",
        (parts,),
    )
    return str(count or "")


class Person(msgspec.Struct):
    """Whom to call, and from where they left."""

    name: str
    phone: str
    language: str
    status: str
    discharge_at: datetime | None
    disposition: str
    deceased: bool


_PERSON = """
select concat_ws(', ', nullif(p.family, ''), nullif(p.given, '')), p.phone, p.language, e.status, e.discharge_at,
  e.disposition, coalesce(p.deceased, '') = 'Y'
from encounter e join patient p on p.id = e.patient_id where e.id = %s
"""


def person(db: Reading, encounter_id: uuid.UUID) -> Person:
    """Whom a call after this stay reaches."""
    return db.one(Person, _PERSON, (encounter_id,), missing=NOT_THERE)
