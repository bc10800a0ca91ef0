"""Disclosures to be accounted for, suspensions, requests for the accounting. No row is rewritten: a change ends a row
and makes another; `disclosure_id` is the same in all versions of one disclosure.
"""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import SQLModel

from app.accounts.disclosures.terms import Basis, DisclosureCategory, RequestStep, SuspensionStatement
from app.platform.db import Holds, enum_check, facility_link, instant, key, link, number, words

CURRENT = text("ended_at is null")


def _staff() -> Any:
    return link("app_user.id", null=True, index=False, kind=Holds.STAFF)


def _day(kind: Holds = Holds.CLINICAL) -> Any:
    return number(kind, null=False)


class Disclosure(SQLModel, table=True):
    """One version of a disclosure outside treatment, payment and operations. Source: 164.528(b)(2)."""

    __tablename__ = "disclosure"
    __table_args__ = (
        enum_check("category", DisclosureCategory),
        enum_check("basis", Basis),
        CheckConstraint("recipient <> '' and description <> '' and (basis = 'request' or purpose <> '')", name="told"),
        CheckConstraint("(ended_at is null) = (ended_because = '')", name="ended"),
        CheckConstraint("ended_because in ('', 'amended', 'struck_out')", name="ended_because"),
        Index("uq_disclosure_current", "disclosure_id", unique=True, postgresql_where=CURRENT),
        Index("ix_disclosure_stay", "encounter_id", "made_at"),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    disclosure_id: uuid.UUID = number(null=False)
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    category: str = words(Holds.CLINICAL)
    disclosed_on: date = _day()
    recipient: str = words(Holds.CLINICAL)
    address: str = words(Holds.CLINICAL)
    description: str = words(Holds.CLINICAL)
    basis: str = words(Holds.OPERATION)
    purpose: str = words(Holds.CLINICAL)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _staff()
    made_because: str = words(Holds.CLINICAL)
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = _staff()
    ended_because: str = words(Holds.OPERATION)
    ended_reason: str = words(Holds.CLINICAL)


class Suspension(SQLModel, table=True):
    """For this time the accounting does not name what went to this recipient. Source: 164.528(a)(2)."""

    __tablename__ = "disclosure_suspension"
    __table_args__ = (
        enum_check("statement", SuspensionStatement),
        CheckConstraint("ends >= begins and (statement = 'written' or ends <= begins + 30)", name="span"),
        Index("ix_disclosure_suspension_patient", "patient_id", "made_at"),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    patient_id: uuid.UUID = link("patient.id", index=False)
    recipient: str = words(Holds.CLINICAL)
    statement: str = words(Holds.OPERATION)
    reason: str = words(Holds.CLINICAL)  # who said so, and why
    begins: date = _day()
    ends: date = _day()  # the last day of it
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _staff()
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = _staff()
    ended_reason: str = words(Holds.CLINICAL)


class AccountingRequest(SQLModel, table=True):
    """Somebody asked for the accounting of a patient's disclosures."""

    __tablename__ = "accounting_request"
    __table_args__ = (
        CheckConstraint("begins <= ends and ends <= asked_on", name="period"),
        Index("ix_accounting_request_patient", "patient_id", "asked_on"),
        Index("ix_accounting_request_open", "facility_id", "asked_on", postgresql_where=CURRENT),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    patient_id: uuid.UUID = link("patient.id", index=False)
    asked_on: date = _day(Holds.OPERATION)
    asked_by: str = words(Holds.PERSON)  # the patient, or who acts for the patient
    begins: date = _day(Holds.OPERATION)
    ends: date = _day(Holds.OPERATION)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _staff()
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = _staff()
    ended_reason: str = words(Holds.CLINICAL)


class AccountingStep(SQLModel, table=True):
    """What happened to a request: extended, given, withdrawn."""

    __tablename__ = "accounting_step"
    __table_args__ = (
        enum_check("kind", RequestStep),
        CheckConstraint("kind = 'given' or reason <> ''", name="reason"),
        Index("uq_accounting_step_current", "request_id", "kind", unique=True, postgresql_where=CURRENT),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    patient_id: uuid.UUID = link("patient.id", index=False)
    request_id: uuid.UUID = link("accounting_request.id", index=False)
    kind: str = words(Holds.OPERATION)
    took_place_on: date = _day(Holds.OPERATION)
    reason: str = words(Holds.CLINICAL)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _staff()
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = _staff()
