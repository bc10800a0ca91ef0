"""Recording a disclosure outside treatment, payment and operations; correcting it; striking it out."""

import uuid
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field

from app.accounts.disclosures.events import DisclosureAmended, DisclosureRecorded, DisclosureStruckOut
from app.accounts.disclosures.models import Disclosure
from app.accounts.disclosures.queries import NOT_THERE, disclosure_version
from app.accounts.disclosures.terms import Basis, DisclosureCategory, RecordEnd
from app.census.united import Subject, held_subject
from app.kernel.refusal import Refused
from app.platform.work import Work
from app.web.fields import Reason, StrikeOut, Words, one_line

CHANGED = "Somebody changed this disclosure just now. Reload the page and look again."
Recipient = Annotated[str, Field(min_length=2, max_length=200), AfterValidator(one_line)]
Address = Annotated[str, Field(max_length=300), AfterValidator(one_line)]


class RecordDisclosure(BaseModel):
    """What went out, to whom, when, and why. The address is left empty where it is not known (164.528(b)(2)(ii))."""

    category: DisclosureCategory
    on: date
    recipient: Recipient
    address: Address = ""
    description: Annotated[Words, Field(min_length=3)]
    basis: Basis = Basis.STATEMENT
    purpose: Words = ""


class AmendDisclosure(RecordDisclosure):
    """The disclosure as it should be recorded, and why the earlier version was wrong."""

    because: Reason


def record_disclosure(work: Work, encounter_id: uuid.UUID, ask: RecordDisclosure) -> Disclosure:
    """Record a disclosure. Refused for a day to come, without a purpose, and when it is recorded already."""
    stay = held_subject(work, encounter_id)
    _check(work, stay, ask)
    _check_twice(work, stay, ask)
    made = _store(work, stay, ask, uuid.uuid4())
    work.record(
        DisclosureRecorded(
            encounter_id=stay.encounter_id, patient_id=stay.patient_id, facility_id=stay.facility_id,
            disclosure_id=made.disclosure_id, category=made.category,
        )
    )  # fmt: skip
    return made


def amend_disclosure(work: Work, disclosure_id: uuid.UUID, ask: AmendDisclosure) -> Disclosure:
    """Record another version in the place of the one that stands."""
    before, stay = _standing(work, disclosure_id)
    _check(work, stay, ask)
    _end(work, before, RecordEnd.AMENDED, ask.because)
    made = _store(work, stay, ask, disclosure_id, ask.because)
    work.record(
        DisclosureAmended(
            encounter_id=stay.encounter_id, patient_id=stay.patient_id, facility_id=stay.facility_id,
            disclosure_id=disclosure_id,
        )
    )  # fmt: skip
    return made


def strike_disclosure(work: Work, disclosure_id: uuid.UUID, ask: StrikeOut) -> Disclosure:
    """Say that it was recorded by mistake."""
    before, stay = _standing(work, disclosure_id)
    _end(work, before, RecordEnd.STRUCK_OUT, ask.reason)
    work.record(
        DisclosureStruckOut(
            encounter_id=stay.encounter_id, patient_id=stay.patient_id, facility_id=stay.facility_id,
            disclosure_id=disclosure_id,
        )
    )  # fmt: skip
    return before


def _check(work: Work, stay: Subject, ask: RecordDisclosure) -> None:
    if ask.on > stay.day(work.now):
        raise Refused("This day lies in the future. Write the day on which it went out.", field="on")
    if ask.basis is Basis.STATEMENT and not ask.purpose:
        raise Refused("Write the purpose in a sentence, or say that a copy of the request is kept.", field="purpose")


def _check_twice(work: Work, stay: Subject, ask: RecordDisclosure) -> None:
    same = work.value(
        "select true from disclosure where encounter_id = %s and ended_at is null and disclosed_on = %s"
        " and category = %s and lower(recipient) = lower(%s) and description = %s limit 1",
        (stay.encounter_id, ask.on, ask.category.value, ask.recipient, ask.description),
    )
    if same:
        raise Refused("This disclosure is recorded already. Correct it there if it is wrong.")


def _store(work: Work, stay: Subject, ask: RecordDisclosure, disclosure_id: uuid.UUID, because: str = "") -> Disclosure:
    return work.add(
        Disclosure(
            disclosure_id=disclosure_id, encounter_id=stay.encounter_id, facility_id=stay.facility_id,
            category=ask.category.value, disclosed_on=ask.on, recipient=ask.recipient, address=ask.address,
            description=ask.description, basis=ask.basis.value, purpose=ask.purpose, made_at=work.now,
            made_by=work.who.actor_id, made_because=because,
        )
    )  # fmt: skip


def _standing(work: Work, disclosure_id: uuid.UUID) -> tuple[Disclosure, Subject]:
    """The version that stands, locked after its stay; Refused when none does any more."""
    stay = held_subject(work, disclosure_version(work, disclosure_id).encounter_id)
    held = work.lock(Disclosure, disclosure_version(work, disclosure_id).id, NOT_THERE)
    if held.ended_at is not None:
        raise Refused(CHANGED)
    return held, stay


def _end(work: Work, held: Disclosure, how: RecordEnd, reason: str) -> None:
    held.ended_at, held.ended_by = work.now, work.who.actor_id
    held.ended_because, held.ended_reason = how.value, reason
    work.session.flush()
