"""The tables of the patient's choice. A list is frozen as it was shown; a choice stands in versions."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Column, Index, LargeBinary, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel

from app.discharge.choice.terms import ChoiceEnd, ChoiceOutcome, Evidence, GivenHow, GivenTo, ListEnd
from app.discharge.terms import CareType
from app.platform.db import Holds, enum_check, facility_link, instant, key, link, number, words

CURRENT = text("ended_at is null")


def _staff() -> Any:
    return link("app_user.id", null=True, index=False, kind=Holds.STAFF)


def _vendors(kind: Holds) -> Any:
    return Field(
        default_factory=list, sa_column=Column(ARRAY(Uuid()), nullable=False, server_default="{}", info={"holds": kind})
    )


def _ended(reasons: type[ListEnd] | type[ChoiceEnd]) -> tuple[CheckConstraint, CheckConstraint]:
    among = ", ".join(f"'{reason}'" for reason in ("", *reasons))
    return (
        CheckConstraint("(ended_at is null) = (ended_because = '')", name="ended"),
        CheckConstraint(f"ended_because in ({among})", name="ended_because"),
    )


class ChoiceList(SQLModel, table=True):
    """A list of vendors exactly as it was shown, with what was left out and why."""

    __tablename__ = "choice_list"
    __table_args__ = (
        enum_check("care_type", CareType),
        *_ended(ListEnd),
        Index("ix_choice_list_stay", "encounter_id", "made_at"),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    care_type: str = words(Holds.CLINICAL)
    content: dict[str, Any] = Field(
        sa_column=Column(JSONB, nullable=False, server_default="{}", info={"holds": Holds.CLINICAL})
    )  # snapshot.Shown
    digest: str = words(Holds.OPERATION)  # SHA-256 of the content
    data_on: date | None = number()  # the oldest day of the published figures shown
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _staff()
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = _staff()
    ended_because: str = words(Holds.OPERATION)
    ended_reason: str = words(Holds.CLINICAL)


class Choice(SQLModel, table=True):
    """One version of what the patient said to a list. `choice_id` is the same in all versions."""

    __tablename__ = "choice"
    __table_args__ = (
        enum_check("given_to", GivenTo),
        enum_check("given_how", GivenHow),
        enum_check("outcome", ChoiceOutcome),
        enum_check("evidence", Evidence),
        CheckConstraint("(outcome = 'chosen') = (vendors <> '{}')", name="vendors"),
        CheckConstraint("chosen_at <= made_at", name="past"),
        CheckConstraint("evidence <> 'verbal' or witness_name <> ''", name="witness"),
        CheckConstraint("affiliated = '{}' or disclosed", name="disclosed"),
        *_ended(ChoiceEnd),
        Index("uq_choice_current", "list_id", unique=True, postgresql_where=CURRENT),
        Index("ix_choice_stay", "encounter_id", "made_at"),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    choice_id: uuid.UUID = number(null=False)
    list_id: uuid.UUID = link("choice_list.id", index=False)
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    given_to: str = words(Holds.CLINICAL)
    recipient_name: str = words(Holds.PERSON)
    relation: str = words(Holds.PERSON)
    given_how: str = words(Holds.CLINICAL)
    language: str = words(Holds.PERSON)
    interpreter: str = words(Holds.PERSON)
    outcome: str = words(Holds.CLINICAL)
    vendors: list[uuid.UUID] = _vendors(Holds.CLINICAL)  # in the order of preference
    affiliated: list[uuid.UUID] = _vendors(Holds.OPERATION)  # those of them with a financial interest
    disclosed: bool = number(Holds.CLINICAL, null=False, default=False)  # the interest was told: 42 CFR 482.43(c)(3)
    evidence: str = words(Holds.CLINICAL)
    drawing: str = words(Holds.PERSON)  # lines of a signature, as an SVG path in a field of 600 by 200
    witness_name: str = words(Holds.STAFF)
    said: str = words(Holds.CLINICAL)
    chosen_at: datetime = instant(Holds.CLINICAL)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _staff()
    made_because: str = words(Holds.CLINICAL)
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = _staff()
    ended_because: str = words(Holds.OPERATION)
    ended_reason: str = words(Holds.CLINICAL)


class ChoiceLink(SQLModel, table=True):
    """A way to see a list without an account. Of its key only the digest is kept."""

    __tablename__ = "choice_link"
    __table_args__ = (
        Index("uq_choice_link_digest", "digest", unique=True),
        Index("ix_choice_link_list", "list_id"),
        Index("ix_choice_link_stay", "encounter_id", "made_at"),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    list_id: uuid.UUID = link("choice_list.id", index=False)
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False, info={"holds": Holds.SECRET}))
    expires_at: datetime = instant()
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _staff()
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = _staff()


class ChoiceMark(SQLModel, table=True):
    """What somebody marked who had a link: a wish, which counts once it is recorded as a choice."""

    __tablename__ = "choice_mark"
    __table_args__ = (
        Index("uq_choice_mark_current", "link_id", unique=True, postgresql_where=CURRENT),
        Index("ix_choice_mark_stay", "encounter_id", "made_at"),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    link_id: uuid.UUID = link("choice_link.id", index=False)
    list_id: uuid.UUID = link("choice_list.id")
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    vendors: list[uuid.UUID] = _vendors(Holds.CLINICAL)
    marked_by: str = words(Holds.PERSON)
    said: str = words(Holds.CLINICAL)
    made_at: datetime = instant()
    ended_at: datetime | None = instant(null=True)


class ChoiceVisit(SQLModel, table=True):
    """How often an address has opened links of families within a minute."""

    __tablename__ = "choice_visit"
    address: str = Field(sa_column_kwargs={"info": {"holds": Holds.SECRET}}, primary_key=True)  # digest of the address
    since: datetime = instant()
    visits: int = number(null=False, default=0)
