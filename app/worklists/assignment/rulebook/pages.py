"""The rules of a facility in their order, each to be tried out before it is saved; and the minutes of work."""

import uuid
from collections.abc import Sequence
from typing import Any

import msgspec
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from app.kernel.refusal import NotFound, Refused
from app.platform.work import Reading, begin, reading
from app.security.viewer import Place
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash
from app.web.render import NO_PHI, page, see_other, the_viewer
from app.worklists.assignment.gathering import Situation, rules_of, situation
from app.worklists.assignment.lead.balancing import try_out
from app.worklists.assignment.lead.overview import LEAD, away_text, lead_place
from app.worklists.assignment.rulebook import commands
from app.worklists.assignment.rulebook.commands import NO_RULE, DescribeRule
from app.worklists.assignment.rules.deciding import Rule
from app.worklists.assignment.rules.minutes import DEFAULTS, REASONS, duration_text
from app.worklists.assignment.terms import WorkPart

Asked = Request[Any, Any, Any]
PAGE = "/distribution/rules"
NEW = uuid.UUID(int=0)  # the rule that is being written, while it is tried out
CLASSES = {"IP": "Inpatient", "OBS": "Observation"}
LISTS = ("units", "services", "payers", "classes", "people")
_OCCURRING = (
    "select distinct 'services', e.service, e.service from encounter e where e.facility_id = %(facility)s"
    " and e.status in ('admitted', 'on_leave') and e.service <> '' union"
    " select distinct on (e.payer_code) 'payers', e.payer_code, coalesce(nullif(e.payer_name, ''), e.payer_code)"
    " from encounter e where e.facility_id = %(facility)s and e.status in ('admitted', 'on_leave')"
    " and e.payer_code <> '' union"
    " select distinct 'units', e.unit, coalesce(nullif(w.name, ''), e.unit) from encounter e"
    " left join unit w on w.facility_id = e.facility_id and w.code = e.unit where e.facility_id = %(facility)s"
    " and e.status in ('admitted', 'on_leave') and e.unit <> '' union"
    " select 'units', code, coalesce(nullif(name, ''), code) from unit where facility_id = %(facility)s order by 3"
)


class _Offered(msgspec.Struct):
    kind: str
    value: str
    label: str


Offers = dict[str, dict[str, str]]


def _offers(db: Reading, now: Situation) -> Offers:
    """What a rule can speak of here, by kind: value and words."""
    found: Offers = {"units": {}, "services": {}, "payers": {}, "classes": dict(CLASSES)}
    for one in db.rows(_Offered, _OCCURRING, {"facility": now.facility_id}):
        found[one.kind].setdefault(one.value, one.label)
    found["people"] = {
        str(one.id): f"{one.name}, {away_text(one)}" if one.away_until else one.name for one in now.people.values()
    }
    return found


def _words(rule: Rule, offers: Offers, now: Situation) -> dict[str, Any]:
    conditions = []
    for label, kind, chosen in (
        ("unit", "units", rule.units),
        ("service", "services", rule.services),
        ("payer", "payers", rule.payers),
        ("class", "classes", rule.classes),
    ):
        if chosen:
            conditions.append(f"{label} " + " or ".join(sorted(offers[kind].get(one, one) for one in chosen)))
    people = [now.people[one].name if one in now.people else "somebody who left" for one in rule.people]
    return {
        "id": str(rule.id), "name": rule.name, "people": ", ".join(people),
        "fits": "; ".join(conditions) if conditions else "every stay",
    }  # fmt: skip


def _result(now: Situation, rules: Sequence[Rule]) -> dict[str, Any]:
    rows, unmatched = try_out(now, rules)
    return {
        "rows": [
            {
                "name": one.name, "away": one.away, "has": one.has, "work": duration_text(one.minutes),
                "gets": one.gets, "then": duration_text(one.then), "all": one.all_stays,
                "all_work": duration_text(one.all_minutes),
            }
            for one in rows
        ],
        "unmatched": unmatched,
    }  # fmt: skip


@get(PAGE, permission=LEAD, sync_to_thread=True)
def show_rules(request: Asked) -> Response[bytes]:
    """The rules in force, and what they would do today."""
    viewer = the_viewer(request)
    place = lead_place(viewer)
    with reading(viewer) as db:
        now = situation(db, place.id)
        offers = _offers(db, now)
    return page(request, "worklists/assignment/rules.html", discloses=NO_PHI, title="Rules of distribution",
                rules=[_words(rule, offers, now) for rule in now.rules], result=_result(now, now.rules))  # fmt: skip


def _form_page(
    request: Asked, form: FormState, chosen: dict[str, list[str]], rule_id: uuid.UUID | None, tried: bool = False
) -> Response[bytes]:
    viewer = the_viewer(request)
    place = lead_place(viewer)
    with reading(viewer) as db:
        now = situation(db, place.id)
        offers = _offers(db, now)
    groups = [
        {
            "name": kind, "label": label, "on": len(chosen.get(kind, [])),
            "choices": _choices(offers[kind], chosen.get(kind, [])), "error": form.errors.get(kind, ""),
        }
        for kind, label in (("units", "Units"), ("services", "Services"), ("payers", "Payers"), ("classes", "Classes"),
                            ("people", "People who get these stays"))
    ]  # fmt: skip
    with_draft = _with_draft(now.rules, form, chosen, rule_id) if tried else []
    return page(
        request, "worklists/assignment/rule.html", discloses=NO_PHI, status=422 if form.errors else 200,
        title="Change a rule" if rule_id else "Add a rule", form=form, groups=groups,
        action=f"{PAGE}/{rule_id}" if rule_id else PAGE, rule_id=str(rule_id) if rule_id else "",
        result=_result(now, with_draft) if tried else None,
    )  # fmt: skip


def _choices(offered: dict[str, str], chosen: list[str]) -> list[dict[str, Any]]:
    known = offered | {one: one for one in chosen if one not in offered}
    return [{"value": value, "label": label, "on": value in chosen} for value, label in known.items()]


def _with_draft(
    rules: Sequence[Rule], form: FormState, chosen: dict[str, list[str]], rule_id: uuid.UUID | None
) -> list[Rule]:
    """The rules as they would be: the draft in its place, or behind the others."""
    place = next((rule.place for rule in rules if rule.id == rule_id), len(rules) + 1)
    units, services, payers, classes = (frozenset(chosen.get(kind, [])) for kind in LISTS[:4])
    people = tuple(uuid.UUID(one) for one in chosen.get("people", []))
    draft = Rule(rule_id or NEW, place, form.given.get("name", ""), units, services, payers, classes, people)
    return sorted([*(rule for rule in rules if rule.id != rule_id), draft], key=lambda rule: rule.place)


@get(f"{PAGE}/new", permission=LEAD, sync_to_thread=True)
def show_new_rule(request: Asked) -> Response[bytes]:
    """The form for a new rule."""
    return _form_page(request, FormState(), {}, None)


@get(f"{PAGE}/{{rule_id:uuid}}", permission=LEAD, sync_to_thread=True)
def show_rule(request: Asked, rule_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """The form of one rule."""
    viewer = the_viewer(request)
    with reading(viewer) as db:
        rule = next((one for one in rules_of(db, lead_place(viewer).id) if one.id == rule_id), None)
    if rule is None:
        raise NotFound(NO_RULE)
    chosen = {kind: [str(one) for one in getattr(rule, kind)] for kind in LISTS}
    return _form_page(request, FormState(given={"name": rule.name}), chosen, rule_id)


def _take(request: Asked, form: FormFields, rule_id: uuid.UUID | None) -> Response[bytes]:
    ask, state = read_form(DescribeRule, form)
    chosen = {kind: form.all(kind) for kind in LISTS}
    if ask is None:
        return _form_page(request, state, chosen, rule_id)
    if not ask.people:
        state.errors["people"] = "Choose one or more people who get these stays."
        return _form_page(request, state, chosen, rule_id)
    if form.get("deed") == "try":
        return _form_page(request, state, chosen, rule_id, tried=True)
    viewer = the_viewer(request)
    place = lead_place(viewer)
    try:
        with begin(viewer) as work:
            if rule_id is None:
                commands.add_rule(work, place.id, ask)
            else:
                commands.change_rule(work, rule_id, ask)
    except Refused as refused:
        return _form_page(request, state.refuse(refused), chosen, rule_id)
    return see_other(request, PAGE, Flash("The rule is saved. It holds from now on; no stay has moved."))


@post(PAGE, permission=LEAD, sync_to_thread=True)
def take_new_rule(request: Asked, form: NamedDependency[FormFields]) -> Response[bytes]:
    """Try out or save a new rule."""
    return _take(request, form, None)


@post(f"{PAGE}/{{rule_id:uuid}}", permission=LEAD, sync_to_thread=True)
def take_rule(request: Asked, rule_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Try out or save another wording of a rule."""
    return _take(request, form, rule_id)


@post(f"{PAGE}/{{rule_id:uuid}}/end", permission=LEAD, sync_to_thread=True)
def end_rule(request: Asked, rule_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Take a rule out."""
    with begin(the_viewer(request)) as work:
        commands.take_out_rule(work, rule_id)
    return see_other(request, PAGE, Flash("The rule is taken out. What it gave stays where it is."))


@post(f"{PAGE}/{{rule_id:uuid}}/earlier", permission=LEAD, sync_to_thread=True)
def move_rule(request: Asked, rule_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Let a rule decide before the one above it."""
    with begin(the_viewer(request)) as work:
        commands.move_rule_up(work, rule_id)
    return see_other(request, PAGE, Flash("The rule decides earlier now."))


def _minutes_page(request: Asked, form: FormState | None = None) -> Response[bytes]:
    viewer = the_viewer(request)
    place: Place = lead_place(viewer)
    with reading(viewer) as db:
        table = situation(db, place.id).table
    shown = form or FormState(given={part.value: str(minutes) for part, minutes in table.items()})
    parts = []
    for part in WorkPart:
        label, _, why = REASONS[part].partition(": ")
        parts.append({"name": part.value, "label": label.capitalize(), "hint": f"{why}; documented: {DEFAULTS[part]}"})
    return page(request, "worklists/assignment/minutes.html", discloses=NO_PHI, title="Expected minutes", form=shown,
                parts=parts, status=422 if shown.errors else 200)  # fmt: skip


@get("/distribution/minutes", permission=LEAD, sync_to_thread=True)
def show_minutes(request: Asked) -> Response[bytes]:
    """What a stay is expected to take, part by part."""
    return _minutes_page(request)


@post("/distribution/minutes", permission=LEAD, sync_to_thread=True)
def take_minutes(request: Asked, form: NamedDependency[FormFields]) -> Response[bytes]:
    """Write the minutes that this facility expects from now on."""
    viewer = the_viewer(request)
    state = FormState(given={part.value: form.get(part.value, "") for part in WorkPart})
    for part in WorkPart:
        text = state.given[part.value]
        if not text.isascii() or not text.isdigit() or len(text) > 9 or int(text) > commands.MOST_MINUTES:
            state.errors[part.value] = f"Write whole minutes from 0 to {commands.MOST_MINUTES}."
    if state.errors:
        return _minutes_page(request, state)
    with begin(viewer) as work:
        commands.set_minutes(work, lead_place(viewer).id, {part: int(state.given[part.value]) for part in WorkPart})
    return see_other(request, "/distribution/minutes", Flash("The minutes are saved. They hold from now on."))


ROUTES = [show_rules, show_new_rule, show_rule, take_new_rule, take_rule, end_rule, move_rule, show_minutes,
          take_minutes]  # fmt: skip
