"""Reading for the pages of the exchange: files out and in, what became of them, whom an answer may mean."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import date, datetime

import msgspec

from app.census.united import with_former
from app.clocks.facts import Record
from app.clocks.gather import Lent
from app.clocks.terms import RecordKind
from app.interop.payer_files.taking import ACTOR, StoredFile, stored_file
from app.interop.payer_files.terms import FAILED, FOR_PEOPLE, Step
from app.interop.x12.terms import Answer, Kind
from app.kernel.refusal import NotFound
from app.platform.work import Reading, Who, reading

SHOWN = 50
OFFERED = 12
NO_FILE = "There is no such file, or it lies outside what you may see."


class OutLine(msgspec.Struct):
    """A file for a payer in a list. `step` is what happened to it last; empty: it waits to be written or fetched."""

    id: uuid.UUID
    facility: str
    timezone: str
    encounter_id: uuid.UUID
    patient_id: uuid.UUID
    authorization_id: uuid.UUID
    payer_code: str
    format: str
    kind: str
    event_trace: str
    control: int
    usage: str
    name: str
    folder: str
    made_at: datetime
    made_by: str
    step: str
    step_at: datetime | None
    detail: str


class StepLine(msgspec.Struct):
    """Something that happened to a file for a payer."""

    step: str
    detail: str
    at: datetime
    by: str


class InLine(msgspec.Struct):
    """A payer's file in a list; `open` counts the parts that wait for people."""

    id: uuid.UUID
    facility: str
    timezone: str
    payer_code: str
    format: str
    name: str
    received_at: datetime
    received_by: str
    parts: int
    open: int


class ItemLine(msgspec.Struct):
    """What became of a part of a payer's file."""

    id: uuid.UUID
    file_id: uuid.UUID
    place: int
    facility: str
    timezone: str
    encounter_id: uuid.UUID | None
    patient_id: uuid.UUID | None
    kind: str
    state: str
    event_trace: str
    action: str
    sentence: str
    reason: str
    made_at: datetime
    made_by: str


class Candidate(msgspec.Struct):
    """An authorization that an answer may mean."""

    authorization_id: uuid.UUID
    patient_id: uuid.UUID
    family: str
    given: str
    visit_number: str
    state: str
    asked_at: datetime | None


_OUT = """
select o.id, f.name, f.timezone, o.encounter_id, e.patient_id, o.authorization_id, o.payer_code, o.format, o.kind,
  o.event_trace, o.control, o.usage, o.name, o.folder, o.made_at, coalesce(u.display_name, ''), coalesce(s.step, ''),
  s.at, coalesce(s.detail, '')
from payer_file_out o join facility f on f.id = o.facility_id join encounter e on e.id = o.encounter_id
left join app_user u on u.id = o.made_by
left join lateral (select s.step, s.at, s.detail from payer_file_step s where s.out_id = o.id
  order by s.at desc, s.id desc limit 1) s on true
"""
_STEPS = """
select s.step, s.detail, s.at, coalesce(u.display_name, 'the program')
from payer_file_step s left join app_user u on u.id = s.by where s.out_id = %s order by s.at, s.id
"""
_IN = """
select i.id, f.name, f.timezone, i.payer_code, i.format, i.name, i.received_at, coalesce(u.display_name, 'the program'),
  (select count(*) from payer_file_item p where p.file_id = i.id and p.ended_at is null),
  (select count(*) from payer_file_item p where p.file_id = i.id and p.ended_at is null and p.state = any(%s))
from payer_file_in i join facility f on f.id = i.facility_id left join app_user u on u.id = i.received_by
where i.facility_id = any(%s)
"""
_ITEM = """
select p.id, p.file_id, p.place, f.name, f.timezone, p.encounter_id, e.patient_id, p.kind, p.state, p.event_trace,
  p.action, p.sentence, p.reason, p.made_at, coalesce(u.display_name, 'the program')
from payer_file_item p join facility f on f.id = p.facility_id left join encounter e on e.id = p.encounter_id
left join app_user u on u.id = p.made_by where p.ended_at is null
"""
_MEMBER = "regexp_replace(upper(c.member_number), '[^A-Z0-9]', '', 'g')"
_CANDIDATES = f"""
select a.id, e.patient_id, p.family, p.given, e.visit_number, s.state, r.asked_at
from payer_authorization a join encounter e on e.id = a.encounter_id join patient p on p.id = e.patient_id
join payer_standing s on s.authorization_id = a.id and s.ended_at is null
left join lateral (select max(q.asked_at) as asked_at from payer_request q
  where q.authorization_id = a.id and q.ended_at is null) r on true
where a.ended_at is null and a.facility_id = %(facility)s and %(payer)s in (a.payer_code, a.payer_name) and (
  (%(visit)s <> '' and e.visit_number = %(visit)s)
  or (%(number)s <> '' and s.authorization_number = %(number)s)
  or (%(family)s <> '' and lower(p.family) = lower(%(family)s) and p.birth_text like %(birth)s)
  or (%(member)s <> '' and exists (select from coverage c where c.encounter_id = e.id and {_MEMBER} = %(member)s)))
order by r.asked_at desc nulls last limit {OFFERED}
"""
_STATES = [state.value for state in FOR_PEOPLE]


def files_out(db: Reading) -> list[OutLine]:
    """The last files for payers."""
    return db.rows(OutLine, f"{_OUT} order by o.made_at desc limit %s", (SHOWN,))


def file_out(db: Reading, out_id: uuid.UUID) -> tuple[OutLine, list[StepLine], bytes]:
    """One of them with all that happened to it and its text."""
    line = db.one(OutLine, f"{_OUT} where o.id = %s", (out_id,), missing=NO_FILE)
    content = db.value("select content from payer_file_out where id = %s", (out_id,))
    return line, db.rows(StepLine, _STEPS, (out_id,)), bytes(content)


def files_of(db: Reading, authorization_ids: Sequence[uuid.UUID]) -> list[OutLine]:
    """The files of these authorizations, the latest first: proof that they were sent."""
    return db.rows(
        OutLine, f"{_OUT} where o.authorization_id = any(%s) order by o.made_at desc", (list(authorization_ids),)
    )


def files_in(facilities: Iterable[int]) -> list[InLine]:
    """The last files of payers to these facilities."""
    with reading(ACTOR) as db:
        return db.rows(
            InLine, f"{_IN} order by i.received_at desc, i.id desc limit %s", (_STATES, list(facilities), SHOWN)
        )


def file_in(facilities: Iterable[int], file_id: uuid.UUID) -> tuple[InLine, StoredFile]:
    """One of them; NotFound for a file of another facility."""
    with reading(ACTOR) as db:
        line = db.one(InLine, f"{_IN} and i.id = %s", (_STATES, list(facilities), file_id), missing=NO_FILE)
        return line, stored_file(db, file_id)


def open_items(db: Reading) -> list[ItemLine]:
    """What waits for people, the oldest first."""
    return db.rows(ItemLine, f"{_ITEM} and p.state = any(%s) order by p.made_at, p.id limit %s", (_STATES, SHOWN))


def open_count(db: Reading) -> int:
    """How much waits for people."""
    return int(db.value("select count(*) from payer_file_item where ended_at is null and state = any(%s)", (_STATES,)))


def items_of(db: Reading, file_id: uuid.UUID) -> list[ItemLine]:
    """The parts of a file that the reader may see."""
    return db.rows(ItemLine, f"{_ITEM} and p.file_id = %s order by p.place", (file_id,))


def file_of_item(db: Reading, item_id: uuid.UUID) -> uuid.UUID:
    """The file that an item is a part of."""
    found: uuid.UUID | None = db.value("select file_id from payer_file_item where id = %s", (item_id,))
    if found is None:
        raise NotFound(NO_FILE)
    return found


def candidates(db: Reading, file: StoredFile, answer: Answer | None, visit: str = "") -> list[Candidate]:
    """Authorizations of this payer that an answer may mean: by number, by member id, by name and birth, by visit."""
    known = answer if answer and not visit else None
    number = known.decision.authorization_number if known and known.decision else ""
    parameters = {
        "facility": file.facility_id, "payer": file.payer_code, "visit": visit, "number": number,
        "family": known.family if known and known.birth_date else "",
        "birth": _birth(known.birth_date if known else None),
        "member": _bare(known.member_id) if known else "",
    }  # fmt: skip
    return db.rows(Candidate, _CANDIDATES, parameters)


def hidden_from(who: Who, file: StoredFile, answers: Sequence[Answer]) -> bool:
    """Whether a file tells of a patient of whom the reader may not see a stay."""
    members = [_bare(one.member_id) for one in answers if one.member_id]
    query = (
        "select p.encounter_id from payer_file_item p where p.file_id = %s and p.encounter_id is not null"
        f" union select c.encounter_id from coverage c where c.facility_id = %s and {_MEMBER} = any(%s)"
    )
    with reading(ACTOR) as everything:
        told = set(everything.values(query, (file.id, file.facility_id, members)))
    with reading(who) as db:
        seen = set(db.values("select id from encounter where id = any(%s)", (list(told),)))
    return bool(told - seen)


def _birth(day: date | None) -> str:
    return f"{day:%Y%m%d}%" if day else "-"


def _bare(number: str) -> str:
    return "".join(sign for sign in number.upper() if sign.isascii() and sign.isalnum())


_NOTIFIED = """
select o.encounter_id, min(s.at) from payer_file_out o
join payer_authorization a on a.id = o.authorization_id and a.ended_at is null
join payer_file_step s on s.out_id = o.id and s.step = any(%(left)s) and s.at <= %(now)s
where o.encounter_id = any(%(stays)s) and o.kind = %(kind)s and o.usage = 'P' and not exists (
  select from payer_file_step f where f.out_id = o.id and f.step = any(%(failed)s) and f.at <= %(now)s)
group by o.id, o.encounter_id order by min(s.at), o.id
"""
_LEFT = (Step.WRITTEN, Step.FETCHED)


def facts(db: Reading, encounter_ids: Sequence[uuid.UUID]) -> Iterable[Lent]:
    """What the clocks learn from files: a notification of admission that left the house tells the payer.

    A test file tells nobody anything, nor does one that the payer's computer refused.
    """
    belongs = with_former(db, encounter_ids)
    asked = {
        "stays": list(belongs), "kind": Kind.ADMISSION.value, "now": db.now,
        "left": [step.value for step in _LEFT], "failed": [step.value for step in FAILED],
    }  # fmt: skip
    told: dict[uuid.UUID, list[Record]] = {}
    for part, at in db.rows(_part_at, _NOTIFIED, asked):
        told.setdefault(belongs[part], []).append(Record(kind=RecordKind.PAYER_NOTIFICATION, at=at))
    for stay, records in told.items():
        yield Lent(stay, (), tuple(records))


def _part_at(part: uuid.UUID, at: datetime) -> tuple[uuid.UUID, datetime]:
    return part, at
