"""`/ltac/referrals`: what asks for a bed, by when an answer is due; taking a referral in; figures of sources."""

import uuid
from collections.abc import Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.response import Response
from pydantic import BaseModel, BeforeValidator, Field

from app.kernel.days import ONE_DAY, local_day, start_of_day
from app.kernel.refusal import NotFound, Refused
from app.kernel.wording import day_text
from app.ltac.kind import long_term_facility
from app.ltac.screening import commands, queries, showing, statistics
from app.ltac.screening.forms import TakeReferral
from app.ltac.screening.queries import Referral
from app.ltac.screening.statistics import Counted
from app.ltac.screening.terms import DeclineReason, Figure, Need, Sex
from app.platform.work import Reading, begin, reading
from app.security.permissions import Permission
from app.security.viewer import Place, Viewer
from app.web.fields import Day, empty_is_none
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash
from app.web.render import NO_PHI, page, see_other, the_viewer

Asked = Request[Any, Any, Any]
SCREEN = Permission.LTAC_SCREEN
LIST, TITLE = "/ltac/referrals", "Referrals to screen"
DECIDED_FOR = timedelta(days=30)
"""How far back the list of decided referrals goes; older ones are in the figures of the sources."""
USUAL_DAYS, MOST_DAYS = 90, 1100
NOWHERE = "You screen referrals in no facility. Ask an administrator for a role."


class Shown(StrEnum):
    """Which referrals the list shows."""

    OPEN = "open"  # somebody still has to do something
    DECIDED = "decided"  # declined, taken back, lost or admitted


class AskList(BaseModel):
    """The list as its address asks for it: by standing, or what a figure of a source counts."""

    show: Shown = Shown.OPEN
    figure: Annotated[Figure | None, BeforeValidator(empty_is_none)] = None
    source: Annotated[str, Field(max_length=120)] = ""
    reason: Annotated[DeclineReason | None, BeforeValidator(empty_is_none)] = None
    first: Day = None
    last: Day = None


def place_of(viewer: Viewer) -> Place:
    """The facility that is worked in."""
    if viewer.place is None or viewer.place.id not in viewer.facilities_with(SCREEN):
        raise NotFound(NOWHERE)
    return viewer.place


def elsewhere(request: Asked, db: Reading, title: str) -> Response[bytes]:
    """The sentence for people who work in a hospital of another kind."""
    viewer = the_viewer(request)
    names = queries.long_term_names(db, viewer.facilities_with(SCREEN))
    return page(
        request, "ltac/screening/elsewhere.html", discloses=NO_PHI, title=title, place=place_of(viewer).name,
        names=names,
    )  # fmt: skip


def subjects(found: Sequence[Referral]) -> list[uuid.UUID]:
    """Whom a page shows, for the trail: each referral by its own key, and the patient that it became."""
    return [one.id for one in found] + [one.patient_id for one in found if one.patient_id is not None]


@get(LIST, permission=SCREEN, sync_to_thread=True)
def show_referrals(request: Asked) -> Response[bytes]:
    """Referrals by the time at which their answer is due, or those that a figure counts."""
    viewer, place = the_viewer(request), place_of(the_viewer(request))
    ask, form = read_form(AskList, FormFields(list(request.query_params.multi_items())))
    ask = ask or AskList()
    with reading(viewer) as db:
        if not long_term_facility(db, place.id):
            return elsewhere(request, db, TITLE)
        today = local_day(db.now, ZoneInfo(place.timezone))
        period = period_of(ask, today)
        waiting = [one for one in queries.open_referrals(db, place.id) if not one.hidden]
        found, hidden = _found(db, place, ask, (waiting, period))
        keys = [one.id for one in found]
        told, paid = queries.screened(db, keys), queries.authorized(db, keys)
        rows = [showing.row(one, told.get(one.id), paid.get(one.id), db) for one in found]
    context: dict[str, Any] = {
        "rows": rows, "hidden": hidden, "place": place.name, "heading": _heading(ask, period, today),
        "open_count": len(waiting), "show": "" if ask.figure else ask.show.value, "counted": len(rows) + hidden,
        "wrong": list(form.errors.values()),
    }  # fmt: skip
    return page(request, "ltac/screening/referrals.html", discloses=subjects(found), title=TITLE, **context)


def _found(
    db: Reading, place: Place, ask: AskList, given: tuple[list[Referral], tuple[date, date]]
) -> tuple[list[Referral], int]:
    """The referrals to show, and how many of them became a stay that the reader may not see."""
    waiting, period = given
    if ask.figure is not None:
        counted = [one for one in counted_in(db, place, period) if _chosen(one, ask, ask.figure)]
        every = [one.referral for one in counted]
    elif ask.show is Shown.OPEN:
        return waiting, 0
    else:
        every = queries.decided_since(db, place.id, db.now - DECIDED_FOR)
    seen = [one for one in every if not one.hidden]
    return seen, len(every) - len(seen)


def _chosen(one: Counted, ask: AskList, figure: Figure) -> bool:
    return (
        statistics.counts(figure, one)
        and ask.source in ("", one.referral.source)
        and (ask.reason is None or one.referral.reason == ask.reason.value)
    )


def counted_in(db: Reading, place: Place, period: tuple[date, date]) -> list[Counted]:
    """The referrals that came in on the days of a period, each with the rate of its evidence."""
    zone = ZoneInfo(place.timezone)
    since, until = start_of_day(period[0], zone), start_of_day(period[1] + ONE_DAY, zone)
    found = queries.received_between(db, place.id, since, until)
    told = queries.screened(db, [one.id for one in found])
    today = local_day(db.now, zone)
    return [Counted(one, queries.rate_of(one, told.get(one.id), today).rate) for one in found]


def period_of(ask: AskList, today: date) -> tuple[date, date]:
    """The first and the last day that are asked for; the usual ones where these cannot be."""
    last = ask.last or today
    first = ask.first or last - timedelta(days=USUAL_DAYS)
    return (first, last) if 0 <= (last - first).days <= MOST_DAYS else (today - timedelta(days=USUAL_DAYS), today)


def _heading(ask: AskList, period: tuple[date, date], today: date) -> str:
    if ask.figure is None:
        return "by the time of the answer" if ask.show is Shown.OPEN else f"decided in {DECIDED_FOR.days} days"
    about = f", {ask.reason.label.lower()}" if ask.reason else ""
    return f"{ask.figure.label}{about}, received {day_text(period[0], today)} to {day_text(period[1], today)}"


@get("/ltac/referrals/new", permission=SCREEN, sync_to_thread=True)
def show_new(request: Asked) -> Response[bytes]:
    """The form of a referral."""
    return _new(request, FormState(id="r"))


def _new(request: Asked, form: FormState) -> Response[bytes]:
    viewer, place = the_viewer(request), place_of(the_viewer(request))
    form.id = "r"
    with reading(viewer) as db:
        if not long_term_facility(db, place.id):
            return elsewhere(request, db, "New referral")
        context = form_context(db, place.id)
    return page(
        request, "ltac/screening/new.html", discloses=NO_PHI, title="New referral", form=form, place=place.name,
        status=422 if form.errors else 200, **context,
    )  # fmt: skip


def form_context(db: Reading, facility_id: int) -> dict[str, Any]:
    """Choices of the form of a referral."""
    return {
        "needs": showing.choices(Need), "sexes": showing.choices(Sex), "lines": showing.lines_of_business(),
        "sources": queries.known_sources(db, facility_id),
    }  # fmt: skip


def given_needs(form: FormFields, state: FormState) -> FormState:
    """All boxes that were ticked, where the form is shown again: its state keeps one value of a field."""
    state.given["needs"] = " ".join(form.all("needs"))
    return state


@post(LIST, permission=SCREEN, sync_to_thread=True)
def take_referral(request: Asked, form: NamedDependency[FormFields]) -> Response[bytes]:
    """Take a referral in and go to its screening."""
    viewer, place = the_viewer(request), place_of(the_viewer(request))
    ask, state = read_form(TakeReferral, form)
    given_needs(form, state)
    made = None
    if ask is not None:
        try:
            with begin(viewer) as work:
                made = commands.receive(work, place.id, ask)
        except Refused as refused:
            state.refuse(refused)
    if made is None:
        return _new(request, state)
    return see_other(request, f"{LIST}/{made.id}", Flash(f"Referral {made.serial} is taken in."))


@get("/ltac/sources", permission=SCREEN, sync_to_thread=True)
def show_sources(request: Asked) -> Response[bytes]:
    """How the referrals of each referring hospital ended, by the day on which they came."""
    viewer, place = the_viewer(request), place_of(the_viewer(request))
    ask, form = read_form(AskList, FormFields(list(request.query_params.multi_items())))
    with reading(viewer) as db:
        if not long_term_facility(db, place.id):
            return elsewhere(request, db, "Referral sources")
        period = period_of(ask or AskList(), local_day(db.now, ZoneInfo(place.timezone)))
        found = counted_in(db, place, period)
    days = {"first": period[0].isoformat(), "last": period[1].isoformat()}
    if ask is not None and ask.first and ask.last and (ask.first, ask.last) != period:
        form.errors["first"] = "The first day lies after the last one, or more than three years before it."
    else:
        form.given |= days
    context: dict[str, Any] = {
        "rows": [showing.source_row(line, days) for line in statistics.lines(found)],
        "total": showing.source_row(statistics.together(found), days), "form": form, "place": place.name,
    }  # fmt: skip
    return page(
        request, "ltac/screening/sources.html", discloses=NO_PHI, title="Referral sources",
        status=422 if form.errors else 200, **context,
    )  # fmt: skip


ROUTES = [show_referrals, show_new, take_referral, show_sources]
