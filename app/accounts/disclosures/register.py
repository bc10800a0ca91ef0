"""The officer's register: requests for the accounting with their steps, and suspensions."""

import uuid
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field

from app.accounts.disclosures import rules
from app.accounts.disclosures.events import (
    AccountingAsked,
    AccountingMoved,
    AccountingRequestStruckOut,
    DisclosureSuspended,
    SuspensionEnded,
)
from app.accounts.disclosures.models import AccountingRequest, AccountingStep, Suspension
from app.accounts.disclosures.queries import (
    NO_REQUEST,
    NOT_THERE,
    Person,
    RequestRow,
    disclosures_of,
    request_row,
)
from app.accounts.disclosures.terms import DisclosureCategory, RequestStep, SuspensionStatement
from app.kernel.refusal import Refused
from app.platform.work import Reading, Work
from app.web.fields import Day, Name, Reason, StrikeOut, one_line

CHANGED = "Somebody changed this just now. Reload the page and look again."
STRUCK_OUT = "This request was struck out. Enter it again if it stands."


class AskAccounting(BaseModel):
    """A request as it came in; without days the accounting covers the six years before it."""

    asked_on: date
    asked_by: Annotated[str, Field(min_length=2, max_length=120), AfterValidator(one_line)]
    begins: Day = None
    ends: Day = None


class MoveRequest(BaseModel):
    """What happened to a request. An extension and a withdrawal need their reason."""

    kind: RequestStep
    on: date
    reason: Annotated[str, Field(max_length=300), AfterValidator(one_line)] = ""


class Suspend(BaseModel):
    """An agency said that telling the patient would impede it. `recipient` is one that stands in the record."""

    recipient: Name
    statement: SuspensionStatement
    begins: date
    ends: date
    reason: Reason


def ask_accounting(work: Work, whose: Person, ask: AskAccounting) -> AccountingRequest:
    """Enter a request. Refused for days to come, and for more than six years back (164.528(a)(1))."""
    today = work.today(whose.timezone)
    if ask.asked_on > today:
        raise Refused("This day lies in the future. Write when the request came in.", field="asked_on")
    earliest = rules.six_years_before(ask.asked_on)
    begins, ends = ask.begins or earliest, ask.ends or ask.asked_on
    if begins < earliest:
        raise Refused("The accounting reaches back six years at most. Write a later day.", field="begins")
    if not begins <= ends <= ask.asked_on:
        raise Refused("The period ends before it begins, or after the request. Correct the days.", field="ends")
    made = work.add(
        AccountingRequest(
            facility_id=whose.facility_id, patient_id=whose.id, asked_on=ask.asked_on, asked_by=ask.asked_by,
            begins=begins, ends=ends, made_at=work.now, made_by=work.who.actor_id,
        )
    )  # fmt: skip
    work.record(AccountingAsked(patient_id=whose.id, facility_id=whose.facility_id, request_id=made.id))
    return made


def move_request(work: Work, request_id: uuid.UUID, ask: MoveRequest) -> RequestRow:
    """Extend a request, say that the accounting was given, or that the request was withdrawn."""
    held = work.lock(AccountingRequest, request_id, NO_REQUEST)
    one = request_row(work, request_id)
    _check_step(work, one, ask)
    work.add(
        AccountingStep(
            facility_id=held.facility_id, patient_id=held.patient_id, request_id=held.id, kind=ask.kind.value,
            took_place_on=ask.on, reason=ask.reason, made_at=work.now, made_by=work.who.actor_id,
        )
    )  # fmt: skip
    work.record(
        AccountingMoved(
            patient_id=held.patient_id, facility_id=held.facility_id, request_id=held.id, step=ask.kind.value
        )
    )
    return one


def _check_step(work: Work, one: RequestRow, ask: MoveRequest) -> None:
    if one.ended_at is not None:
        raise Refused(STRUCK_OUT)
    if not one.open:
        raise Refused("This request is closed. Take the last step back first.")
    if not one.asked_on <= ask.on <= work.today(one.timezone):
        raise Refused("This day lies before the request or in the future. Correct it.", field="on")
    if ask.kind is not RequestStep.GIVEN and len(ask.reason) < 3:
        raise Refused("Write the reason; the patient is told it in writing.", field="reason")
    if ask.kind is RequestStep.EXTENDED:
        if one.extended_on is not None:
            raise Refused("The time is extended once only. Source: 45 CFR 164.528(c)(1)(ii).", field="kind")
        if ask.on > rules.due_on(one.asked_on, extended=False):
            raise Refused("The time is extended within the first 60 days only.", field="on")


def undo_step(work: Work, request_id: uuid.UUID) -> RequestRow:
    """Take the latest step of a request back."""
    work.lock(AccountingRequest, request_id, NO_REQUEST)
    one = request_row(work, request_id)
    key = work.value(
        "select id from accounting_step where request_id = %s and ended_at is null order by made_at desc, id desc"
        " limit 1",
        (request_id,),
    )
    if key is None:
        raise Refused(CHANGED)
    step = work.lock(AccountingStep, key, NO_REQUEST)
    step.ended_at, step.ended_by = work.now, work.who.actor_id
    work.record(
        AccountingMoved(
            patient_id=one.patient_id, facility_id=one.facility_id, request_id=one.id, step=step.kind, undone=True
        )
    )
    return one


def strike_request(work: Work, request_id: uuid.UUID, ask: StrikeOut) -> AccountingRequest:
    """Say that a request was entered by mistake."""
    held = work.lock(AccountingRequest, request_id, NO_REQUEST)
    if held.ended_at is not None:
        raise Refused(CHANGED)
    held.ended_at, held.ended_by, held.ended_reason = work.now, work.who.actor_id, ask.reason
    work.record(
        AccountingRequestStruckOut(patient_id=held.patient_id, facility_id=held.facility_id, request_id=held.id)
    )
    return held


def suspend(work: Work, whose: Person, ask: Suspend) -> Suspension:
    """Leave what went to an agency out of the accounting for a time. Source: 164.528(a)(2)."""
    today = work.today(whose.timezone)
    if not any(ask.recipient.casefold() == one.casefold() for one in suspendable(work, whose, today)):
        raise Refused("Only a health oversight agency or law enforcement that stands in the record can ask for this.",
                      field="recipient")  # fmt: skip
    if ask.begins > today:
        raise Refused("This day lies in the future. Write when the agency said so.", field="begins")
    if ask.ends < ask.begins:
        raise Refused("The suspension ends before it begins. Correct the days.", field="ends")
    if ask.statement is SuspensionStatement.ORAL and (ask.ends - ask.begins).days > rules.ORAL_DAYS:
        raise Refused("After an oral statement it lasts 30 days at most. Write an earlier day.", field="ends")
    made = work.add(
        Suspension(
            facility_id=whose.facility_id, patient_id=whose.id, recipient=ask.recipient,
            statement=ask.statement.value, reason=ask.reason, begins=ask.begins, ends=ask.ends, made_at=work.now,
            made_by=work.who.actor_id,
        )
    )  # fmt: skip
    work.record(DisclosureSuspended(patient_id=whose.id, facility_id=whose.facility_id, suspension_id=made.id))
    return made


def suspendable(work: Reading, whose: Person, today: date) -> list[str]:
    """Recipients who may ask for a suspension: they stand in the record of this person."""
    found = disclosures_of(work, whose.same, rules.six_years_before(today), today)
    return list(dict.fromkeys(
        one.recipient for one in found if DisclosureCategory(one.category).may_be_suspended
    ))  # fmt: skip


def end_suspension(work: Work, suspension_id: uuid.UUID, ask: StrikeOut) -> Suspension:
    """End a suspension before its time: from now on the accounting names the recipient again."""
    held = work.lock(Suspension, suspension_id, NOT_THERE)
    if held.ended_at is not None:
        raise Refused(CHANGED)
    held.ended_at, held.ended_by, held.ended_reason = work.now, work.who.actor_id, ask.reason
    work.record(SuspensionEnded(patient_id=held.patient_id, facility_id=held.facility_id, suspension_id=held.id))
    return held
