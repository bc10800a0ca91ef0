"""`/committee`: who sits on the utilization-review committee of the hospital that is worked in."""

import uuid
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from app.clocks.settings.line_pages import place_of
from app.kernel.days import local_day
from app.kernel.refusal import Refused
from app.kernel.wording import day_text
from app.platform.work import begin, reading
from app.security.permissions import Permission
from app.status.committee.commands import SeatMember, candidates, seat_member, shortage, unseat_member
from app.status.queries import members
from app.status.terms import Degree
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash
from app.web.render import NO_PHI, page, see_other, the_viewer

Asked = Request[Any, Any, Any]
PAGE = "/committee"
SET = Permission.COMMITTEE_SET


@get(PAGE, permission=Permission.STAY_SEE, sync_to_thread=True)
def show_committee(request: Asked) -> Response[bytes]:
    """The seats, what the committee lacks, and the form for another seat."""
    return _page(request, None)


def _page(request: Asked, state: FormState | None) -> Response[bytes]:
    viewer = the_viewer(request)
    place = place_of(viewer, Permission.STAY_SEE)
    with reading(viewer) as db:
        today = local_day(db.now, ZoneInfo(place.timezone))
        held, people = members(db, place.id), candidates(db, place.id)
    return page(
        request, "status/committee.html", discloses=NO_PHI, title="Utilization-review committee",
        status=422 if state else 200, place=place.name, may_set=place.id in viewer.facilities_with(SET),
        form=state or FormState(given={"first_day": today.isoformat()}),
        lack=shortage([one for one in held if one.first_day <= today <= (one.last_day or today)]),
        people=[{"value": str(one.user_id), "label": one.name} for one in people],
        degrees=[{"value": one.value, "label": one.label} for one in Degree],
        seats=[
            {"id": str(one.id), "name": one.name, "degree": Degree(one.degree).label,
             "since": day_text(one.first_day, today), "until": day_text(one.last_day, today) if one.last_day else "",
             "interest": one.financial_interest}
            for one in held
        ],
    )  # fmt: skip


@post(PAGE, permission=SET, sync_to_thread=True)
def save_seat(request: Asked, form: NamedDependency[FormFields]) -> Response[bytes]:
    """Give a seat, or change it."""
    viewer = the_viewer(request)
    place = place_of(viewer, SET)
    ask, state = read_form(SeatMember, form)
    if ask is not None:
        try:
            with begin(viewer) as work:
                seat_member(work, place.id, local_day(work.now, ZoneInfo(place.timezone)), ask)
            return see_other(request, PAGE, Flash("The seat is recorded."))
        except Refused as refused:
            state.refuse(refused)
    return _page(request, state)


@post("/committee/{member_id:uuid}/end", permission=SET, sync_to_thread=True)
def end_seat(request: Asked, member_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """End a seat."""
    with begin(the_viewer(request)) as work:
        unseat_member(work, member_id)
    return see_other(request, PAGE, Flash("The seat is ended."))


ROUTES = [show_committee, save_seat, end_seat]
