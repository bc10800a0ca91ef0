"""The cost-report year of a long-term hospital: in which month it begins, and setting that."""

import uuid
from dataclasses import dataclass
from typing import ClassVar

from pydantic import BaseModel, Field

from app.kernel.events import Event
from app.kernel.refusal import Refused
from app.ltac.house.models import CostReportYear
from app.ltac.kind import long_term_facility
from app.platform.work import Reading, Work

USUAL_MONTH = 1
"""January, until somebody says otherwise; the page says that nobody has."""
_STANDING = "select id from cost_report_year where facility_id = %s and ended_at is null"


@dataclass(frozen=True, slots=True, kw_only=True)
class CostReportYearSet(Event):
    """The first month of the cost-report year was set."""

    name: ClassVar[str] = "cost_report_year.set"
    facility_id: int
    setting_id: uuid.UUID
    month: int


class SetYear(BaseModel):
    """The first month of the year, 1 for January."""

    month: int = Field(ge=1, le=12)


def first_month(db: Reading, facility_id: int) -> int | None:
    """The first month of the cost-report year; None where nobody has set it."""
    found: int | None = db.value(
        "select month from cost_report_year where facility_id = %s and ended_at is null", (facility_id,)
    )
    return found


def set_first_month(work: Work, facility_id: int, month: int) -> None:
    """Set the first month; what stood before is kept as history. Refused where no such year is counted."""
    if not long_term_facility(work, facility_id):
        raise Refused("Only a long-term care hospital has this setting. Switch to one.")
    before = work.value(_STANDING, (facility_id,))
    if before is not None:
        held = work.lock(CostReportYear, before)
        if held.month == month:
            return
        held.ended_at, held.ended_by = work.now, work.who.actor_id
        work.session.flush()
    made = work.add(CostReportYear(facility_id=facility_id, month=month, made_at=work.now, made_by=work.who.actor_id))
    work.record(CostReportYearSet(facility_id=facility_id, setting_id=made.id, month=month))
