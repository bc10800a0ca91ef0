"""`/audit/glass`: every opening of a restricted stay is a case, to be judged within 72 hours."""

import uuid
from typing import Any

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Response

from app.accounts.audit.answering import audit_page
from app.accounts.audit.queries import PERIODS
from app.accounts.watching.openings import queries, showing
from app.accounts.watching.openings.commands import JudgeOpening, judge_opening, take_back
from app.accounts.watching.openings.terms import OpeningVerdict
from app.kernel.refusal import Refused
from app.platform.work import Reading, begin, reading
from app.security.permissions import Permission
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash, Undo
from app.web.render import see_other, the_viewer

Asked = Request[Any, Any, Any]
SEE, JUDGE = Permission.AUDIT_SEE, Permission.GLASS_REVIEW
PAGE = "/audit/glass"


@get(PAGE, permission=SEE, sync_to_thread=True)
def show_openings(request: Asked, days: FromQuery[int] = 0, page: FromQuery[int] = 1) -> Response[bytes]:
    """The openings that wait; with a period, those of it that were judged."""
    chosen, at_page = days if str(days) in PERIODS else 0, max(1, min(page, 10_000))
    with reading(the_viewer(request)) as view:
        found = queries.judged(view, chosen, at_page) if chosen else queries.waiting(view, at_page)
        lines = _lines(view, found)
        counted = queries.count(view)
    kept = f"days={chosen}&" if chosen else ""
    total = found[0].total if found else 0
    last = (at_page - 1) * queries.PAGE + len(found)
    pages = {
        "from": last - len(found) + 1 if found else 0, "to": last, "total": total, "what": "openings",
        "previous": f"{PAGE}?{kept}page={at_page - 1}" if at_page > 1 else "",
        "next": f"{PAGE}?{kept}page={at_page + 1}" if last < total else "",
    }  # fmt: skip
    tabs = [{"label": "Waiting", "href": PAGE, "current": not chosen, "count": str(counted.waiting or ""),
             "late": counted.overdue > 0}]  # fmt: skip
    tabs += [
        {"label": f"Judged, {label.lower()}", "href": f"{PAGE}?days={key}", "current": str(chosen) == key}
        for key, label in PERIODS.items()
    ]
    return audit_page(request, "accounts/watching/openings.html", patients=[one.patient_id for one in found],
                      title="Broken glass", lines=lines, tabs=tabs, pages=pages, judged=bool(chosen),
                      overdue=str(counted.overdue or ""))  # fmt: skip


def _lines(view: Reading, found: list[queries.Case]) -> list[dict[str, Any]]:
    seen = queries.pages_seen(view, found)
    return [showing.case_line(one, seen.get(one.access_id, 0), view) for one in found]


@get(f"{PAGE}/{{access_id:uuid}}", permission=SEE, sync_to_thread=True)
def show_opening(request: Asked, access_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """One opening: who, why, what was seen meanwhile, and what was made of it."""
    return _case(request, access_id, None)


@post(f"{PAGE}/{{access_id:uuid}}/judgements", permission=JUDGE, sync_to_thread=True)
def judge(request: Asked, access_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Record what the officer makes of it, and lead on to the next that waits."""
    ask, state = read_form(JudgeOpening, form)
    viewer = the_viewer(request)
    undo = None
    if ask is not None:
        try:
            with begin(viewer) as work:
                undo = judge_opening(work, access_id, ask).id
        except Refused as refused:
            state.refuse(refused)
    if undo is None:
        return _case(request, access_id, state)
    with reading(viewer) as view:
        following = queries.next_waiting(view, viewer.user_id, access_id)
    where = f"{PAGE}/{following}" if following else PAGE
    said = "The judgement is recorded." + (" This is the next opening that waits." if following else "")
    return see_other(request, where, Flash(said, undo=Undo(f"/glass-reviews/{undo}/reversal", "Take it back")))


@post("/glass-reviews/{glass_review_id:uuid}/reversal", permission=JUDGE, sync_to_thread=True)
def reverse(request: Asked, glass_review_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """A judgement made by mistake: the opening waits again."""
    with begin(the_viewer(request)) as work:
        access_id = take_back(work, glass_review_id).access_id
    return see_other(request, f"{PAGE}/{access_id}", Flash("The judgement is taken back; the opening waits again."))


def _case(request: Asked, access_id: uuid.UUID, state: FormState | None) -> Response[bytes]:
    viewer = the_viewer(request)
    with reading(viewer) as view:
        case = queries.one_case(view, access_id)
        found = queries.seen_while_open(view, case)
        context: dict[str, Any] = {
            "one": showing.case_line(case, found[0].total if found else 0, view),
            "seen": showing.seen_lines(found, view),
            "versions": showing.version_lines(queries.versions(view, access_id), view),
        }
    form = state or FormState(given={"verdict": case.verdict, "said": case.said, "seen": str(case.review_id or "")})
    may = viewer.acting(JUDGE).scope.facilities and case.user_id != viewer.user_id
    return audit_page(
        request, "accounts/watching/opening.html", patients=[case.patient_id],
        title="Opening of a restricted stay", form=form, may=bool(may), own=case.user_id == viewer.user_id,
        status=422 if form.errors else 200,
        verdicts=[{"value": one.value, "label": one.label} for one in OpeningVerdict], **context,
    )  # fmt: skip


ROUTES = [show_openings, show_opening, judge, reverse]
