"""The tables of reviews. A version of a review is ended, never rewritten; a draft counts for nothing and may change."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Column, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from app.platform.db import Holds, enum_check, facility_link, instant, key, link, number, words
from app.reviews.criteria.terms import ReviewKind
from app.reviews.terms import Outcome, Override

CURRENT = text("ended_at is null")


def _document() -> Any:
    return Field(
        default_factory=dict,
        sa_column=Column(JSONB, nullable=False, server_default=text("'{}'"), info={"holds": Holds.CLINICAL}),
    )


def _list() -> Any:
    return Field(
        default_factory=list,
        sa_column=Column(JSONB, nullable=False, server_default=text("'[]'"), info={"holds": Holds.CLINICAL}),
    )


class Review(SQLModel, table=True):
    """One version of a signed review. `review_id` is the same in all versions; `signed_at` is when it was first signed.

    `state` is `signed` for the first version and `amended` for later ones. `set_id` is empty where a licensed product
    was used: then `licensed` holds its reference, never its text.
    """

    __tablename__ = "review"
    __table_args__ = (
        enum_check("kind", ReviewKind),
        CheckConstraint("state in ('signed', 'amended')", name="state"),
        enum_check("outcome", Outcome),
        enum_check("override", Override),
        CheckConstraint("override = 'none' or override_reason <> ''", name="override_reason"),
        CheckConstraint(
            "outcome <> 'not_met' or (reason <> '' and level <> '' and recommended_level <> ''"
            " and (referred or exemption <> ''))",
            name="not_met",
        ),
        CheckConstraint("outcome <> 'pending_information' or (awaited <> '' and awaited_from <> '')", name="pending"),
        CheckConstraint("started_at <= signed_at and signed_at <= made_at", name="order"),
        CheckConstraint("(set_id = '') = (licensed <> '{}')", name="criteria"),
        CheckConstraint("(ended_at is null) = (ended_because = '')", name="ended"),
        CheckConstraint("ended_because in ('', 'amended', 'struck_out')", name="ended_because"),
        Index("uq_review_current", "review_id", unique=True, postgresql_where=CURRENT),
        Index("uq_review_day", "encounter_id", "kind", "for_day", unique=True, postgresql_where=CURRENT),
        Index("ix_review_stay", "encounter_id", "made_at"),
        Index("ix_review_versions", "review_id", "made_at"),
        Index("ix_review_facility", "facility_id", "signed_at", postgresql_where=CURRENT),
    )
    id: uuid.UUID = key()
    review_id: uuid.UUID = number(null=False)
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    facility_id: int = facility_link(index=False)
    kind: str = words(Holds.CLINICAL)
    for_day: date = number(Holds.CLINICAL, null=False)
    state: str = words(Holds.OPERATION)
    set_id: str = words(Holds.CLINICAL)
    set_version: str = words(Holds.CLINICAL)
    licensed: dict[str, Any] = _document()  # product, release, subset, outcome and reference of a licensed product
    answers: dict[str, Any] = _document()  # ticked points, quantities and instants, as the reviewer gave them
    met: list[str] = _list()  # codes of the points that were met
    qualifies: bool = number(Holds.CLINICAL, null=False, default=False)  # what the points alone say
    override: str = words(Holds.CLINICAL)
    override_reason: str = words(Holds.CLINICAL)
    outcome: str = words(Holds.CLINICAL)
    reason: str = words(Holds.CLINICAL)
    level: str = words(Holds.CLINICAL)  # of care, as it is; empty where nobody said
    recommended_level: str = words(Holds.CLINICAL)
    exemption: str = words(Holds.CLINICAL)  # code of the policy by which it was not referred
    referred: bool = number(Holds.CLINICAL, null=False, default=False)
    question: str = words(Holds.CLINICAL)
    awaited: str = words(Holds.CLINICAL)
    awaited_from: str = words(Holds.CLINICAL)
    summary: list[dict[str, Any]] = _list()  # paragraphs, each with whether it was carried over untouched
    next_review_on: date | None = number(Holds.CLINICAL)
    started_at: datetime = instant()
    signed_at: datetime = instant(Holds.CLINICAL)
    signed_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
    made_because: str = words(Holds.CLINICAL)  # why this version stands in the place of another
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
    ended_because: str = words(Holds.OPERATION)
    ended_reason: str = words(Holds.CLINICAL)


class ReviewDraft(SQLModel, table=True):
    """What is written of a review so far, field by field as it was typed. Who opens it goes on with it."""

    __tablename__ = "review_draft"
    __table_args__ = (
        enum_check("kind", ReviewKind),
        CheckConstraint("(ended_at is null) = (ended_because = '')", name="ended"),
        CheckConstraint("ended_because in ('', 'signed', 'discarded')", name="ended_because"),
        Index("uq_review_draft_current", "encounter_id", "kind", "for_day", unique=True, postgresql_where=CURRENT),
        Index("ix_review_draft_stay", "encounter_id"),
    )
    id: uuid.UUID = key()
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    facility_id: int = facility_link(index=False)
    kind: str = words(Holds.CLINICAL)
    for_day: date = number(Holds.CLINICAL, null=False)
    content: dict[str, Any] = _document()
    opened_at: datetime = instant()
    opened_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
    saved_at: datetime = instant()
    saved_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
    ended_because: str = words(Holds.OPERATION)


class Exemption(SQLModel, table=True):
    """A policy of a hospital by which a review that is not met need not go to a physician."""

    __tablename__ = "review_exemption"
    __table_args__ = (
        CheckConstraint("code <> '' and label <> ''", name="named"),
        Index("uq_review_exemption_current", "facility_id", "code", unique=True, postgresql_where=CURRENT),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    code: str = words(Holds.OPERATION)
    label: str = words(Holds.OPERATION)
    explanation: str = words(Holds.OPERATION)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)


class Certification(SQLModel, table=True):
    """A certification by a physician: of a long stay, or of a short one in a critical access hospital."""

    __tablename__ = "certification"
    __table_args__ = (
        CheckConstraint("kind in ('long_stay', 'critical_access')", name="kind"),
        CheckConstraint("certified_at <= made_at", name="past"),
        CheckConstraint("(ended_at is null) = (ended_reason = '')", name="ended"),
        Index("ix_certification_stay", "encounter_id", "made_at"),
    )
    id: uuid.UUID = key()
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    facility_id: int = facility_link(index=False)
    kind: str = words(Holds.CLINICAL)
    physician: str = words(Holds.STAFF)
    certified_at: datetime = instant(Holds.CLINICAL)
    statement: str = words(Holds.CLINICAL)  # reason for the stay, expected time, plan for afterwards, in own words
    made_at: datetime = instant()
    made_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
    ended_reason: str = words(Holds.CLINICAL)
