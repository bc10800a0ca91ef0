"""Recording that a physician certified, at its true time, and striking it out."""

import uuid
from datetime import date, time
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field

from app.census.united import held_subject, subject
from app.kernel.entered import true_time
from app.kernel.refusal import Refused
from app.platform.work import Work
from app.reviews.certificates.queries import NOT_THERE, CertificateKind
from app.reviews.events import CertificationStruckOut, StayCertified
from app.reviews.models import Certification
from app.web.fields import empty_is_none


class Certify(BaseModel):
    """A certification as somebody records it. Without day and time it was given now."""

    kind: CertificateKind
    physician: Annotated[str, Field(min_length=3, max_length=120), AfterValidator(str.strip)]
    on: Annotated[date | None, BeforeValidator(empty_is_none)] = None
    at: Annotated[time | None, BeforeValidator(empty_is_none)] = None
    statement: Annotated[str, Field(max_length=2000), AfterValidator(str.strip)] = ""


class StrikeCertificate(BaseModel):
    """Why a certification does not count."""

    reason: Annotated[str, Field(min_length=3, max_length=300), AfterValidator(str.strip)]


def certify(work: Work, encounter_id: uuid.UUID, ask: Certify) -> Certification:
    """Record a certification. Refused for a time to come, and for a long stay without its reasons."""
    stay = held_subject(work, encounter_id)
    at = true_time(ask.on, ask.at, work.now, stay.zone)
    if at > work.now:
        raise Refused("This time lies in the future. Write when the physician certified.", field="at")
    if ask.kind is CertificateKind.LONG_STAY and not ask.statement:
        raise Refused("Write the reasons for the stay and the time expected, as certified.", field="statement")
    made = work.add(
        Certification(
            encounter_id=stay.encounter_id, facility_id=stay.facility_id, kind=ask.kind.value, physician=ask.physician,
            certified_at=at, statement=ask.statement, made_at=work.now, made_by=work.who.actor_id,
        )
    )  # fmt: skip
    work.record(
        StayCertified(
            encounter_id=stay.encounter_id, patient_id=stay.patient_id, facility_id=stay.facility_id,
            certification_id=made.id, kind=made.kind, certified_at=at,
        )
    )  # fmt: skip
    work.changed(stay.facility_id, stay.encounter_id)
    return made


def strike_certificate(work: Work, certification_id: uuid.UUID, ask: StrikeCertificate) -> Certification:
    """Say that a certification was recorded by mistake."""
    held = work.lock(Certification, certification_id, NOT_THERE)
    if held.ended_at is not None:
        raise Refused("This certification is struck out already.")
    stay = subject(work, held.encounter_id)
    held.ended_at, held.ended_by, held.ended_reason = work.now, work.who.actor_id, ask.reason
    work.record(
        CertificationStruckOut(
            encounter_id=stay.encounter_id, patient_id=stay.patient_id, facility_id=stay.facility_id,
            certification_id=held.id,
        )
    )  # fmt: skip
    work.changed(stay.facility_id, stay.encounter_id)
    return held
