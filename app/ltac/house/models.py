"""The table of a long-term hospital's cost-report year: one row is one version, ended and never rewritten."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, Index, SmallInteger, text
from sqlmodel import Field, SQLModel

from app.platform.db import Holds, facility_link, holds, instant, key, link


class CostReportYear(SQLModel, table=True):
    """In which month the cost-report year of the hospital begins."""

    __tablename__ = "cost_report_year"
    __table_args__ = (
        CheckConstraint("month between 1 and 12", name="month"),
        Index("uq_cost_report_year_current", "facility_id", unique=True, postgresql_where=text("ended_at is null")),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    month: int = Field(sa_type=SmallInteger, nullable=False, sa_column_kwargs=holds(Holds.OPERATION))
    made_at: datetime = instant()
    made_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
