"""Lists and choices of stays, who pays for a stay, and what was chosen, for whoever asks."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime

import msgspec

from app.census.united import with_former
from app.clocks.guessing import line_of
from app.clocks.terms import Line
from app.discharge.choice.rules import state_of
from app.discharge.choice.snapshot import Shown
from app.discharge.choice.terms import ChoiceOutcome, ChoiceState
from app.kernel.refusal import NotFound
from app.platform.work import Reading

NO_LIST = "There is no such list, or it lies outside what you may see."


class ListRow(msgspec.Struct):
    """A list as it was shown, with who made it and how it ended."""

    id: uuid.UUID
    encounter_id: uuid.UUID
    facility_id: int
    care_type: str
    content: Shown
    data_on: date | None
    made_at: datetime
    by: str
    ended_at: datetime | None
    ended_because: str
    ended_reason: str


class ChoiceRow(msgspec.Struct):
    """One version of an answer."""

    id: uuid.UUID
    choice_id: uuid.UUID
    list_id: uuid.UUID
    encounter_id: uuid.UUID
    care_type: str
    given_to: str
    recipient_name: str
    relation: str
    given_how: str
    language: str
    interpreter: str
    outcome: str
    vendors: list[uuid.UUID]
    disclosed: bool
    evidence: str
    drawing: str
    witness_name: str
    said: str
    chosen_at: datetime
    made_at: datetime
    by: str
    made_because: str
    ended_at: datetime | None
    ended_because: str
    ended_reason: str


class MarkRow(msgspec.Struct):
    """What a family marked through a link."""

    list_id: uuid.UUID
    vendors: list[uuid.UUID]
    marked_by: str
    said: str
    made_at: datetime


_LISTS = """
select l.id, l.encounter_id, l.facility_id, l.care_type, l.content, l.data_on, l.made_at,
  coalesce(u.display_name, ''), l.ended_at, l.ended_because, l.ended_reason
from choice_list l left join app_user u on u.id = l.made_by where {where} order by l.made_at desc
"""
_CHOICES = """
select c.id, c.choice_id, c.list_id, c.encounter_id, l.care_type, c.given_to, c.recipient_name, c.relation, c.given_how,
  c.language, c.interpreter, c.outcome, c.vendors, c.disclosed, c.evidence, c.drawing, c.witness_name, c.said,
  c.chosen_at, c.made_at, coalesce(u.display_name, ''), c.made_because, c.ended_at, c.ended_because, c.ended_reason
from choice c join choice_list l on l.id = c.list_id left join app_user u on u.id = c.made_by
where c.encounter_id = any(%s) order by c.made_at desc
"""
_MARKS = """
select list_id, vendors, marked_by, said, made_at from choice_mark
where encounter_id = any(%s) and ended_at is null order by made_at desc
"""


def _list(*values: object) -> ListRow:
    """A row with its content read; psycopg hands JSON over as plain values."""
    row = ListRow(*values)  # type: ignore[arg-type]
    return msgspec.structs.replace(row, content=msgspec.convert(row.content, Shown))


def lists(db: Reading, encounter_ids: Sequence[uuid.UUID]) -> list[ListRow]:
    """Every list of these stays, the latest first."""
    wanted = list(with_former(db, encounter_ids))
    return db.rows(_list, _LISTS.format(where="l.encounter_id = any(%s)"), (wanted,))


def list_of(db: Reading, list_id: uuid.UUID) -> ListRow:
    """One list by its key."""
    return db.one(_list, _LISTS.format(where="l.id = %s"), (list_id,), missing=NO_LIST)


def versions(db: Reading, encounter_ids: Sequence[uuid.UUID]) -> list[ChoiceRow]:
    """Every version of every answer of these stays, the latest first."""
    return db.rows(ChoiceRow, _CHOICES, (list(with_former(db, encounter_ids)),))


def version(db: Reading, choice_id: uuid.UUID) -> ChoiceRow:
    """The version of an answer that stands, else the last one."""
    stay = db.value("select encounter_id from choice where choice_id = %s limit 1", (choice_id,))
    found = [one for one in versions(db, [stay]) if one.choice_id == choice_id] if stay is not None else []
    if not found:
        raise NotFound("There is no such choice, or it lies outside what you may see.")
    return next((one for one in found if one.ended_at is None), found[0])


def marks(db: Reading, encounter_ids: Sequence[uuid.UUID]) -> list[MarkRow]:
    """Wishes that families marked and that stand, the latest first."""
    return db.rows(MarkRow, _MARKS, (list(with_former(db, encounter_ids)),))


def state(db: Reading, one: ListRow) -> ChoiceState:
    """Where a list stands."""
    outcome = db.value("select outcome from choice where list_id = %s and ended_at is null", (one.id,))
    return state_of(ChoiceOutcome(outcome) if outcome else None, ended=one.ended_at is not None)


class Chosen(msgspec.Struct, frozen=True):
    """What a patient answered last for a type of care; `vendors` in the order of preference."""

    encounter_id: uuid.UUID
    care_type: str
    list_id: uuid.UUID
    choice_id: uuid.UUID
    outcome: str
    vendors: tuple[uuid.UUID, ...]
    chosen_at: datetime


_CHOSEN = """
select distinct on (c.encounter_id, l.care_type) c.encounter_id, l.care_type, c.list_id, c.choice_id, c.outcome,
  c.vendors, c.chosen_at
from choice c join choice_list l on l.id = c.list_id
where c.encounter_id = any(%s) and c.ended_at is null and l.ended_at is null
order by c.encounter_id, l.care_type, c.chosen_at desc, c.made_at desc
"""


def chosen(db: Reading, encounter_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Chosen]]:
    """The last answers that stand, by stay and type of care."""
    belongs = with_former(db, encounter_ids)
    latest: dict[tuple[uuid.UUID, str], Chosen] = {}
    for row in db.rows(lambda *values: values, _CHOSEN, (list(belongs),)):
        one = Chosen(belongs[row[0]], row[1], row[2], row[3], row[4], tuple(row[5]), row[6])
        before = latest.get((one.encounter_id, one.care_type))
        if before is None or before.chosen_at < one.chosen_at:
            latest[one.encounter_id, one.care_type] = one
    found: dict[uuid.UUID, list[Chosen]] = {}
    for (stay, _kind), one in latest.items():
        found.setdefault(stay, []).append(one)
    return found


class Paying(msgspec.Struct):
    """Who pays for a stay, as far as lists need it."""

    code: str
    name: str
    line: Line | None
    medicare: bool
    medicaid: bool
    zip_code: str
    language: str
    initials: str


_PAYERS = """
select c.payer_code, c.payer_name, c.plan_code,
  (select l.line from payer_line l where l.facility_id = c.facility_id and l.payer_code = c.payer_code
   and l.plan_code in (c.plan_code, '') and l.ended_at is null order by l.plan_code desc limit 1)
from coverage c where c.encounter_id = %s and (c.payer_code <> '' or c.payer_name <> '') order by c.rank
"""
_PATIENT = """
select p.zip_code, p.language, upper(left(p.given, 1) || left(p.family, 1)) from encounter e
join patient p on p.id = e.patient_id where e.id = %s
"""


def paying(db: Reading, encounter_id: uuid.UUID) -> Paying:
    """The first payer of a stay with its line, whether Medicare pays at all, and where the patient lives."""
    rows = db.rows(lambda *row: row, _PAYERS, (encounter_id,))
    lines = [Line(set_line) if set_line else line_of(name, plan, code) for code, name, plan, set_line in rows]
    patient = db.rows(lambda *row: row, _PATIENT, (encounter_id,))
    zip_code, language, initials = patient[0] if patient else ("", "", "")
    code, name = (rows[0][0] or rows[0][1], rows[0][1] or rows[0][0]) if rows else ("", "")
    return Paying(
        code, name, lines[0] if lines else None,
        any(line in (Line.MEDICARE_FFS, Line.MEDICARE_ADVANTAGE) for line in lines),
        bool(lines) and lines[0] in (Line.MEDICAID_FFS, Line.MEDICAID_MCO), zip_code[:5], language, initials,
    )  # fmt: skip
