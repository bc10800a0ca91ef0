"""Which report of which hospital a page is about, and on which day it is read."""

import uuid
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Request
from pydantic import BaseModel

from app.clocks.settings.line_pages import place_of
from app.kernel.days import local_day
from app.kernel.refusal import NotFound
from app.metrics.reports.content import Content, content
from app.metrics.reports.queries import NO_REPORT, Report, latest, versions
from app.platform.work import Reading
from app.security.permissions import Permission
from app.security.viewer import Place, Viewer
from app.web.fields import Day
from app.web.forms import FormFields, FormState, read_form
from app.web.render import the_viewer

Asked = Request[Any, Any, Any]
PAGE = "/reports"
SEE, SET = Permission.MEASURE_SEE, Permission.MEASURE_SET


class AskReport(BaseModel):
    """The address of a report: the day on which it is read; without one, today."""

    on: Day = None


@dataclass(frozen=True, slots=True)
class Found:
    """A report, the hospital that it belongs to, and the day there."""

    report: Report
    place: Place
    today: date


def here(request: Asked, permission: Permission = SEE) -> Place:
    """The hospital that is worked in."""
    return place_of(the_viewer(request), permission)


def today_at(db: Reading, place: Place) -> date:
    """The local day."""
    return local_day(db.now, ZoneInfo(place.timezone))


def found_report(
    db: Reading, viewer: Viewer, report_id: uuid.UUID, permission: Permission = SEE, *, ended: bool = False
) -> Found:
    """A report of any hospital in which the permission is held: a mail leads to it whichever is worked in."""
    mine = viewer.facilities_with(permission)
    for place in viewer.places:
        if place.id in mine:
            for one in latest(versions(db, place.id), place.id):
                if one.report_id == report_id and (ended or one.ended_at is None):
                    return Found(one, place, today_at(db, place))
    raise NotFound(NO_REPORT)


def asked_content(request: Asked, db: Reading, report_id: uuid.UUID) -> tuple[Content, Found, FormState]:
    """The report of an address, read on the day that the address names."""
    found = found_report(db, the_viewer(request), report_id)
    ask, form = read_form(AskReport, FormFields(list(request.query_params.multi_items())))
    form.id = "q"
    on = ask.on if ask is not None and ask.on is not None else found.today
    if not date(2000, 1, 1) <= on <= found.today:
        form.errors["on"] = "A report is read on a day since 2000 that is not ahead. This is the one of today."
        on = found.today
    return content(db, found.report, found.place, on), found, form
