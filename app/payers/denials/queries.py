"""Denials with their appeals and packets, who may have one, and where its days came from."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import msgspec

from app.census.united import Subject, with_former
from app.clocks.gather import stored_policies
from app.clocks.terms import Line
from app.kernel.deadlines import Allowance
from app.payers.authorizations.queries import days_of
from app.payers.denials.appeals.rules import Contract, of_days
from app.payers.denials.rules import law_of
from app.payers.denials.terms import DenialKind
from app.payers.directory.queries import card_of, payers_of
from app.payers.requests.terms import Days
from app.platform.work import Reading
from app.security.permissions import ROLES, Permission

OWNING = tuple(role for role, text in ROLES.items() if Permission.DENIAL_WRITE in text.permissions)
"""Roles whose holders may work on denials."""
NOT_THERE = "There is no such denial, or it lies outside what you may see."


class DenialVersion(msgspec.Struct):
    """One version of a denial."""

    id: uuid.UUID
    denial_id: uuid.UUID
    encounter_id: uuid.UUID
    facility_id: int
    kind: str
    payer_code: str
    payer_name: str
    authorization_id: uuid.UUID | None
    review_id: uuid.UUID | None
    escalation_id: uuid.UUID | None
    firsts: list[date]
    untils: list[date]
    amount: Decimal | None
    notice_at: datetime
    received_on: date | None
    channel: str
    reference: str
    reason_code: str
    reason: str
    root_cause: str
    root_cause_words: str
    owner_id: uuid.UUID | None
    owner: str
    state: str
    action: str
    note: str
    talk_asked_at: datetime | None
    talk_outcome: str
    outcome: str
    recovered_days: int | None
    recovered_amount: Decimal | None
    closed_at: datetime | None
    made_at: datetime
    made_by: str
    ended_at: datetime | None

    @property
    def days(self) -> tuple[Days, ...]:
        """The denied days."""
        return days_of(self.firsts, self.untils)

    @property
    def payer(self) -> str:
        """What a page calls the payer."""
        return self.payer_name or self.payer_code


class AppealVersion(msgspec.Struct):
    """One version of an appeal."""

    id: uuid.UUID
    appeal_id: uuid.UUID
    denial_id: uuid.UUID
    encounter_id: uuid.UUID
    level: int
    level_name: str
    state: str
    action: str
    expedited: bool
    channel: str
    to_whom: str
    tracking: str
    packet_id: uuid.UUID | None
    sent_at: datetime | None
    verified_at: datetime | None
    verified_with: str
    decided_at: datetime | None
    decision_received_on: date | None
    outcome: str
    recovered_days: int | None
    recovered_amount: Decimal | None
    note: str
    made_at: datetime
    made_by: str
    ended_at: datetime | None


class PacketRow(msgspec.Struct):
    """A packet that was made, without its content."""

    id: uuid.UUID
    denial_id: uuid.UUID
    encounter_id: uuid.UUID
    sections: list[str]
    digest: str
    made_at: datetime
    made_by: str


class Owner(msgspec.Struct):
    """Somebody who may have a denial."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Origin:
    """The review and the question to a physician from which denied days most likely came."""

    review_id: uuid.UUID | None = None
    escalation_id: uuid.UUID | None = None


_DENIALS = """
select d.id, d.denial_id, d.encounter_id, d.facility_id, d.kind, d.payer_code, d.payer_name, d.authorization_id,
  d.review_id, d.escalation_id, d.firsts, d.untils, d.amount, d.notice_at, d.received_on, d.channel, d.reference,
  d.reason_code, d.reason, d.root_cause, d.root_cause_words, d.owner_id, coalesce(o.display_name, ''), d.state,
  d.action, d.note, d.talk_asked_at, d.talk_outcome, d.outcome, d.recovered_days, d.recovered_amount, d.closed_at,
  d.made_at, coalesce(m.display_name, ''), d.ended_at
from denial d left join app_user m on m.id = d.made_by left join app_user o on o.id = d.owner_id
"""
_APPEALS = """
select a.id, a.appeal_id, a.denial_id, a.encounter_id, a.level, a.level_name, a.state, a.action, a.expedited,
  a.channel, a.to_whom, a.tracking, a.packet_id, a.sent_at, a.verified_at, a.verified_with, a.decided_at,
  a.decision_received_on, a.outcome, a.recovered_days, a.recovered_amount, a.note, a.made_at,
  coalesce(m.display_name, ''), a.ended_at
from denial_appeal a left join app_user m on m.id = a.made_by
"""
_PACKETS = """
select p.id, p.denial_id, p.encounter_id, p.sections, p.digest, p.made_at, coalesce(m.display_name, '')
from appeal_packet p left join app_user m on m.id = p.made_by where p.denial_id = %s order by p.made_at desc, p.id desc
"""
_OWNERS = """
select u.id::text, u.display_name from app_user u join role_grant g on g.user_id = u.id
where (g.facility_id = %s or g.facility_id is null) and g.role = any(%s) and u.active
group by u.id, u.display_name order by u.display_name, u.id
"""
_ORIGIN = """
select (select r.review_id from review r where r.encounter_id = any(%(parts)s) and r.ended_at is null
    and r.signed_at <= %(at)s order by r.signed_at desc, r.id desc limit 1),
  (select x.escalation_id from escalation_decision x where x.encounter_id = any(%(parts)s) and x.ended_at is null
    and x.outcome not in ('more_information', 'ask_attending', 'peer_to_peer') and x.decided_at <= %(at)s
    order by x.decided_at desc, x.id desc limit 1)
"""


def parts(db: Reading, encounter_id: uuid.UUID) -> list[uuid.UUID]:
    """The stay and those that became part of it."""
    return list(with_former(db, [encounter_id]))


def denials(db: Reading, encounter_id: uuid.UUID) -> list[DenialVersion]:
    """The standing versions of all denials of a stay and of its parts, the latest notice first."""
    query = f"{_DENIALS} where d.encounter_id = any(%s) and d.ended_at is null order by d.notice_at desc, d.id"
    return db.rows(DenialVersion, query, (parts(db, encounter_id),))


def standing(db: Reading, stays: Sequence[uuid.UUID]) -> list[DenialVersion]:
    """The standing versions of the denials of these very stays, the first notice first."""
    query = f"{_DENIALS} where d.encounter_id = any(%s) and d.ended_at is null order by d.notice_at, d.id"
    return db.rows(DenialVersion, query, (list(stays),))


def denial(db: Reading, denial_id: uuid.UUID) -> DenialVersion:
    """The standing version; NotFound outside the reader's scope."""
    query = f"{_DENIALS} where d.denial_id = %s and d.ended_at is null"
    return db.one(DenialVersion, query, (denial_id,), missing=NOT_THERE)


def versions(db: Reading, denial_id: uuid.UUID) -> list[DenialVersion]:
    """All versions of a denial, the latest first."""
    return db.rows(DenialVersion, f"{_DENIALS} where d.denial_id = %s order by d.made_at desc, d.id desc", (denial_id,))


def appeals(db: Reading, denial_ids: Sequence[uuid.UUID]) -> list[AppealVersion]:
    """The standing versions of the appeals against these denials, by level."""
    query = f"{_APPEALS} where a.denial_id = any(%s) and a.ended_at is null order by a.level, a.made_at, a.id"
    return db.rows(AppealVersion, query, (list(denial_ids),))


def appeal_history(db: Reading, denial_id: uuid.UUID) -> list[AppealVersion]:
    """All versions of all appeals against a denial, the latest first."""
    return db.rows(AppealVersion, f"{_APPEALS} where a.denial_id = %s order by a.made_at desc, a.id desc", (denial_id,))


def appeal(db: Reading, appeal_id: uuid.UUID) -> AppealVersion:
    """The standing version; NotFound outside the reader's scope."""
    missing = "There is no such appeal, or it lies outside what you may see."
    return db.one(AppealVersion, f"{_APPEALS} where a.appeal_id = %s and a.ended_at is null", (appeal_id,),
                  missing=missing)  # fmt: skip


def was_appealed(db: Reading, denial_id: uuid.UUID) -> bool:
    """Whether an appeal against it was ever sent that was not struck out."""
    found = db.value(
        "select exists (select from denial_appeal where denial_id = %s and ended_at is null"
        " and state in ('sent', 'verified', 'decided', 'withdrawn'))",
        (denial_id,),
    )
    return bool(found)


def packets(db: Reading, denial_id: uuid.UUID) -> list[PacketRow]:
    """The packets that were made against a denial, the latest first."""
    return db.rows(PacketRow, _PACKETS, (denial_id,))


def owners(db: Reading, stay: Subject) -> list[Owner]:
    """Who of the house may work on denials."""
    roles = [role.value for role in OWNING]
    return db.rows(Owner, _OWNERS, (stay.facility_id, roles))


def origin(db: Reading, encounter_id: uuid.UUID, at: datetime) -> Origin:
    """The last review and the last answer of a physician that were signed by then."""
    review, escalation = db.rows(
        lambda review, escalation: (review, escalation), _ORIGIN, {"parts": parts(db, encounter_id), "at": at}
    )[0]
    return Origin(review, escalation)


def won_back(db: Reading, denial_id: uuid.UUID) -> tuple[int | None, Decimal | None]:
    """Days and money that decisions of appeals brought back in part; None where no decision named any."""
    query = (
        "select sum(recovered_days)::int, sum(recovered_amount) from denial_appeal where denial_id = %s"
        " and ended_at is null and state = 'decided' and outcome = 'partly'"
    )
    return db.rows(lambda days, amount: (days, amount), query, (denial_id,))[0]


def by_payer_decision(db: Reading, decision_id: uuid.UUID) -> DenialVersion | None:
    """The denial that was recorded from an answer of a payer."""
    query = f"{_DENIALS} where d.payer_decision_id = %s and d.ended_at is null"
    return next(iter(db.rows(DenialVersion, query, (decision_id,))), None)


def line_of_denial(db: Reading, one: DenialVersion) -> Line | None:
    """The line of business that says how it is appealed."""
    found = payers_of(db, parts(db, one.encounter_id))
    key = one.payer_code or one.payer_name
    lines = [payer.line for those in found.values() for payer in those if payer.key == key]
    return law_of(lines[0] if lines else None, DenialKind(one.kind))


def contract_of(db: Reading, facility_id: int, payer_code: str, on: date) -> Contract:
    """What the payer's card and the terms of the facility say about the time to appeal."""
    card = card_of(db, facility_id, payer_code, on) if payer_code else None
    if card is not None and card.appeal_days:
        return Contract([of_days(days) for days in card.appeal_days])
    own = [
        one for one in stored_policies(db, {facility_id}).get(facility_id, [])
        if one.rule == "PY-APPEAL" and one.asked and one.payer in ("", payer_code)
        and one.begins <= on and (one.ends is None or on <= one.ends)
    ]  # fmt: skip
    chosen = min(own, key=lambda one: one.payer == "", default=None)
    return Contract([Allowance.parse(chosen.allowance)] if chosen is not None else [])


class Choice(msgspec.Struct):
    """Something that a form offers, with when it was."""

    value: str
    label: str
    at: datetime


_REVIEWS = """
select r.review_id::text, r.kind, r.signed_at from review r
where r.encounter_id = any(%s) and r.ended_at is null order by r.signed_at desc, r.id desc
"""
_ANSWERS = """
select x.escalation_id::text, x.outcome, x.decided_at from escalation_decision x
where x.encounter_id = any(%s) and x.ended_at is null
  and x.outcome not in ('more_information', 'ask_attending', 'peer_to_peer') order by x.decided_at desc, x.id desc
"""


def reviews_of(db: Reading, encounter_id: uuid.UUID) -> list[Choice]:
    """Signed reviews of a stay from which denied days may have come, the latest first."""
    return db.rows(Choice, _REVIEWS, (parts(db, encounter_id),))


def answers_of(db: Reading, encounter_id: uuid.UUID) -> list[Choice]:
    """Answers of physicians from which they may have come, the latest first."""
    return db.rows(Choice, _ANSWERS, (parts(db, encounter_id),))
