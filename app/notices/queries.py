"""Deliveries of a stay with all their versions, and what is owed for it, computed at the instant of looking."""

import uuid
from datetime import date, datetime

import msgspec

from app.census.united import with_former
from app.clocks.engine import obligations
from app.clocks.gather import gather
from app.clocks.terms import Copy, NoticeKind, Obligation
from app.kernel.deadlines import Standing
from app.kernel.refusal import NotFound
from app.notices.commands import NOT_THERE
from app.notices.rules import AFTER_DELIVERY, Given
from app.notices.rules import state as state_among
from app.notices.terms import DeliveryEnd, NoticeState, Receipt
from app.platform.work import Reading

OF_RULE: dict[str, tuple[NoticeKind, Copy | None]] = {
    "N-IM1": (NoticeKind.IM, Copy.FIRST),
    "N-IM2": (NoticeKind.IM, Copy.FOLLOW_UP),
    "N-MOON": (NoticeKind.MOON, None),
    "N-MCSN": (NoticeKind.MCSN, None),
    "N-DND": (NoticeKind.DND, None),
    "N-NOMNC": (NoticeKind.NOMNC, None),
}
"""Which delivery closes which rule."""


class Version(msgspec.Struct):
    """One version of a delivery."""

    id: uuid.UUID
    delivery_id: uuid.UUID
    encounter_id: uuid.UUID
    kind: str
    which_copy: str
    delivered_at: datetime
    given_by: str
    recipient: str
    recipient_name: str
    relation: str
    channel: str
    mailed_on: date | None
    receipt: str
    drawing: str
    witness_name: str
    witness_title: str
    certified: bool
    explained: bool
    outpatient_reason: str
    item: str
    basis: str
    basis_name: str
    language: str
    interpreter: str
    copies: int
    made_at: datetime
    made_by: str
    made_because: str
    ended_at: datetime | None
    ended_by: str
    ended_because: str
    ended_reason: str
    scans: list[uuid.UUID]

    @property
    def copy(self) -> Copy | None:
        """First or follow-up copy of an Important Message."""
        return Copy(self.which_copy) if self.which_copy else None

    @property
    def given(self) -> Given:
        """As the rules see it."""
        return Given(NoticeKind(self.kind), self.copy, self.delivered_at, Receipt(self.receipt))


class Owed(msgspec.Struct):
    """A notice that is owed, was given, or is not required, and why."""

    kind: NoticeKind
    copy: Copy | None
    obligation: Obligation

    def can_be_given(self, now: datetime) -> bool:
        """Whether a delivery now would count."""
        opens = self.obligation.earliest_at
        return self.obligation.open and (opens is None or opens <= now)


_VERSIONS = """
select d.id, d.delivery_id, d.encounter_id, d.kind, d.which_copy, d.delivered_at, d.given_by, d.recipient,
  d.recipient_name, d.relation, d.channel, d.mailed_on, d.receipt, d.drawing, d.witness_name, d.witness_title,
  d.certified, d.explained, d.outpatient_reason, d.item, d.basis, d.basis_name, d.language, d.interpreter, d.copies,
  d.made_at, coalesce(m.display_name, ''), d.made_because, d.ended_at, coalesce(b.display_name, ''),
  case when d.ended_at is null then '' else d.ended_because end,
  case when d.ended_at is null then '' else d.ended_reason end,
  array(select s.id from notice_scan s where s.delivery_id = d.delivery_id and s.ended_at is null order by s.made_at)
from notice_delivery d left join app_user m on m.id = d.made_by left join app_user b on b.id = d.ended_by
"""
_ORDER = " order by d.delivered_at desc, d.made_at desc, d.id desc"


def versions(db: Reading, encounter_id: uuid.UUID) -> list[Version]:
    """All versions of all deliveries of a stay, the latest delivery first."""
    stays = list(with_former(db, [encounter_id]))
    return db.rows(Version, f"{_VERSIONS} where d.encounter_id = any(%s){_ORDER}", (stays,))


def version(db: Reading, delivery_id: uuid.UUID) -> Version:
    """The version of a delivery that stands, or the last one that did; NotFound outside the reader's scope."""
    found = db.rows(
        Version,
        f"{_VERSIONS} where d.delivery_id = %s order by (d.ended_at is null) desc, d.made_at desc, d.id desc limit 1",
        (delivery_id,),
    )
    if not found:
        raise NotFound(NOT_THERE)
    return found[0]


def state_of(one: Version, all_versions: list[Version], owed: list[Owed]) -> NoticeState:
    """Where a delivery stands among the others of its stay."""
    if one.ended_at is not None and one.ended_because != DeliveryEnd.AMENDED:
        return NoticeState(one.ended_because)
    if one.ended_at is not None:
        return AFTER_DELIVERY[Receipt(one.receipt)]
    standing = [other.given for other in all_versions if other.ended_at is None]
    opens = next((item.obligation.earliest_at for item in owed if item.obligation.rule == "N-IM2"), None)
    return state_among(one.given, standing, opens)


def notices_owed(db: Reading, encounter_id: uuid.UUID) -> list[Owed] | None:
    """What is owed for a stay in notices, as the engine says now, the next due first. None: it cannot be computed."""
    try:
        found = [one for facts in gather(db, [encounter_id]) for one in obligations(facts) if one.rule in OF_RULE]
    except (ArithmeticError, LookupError, TypeError, ValueError, AssertionError):
        return None
    owed = [Owed(*OF_RULE[one.rule], one) for one in found]
    return sorted(owed, key=_urgency)


def _urgency(one: Owed) -> tuple[bool, bool, bool, float]:
    due = one.obligation.due_at
    not_required = one.obligation.standing is Standing.NOT_REQUIRED
    return (not one.obligation.open, not_required, due is None, due.timestamp() if due else 0.0)


def next_owed(owed: list[Owed] | None, now: datetime) -> Owed | None:
    """The notice to give now: the first that is owed and would count.

    A first copy goes before a follow-up copy, however near the departure: it may serve for both.
    """
    found = [one for one in owed or () if one.can_be_given(now)]
    return min(found, key=lambda one: one.copy is Copy.FOLLOW_UP, default=None)


def covered_day(db: Reading, encounter_id: uuid.UUID) -> date | None:
    """The last covered day that is recorded."""
    found: date | None = db.value(
        "select last_day from notice_covered_day where encounter_id = %s and ended_at is null", (encounter_id,)
    )
    return found


def open_count(db: Reading, encounter_id: uuid.UUID) -> str:
    """How many notices are owed, as stored; empty for none."""
    count = db.value(
        "select count(*) from obligation where encounter_id = %s and ended_at is null and required"
        " and closed_at is null and rule = any(%s)",
        (encounter_id, list(OF_RULE)),
    )
    return str(count) if count else ""
