"""Saved reports of a facility with their versions, and the shipped one, which every facility has."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from app.kernel.refusal import NotFound
from app.metrics.reports.terms import Beside, ReportSpan
from app.metrics.terms import Filter, MeasureId
from app.platform.work import Reading

NO_REPORT = "There is no such report here."
_SHIPPED = uuid.UUID("5b0d1d5e-6a43-5c3e-9f57-2f1f5d0c8a11")
SHIPPED_MEASURES = (
    MeasureId.READMISSION, MeasureId.LENGTH_OF_STAY, MeasureId.GEOMETRIC_RATIO, MeasureId.EXCESS_DAYS,
    MeasureId.OBSERVATION_HOURS, MeasureId.CONVERSION, MeasureId.DENIAL, MeasureId.PEER_TO_PEER_OVERTURN,
    MeasureId.REVIEW_TIMELINESS, MeasureId.NOTICE_COMPLIANCE, MeasureId.EXPECTED_DATE_ACCURACY,
    MeasureId.ORDER_TO_DEPARTURE, MeasureId.BEFORE_NOON, MeasureId.AVOIDABLE_DAYS,
)  # fmt: skip


class Report(msgspec.Struct, frozen=True):
    """One version of a report. Without `made_at` it is the shipped one, which nobody has changed."""

    report_id: uuid.UUID
    facility_id: int
    name: str
    measures: tuple[MeasureId, ...]
    span: ReportSpan
    against: Beside = Beside.NOTHING
    narrowed: Mapping[str, str] = {}
    made_at: datetime | None = None
    made_by: str = ""
    ended_at: datetime | None = None
    ended_by: str = ""
    ended_because: str = ""

    @property
    def where(self) -> Filter:
        """The cases that it is about."""
        return Filter(**self.narrowed, facility=self.facility_id)


def shipped_key(facility_id: int) -> uuid.UUID:
    """The key of the monthly report that a facility has from the start."""
    return uuid.uuid5(_SHIPPED, str(facility_id))


def shipped(facility_id: int) -> Report:
    """The monthly report as it comes with the program."""
    return Report(
        shipped_key(facility_id), facility_id, "Monthly report", SHIPPED_MEASURES, ReportSpan.LAST_MONTH, Beside.YEAR
    )  # fmt: skip


_VERSIONS = """
select r.report_id, r.facility_id, r.name, r.measures, r.span, r.against, r.narrowed, r.made_at,
  coalesce(m.display_name, ''), r.ended_at, coalesce(b.display_name, ''), r.ended_because
from measure_report r left join app_user m on m.id = r.made_by left join app_user b on b.id = r.ended_by
where r.facility_id = %(facility)s and (%(report)s::uuid is null or r.report_id = %(report)s)
order by r.made_at desc, r.id desc
"""


def versions(db: Reading, facility_id: int, report_id: uuid.UUID | None = None) -> list[Report]:
    """All versions of all reports, or of one, the latest first. The shipped one has none until somebody changes it."""
    return db.rows(_version, _VERSIONS, {"facility": facility_id, "report": report_id})


def _version(*values: Any) -> Report:
    report_id, facility_id, name, measures, span, against, *rest = values
    known = set(MeasureId)
    kept = tuple(MeasureId(one) for one in measures if one in known)
    return Report(report_id, facility_id, name, kept, ReportSpan(span), Beside(against), *rest)


def latest(found: list[Report], facility_id: int) -> list[Report]:
    """The last version of each report, with the shipped one where nobody has changed it."""
    last: dict[uuid.UUID, Report] = {}
    for one in found:
        last.setdefault(one.report_id, one)
    last.setdefault(shipped_key(facility_id), shipped(facility_id))
    return sorted(last.values(), key=lambda one: (one.report_id != shipped_key(facility_id), one.name.lower()))


def report_of(db: Reading, facility_id: int, report_id: uuid.UUID, *, ended: bool = False) -> Report:
    """The version that stands; with `ended`, also the last one of a report that is used no more."""
    found = next((one for one in versions(db, facility_id, report_id)), None)
    if found is None and report_id == shipped_key(facility_id):
        return shipped(facility_id)
    if found is None or (found.ended_at is not None and not ended):
        raise NotFound(NO_REPORT)
    return found
