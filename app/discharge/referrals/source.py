"""What the clocks learn from referrals: what was sent and accepted, what was answered or closed, what was decided.

A choice after an acceptance closes it by the choice's own record. One that was made before, for this vendor, decides at
the acceptance; and what no patient chooses, such as a ride, is decided when it is booked.
"""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from app.census.united import with_former
from app.clocks.facts import Event, Record
from app.clocks.gather import Lent
from app.clocks.terms import EventKind, RecordKind
from app.discharge.referrals.rules import CHOSEN_BY_PATIENT
from app.discharge.referrals.terms import DELAY_CODES
from app.discharge.terms import CareType
from app.platform.work import Reading

RULES = frozenset({"RF-ANSWER", "RF-CHOICE"})
"""Rules whose closing record is made here, or by the patient's choice."""


class _Row(msgspec.Struct):
    encounter_id: uuid.UUID
    referral_id: uuid.UUID
    vendor_name: str
    care_type: str
    state: str
    sent_at: datetime
    due_at: datetime
    answered_at: datetime | None
    choose_by: datetime | None
    made_at: datetime
    vendor_id: uuid.UUID
    booked_at: datetime | None


class _Choice(msgspec.Struct):
    encounter_id: uuid.UUID
    care_type: str
    decides: bool
    vendors: list[uuid.UUID]
    chosen_at: datetime


_ROWS = """
select x.encounter_id, x.referral_id, x.vendor_name, x.care_type, x.state, x.sent_at, x.due_at, x.answered_at,
  x.choose_by, x.made_at, x.vendor_id, r.made_at
from referral x left join referral_request r on r.request_id = x.request_id and r.ended_at is null
  and r.state = 'placed' and r.placed_id = x.referral_id
where x.encounter_id = any(%s) and x.ended_at is null and x.sent_at is not null
"""
_CHOICES = """
select c.encounter_id, l.care_type, c.outcome <> 'asked_again', c.vendors, c.chosen_at from choice c
join choice_list l on l.id = c.list_id where c.encounter_id = any(%s) and c.ended_at is null and l.ended_at is null
order by c.chosen_at, c.made_at
"""
_ENDED = frozenset({"withdrawn", "expired", "cancelled", "closed"})


def facts(db: Reading, encounter_ids: Sequence[uuid.UUID]) -> Iterable[Lent]:
    """What stands for each of these stays, by one query; by two where a vendor has accepted."""
    belongs = with_former(db, encounter_ids)
    events: dict[uuid.UUID, list[Event]] = {}
    records: dict[uuid.UUID, list[Record]] = {}
    found = db.rows(_Row, _ROWS, (list(belongs),))
    accepted = {belongs[one.encounter_id] for one in found if one.choose_by is not None}
    choices: dict[uuid.UUID, list[_Choice]] = {}
    if accepted:
        parts = [stay for stay, whole in belongs.items() if whole in accepted]
        for choice in db.rows(_Choice, _CHOICES, (parts,)):
            choices.setdefault(belongs[choice.encounter_id], []).append(choice)
    for one in found:
        whole = belongs[one.encounter_id]
        events.setdefault(whole, []).extend(_events(one))
        records.setdefault(whole, []).extend([*_records(one), *_decisions(one, choices.get(whole, ()))])
    for stay, facts_of in events.items():
        yield Lent(stay, tuple(facts_of), tuple(records.get(stay, ())))


def _events(one: _Row) -> Iterable[Event]:
    subject = str(one.referral_id)
    code = DELAY_CODES.get(CareType(one.care_type), "")
    yield Event(
        kind=EventKind.REFERRAL_SENT, at=one.sent_at, to=one.care_type, until=one.due_at, subject=subject, code=code,
        party=one.vendor_name,
    )  # fmt: skip
    if one.answered_at is not None and one.choose_by is not None:
        yield Event(
            kind=EventKind.REFERRAL_ACCEPTED, at=one.answered_at, to=one.care_type, until=one.choose_by,
            subject=subject, party=one.vendor_name,
        )  # fmt: skip


def _records(one: _Row) -> Iterable[Record]:
    subject = str(one.referral_id)
    if one.answered_at is not None:
        yield Record(kind=RecordKind.REFERRAL_ANSWER, at=one.answered_at, subject=subject)
    if one.state in _ENDED:
        yield Record(kind=RecordKind.REFERRAL_CLOSED, at=one.made_at, subject=subject)


def _decisions(one: _Row, choices: Sequence[_Choice]) -> Iterable[Record]:
    """Decided at the acceptance by what the patient had said last, or by the booking where no patient chooses."""
    if one.answered_at is None or one.choose_by is None:
        return
    earlier = [said for said in choices if said.care_type == one.care_type and said.chosen_at <= one.answered_at]
    last = earlier[-1] if earlier else None
    if last is not None and last.decides and (not last.vendors or one.vendor_id in last.vendors):
        yield Record(kind=RecordKind.CHOICE, at=one.answered_at, subject=str(one.referral_id))
    elif one.booked_at is not None and CareType(one.care_type) not in CHOSEN_BY_PATIENT:
        yield Record(kind=RecordKind.CHOICE, at=max(one.booked_at, one.answered_at), subject=str(one.referral_id))
