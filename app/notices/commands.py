"""Delivering a notice with its evidence; correcting, striking out, declaring void. No version is ever rewritten."""

import uuid
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any

import msgspec
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, field_validator

from app.census.united import Subject, held_subject, subject
from app.clocks.terms import Copy, NoticeKind
from app.kernel.entered import FULL, kept_time, true_time
from app.kernel.refusal import NotFound, Refused
from app.kernel.transitions import after
from app.notices import rules
from app.notices.events import LastCoveredDaySet, NoticeAmended, NoticeDelivered, NoticeStruckOut
from app.notices.models import CoveredDay, Delivery
from app.notices.rules import LIFE, Evidence, Moment, NoticeAction
from app.notices.terms import Basis, Channel, DeliveryEnd, Receipt, Recipient
from app.platform.work import Work
from app.web.fields import empty_is_none, one_line

NOT_THERE = "There is no such delivery, or it lies outside what you may see."
ONE_DELIVERY = timedelta(minutes=5)
"""Two records of one notice to one person that lie nearer to each other are one delivery, recorded twice."""


Name = Annotated[str, Field(max_length=120), AfterValidator(one_line)]
Words = Annotated[str, Field(max_length=1000), AfterValidator(str.strip)]
Day = Annotated[date | None, BeforeValidator(empty_is_none)]
Clock = Annotated[time | None, BeforeValidator(empty_is_none)]


class DeliverNotice(BaseModel):
    """A delivery as somebody records it. Without day and time it happened now; both are the facility's."""

    kind: NoticeKind
    which_copy: Annotated[Copy | None, BeforeValidator(empty_is_none)] = None
    on: Day = None
    at: Clock = None
    given_by: Name = ""
    recipient: Recipient = Recipient.PATIENT
    recipient_name: Name = ""
    relation: Name = ""
    channel: Channel = Channel.IN_PERSON
    mailed_on: Day = None
    receipt: Receipt = Receipt.PAPER
    drawing: Annotated[str, Field(max_length=60_000, pattern=r"^[ML0-9. ]*$")] = ""
    witness_name: Name = ""
    witness_title: Name = ""
    certified: bool = False
    explained: bool = False
    outpatient_reason: Words = ""
    item: Words = ""
    basis: Annotated[Basis | None, BeforeValidator(empty_is_none)] = None
    basis_name: Name = ""
    language: Name = ""
    interpreter: Name = ""
    copies: Annotated[int, Field(ge=1, le=9)] = 1

    @field_validator("kind")
    @classmethod
    def _deliverable(cls, value: NoticeKind) -> NoticeKind:
        if value not in rules.DELIVERABLE:
            raise ValueError("Choose one of the list.")
        return value


class AmendDelivery(DeliverNotice):
    """The delivery as it should be recorded, and why the earlier version was wrong."""

    because: Annotated[str, Field(min_length=3, max_length=300), AfterValidator(str.strip)]


class EndDelivery(BaseModel):
    """Why a delivery does not count: recorded by mistake, or the notice was not valid."""

    how: DeliveryEnd = DeliveryEnd.STRUCK_OUT
    reason: Annotated[str, Field(min_length=3, max_length=300), AfterValidator(str.strip)]

    @field_validator("how")
    @classmethod
    def _ends(cls, value: DeliveryEnd) -> DeliveryEnd:
        if value is DeliveryEnd.AMENDED:
            raise ValueError("Choose one of the list.")
        return value


class SetCoveredDay(BaseModel):
    """The last day on which skilled services are covered; empty takes it away."""

    last_day: Day = None


_SAME = """
select max(delivered_at) from notice_delivery where encounter_id = %s and ended_at is null and kind = %s
  and which_copy = %s and recipient = %s and recipient_name = %s and item = %s
  and delivered_at between %s and %s
"""
_DECIDED = """
select exists (select from qio_appeal_step s join qio_appeal a on a.id = s.appeal_id
  where s.encounter_id = %s and s.step = 'decide' and s.favors = 'hospital' and s.ended_at is null
  and a.kind = 'discharge')
"""


def deliver_notice(work: Work, encounter_id: uuid.UUID, ask: DeliverNotice) -> Delivery:
    """Record a delivery with its evidence. Refused for evidence that would not stand, and for a time to come."""
    stay = held_subject(work, encounter_id)
    key = uuid.uuid4()
    at = true_time(ask.on, ask.at, work.now, stay.zone)
    _check_first(work, stay, ask, at)
    made = _store(work, stay, ask, _Version(key, at))
    work.record(
        NoticeDelivered(
            encounter_id=stay.encounter_id, patient_id=stay.patient_id, facility_id=stay.facility_id, delivery_id=key,
            kind=made.kind, which_copy=made.which_copy, receipt=made.receipt, delivered_at=made.delivered_at,
        )
    )  # fmt: skip
    work.changed(stay.facility_id, stay.encounter_id)
    return made


def amend_delivery(work: Work, delivery_id: uuid.UUID, ask: AmendDelivery) -> Delivery:
    """Record another version in the place of the one that stands. Refused for another notice than that."""
    before = _standing(work, delivery_id, NoticeAction.AMEND)
    if (ask.kind.value, ask.which_copy or "") != (before.kind, before.which_copy):
        raise Refused("This is another notice. Strike this delivery out and record the other one.", field="kind")
    stay = subject(work, before.encounter_id)
    if ask.receipt is Receipt.SCREEN and not ask.drawing:
        ask = ask.model_copy(update={"drawing": before.drawing})
    at = true_time(ask.on, ask.at, work.now, stay.zone)
    if kept_time(ask.on, ask.at, before.delivered_at, stay.zone):
        at = before.delivered_at  # the form shows no seconds, nor which of two equal hours
    _end(work, before, DeliveryEnd.AMENDED, ask.because)
    made = _store(work, stay, ask, _Version(delivery_id, at, ask.because))
    work.record(
        NoticeAmended(
            encounter_id=made.encounter_id, patient_id=stay.patient_id, facility_id=made.facility_id,
            delivery_id=delivery_id, kind=made.kind, delivered_at=made.delivered_at,
        )
    )  # fmt: skip
    work.changed(made.facility_id, made.encounter_id)
    return made


def end_delivery(work: Work, delivery_id: uuid.UUID, ask: EndDelivery) -> Delivery:
    """Strike a delivery out, or declare it void; what it had closed is open again."""
    action = NoticeAction.STRIKE_OUT if ask.how is DeliveryEnd.STRUCK_OUT else NoticeAction.INVALIDATE
    held = _standing(work, delivery_id, action)
    stay = subject(work, held.encounter_id)
    _end(work, held, ask.how, ask.reason)
    work.record(
        NoticeStruckOut(
            encounter_id=stay.encounter_id, patient_id=stay.patient_id, facility_id=held.facility_id,
            delivery_id=delivery_id, kind=held.kind, because=ask.how.value,
        )
    )  # fmt: skip
    work.changed(held.facility_id, stay.encounter_id)
    return held


def set_covered_day(work: Work, encounter_id: uuid.UUID, ask: SetCoveredDay) -> None:
    """Set, change or take away the last covered day of a stay. Refused when nothing would change."""
    stay = held_subject(work, encounter_id)
    encounter_id = stay.encounter_id
    key = work.value(
        "select id from notice_covered_day where encounter_id = %s and ended_at is null for update", (encounter_id,)
    )
    before = work.get(CoveredDay, key) if key else None
    if (before.last_day if before else None) == ask.last_day:
        raise Refused("This is the day that is recorded already.", field="last_day")
    if before is not None:
        before.ended_at, before.ended_by = work.now, work.who.actor_id
        work.session.flush()
    if ask.last_day is not None:
        work.add(
            CoveredDay(
                encounter_id=encounter_id, facility_id=stay.facility_id, last_day=ask.last_day, made_at=work.now,
                made_by=work.who.actor_id,
            )
        )  # fmt: skip
    work.record(
        LastCoveredDaySet(
            encounter_id=encounter_id, patient_id=stay.patient_id, facility_id=stay.facility_id, last_day=ask.last_day
        )
    )
    work.changed(stay.facility_id, encounter_id)


class _Version(msgspec.Struct, frozen=True):
    """Which delivery a version belongs to, its true time, and why it stands in the place of another."""

    delivery_id: uuid.UUID
    at: datetime
    because: str = ""


def _check_first(work: Work, stay: Subject, ask: DeliverNotice, at: datetime) -> None:
    """Refused when the same notice was given to the same person minutes before or after: that is one delivery."""
    copy, span = ask.which_copy or "", (at - ONE_DELIVERY, at + ONE_DELIVERY)
    whom = (ask.recipient.value, ask.recipient_name, ask.item)
    given = work.value(_SAME, (stay.encounter_id, ask.kind.value, copy, *whom, *span))
    if given is not None:
        when = given.astimezone(stay.zone).strftime(FULL)
        raise Refused(f"This delivery is recorded already, at {when}. Correct it there if it is wrong.", field="at")


def _store(work: Work, stay: Subject, ask: DeliverNotice, version: _Version) -> Delivery:
    at = version.at
    rules.check(_evidence(ask), Moment(at, work.now, _began(stay, ask.kind)))
    if ask.kind is NoticeKind.HINN12:
        decided = bool(work.value(_DECIDED, (stay.encounter_id,)))
        rules.check_continued_stay(ask.basis, decided_for_hospital=decided)
    values: dict[str, Any] = ask.model_dump(exclude={"on", "at", "because", "which_copy", "basis", "given_by"})
    return work.add(
        Delivery(
            **values, delivery_id=version.delivery_id, encounter_id=stay.encounter_id, facility_id=stay.facility_id,
            which_copy=ask.which_copy or "", basis=ask.basis or "", delivered_at=at,
            given_by=ask.given_by or _own_name(work), made_at=work.now, made_by=work.who.actor_id,
            made_because=version.because,
        )
    )  # fmt: skip


def _began(stay: Subject, kind: NoticeKind) -> datetime | None:
    if kind is NoticeKind.IM and stay.ordered_at is not None:
        return stay.ordered_at
    return stay.start_at


def _evidence(ask: DeliverNotice) -> Evidence:
    return Evidence(
        kind=ask.kind, copy=ask.which_copy, recipient=ask.recipient, recipient_name=ask.recipient_name,
        relation=ask.relation, channel=ask.channel, mailed=ask.mailed_on is not None, receipt=ask.receipt,
        drawing=ask.drawing, witness_name=ask.witness_name, witness_title=ask.witness_title, certified=ask.certified,
        explained=ask.explained, outpatient_reason=ask.outpatient_reason, item=ask.item, basis=ask.basis,
        basis_name=ask.basis_name,
    )  # fmt: skip


def _own_name(work: Work) -> str:
    if work.who.actor_id is None:
        return work.who.actor
    return str(work.value("select display_name from app_user where id = %s", (work.who.actor_id,)) or work.who.actor)


def _standing(work: Work, delivery_id: uuid.UUID, action: NoticeAction) -> Delivery:
    """The version that stands, locked; Refused when none does any more."""
    key = work.value(
        "select id from notice_delivery where delivery_id = %s order by (ended_at is null) desc, made_at desc, id desc"
        " limit 1",
        (delivery_id,),
    )
    if key is None:
        raise NotFound(NOT_THERE)
    held = work.lock(Delivery, key, NOT_THERE)
    now = rules.AFTER_DELIVERY[Receipt(held.receipt)]
    if held.ended_at is not None:
        now = rules.NoticeState(held.ended_because) if held.ended_because != DeliveryEnd.AMENDED else now
    after(LIFE, now, action, noun="delivery")
    if held.ended_at is not None:
        raise Refused("Somebody changed this delivery just now. Reload the page and look again.")
    return held


def _end(work: Work, held: Delivery, how: DeliveryEnd, reason: str) -> None:
    held.ended_at, held.ended_by = work.now, work.who.actor_id
    held.ended_because, held.ended_reason = how.value, reason
    work.session.flush()
