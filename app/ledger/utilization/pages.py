"""`/avoidable-days/utilization`: over- and under-use by service, attending or unit; every figure opens its stays."""

from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from litestar import Request, get
from litestar.response import Response
from pydantic import BaseModel, BeforeValidator, Field

from app.avoidable_days.reports.showing import links
from app.clocks.settings.line_pages import place_of
from app.kernel.days import ONE_DAY, local_day
from app.kernel.wording import day_text
from app.ledger.utilization.queries import Counted, Period, Tally, counted, tallies, tally
from app.ledger.utilization.terms import By, Use
from app.platform.work import Reading, reading
from app.security.permissions import Permission
from app.web.charts.axis import figure
from app.web.fields import Day, empty_is_none
from app.web.forms import FormFields, FormState, read_form
from app.web.render import NO_PHI, page, the_viewer

Asked = Request[Any, Any, Any]
STUDY = Permission.AVOIDABLE_DAY_STUDY
PAGE = "/avoidable-days/utilization"
USUAL_DAYS, MOST_DAYS = 91, 400


class AskUse(BaseModel):
    """Which period, by what; for a list which figure of whom."""

    first: Day = None
    last: Day = None
    by: Annotated[By, BeforeValidator(lambda value: value or By.SERVICE)] = By.SERVICE
    figure: Annotated[Use | None, BeforeValidator(empty_is_none)] = None
    key: Annotated[str | None, Field(max_length=200)] = None


class _Asked:
    """What the address asks of the facility that is worked in."""

    def __init__(self, request: Asked, db: Reading) -> None:
        place = place_of(the_viewer(request), STUDY)
        self.facility = place.name
        self.today = local_day(db.now, ZoneInfo(place.timezone))
        ask, self.form = read_form(AskUse, FormFields(list(request.query_params.multi_items())))
        self.ask = ask or AskUse()
        last = min(self.ask.last or self.today - ONE_DAY, self.today - ONE_DAY)
        first = self.ask.first or last - timedelta(days=USUAL_DAYS - 1)
        if first > last or (last - first).days > MOST_DAYS:
            self.form.errors["first"] = "The first day lies after the last midnight, or more than a year before it."
            last = self.today - ONE_DAY
            first = last - timedelta(days=USUAL_DAYS - 1)
        self.period = Period(place.id, place.timezone, first, last)

    @property
    def form_shown(self) -> FormState:
        """The form with the period that is shown."""
        self.form.given |= {"first": self.period.first.isoformat(), "last": self.period.last.isoformat(),
                            "by": self.ask.by.value}  # fmt: skip
        return self.form

    @property
    def words(self) -> str:
        """The period in words."""
        return f"{day_text(self.period.first, self.today)} to {day_text(self.period.last, self.today)}"

    def address(self, page: str = PAGE, **more: str) -> str:
        """A page of the same period."""
        said = {"first": self.period.first, "last": self.period.last, "by": self.ask.by.value} | more
        return f"{page}?{urlencode(said)}"


@get(PAGE, permission=STUDY, sync_to_thread=True)
def show_utilization(request: Asked) -> Response[bytes]:
    """All figures, together and by service, attending or unit."""
    with reading(the_viewer(request)) as db:
        asked = _Asked(request, db)
        found = counted(db, asked.period)
    rows = [
        {"label": key or "Not named", "cells": [_cell(asked, use, own[use], key) for use in Use]}
        for key, own in tallies(found, asked.ask.by).items()
    ]
    return page(
        request, "ledger/utilization/utilization.html", discloses=NO_PHI, title="Over- and under-utilization",
        status=422 if asked.form.errors else 200, facility=asked.facility, period=asked.words, form=asked.form_shown,
        links=links(PAGE), rows=rows, by=asked.ask.by.value.capitalize(),
        heads=[one.label for one in Use], sums=[_cell(asked, use, tally(_of(found, use)), None) for use in Use],
        ways=[{"value": one.value, "label": one.value.capitalize()} for one in By],
        meanings=[{"label": one.label, "text": one.meaning, "over": one.over} for one in Use],
    )  # fmt: skip


def _of(found: list[Counted], use: Use) -> list[Counted]:
    return [one for one in found if one.use == use]


def _cell(asked: _Asked, use: Use, own: Tally, key: str | None) -> dict[str, str]:
    more = {"figure": use.value} | ({} if key is None else {"key": key})
    stays = "1 stay" if own.stays == 1 else f"{own.stays} stays"
    return {
        "text": figure(own.amount, 2), "href": asked.address(f"{PAGE}/list", **more) if own.stays else "",
        "stays": stays if use in (Use.BEYOND, Use.NOT_MET) and own.stays else "",
    }  # fmt: skip


@get(f"{PAGE}/list", permission=STUDY, sync_to_thread=True)
def show_list(request: Asked) -> Response[bytes]:
    """The stays that a figure counts."""
    with reading(the_viewer(request)) as db:
        asked = _Asked(request, db)
        use, key = asked.ask.figure or Use.BEYOND, asked.ask.key
        found = [one for one in _of(counted(db, asked.period), use) if key is None or one.key(asked.ask.by) == key]
    rows = [
        {
            "name": one.name, "visit": one.visit, "href": f"/encounters/{one.encounter_id}/days", "unit": one.unit,
            "service": one.service, "attending": one.attending, "said": one.said, "amount": figure(one.amount, 2),
        }
        for one in found
    ]  # fmt: skip
    return page(
        request, "ledger/utilization/list.html", title=use.label, heading=use.label, meaning=use.meaning,
        discloses=list(dict.fromkeys(one.patient_id for one in found)) or NO_PHI, rows=rows, period=asked.words,
        whose=(key or "Not named") if key is not None else "", total=figure(tally(found).amount, 2),
        back=asked.address(),
    )  # fmt: skip


ROUTES = [show_utilization, show_list]
