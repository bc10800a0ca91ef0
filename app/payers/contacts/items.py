"""What is open with one payer over all stays of a facility: for whoever has that payer on the telephone.

Features lend what is open with a payer (`PayerItems`, installed in app/wiring.py); the kinds of this feature are here.
"""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from app.kernel.wording import dated_text, day_text
from app.payers.authorizations.showing import TONES
from app.payers.authorizations.terms import AuthorizationState
from app.platform.work import Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class PayerItem:
    """One thing that is open with a payer.

    Attributes:
        what: in a few words, as a chip of that `tone` shows it; `detail` stands beside it.
        at: what orders it: when it is due, or since when it waits.
        href: where it is worked on.
    """

    encounter_id: uuid.UUID
    patient_id: uuid.UUID
    name: str
    place: str
    what: str
    tone: str
    at: datetime
    when: str
    href: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which payer of which facility; without a code it is known by its name."""

    facility_id: int
    payer_code: str
    payer_name: str
    zone: ZoneInfo


PayerItems = Callable[[Reading, Wanted], Sequence[PayerItem]]
_sources: list[PayerItems] = []


def install(sources: Sequence[PayerItems]) -> None:
    """Hand over the features that lend (app/wiring.py)."""
    _sources[:] = sources


def open_items(db: Reading, wanted: Wanted) -> list[PayerItem]:
    """Everything that is open with a payer, what is due first."""
    found = [one for source in _sources for one in source(db, wanted)]
    return sorted(found, key=lambda one: (one.at, one.name, str(one.encounter_id)))


class _Row(msgspec.Struct):
    encounter_id: uuid.UUID
    patient_id: uuid.UUID
    name: str
    place: str
    state: str
    since: datetime | None
    through: date | None
    ask_by: datetime | None
    number: str
    contradiction: str


class _Due(msgspec.Struct):
    encounter_id: uuid.UUID
    patient_id: uuid.UUID
    name: str
    place: str
    follow_up_at: datetime
    reference: str


PERSON = """e.id, e.patient_id, case when p.family = '' and p.given = '' then 'Name not sent'
    else concat_ws(', ', nullif(p.family, ''), nullif(p.given, '')) end,
  case when e.status = 'discharged' then 'discharged' when e.location = '' then 'no bed' else concat_ws(' ',
    nullif(e.unit, ''), nullif(concat_ws('-', nullif(e.room, ''), nullif(e.bed, '')), '')) end"""
"""Columns of a stay (alias e) and its patient (alias p): keys, name, place."""
_AUTHORIZATIONS = f"""
select {PERSON}, s.state, s.since, s.through, s.ask_by, s.authorization_number, s.contradiction
from payer_standing s join payer_authorization a on a.id = s.authorization_id
  join encounter e on e.id = s.encounter_id join patient p on p.id = e.patient_id
where s.facility_id = %(facility)s and s.ended_at is null and e.gone_at is null
  and a.payer_code = %(code)s and (a.payer_code <> '' or a.payer_name = %(name)s)
  and (s.state in ('requested', 'pended') or s.contradiction <> ''
    or (e.status in ('registered', 'admitted', 'on_leave') and s.through <= %(tomorrow)s))
"""
_FOLLOW_UPS = f"""
select {PERSON}, c.follow_up_at, c.reference
from payer_contact c join encounter e on e.id = c.encounter_id join patient p on p.id = e.patient_id
where c.facility_id = %(facility)s and c.ended_at is null and c.follow_up_at is not null and e.gone_at is null
  and c.payer_code = %(code)s and (c.payer_code <> '' or c.payer_name = %(name)s)
  and not exists (select from payer_contact n where n.encounter_id = c.encounter_id and n.ended_at is null
    and n.payer_code = c.payer_code and n.payer_name = c.payer_name and n.at > c.at)
"""


def open_authorizations(db: Reading, wanted: Wanted) -> list[PayerItem]:
    """Requests that wait for an answer, answers that need a person, days that are about to end."""
    today = db.now.astimezone(wanted.zone).date()
    rows = db.rows(_Row, _AUTHORIZATIONS, _values(wanted) | {"tomorrow": today + timedelta(days=1)})
    return [_of_row(one, today, db.now, wanted.zone) for one in rows]


def follow_ups(db: Reading, wanted: Wanted) -> list[PayerItem]:
    """Follow-ups that somebody has set and nobody has done."""
    return [
        PayerItem(
            encounter_id=one.encounter_id, patient_id=one.patient_id, name=one.name, place=one.place,
            what="Follow-up", detail=f"reference {one.reference}" if one.reference else "",
            tone="red" if one.follow_up_at < db.now else "gray", at=one.follow_up_at,
            when=dated_text(one.follow_up_at, wanted.zone, db.now),
            href=f"/encounters/{one.encounter_id}/payer-contacts/new",
        )
        for one in db.rows(_Due, _FOLLOW_UPS, _values(wanted))
    ]  # fmt: skip


def _values(wanted: Wanted) -> dict[str, object]:
    return {"facility": wanted.facility_id, "code": wanted.payer_code, "name": wanted.payer_name}


def _of_row(one: _Row, today: date, now: datetime, zone: ZoneInfo) -> PayerItem:
    state = AuthorizationState(one.state)
    tone, _ = TONES[state]
    waiting = state in (AuthorizationState.REQUESTED, AuthorizationState.PENDED)
    number = f"number {one.number}" if one.number else ""
    if one.contradiction:
        what, tone = "Unclear answer", "amber"
    elif waiting or one.through is None:
        what = state.label.capitalize()
    else:
        what = f"Authorized through {day_text(one.through, today)}"
        tone = "red" if one.through < today else "amber"
    at = one.ask_by if not waiting and one.ask_by is not None else one.since or now
    prefix = "ask by " if not waiting and one.ask_by is not None else "since "
    return PayerItem(
        encounter_id=one.encounter_id, patient_id=one.patient_id, name=one.name, place=one.place, what=what,
        detail=number, tone=tone, at=at, when=prefix + dated_text(at, zone, now),
        href=f"/encounters/{one.encounter_id}/payer",
    )  # fmt: skip
