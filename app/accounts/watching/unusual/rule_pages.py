"""Setting the rules, and asking for days to be looked at."""

from datetime import date
from typing import Any

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response
from pydantic import BaseModel

from app.accounts.audit.answering import audit_page
from app.accounts.watching.unusual import looking, queries, showing
from app.accounts.watching.unusual.commands import SetRule, set_rule
from app.accounts.watching.unusual.pages import JUDGE, PAGE, SEE, facility_of, findings_page
from app.accounts.watching.unusual.rules import BY_PATTERN
from app.accounts.watching.unusual.terms import Pattern
from app.kernel.refusal import NotFound, Refused
from app.platform.work import begin, reading
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash
from app.web.render import see_other, the_viewer

Asked = Request[Any, Any, Any]


class AskSpan(BaseModel):
    """Days that the rules are put to."""

    first: date
    last: date


@post(f"{PAGE}/looks", permission=JUDGE, sync_to_thread=True)
def look_at_days(request: Asked, form: NamedDependency[FormFields]) -> Response[bytes]:
    """Have the rules put to a span of days, in the background."""
    ask, state = read_form(AskSpan, form)
    viewer = the_viewer(request)
    if ask is not None:
        try:
            with begin(viewer) as work:
                looking.ask_for_span(work, facility_of(viewer), ask.first, ask.last)
        except Refused as refused:
            state.refuse(refused)
    if state.errors:
        return findings_page(request, state)
    return see_other(request, PAGE, Flash("The rules are being put to these days. Load this page again in a moment."))


def _pattern(word: str) -> Pattern:
    if word not in set(Pattern):
        raise NotFound("There is no such rule.")
    return Pattern(word)


@get(f"{PAGE}/rules/{{rule:str}}", permission=SEE, sync_to_thread=True)
def show_rule(request: Asked, rule: FromPath[str]) -> Response[bytes]:
    """What a rule looks for, its limits, how it was set before."""
    return _rule(request, _pattern(rule), None)


@post(f"{PAGE}/rules/{{rule:str}}/versions", permission=JUDGE, sync_to_thread=True)
def save_rule(request: Asked, rule: FromPath[str], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Set the limits of a rule, or lay it to rest, with a reason."""
    pattern = _pattern(rule)
    ask, state = read_form(SetRule, form)
    viewer = the_viewer(request)
    limits = {one.name: _whole(form.get(one.name, "")) for one in BY_PATTERN[pattern].limits}
    if ask is not None:
        try:
            with begin(viewer) as work:
                kept = {name: value for name, value in limits.items() if value is not None}
                set_rule(work, facility_of(viewer).facility_id, pattern, ask, kept)
        except Refused as refused:
            state.refuse(refused)
    if state.errors:
        return _rule(request, pattern, state)
    return see_other(request, f"{PAGE}/rules/{rule}", Flash("The rule is set, for days looked at from now on."))


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 6 else None


def _rule(request: Asked, pattern: Pattern, state: FormState | None) -> Response[bytes]:
    viewer, rule = the_viewer(request), BY_PATTERN[pattern]
    with reading(viewer) as view:
        place = facility_of(viewer)
        own = looking.in_force(view, place.facility_id).get(pattern)
        versions = showing.setting_lines(queries.settings(view, place.facility_id, pattern.value), view)
    limits = rule.shipped | (own.limits if own else {})
    given = {name: str(value) for name, value in limits.items()} | {"resting": "on" if own and own.resting else ""}
    form = state or FormState(given=given)
    return audit_page(
        request, "accounts/watching/rule.html", patients=[], title=rule.title, rule=rule.pattern.value, form=form,
        looks=rule.looks, innocent=rule.innocent, versions=versions, may=place.facility_id in
        viewer.facilities_with(JUDGE), status=422 if form.errors else 200,
        limits=[{"name": one.name, "label": one.label, "hint": f"as shipped {one.shipped}; from {one.least} to"
                 f" {one.most}", "least": str(one.least), "most": str(one.most), "value": str(limits[one.name])}
                for one in rule.limits],
    )  # fmt: skip


ROUTES = [look_at_days, show_rule, save_rule]
