"""`/audit/unusual`: what the rules found, its evidence, and what the privacy officer made of it."""

import uuid
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Response

from app.accounts.audit.answering import audit_page
from app.accounts.watching.unusual import looking, queries, showing
from app.accounts.watching.unusual.commands import DecideFinding, decide, take_back
from app.accounts.watching.unusual.gathering import Place
from app.accounts.watching.unusual.terms import FindingVerdict, Pattern
from app.kernel.days import local_day
from app.kernel.refusal import NotFound, Refused
from app.kernel.wording import day_text
from app.platform.work import Reading, begin, reading
from app.security.permissions import Permission
from app.security.viewer import Viewer
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash, Undo
from app.web.render import see_other, the_viewer

Asked = Request[Any, Any, Any]
SEE, JUDGE = Permission.AUDIT_SEE, Permission.GLASS_REVIEW
PAGE = "/audit/unusual"


def facility_of(viewer: Viewer) -> Place:
    """The facility whose trail is shown: the one being worked in. NotFound where the permission is not held in it."""
    place = viewer.place
    if place is None or place.id not in viewer.scope.facilities:
        raise NotFound("You see no trail in this facility. Turn to another one.")
    return Place(place.id, place.timezone)


@get(PAGE, permission=SEE, sync_to_thread=True)
def show_findings(
    request: Asked, shown: FromQuery[str] = "", rule: FromQuery[str] = "", page: FromQuery[int] = 1
) -> Response[bytes]:
    """The open findings, or those that were decided; and the rules."""
    return findings_page(request, FormState(), shown == "decided", rule, page)


def findings_page(
    request: Asked, form: FormState, decided: bool = False, rule: str = "", page: int = 1
) -> Response[bytes]:
    """The list with the form that asks for more days."""
    viewer, at_page = the_viewer(request), max(1, min(page, 10_000))
    chosen = rule if rule in set(Pattern) else ""
    with reading(viewer) as view:
        place = facility_of(viewer)
        asked = queries.decided_findings if decided else queries.open_findings
        found = asked(view, place.facility_id, chosen, at_page)
        context: dict[str, Any] = {
            "lines": [showing.finding_line(one, view) for one in found],
            "rules": showing.rule_lines(looking.in_force(view, place.facility_id),
                                        queries.rates(view, place.facility_id)),
            "looked": _looked(view, place),
        }  # fmt: skip
        today = local_day(view.now, ZoneInfo(place.zone))
    form.id = "span"
    form.given = {"first": (today - timedelta(days=1)).isoformat(), "last": today.isoformat()} | form.given
    tabs = [{"label": "Open", "href": PAGE, "current": not decided},
            {"label": "Decided", "href": f"{PAGE}?shown=decided", "current": decided}]  # fmt: skip
    patients = [one.patient_id for one in found if one.patient_id]
    return audit_page(
        request, "accounts/watching/findings.html", patients=patients, title="Unusual access", form=form, tabs=tabs,
        decided=decided, may=_may_judge(viewer), pages=_pager(found, at_page, decided, chosen),
        chosen=showing.BY_PATTERN[Pattern(chosen)].title if chosen else "", status=422 if form.errors else 200,
        **context,
    )  # fmt: skip


def _looked(view: Reading, place: Place) -> str:
    last = queries.last_looked(view, place.facility_id)
    if last is None:
        return ""
    day = day_text(last["day"], local_day(view.now, ZoneInfo(place.zone)))
    return f"{day}, {last['people']} people; looked at {showing.when(last['at'], view)['text']}"


def _pager(found: list[queries.FindingRow], page: int, decided: bool, rule: str) -> dict[str, Any]:
    kept = "".join([("shown=decided&" if decided else ""), (f"rule={rule}&" if rule else "")])
    total = found[0].total if found else 0
    last = (page - 1) * queries.PAGE + len(found)
    return {
        "from": last - len(found) + 1 if found else 0, "to": last, "total": total, "what": "findings",
        "previous": f"{PAGE}?{kept}page={page - 1}" if page > 1 else "",
        "next": f"{PAGE}?{kept}page={page + 1}" if last < total else "",
    }  # fmt: skip


def _may_judge(viewer: Viewer) -> bool:
    place = viewer.place
    return place is not None and place.id in viewer.facilities_with(JUDGE)


@get(f"{PAGE}/{{finding_id:uuid}}", permission=SEE, sync_to_thread=True)
def show_finding(request: Asked, finding_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """One finding with its evidence."""
    return _finding(request, finding_id, None)


@post(f"{PAGE}/{{finding_id:uuid}}/decisions", permission=JUDGE, sync_to_thread=True)
def decide_finding(
    request: Asked, finding_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]
) -> Response[bytes]:
    """Record what the officer makes of it, and lead on to the next finding."""
    ask, state = read_form(DecideFinding, form)
    viewer = the_viewer(request)
    made = None
    if ask is not None:
        try:
            with begin(viewer) as work:
                made = decide(work, finding_id, ask)
        except Refused as refused:
            state.refuse(refused)
    if made is None:
        return _finding(request, finding_id, state)
    with reading(viewer) as view:
        following = queries.next_open(view, made.facility_id, viewer.user_id)
    said = "The decision is recorded." + (" This is the next finding." if following else "")
    where = f"{PAGE}/{following}" if following else PAGE
    return see_other(request, where, Flash(said, undo=Undo(f"/access-decisions/{made.id}/reversal", "Take it back")))


@post("/access-decisions/{access_decision_id:uuid}/reversal", permission=JUDGE, sync_to_thread=True)
def reverse(
    request: Asked, access_decision_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]
) -> Response[bytes]:
    """A decision made by mistake: the finding is open again."""
    with begin(the_viewer(request)) as work:
        finding_id = take_back(work, access_decision_id).finding_id
    return see_other(request, f"{PAGE}/{finding_id}", Flash("The decision is taken back; the finding is open again."))


def _finding(request: Asked, finding_id: uuid.UUID, state: FormState | None) -> Response[bytes]:
    viewer = the_viewer(request)
    with reading(viewer) as view:
        found = queries.one_finding(view, finding_id)
        lines, named = showing.evidence_lines(queries.evidence(view, found.rows), view)
        one = showing.finding_line(found, view)
    given = {"verdict": found.verdict, "said": found.said, "seen": str(found.decision_id or "")}
    form = state or FormState(given=given)
    own = found.user_id == viewer.user_id
    return audit_page(
        request, "accounts/watching/finding.html", patients=[*named, *([found.patient_id] if found.patient_id else [])],
        detail=f"finding about {found.who}", title="Unusual access", one=one, lines=lines, form=form,
        gone=len(found.rows) - len(lines), own=own, may=bool(viewer.facilities_with(JUDGE)) and not own,
        verdicts=[{"value": each.value, "label": each.label} for each in FindingVerdict],
        status=422 if form.errors else 200,
    )  # fmt: skip


ROUTES = [show_findings, show_finding, decide_finding, reverse]
