"""`/avoidable-days/precision`: for each rule that proposes days how many were confirmed, changed, rejected and why."""

from datetime import date, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from litestar import Request, get
from litestar.response import Response
from pydantic import BaseModel, BeforeValidator

from app.avoidable_days.drafts.queries import Precision, rejections_by_reason, rule_precision
from app.avoidable_days.reports.precision.queries import Answer, AskProposed, Proposed, proposed
from app.avoidable_days.reports.showing import links
from app.avoidable_days.terms import DraftRule, RejectReason
from app.clocks.settings.line_pages import place_of
from app.kernel.days import ONE_DAY, local_day
from app.kernel.wording import day_text
from app.platform.work import Reading, reading
from app.security.permissions import Permission
from app.web.charts.axis import percent
from app.web.fields import Day, empty_is_none
from app.web.forms import FormFields, FormState, read_form
from app.web.render import NO_PHI, page, the_viewer

Asked = Request[Any, Any, Any]
STUDY = Permission.AVOIDABLE_DAY_STUDY
PAGE = "/avoidable-days/precision"
USUAL_DAYS, MOST_DAYS = 91, 1100
FEW = 10
"""Answers below which a share says little."""


class AskPrecision(BaseModel):
    """Which period; for a list which rule, answer and reason."""

    first: Day = None
    last: Day = None
    rule: Annotated[DraftRule | None, BeforeValidator(empty_is_none)] = None
    answer: Annotated[Answer | None, BeforeValidator(empty_is_none)] = None
    reason: Annotated[RejectReason | None, BeforeValidator(empty_is_none)] = None


class _Asked:
    """What the address asks of the facility that is worked in."""

    def __init__(self, request: Asked, db: Reading) -> None:
        self.place = place_of(the_viewer(request), STUDY)
        self.today = local_day(db.now, ZoneInfo(self.place.timezone))
        ask, self.form = read_form(AskPrecision, FormFields(list(request.query_params.multi_items())))
        self.ask = ask or AskPrecision()
        last = min(self.ask.last or self.today - ONE_DAY, self.today - ONE_DAY)
        first = self.ask.first or last - timedelta(days=USUAL_DAYS - 1)
        if first > last or (last - first).days > MOST_DAYS:
            self.form.errors["first"] = "The first day lies after the last midnight, or more than three years before."
            last = self.today - ONE_DAY
            first = last - timedelta(days=USUAL_DAYS - 1)
        self.days: tuple[date, date] = (first, last)

    @property
    def shown(self) -> FormState:
        """The form with the period that is shown."""
        self.form.given |= {"first": self.days[0].isoformat(), "last": self.days[1].isoformat()}
        return self.form

    @property
    def words(self) -> str:
        """The period in words."""
        return f"{day_text(self.days[0], self.today)} to {day_text(self.days[1], self.today)}"

    def address(self, page: str = PAGE, **more: str) -> str:
        """A page of the same period."""
        return f"{page}?{urlencode({'first': self.days[0], 'last': self.days[1]} | more)}"


@get(PAGE, permission=STUDY, sync_to_thread=True)
def show_precision(request: Asked) -> Response[bytes]:
    """A row for each rule, rules that proposed nothing too."""
    with reading(the_viewer(request)) as db:
        asked = _Asked(request, db)
        found = rule_precision(db, [asked.place.id], *asked.days)
        reasons = rejections_by_reason(db, [asked.place.id], *asked.days)
    return page(
        request, "avoidable_days/reports/precision.html", discloses=NO_PHI, title="Precision of drafts",
        status=422 if asked.form.errors else 200, facility=asked.place.name, period=asked.words, form=asked.shown,
        links=links(PAGE), rows=[_row(one, reasons, asked) for one in found], sums=_sums(found, asked),
    )  # fmt: skip


def _cell(asked: _Asked, count: int, **more: str) -> dict[str, str]:
    return {"text": str(count), "href": asked.address(f"{PAGE}/list", **more) if count else ""}


def _counts(one: Precision) -> dict[Answer, int]:
    return {
        Answer.CONFIRMED: one.confirmed, Answer.CHANGED: one.changed, Answer.REJECTED: one.rejected,
        Answer.WAITING: one.waiting,
    }  # fmt: skip


def _row(one: Precision, reasons: dict[tuple[str, str], int], asked: _Asked) -> dict[str, Any]:
    cells = [_cell(asked, count, rule=one.rule, answer=answer.value) for answer, count in _counts(one).items()]
    return {
        "rule": one.rule, "label": DraftRule(one.rule).label, "cells": cells[:3], "waiting": cells[3],
        "share": f"{percent(one.share)} of {one.answered}" if one.share is not None else "–",
        "few": 0 < one.answered < FEW,
        "why": [
            {"label": why.label}
            | _cell(asked, reasons[one.rule, why.value], rule=one.rule, answer="rejected", reason=why.value)
            for why in RejectReason
            if (one.rule, why.value) in reasons
        ],
    }  # fmt: skip


def _sums(found: list[Precision], asked: _Asked) -> dict[str, Any]:
    together = Precision("", *(sum(_counts(one)[answer] for one in found) for answer in Answer))
    cells = [_cell(asked, count, answer=answer.value) for answer, count in _counts(together).items()]
    share = f"{percent(together.share)} of {together.answered}" if together.share is not None else "–"
    return {"cells": cells[:3], "waiting": cells[3], "share": share}


@get(f"{PAGE}/list", permission=STUDY, sync_to_thread=True)
def show_list(request: Asked) -> Response[bytes]:
    """The proposals that one count adds up."""
    with reading(the_viewer(request)) as db:
        asked = _Asked(request, db)
        rule = asked.ask.rule
        answer = asked.ask.answer.value if asked.ask.answer else ""
        reason = asked.ask.reason.value if asked.ask.reason else ""
        found = proposed(db, asked.place.id, asked.days, AskProposed(rule, answer, reason))
    heading = f"Proposals: {rule.label if rule else 'all rules'}"
    return page(
        request, "avoidable_days/reports/proposed.html", title=heading, heading=heading,
        discloses=list(dict.fromkeys(one.patient_id for one in found)) or NO_PHI, answer=answer,
        rule=rule.value if rule else "all", period=asked.words, back=asked.address(),
        rows=[_line(one, asked.today) for one in found],
    )  # fmt: skip


def _line(one: Proposed, today: date) -> dict[str, str]:
    said = RejectReason(one.reason).label if one.reason else ""
    if one.answer == Answer.CHANGED and one.proposed != one.code:
        said = f"{one.proposed} was proposed"
    return {
        "name": one.name, "visit": one.visit, "href": f"/encounters/{one.encounter_id}/avoidable-days",
        "day": day_text(one.day, today), "code": one.code, "answer": one.answer.capitalize(), "said": said,
    }  # fmt: skip


ROUTES = [show_precision, show_list]
