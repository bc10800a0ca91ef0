"""Needs and referrals as pages, clocks and other features read them. One statement for any number of stays."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

import msgspec

from app.census.united import with_former
from app.discharge.referrals.terms import DeclineReason, ReferralState, RequestState
from app.discharge.terms import CareType, Light
from app.kernel.refusal import NotFound
from app.platform.work import Reading


class Need(msgspec.Struct):
    """A need as it stands."""

    request_id: uuid.UUID
    encounter_id: uuid.UUID
    facility_id: int
    care_type: str
    needs: list[str]
    ready_on: date | None
    message: str
    due_at: datetime
    sections: list[str]
    search: dict[str, Any]
    widen_by: int
    widened_at: datetime | None
    waves: int
    state: str
    because: str
    placed_id: uuid.UUID | None
    asked_at: datetime
    asked_by: str

    @property
    def care(self) -> CareType:
        """What is sought."""
        return CareType(self.care_type)

    @property
    def is_open(self) -> bool:
        """Whether a vendor is still sought."""
        return self.state == RequestState.OPEN


class Asked(msgspec.Struct):
    """A referral to one vendor as it stands."""

    referral_id: uuid.UUID
    request_id: uuid.UUID
    encounter_id: uuid.UUID
    facility_id: int
    vendor_id: uuid.UUID
    vendor_name: str
    care_type: str
    wave: int
    state: str
    action: str
    sent_at: datetime | None
    due_at: datetime | None
    ends_at: datetime | None
    opened_at: datetime | None
    answered_at: datetime | None
    choose_by: datetime | None
    offered_on: date | None
    offered_after: time | None
    decline_reason: str
    free_on: date | None
    said: str
    answered_by: str
    channel: str
    because: str
    note: str
    made_at: datetime
    made_by: str
    need_state: str
    links: int

    @property
    def standing(self) -> ReferralState:
        """Where it stands."""
        return ReferralState(self.state)

    @property
    def why_not(self) -> str:
        """The reason of a decline in words; empty without one."""
        return DeclineReason(self.decline_reason).label if self.decline_reason else ""


class Message(msgspec.Struct):
    """One message of a conversation."""

    referral_id: uuid.UUID
    from_vendor: bool
    said: str
    said_by: str
    made_at: datetime


class PacketRow(msgspec.Struct):
    """A packet as it was sent, without its text."""

    id: uuid.UUID
    request_id: uuid.UUID
    version: int
    sections: list[str]
    left_out: list[str]
    made_at: datetime
    made_by: str


_NEEDS = """
select r.request_id, r.encounter_id, r.facility_id, r.care_type, r.needs, r.ready_on, r.message, r.due_at, r.sections,
  r.search, r.widen_by, r.widened_at, r.waves, r.state, r.because, r.placed_id,
  (select min(v.made_at) from referral_request v where v.request_id = r.request_id),
  coalesce((select u.display_name from referral_request v left join app_user u on u.id = v.made_by
    where v.request_id = r.request_id order by v.made_at limit 1), '')
from referral_request r where r.encounter_id = any(%s) and r.ended_at is null order by r.state, r.due_at
"""
_ASKED = """
select x.referral_id, x.request_id, x.encounter_id, x.facility_id, x.vendor_id, x.vendor_name, x.care_type, x.wave,
  x.state, x.action, x.sent_at, x.due_at, x.ends_at, x.opened_at, x.answered_at, x.choose_by, x.offered_on,
  x.offered_after, x.decline_reason, x.free_on, x.said, x.answered_by, x.channel, x.because, x.note, x.made_at,
  coalesce(u.display_name, ''), coalesce(r.state, ''),
  (select count(*) from referral_link l where l.referral_id = x.referral_id and l.ended_at is null
    and l.expires_at > %(now)s)
from referral x left join app_user u on u.id = x.made_by
  left join referral_request r on r.request_id = x.request_id and r.ended_at is null
where x.ended_at is null and {which}
order by x.wave, x.sent_at, lower(x.vendor_name), x.id
"""
_MESSAGES = """
select m.referral_id, m.from_vendor, m.said, m.said_by, m.made_at from referral_message m
where m.referral_id = any(%s) order by m.made_at, m.id
"""
_PACKETS = """
select k.id, k.request_id, k.version, k.sections, k.left_out, k.made_at, coalesce(u.display_name, '')
from referral_packet k left join app_user u on u.id = k.made_by where k.request_id = any(%s) order by k.version desc
"""


def needs(db: Reading, encounter_ids: Sequence[uuid.UUID]) -> list[Need]:
    """The needs of these stays, the open ones first."""
    found = db.rows(Need, _NEEDS, (list(with_former(db, encounter_ids)),))
    return sorted(found, key=lambda one: (not one.is_open, one.asked_at))


def asked(db: Reading, encounter_ids: Sequence[uuid.UUID]) -> list[Asked]:
    """The referrals of these stays."""
    which = "x.encounter_id = any(%(stays)s)"
    stays = list(with_former(db, encounter_ids))
    return db.rows(Asked, _ASKED.format(which=which), {"now": db.now, "stays": stays})


def referral(db: Reading, referral_id: uuid.UUID) -> Asked:
    """One referral; NotFound outside the reader's scope."""
    found = db.rows(Asked, _ASKED.format(which="x.referral_id = %(key)s"), {"now": db.now, "key": referral_id})
    if not found:
        raise NotFound("There is no such referral, or it lies outside what you may see.")
    return found[0]


def need(db: Reading, request_id: uuid.UUID) -> Need:
    """One need; NotFound outside the reader's scope."""
    query = _NEEDS.replace("r.encounter_id = any(%s)", "r.request_id = %s")
    return db.one(Need, query, (request_id,), missing="There is no such request, or it lies outside what you may see.")


def messages(db: Reading, referrals: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Message]]:
    """The conversations of these referrals."""
    found: dict[uuid.UUID, list[Message]] = {}
    for one in db.rows(Message, _MESSAGES, (list(referrals),)):
        found.setdefault(one.referral_id, []).append(one)
    return found


def sent_packets(db: Reading, requests: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[PacketRow]]:
    """The packets of these needs, the latest first."""
    found: dict[uuid.UUID, list[PacketRow]] = {}
    for one in db.rows(PacketRow, _PACKETS, (list(requests),)):
        found.setdefault(one.request_id, []).append(one)
    return found


def open_count(db: Reading, encounter_id: uuid.UUID) -> str:
    """How many needs of a stay are open, for the tab; empty for none."""
    query = "select count(*) from referral_request where encounter_id = any(%s) and ended_at is null and state = 'open'"
    count = db.value(query, (list(with_former(db, [encounter_id])),))
    return str(count) if count else ""


_LIGHT = """
select r.encounter_id, r.state, r.care_type, count(*) filter (where x.state = 'accepted'),
  count(*) filter (where x.state in ('sent', 'opened', 'question')),
  min(x.vendor_name) filter (where x.state = 'accepted')
from referral_request r left join referral x on x.request_id = r.request_id and x.ended_at is null
where r.encounter_id = any(%s) and r.ended_at is null and r.state <> 'closed'
group by r.encounter_id, r.request_id, r.state, r.care_type, r.due_at order by r.due_at
"""


def destination_lights(db: Reading, encounter_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, tuple[Light, str]]:
    """What referrals say of the destination of stays: green when placed, amber while asked, red when nobody is left."""
    belongs = with_former(db, encounter_ids)
    found: dict[uuid.UUID, tuple[Light, str]] = {}
    worst = (Light.RED, Light.AMBER, Light.GREEN)
    for stay, state, care, accepted, waiting, name in db.rows(lambda *row: row, _LIGHT, (list(belongs),)):
        light = _light(state, CareType(care).label, accepted, (waiting, name or ""))
        before = found.get(belongs[stay])
        if before is None or worst.index(light[0]) < worst.index(before[0]):
            found[belongs[stay]] = light
    return found


def _light(state: str, care: str, accepted: int, more: tuple[int, str]) -> tuple[Light, str]:
    waiting, name = more
    if state == RequestState.PLACED:
        return Light.GREEN, f"{care}: {name} is booked" if name else f"{care}: booked"
    if accepted:
        return Light.AMBER, f"{care}: {accepted} would take the patient; the choice is open"
    if waiting:
        return Light.AMBER, f"{care}: {waiting} asked, none has accepted yet"
    return Light.RED, f"{care}: nobody who was asked takes the patient"
