"""`/escalation-ladder`: who has how long to answer, from a day on."""

from typing import Any
from zoneinfo import ZoneInfo

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.response import Response

from app.advisor.ladder.settings import SetLadder, ladder_on, ladders, set_ladder
from app.advisor.rules import Ladder
from app.advisor.terms import Rung
from app.clocks.settings.line_pages import place_of
from app.kernel.days import local_day
from app.kernel.refusal import Refused
from app.kernel.wording import day_text
from app.platform.work import begin, reading
from app.security.permissions import Permission
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash
from app.web.render import NO_PHI, page, see_other, the_viewer

Asked = Request[Any, Any, Any]
PAGE = "/escalation-ladder"


@get(PAGE, permission=Permission.POLICY_SEE, sync_to_thread=True)
def show_ladder(request: Asked) -> Response[bytes]:
    """The ladder that holds today, those of other days, and the form for another one."""
    return _page(request, None)


def _page(request: Asked, state: FormState | None) -> Response[bytes]:
    viewer = the_viewer(request)
    place = place_of(viewer, Permission.POLICY_SEE)
    with reading(viewer) as db:
        today = local_day(db.now, ZoneInfo(place.timezone))
        found, present = ladders(db, place.id), ladder_on(db, place.id, today)
    given = {"begins": today.isoformat()} | {rung.value: str(n) for rung, n in present.minutes.items()}
    return page(
        request, "advisor/ladder/ladder.html", discloses=NO_PHI, title="Escalation ladder", place=place.name,
        form=state or FormState(given=given), status=422 if state else 200, rungs=_lines(present),
        usual=not any(one.begins <= today for one in found), names=[(one.value, one.label) for one in Rung],
        others=[
            {"day": day_text(one.begins, today), "by": one.by, "rungs": _lines(one.ladder), "later": one.begins > today}
            for one in found
        ],
        may_set=place.id in viewer.facilities_with(Permission.POLICY_SET),
    )  # fmt: skip


def _lines(ladder: Ladder) -> list[dict[str, str]]:
    return [
        {"name": rung.label, "minutes": f"{ladder.minutes[rung]} min"} for rung in Rung if rung in ladder.minutes
    ]  # fmt: skip


@post(PAGE, permission=Permission.POLICY_SET, sync_to_thread=True)
def save_ladder(request: Asked, form: NamedDependency[FormFields]) -> Response[bytes]:
    """Let a ladder hold from its first day on."""
    viewer = the_viewer(request)
    place = place_of(viewer, Permission.POLICY_SET)
    ask, state = read_form(SetLadder, form)
    if ask is not None:
        try:
            with begin(viewer) as work:
                set_ladder(work, place.id, ask, local_day(work.now, ZoneInfo(place.timezone)))
            return see_other(request, PAGE, Flash("The ladder is set; questions that wait keep the time they have."))
        except Refused as refused:
            state.refuse(refused)
    return _page(request, state)


ROUTES = [show_ladder, save_ladder]
