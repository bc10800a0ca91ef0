"""The tables of referrals to a long-term hospital. What is known stands in versions, what happened in steps.

A version or a step is ended, never rewritten. The person is somebody who may never become a patient here, so that no
row points to one; the step that links an admission names the stay.
"""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Column, Identity, Index, Integer, String, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Date
from sqlmodel import Field, SQLModel

from app.ltac.screening.terms import Advice, DaysSource, PayerState, ReferralAction, ReferralState, Told
from app.platform.db import Holds, enum_check, facility_link, instant, key, link, number, words

CURRENT = text("ended_at is null")


def _staff() -> Any:
    return link("app_user.id", null=True, index=False, kind=Holds.STAFF)


class LongTermReferral(SQLModel, table=True):
    """A referral for ever: its number and when it came. Who is referred: LongTermReferralVersion."""

    __tablename__ = "ltac_referral"
    __table_args__ = (Index("ix_ltac_referral_facility", "facility_id", "received_at"),)
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    serial: int = Field(
        default=None, sa_column=Column(Integer, Identity(always=True), unique=True, info={"holds": Holds.OPERATION})
    )  # what people call it by, in place of a name
    received_at: datetime = instant()
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _staff()


class LongTermReferralVersion(SQLModel, table=True):
    """Who is referred, from where, for what, and by when an answer is due."""

    __tablename__ = "ltac_referral_version"
    __table_args__ = (
        CheckConstraint("ended_because in ('', 'amended', 'struck_out')", name="ended_because"),
        CheckConstraint("(ended_at is null) = (ended_because = '')", name="ended"),
        CheckConstraint("sex in ('', 'F', 'M')", name="sex"),
        Index("uq_ltac_referral_version_current", "referral_id", unique=True, postgresql_where=CURRENT),
        Index("ix_ltac_referral_version_facility", "facility_id", "birth", postgresql_where=CURRENT),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    referral_id: uuid.UUID = link("ltac_referral.id", index=False)
    family: str = words(Holds.PERSON)
    given: str = words(Holds.PERSON)
    birth: date = number(Holds.PERSON, null=False)
    sex: str = words(Holds.CLINICAL)
    record_number: str = words(Holds.PERSON)  # MRN, of whichever hospital
    vendor_id: uuid.UUID | None = link("vendor.id", null=True, index=False)
    from_name: str = words(Holds.OPERATION)
    from_ccn: str = words(Holds.OPERATION)  # CMS certification number of the referring hospital
    from_place: str = words(Holds.CLINICAL)  # unit and room there
    contact: str = words(Holds.STAFF)
    contact_reach: str = words(Holds.STAFF)  # telephone, pager, e-mail
    needs: list[str] = Field(
        default_factory=list,
        sa_column=Column(ARRAY(String), nullable=False, server_default="{}", info={"holds": Holds.CLINICAL}),
    )
    wanted_on: date | None = number(Holds.CLINICAL)
    answer_by: datetime = instant()
    line: str = words(Holds.CLINICAL)  # line of business; empty: not told
    payer_name: str = words(Holds.CLINICAL)
    member_number: str = words(Holds.PERSON)
    drg: str = words(Holds.CLINICAL)  # MS-LTC-DRG that is expected
    note: str = words(Holds.CLINICAL)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _staff()
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = _staff()
    ended_because: str = words(Holds.OPERATION)
    ended_reason: str = words(Holds.CLINICAL)


class LongTermReferralStep(SQLModel, table=True):
    """One step of a referral's life. The last one that stands says where the referral is; an undone one is ended."""

    __tablename__ = "ltac_referral_step"
    __table_args__ = (
        enum_check("action", ReferralAction),
        enum_check("state", ReferralState),
        CheckConstraint("(action = 'admit') = (encounter_id is not null)", name="encounter"),
        CheckConstraint("action not in ('decline', 'withdraw', 'unlink', 'reopen') or reason <> ''", name="reason"),
        Index("ix_ltac_referral_step_referral", "referral_id", "made_at", postgresql_where=CURRENT),
        Index("ix_ltac_referral_step_stay", "encounter_id", postgresql_where=text("encounter_id is not null")),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    referral_id: uuid.UUID = link("ltac_referral.id", index=False)
    action: str = words(Holds.OPERATION)
    state: str = words(Holds.OPERATION)
    reason: str = words(Holds.CLINICAL)  # code of the reason, or words where there are no codes
    said: str = words(Holds.CLINICAL)
    bed: str = words(Holds.OPERATION)
    bed_on: date | None = number()
    encounter_id: uuid.UUID | None = link("encounter.id", null=True, index=False)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _staff()
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = _staff()


class LongTermScreening(SQLModel, table=True):
    """What the screening knows: evidence for the payment rate, days of the benefit, the patient's condition."""

    __tablename__ = "ltac_screening"
    __table_args__ = (
        *(enum_check(name, Told) for name in ("acute", "direct", "excluded", "complex", "trach", "dialysis")),
        enum_check("advice", Advice),
        enum_check("intensive_source", DaysSource),
        CheckConstraint("ventilator_hours between 0 and 10000", name="ventilator_hours"),
        CheckConstraint("benefit_left between 0 and 90", name="benefit_left"),
        CheckConstraint("reserve_left between 0 and 60", name="reserve_left"),
        CheckConstraint("expected_days between 1 and 1000", name="expected_days"),
        Index("uq_ltac_screening_current", "referral_id", unique=True, postgresql_where=CURRENT),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    referral_id: uuid.UUID = link("ltac_referral.id", index=False)
    acute: str = words(Holds.CLINICAL)  # a hospital under the inpatient payment system, section 1886(d)
    direct: str = words(Holds.CLINICAL)
    excluded: str = words(Holds.CLINICAL)  # principal diagnosis of psychiatry or rehabilitation
    intensive: list[date] | None = Field(
        default=None, sa_column=Column(ARRAY(Date), nullable=True, info={"holds": Holds.CLINICAL})
    )  # calendar days; NULL: not told, empty: none
    intensive_source: str = words(Holds.CLINICAL, default="told")
    intensive_stay_id: uuid.UUID | None = link("encounter.id", null=True, index=False)
    still_intensive: bool = number(Holds.CLINICAL, null=False, default=False)
    ventilator_hours: int | None = number(Holds.CLINICAL)
    ventilator_basis: str = words(Holds.CLINICAL)
    benefit_left: int | None = number(Holds.CLINICAL)
    reserve_left: int | None = number(Holds.CLINICAL)
    benefit_source: str = words(Holds.CLINICAL)
    ventilator_day: int | None = number(Holds.CLINICAL)
    trach: str = words(Holds.CLINICAL)
    dialysis: str = words(Holds.CLINICAL)
    wounds: str = words(Holds.CLINICAL)
    lines: str = words(Holds.CLINICAL)
    isolation: str = words(Holds.CLINICAL)
    expected_days: int | None = number(Holds.CLINICAL)
    complex: str = words(Holds.CLINICAL)
    advice: str = words(Holds.CLINICAL)
    remark: str = words(Holds.CLINICAL)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _staff()
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = _staff()


class LongTermAuthorization(SQLModel, table=True):
    """Where the payer's authorization of the admission stands."""

    __tablename__ = "ltac_authorization"
    __table_args__ = (
        enum_check("state", PayerState),
        CheckConstraint("days between 1 and 365", name="days"),
        CheckConstraint("days is null or state = 'approved'", name="approved"),
        Index("uq_ltac_authorization_current", "referral_id", unique=True, postgresql_where=CURRENT),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    referral_id: uuid.UUID = link("ltac_referral.id", index=False)
    state: str = words(Holds.CLINICAL)
    payer_number: str = words(Holds.CLINICAL)  # what the payer calls it
    days: int | None = number(Holds.CLINICAL)
    said: str = words(Holds.CLINICAL)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _staff()
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = _staff()
