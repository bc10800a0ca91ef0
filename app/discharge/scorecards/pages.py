"""`/vendors/scorecards`: how vendors answer in a period; every figure opens the list of what it counts; CSV."""

import uuid
from datetime import date, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from litestar import Request, get
from litestar.response import Response
from pydantic import BaseModel, BeforeValidator

from app.clocks.settings.line_pages import place_of
from app.discharge.referrals.terms import DeclineReason
from app.discharge.scorecards import queries
from app.discharge.scorecards.queries import Period, PlacedRow, ReferralRow
from app.discharge.scorecards.rules import Card, Figure, Share, cards, together
from app.discharge.terms import CareType
from app.kernel.days import local_day
from app.kernel.wording import day_text, full_text
from app.platform.work import reading
from app.security.permissions import Permission
from app.web.fields import Day, Key, empty_is_none
from app.web.forms import FormFields, FormState, read_form
from app.web.paper.csv_files import csv_text
from app.web.paper.taking_out import taken_out
from app.web.render import NO_PHI, page, the_viewer

Asked = Request[Any, Any, Any]
STUDY = Permission.REFERRAL_STUDY
USUAL_DAYS = 90
MOST_DAYS = 1100
HEADS = (
    "vendor", "care", "sent", "opened", "answered", "median_hours", "p90_hours", "accepted", "weekend_sent",
    "weekend_accepted", "declined", "opened_silent", "placed", "readmitted_30",
)  # fmt: skip


class AskCards(BaseModel):
    """Which period and type of care, as the address says it; for a list which figure of which vendor."""

    first: Day = None
    last: Day = None
    care: Annotated[CareType | None, BeforeValidator(empty_is_none)] = None
    figure: Annotated[Figure | None, BeforeValidator(empty_is_none)] = None
    vendor: Key = None
    kind: Annotated[CareType | None, BeforeValidator(empty_is_none)] = None


def _asked(request: Asked, today: date) -> tuple[AskCards, FormState]:
    """What the address asks for; what cannot be is said, and the usual period is shown."""
    ask, form = read_form(AskCards, FormFields(list(request.query_params.multi_items())))
    ask = ask or AskCards()
    last = ask.last or today
    first = ask.first or last - timedelta(days=USUAL_DAYS)
    if first > last or (last - first).days > MOST_DAYS:
        form.errors["first"] = "The first day lies after the last one, or more than three years before it."
        first, last = today - timedelta(days=USUAL_DAYS), today
    form.given |= {"first": first.isoformat(), "last": last.isoformat()}
    return ask.model_copy(update={"first": first, "last": last}), form


def _period(request: Asked) -> tuple[Period, AskCards, FormState, str]:
    place = place_of(the_viewer(request), STUDY)
    zone = ZoneInfo(place.timezone)
    with reading(the_viewer(request)) as db:
        ask, form = _asked(request, local_day(db.now, zone))
    assert ask.first is not None and ask.last is not None, "the period is filled in"
    care = ask.care.value if ask.care else ""
    return Period(place.id, zone, ask.first, ask.last, care), ask, form, place.name


@get("/vendors/scorecards", permission=STUDY, sync_to_thread=True)
def show_scorecards(request: Asked) -> Response[bytes]:
    """A row for each vendor and type of care, and all of them together."""
    period, ask, form, place = _period(request)
    with reading(the_viewer(request)) as db:
        found = _cards(queries.referrals(db, period), queries.placed(db, period))
    query = _query(ask)
    return page(
        request, "discharge/scorecards/scorecards.html", discloses=NO_PHI, title="Scorecards of vendors",
        status=422 if form.errors else 200, form=form, place=place,
        types=[{"value": "", "label": "All"}, *({"value": one.value, "label": one.label} for one in CareType)],
        rows=[_row(one, query) for one in found], all=_row(together(found), ""), csv=f"/vendors/scorecards.csv?{query}",
    )  # fmt: skip


def _cards(asked: list[ReferralRow], placed: list[PlacedRow]) -> list[Card]:
    return cards((one.asked for one in asked), (one.placed for one in placed))


def _query(ask: AskCards) -> str:
    return urlencode({"first": ask.first, "last": ask.last, "care": ask.care.value if ask.care else ""})


def _row(card: Card, query: str) -> dict[str, Any]:
    """A card ready to show; each figure with the address of its list."""
    where = f"/vendors/scorecards/list?{query}&vendor={card.vendor_id}&kind={card.care_type}&figure=" if query else ""
    reasons = ", ".join(f"{DeclineReason(reason).label} {count}" for reason, count in card.reasons.most_common())
    figures = (Figure.SENT, Figure.OPENED, Figure.ANSWERED, Figure.DECLINED, Figure.SILENT)
    return {
        "vendor": card.vendor, "care": CareType(card.care_type).label if card.care_type else "",
        "counts": [{"text": str(card.counts[one]), "href": where + one.value if where else ""} for one in figures],
        "median": _hours(card.median_hours), "slow": _hours(card.slow_hours), "reasons": reasons,
        "shares": [
            _share(card.accepted, Figure.ACCEPTED, where), _share(card.weekend, Figure.WEEKEND_ACCEPTED, where),
            _share(card.readmitted, Figure.READMITTED, where),
        ],
    }  # fmt: skip


def _share(share: Share, figure: Figure, where: str) -> dict[str, Any]:
    few = share.small and share.of > 0
    return {"text": share.said, "small": few, "href": where + figure.value if where and share.of else ""}


def _hours(hours: float | None) -> str:
    return "" if hours is None else f"{hours:.1f} h"


@get("/vendors/scorecards/list", permission=STUDY, sync_to_thread=True)
def show_list(request: Asked) -> Response[bytes]:
    """What one figure counts: referrals or patients, each with the way to its stay."""
    period, ask, _, place = _period(request)
    figure, kind = ask.figure or Figure.SENT, ask.kind.value if ask.kind else ""
    with reading(the_viewer(request)) as db:
        if figure in (Figure.PLACED, Figure.READMITTED):
            rows, patients = _of_patients(queries.placed(db, period), figure, (ask.vendor, kind), period)
        else:
            rows, patients = _of_referrals(queries.referrals(db, period), figure, (ask.vendor, kind), period)
    return page(
        request, "discharge/scorecards/list.html", discloses=patients or NO_PHI, title=f"{figure.label}: referrals",
        heading=figure.label, place=place, rows=rows, back=f"/vendors/scorecards?{_query(ask)}",
    )  # fmt: skip


Rows = tuple[list[dict[str, str]], list[uuid.UUID]]
Whose = tuple[uuid.UUID | None, str]


def _of_referrals(found: list[ReferralRow], figure: Figure, whose: Whose, period: Period) -> Rows:
    chosen = [
        one for one in found if one.asked.counts(figure) and _fits(one.asked.vendor_id, one.asked.care_type, whose)
    ]
    rows = [
        {
            "patient": one.patient, "href": f"/encounters/{one.encounter_id}/referrals", "vendor": one.asked.vendor,
            "care": CareType(one.asked.care_type).label, "when": full_text(one.asked.sent_at, period.zone),
            "said": DeclineReason(one.asked.decline_reason).label if one.asked.decline_reason else one.state,
            "hours": _hours(one.asked.hours),
        }
        for one in chosen
    ]  # fmt: skip
    return rows, [one.patient_id for one in chosen]


def _of_patients(found: list[PlacedRow], figure: Figure, whose: Whose, period: Period) -> Rows:
    chosen = [
        one for one in found
        if (figure is Figure.PLACED or one.placed.returned)
        and _fits(one.placed.vendor_id, one.placed.care_type, whose)
    ]  # fmt: skip
    rows = [
        {
            "patient": one.patient, "href": f"/encounters/{one.encounter_id}", "vendor": one.placed.vendor,
            "care": CareType(one.placed.care_type).label,
            "when": day_text(local_day(one.discharge_at, period.zone), period.last),
            "said": "back within thirty days" if one.placed.returned else "not back", "hours": "",
        }
        for one in chosen
    ]  # fmt: skip
    return rows, [one.patient_id for one in chosen]


def _fits(vendor_id: uuid.UUID, care: str, whose: Whose) -> bool:
    vendor, kind = whose
    return (vendor is None or vendor_id == vendor) and kind in ("", care)


@get("/vendors/scorecards.csv", permission=STUDY, sync_to_thread=True)
def take_csv(request: Asked) -> Response[bytes]:
    """The figures as a file; no patient is in it."""
    period, _, _, _ = _period(request)
    with reading(the_viewer(request)) as db:
        found = _cards(queries.referrals(db, period), queries.placed(db, period))
    mark = taken_out(request, "scorecards.csv", len(found))
    body = csv_text(list(HEADS), [tuple(_line(card)) for card in found], mark)
    headers = {"Content-Disposition": 'attachment; filename="scorecards.csv"', "Cache-Control": "no-store"}
    return Response(body.encode(), media_type="text/csv; charset=utf-8", headers=headers)


def _line(card: Card) -> list[object]:
    count = card.counts
    hours = ["" if value is None else round(value, 2) for value in (card.median_hours, card.slow_hours)]
    return [
        card.vendor, card.care_type, count[Figure.SENT], count[Figure.OPENED], count[Figure.ANSWERED], *hours,
        count[Figure.ACCEPTED], count[Figure.WEEKEND], count[Figure.WEEKEND_ACCEPTED], count[Figure.DECLINED],
        count[Figure.SILENT], count[Figure.PLACED], count[Figure.READMITTED],
    ]  # fmt: skip


ROUTES = [show_scorecards, show_list, take_csv]
