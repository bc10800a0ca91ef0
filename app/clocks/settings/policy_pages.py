"""`/policies`: deadlines that are no law, the terms of this house and of contracts, and a try before one is saved."""

import uuid
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Response

from app import regulations
from app.clocks.commands import shown_rules
from app.clocks.registry import PART_OF, UNSET, Rule
from app.clocks.settings import policies
from app.clocks.settings.line_pages import place_of
from app.clocks.settings.lines import payer_names
from app.clocks.settings.policies import SetTerm, Term
from app.clocks.settings.preview import Named, Preview, names, preview
from app.kernel.days import local_day
from app.kernel.refusal import Refused
from app.kernel.wording import day_text, moment_text
from app.platform.work import Reading, begin, reading
from app.regulations import Confidence
from app.security.permissions import Permission
from app.security.viewer import Place
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash, Undo
from app.web.render import NO_PHI, page, see_other, the_viewer

Ask = Request[Any, Any, Any]
PAGE = "/policies"
MARKS = {
    Confidence.POLICY: "a hospital's own policy",
    Confidence.RECALLED_MEDIUM: "usual, not verified",
    Confidence.RECALLED_LOW: "uncertain",
}


def _default(rule: Rule) -> dict[str, str]:
    entry = regulations.history(rule.id)[-1]
    return {"id": rule.id, "title": rule.title, "allowance": str(entry.allowance), "starts": entry.starts,
            "mark": MARKS[entry.confidence], "citation": entry.citation, "note": entry.note,
            "holds": "Not set: nothing is asked" if rule.id in UNSET else "The default holds"}  # fmt: skip


def _serves(rule: Rule) -> str:
    """The rule whose deadlines a setting moves."""
    return PART_OF.get(rule.id, rule.id)


def _span(begins: date, ends: date | None, today: date) -> str:
    return f"from {day_text(begins, today)}" + (f" to {day_text(ends, today)}" if ends else "")


def _standing(one: Term, today: date) -> str:
    """Whether a term holds today, in words."""
    if one.begins > today:
        return "later"
    return "past" if one.ends is not None and one.ends < today else "now"


def _told(one: Term, payers: dict[str, str], place: Place, view: Reading) -> dict[str, Any]:
    zone = ZoneInfo(place.timezone)
    today = local_day(view.now, zone)
    return {
        "id": str(one.id),
        "whose": payers.get(one.payer_code, one.payer_code) if one.payer_code else "This facility",
        "says": one.allowance if one.asked else "Not asked",
        "span": _span(one.begins, one.ends, today),
        "when": _standing(one, today),
        "closed": ", ".join(day_text(day, today) for day in one.closed_days),
        "source": one.source,
        "made": moment_text(one.made_at, zone, view.now),
        "by": one.by or "the program",
        "ended": moment_text(one.ended_at, zone, view.now) if one.ended_at else "",
        "ended_by": one.ended_by,
    }


@get(PAGE, permission=Permission.POLICY_SEE, sync_to_thread=True)
def show_policies(request: Ask) -> Response[bytes]:
    """Every setting with its default and the terms that stand here."""
    viewer = the_viewer(request)
    place = place_of(viewer, Permission.POLICY_SEE)
    with reading(viewer) as view:
        payers = payer_names(view, place.id)
        standing: dict[str, list[dict[str, Any]]] = {}
        for one in policies.terms(view, place.id):
            standing.setdefault(one.rule, []).append(_told(one, payers, place, view))
    return page(
        request, "clocks/policies.html", discloses=NO_PHI, title="Policies", place=place.name,
        may_set=place.id in viewer.facilities_with(Permission.POLICY_SET),
        rules=[_default(rule) | {"terms": standing.get(rule.id, []), "shown": _serves(rule) in shown_rules()}
               for rule in policies.settings()],
    )  # fmt: skip


@get(f"{PAGE}/{{setting_id:str}}", permission=Permission.POLICY_SEE, sync_to_thread=True)
def show_policy(request: Ask, setting_id: FromPath[str], payer: FromQuery[str] = "") -> Response[bytes]:
    """One setting: its terms with their history, and the form of a new one."""
    viewer = the_viewer(request)
    rule = policies.setting(setting_id)
    place = place_of(viewer, Permission.POLICY_SEE)
    with reading(viewer) as view:
        today = local_day(view.now, ZoneInfo(place.timezone))
        standing = [one for one in policies.terms(view, place.id, rule.id) if one.payer_code == payer]
    present = next((one for one in standing if _standing(one, today) == "now"), None)
    given = {"payer_code": payer, "begins": today.isoformat(), "asked": "true"}
    if present is not None:
        given |= {"asked": "true" if present.asked else "false", "allowance": present.allowance,
                  "source": present.source, "ends": present.ends.isoformat() if present.ends else "",
                  "closed_days": ", ".join(day.isoformat() for day in present.closed_days)}  # fmt: skip
    return _page(request, rule, FormState(given=given))


def _page(request: Ask, rule: Rule, form: FormState, ask: SetTerm | None = None) -> Response[bytes]:
    """The page of a setting; with `ask` also what that term would change today."""
    viewer = the_viewer(request)
    place = place_of(viewer, Permission.POLICY_SEE)
    tried: dict[str, Any] | None = None
    patients: list[uuid.UUID] = []
    with reading(viewer) as view:
        payers = payer_names(view, place.id)
        if ask is not None:
            all_terms = policies.with_draft(policies.terms(view, place.id), policies.draft(rule.id, ask))
            found = preview(view, place.id, _serves(rule), all_terms)
            named = names(view, found.first())
            patients = list(dict.fromkeys(one.patient_id for one in named.values()))
            tried = _tried(found, named, place, view)
        history = [_told(one, payers, place, view) for one in policies.terms(view, place.id, rule.id, past=True)]
    return page(
        request, "clocks/policy.html", discloses=patients, title=rule.title, status=422 if form.errors else 200,
        place=place.name, rule=_default(rule), form=form, tried=tried, shown=_serves(rule) in shown_rules(),
        may_set=place.id in viewer.facilities_with(Permission.POLICY_SET),
        standing=[one for one in history if not one["ended"]], history=[one for one in history if one["ended"]],
        payers=[{"value": "", "label": "This facility: all payers without a term of their own"},
                *({"value": code, "label": name} for code, name in payers.items())],
    )  # fmt: skip


def _tried(found: Preview, named: dict[uuid.UUID, Named], place: Place, view: Reading) -> dict[str, Any]:
    zone = ZoneInfo(place.timezone)
    rows = [
        {
            "href": f"/encounters/{one.encounter_id}",
            "name": f"{stay.family}, {stay.given}".strip(", ") or "Name not known",
            "place": stay.place.replace("^", " ").strip(),
            "change": one.change.value,
            "before": moment_text(one.before, zone, view.now) if one.before else "not due",
            "after": moment_text(one.after, zone, view.now) if one.after else "not due",
        }
        for one in found.first()
        if (stay := named.get(one.encounter_id)) is not None
    ]
    return {
        "stays": found.stays, "faults": found.faults, "all": len(found.moved), "rows": rows,
        "counts": [{"what": change.value, "count": count} for change, count in found.counts()],
    }  # fmt: skip


@post(f"{PAGE}/{{setting_id:str}}", permission=Permission.POLICY_SET, sync_to_thread=True)
def take_policy(request: Ask, setting_id: FromPath[str], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Try out or save a term."""
    viewer = the_viewer(request)
    rule = policies.setting(setting_id)
    place = place_of(viewer, Permission.POLICY_SET)
    ask, state = read_form(SetTerm, form)
    if ask is None:
        return _page(request, rule, state)
    try:
        with reading(viewer) as view:
            policies.check(view, place.id, rule.id, ask)
        if form.get("deed") == "try":
            return _page(request, rule, state, ask)
        with begin(viewer) as work:
            made = policies.set_term(work, place.id, rule.id, ask)
    except Refused as refused:
        return _page(request, rule, state.refuse(refused))
    text = "The term is saved. Deadlines are being computed anew."
    return see_other(request, f"{PAGE}/{rule.id}", Flash(text, undo=Undo(f"{PAGE}/terms/{made.id}/undo")))


@post(f"{PAGE}/terms/{{term_id:uuid}}/end", permission=Permission.POLICY_SET, sync_to_thread=True)
def end_policy(request: Ask, term_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """End a term."""
    with begin(the_viewer(request)) as work:
        ended = policies.end_term(work, term_id)
    text = "The term is ended. Deadlines are being computed anew."
    return see_other(request, f"{PAGE}/{ended.rule}", Flash(text))


@post(f"{PAGE}/terms/{{term_id:uuid}}/undo", permission=Permission.POLICY_SET, sync_to_thread=True)
def undo_policy(request: Ask, term_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Undo the saving of a term."""
    with begin(the_viewer(request)) as work:
        ended = policies.take_back_term(work, term_id)
    return see_other(request, f"{PAGE}/{ended.rule}", Flash("The terms are as they were before."))


ROUTES = [show_policies, show_policy, take_policy, end_policy, undo_policy]
