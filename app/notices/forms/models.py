"""The table of official forms. A newer edition is a new row."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, Column, Index, LargeBinary
from sqlmodel import Field, SQLModel

from app.clocks.terms import NoticeKind
from app.platform.db import Holds, enum_check, facility_link, instant, key, link, number, words


class OfficialForm(SQLModel, table=True):
    """One edition of a form, in use in its facility from a day on until a newer one is, or until it is taken away."""

    __tablename__ = "notice_form"
    __table_args__ = (
        enum_check("kind", NoticeKind),
        CheckConstraint("expires_on is null or expires_on > begins", name="expires"),
        Index("ix_notice_form_facility", "facility_id", "kind", "begins"),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    kind: str = words(Holds.OPERATION)
    language: str = words(Holds.OPERATION)
    edition: str = words(Holds.OPERATION)  # as printed on the form, such as CMS-10065 (exp. 12/31/2025)
    expires_on: date | None = number()  # last day of the approval by the Office of Management and Budget
    begins: date = number(null=False)
    file_name: str = words(Holds.OPERATION)
    digest: str = words(Holds.OPERATION)  # SHA-256 of the content
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False, info={"holds": Holds.OPERATION}))
    made_at: datetime = instant()
    made_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
