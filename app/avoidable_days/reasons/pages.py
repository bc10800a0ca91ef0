"""`/avoidable-days/reasons`: the dictionary with its use; `/avoidable-days/costs`: what a day costs."""

import uuid
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from app.avoidable_days.reasons import commands, costs, queries
from app.avoidable_days.reasons.commands import CLASSES, UNIT_KINDS, AddReason, SetCost, SetPolicy, WordReason
from app.avoidable_days.reasons.rules import ALWAYS, GROUPS, Reason
from app.avoidable_days.showing import days_text, party_text
from app.avoidable_days.terms import Controllable, CostConvention, CostSetting, Ownership, PartyKind
from app.kernel.days import local_day
from app.kernel.refusal import NotFound, Refused
from app.kernel.wording import day_text
from app.platform.work import Reading, begin, reading
from app.security.permissions import Permission
from app.security.viewer import Place
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash, Undo
from app.web.render import NO_PHI, page, see_other, the_viewer

Asked = Request[Any, Any, Any]
RECORD, SET = Permission.AVOIDABLE_DAY_RECORD, Permission.AVOIDABLE_DAY_SET
REASONS, COSTS = "/avoidable-days/reasons", "/avoidable-days/costs"


def _place(request: Asked) -> Place:
    place = the_viewer(request).place
    if place is None:
        raise NotFound("You work in no facility yet. Ask an administrator for a role.")
    return place


def _may_set(request: Asked) -> bool:
    return _place(request).id in the_viewer(request).facilities_with(SET)


def _today(db: Reading, place: Place) -> date:
    return local_day(db.now, ZoneInfo(place.timezone))


def _setter(request: Asked) -> Place:
    """The facility being worked in, for whoever may change it; NotFound for others."""
    if not _may_set(request):
        raise NotFound()
    return _place(request)


# --- reasons ---------------------------------------------------------------------------------------------------------


@get(REASONS, permission=Permission.STAY_LIST, sync_to_thread=True)
def show_reasons(request: Asked) -> Response[bytes]:
    """The dictionary as it reads today, with how often each reason was used."""
    place = _place(request)
    with reading(the_viewer(request).acting(Permission.STAY_LIST)) as db:
        today = _today(db, place)
        reasons = queries.dictionary(db, place.id, today)
        uses = queries.uses(db, place.id, today)
        since = queries.in_use_since(db, place.id)
        later = [
            {"code": one.code, "label": one.label, "begins": day_text(one.begins, today), "retired": one.retired}
            for one in queries.wordings(db, [place.id])[place.id]
            if one.begins > today
        ]
    old_enough = since is not None and today - since > queries.UNUSED_FOR
    groups = [
        {
            "code": group,
            "label": label,
            "reasons": [
                _reason(one, uses.get(code), today) | {"unused": old_enough and _is_unused(one, uses.get(code))}
                for code, one in reasons.items()
                if one.group == group
            ],
        }
        for group, label in GROUPS.items()
    ]
    return page(
        request, "avoidable_days/reasons/reasons.html", discloses=NO_PHI, title="Reasons of avoidable days",
        groups=groups, later=later, may_set=_may_set(request),
        used=days_text(sum(one.count for one in uses.values())), facility=place.name,
    )  # fmt: skip


def _is_unused(one: Reason, use: queries.Use | None) -> bool:
    return not one.retired and one.code not in ALWAYS and (use is None or not use.recent)


def _reason(one: Reason, use: queries.Use | None, today: date) -> dict[str, Any]:
    return {
        "code": one.code,
        "label": one.label,
        "definition": one.definition,
        "party": party_text(one.party_kind.value, one.party),
        "control": one.controllable.label,
        "own": one.own,
        "retired": one.retired,
        "since": day_text(one.begins, today) if one.begins else "",
        "uses": use.count if use else 0,
        "last": day_text(use.last_day, today) if use else "",
    }


@get(f"{REASONS}/new", permission=SET, sync_to_thread=True)
def show_new(request: Asked) -> Response[bytes]:
    """The form for a reason of the facility's own."""
    place = _setter(request)
    with reading(the_viewer(request)) as db:
        given = {"begins": _today(db, place).isoformat(), "controllable": "P", "party_kind": "department"}
    return _form(request, FormState(given=given), "", 200)


@get(f"{REASONS}/{{reason_code:str}}", permission=SET, sync_to_thread=True)
def show_reason(request: Asked, reason_code: FromPath[str]) -> Response[bytes]:
    """The form with a reason as it reads today."""
    place = _setter(request)
    with reading(the_viewer(request)) as db:
        today = _today(db, place)
        one = queries.dictionary(db, place.id, today).get(reason_code)
    if one is None:
        raise NotFound(commands.NO_REASON)
    given = {
        "label": one.label, "definition": one.definition, "party_kind": one.party_kind.value, "party": one.party,
        "controllable": one.controllable.value, "retired": "on" if one.retired else "", "begins": today.isoformat(),
    }  # fmt: skip
    return _form(request, FormState(given=given), reason_code, 200)


def _form(request: Asked, state: FormState, code: str, status: int) -> Response[bytes]:
    groups = [{"value": key, "label": f"{key} {label}"} for key, label in GROUPS.items()]
    return page(
        request, "avoidable_days/reasons/reason.html", discloses=NO_PHI, title=code or "A reason of your own",
        status=status, form=state, code=code, fixed=code in ALWAYS, groups=groups, parties=_choices(PartyKind),
        controls=_choices(Controllable),
    )  # fmt: skip


def _choices(words: Any) -> list[dict[str, str]]:
    return [{"value": one.value, "label": one.label} for one in words]


@post(REASONS, permission=SET, sync_to_thread=True)
def add(request: Asked, form: NamedDependency[FormFields]) -> Response[bytes]:
    """Add a reason of the facility's own."""
    place = _setter(request)
    ask, state = read_form(AddReason, form)
    if ask is not None:
        try:
            with begin(the_viewer(request)) as work:
                commands.add_reason(work, place.id, ask)
        except Refused as refused:
            state.refuse(refused)
    if ask is None or state.errors:
        return _form(request, state, "", 422)
    return see_other(request, REASONS, Flash(f"{ask.code} is in the dictionary."))


@post(f"{REASONS}/{{reason_code:str}}/versions", permission=SET, sync_to_thread=True)
def word(request: Asked, reason_code: FromPath[str], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Word a reason anew from a day on, or retire it."""
    place = _setter(request)
    ask, state = read_form(WordReason, form)
    if ask is not None:
        try:
            with begin(the_viewer(request)) as work:
                commands.word_reason(work, place.id, reason_code, ask)
        except Refused as refused:
            state.refuse(refused)
    if ask is None or state.errors:
        return _form(request, state, reason_code, 422)
    return see_other(request, REASONS, Flash(f"{reason_code} reads so from {day_text(ask.begins, ask.begins)} on."))


# --- costs and policy ------------------------------------------------------------------------------------------------


@get(COSTS, permission=SET, sync_to_thread=True)
def show_costs(request: Asked) -> Response[bytes]:
    """What a day costs, by setting, and the policy."""
    return _costs_page(request, None, 200)


def _costs_page(request: Asked, state: FormState | None, status: int) -> Response[bytes]:
    place = _setter(request)
    with reading(the_viewer(request).acting(SET)) as db:
        today = _today(db, place)
        found = costs.costs(db, place.id)
        policy = queries.policy(db, place.id)
    if state is None:
        given = {"setting": "facility", "convention": "variable_direct", "begins": today.isoformat()}
        state = FormState(id="cost", given=given)
    policy_form = FormState(
        id="policy", given={"half_days": "on" if policy.half_days else "", "ownership": policy.ownership}
    )
    price = costs.PriceList([], policy.ownership).price(today, "", "")
    return page(
        request, "avoidable_days/reasons/costs.html", discloses=NO_PHI, title="What a day costs", status=status,
        costs=[_cost(one, today) for one in found], form=state, policy_form=policy_form,
        published=_dollars(price.cents) if price else "", source=costs.PUBLISHED_SOURCE, caveat=costs.CAVEAT,
        settings=_choices(CostSetting), conventions=_choices(CostConvention),
        keys=[{"value": "", "label": "All days"}, *({"value": key, "label": label} for key, label
        in (CLASSES | UNIT_KINDS).items())],
        owners=[{"value": "", "label": "Not said"}, *_choices(Ownership)],
    )  # fmt: skip


def _dollars(cents: int) -> str:
    return f"${cents / 100:,.2f}".removesuffix(".00")


def _cost(one: costs.Cost, today: date) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "setting": CostSetting(one.setting).label,
        "key": (CLASSES | UNIT_KINDS).get(one.setting_key, ""),
        "dollars": _dollars(one.cents),
        "convention": CostConvention(one.convention).label,
        "source": one.source,
        "begins": day_text(one.begins, today),
        "ahead": one.begins > today,
    }


@post(COSTS, permission=SET, sync_to_thread=True)
def set_cost(request: Asked, form: NamedDependency[FormFields]) -> Response[bytes]:
    """Set what a day costs from a day on."""
    place = _setter(request)
    ask, state = read_form(SetCost, form)
    state.id = "cost"
    made = None
    if ask is not None:
        try:
            with begin(the_viewer(request)) as work:
                made = commands.set_cost(work, place.id, ask)
        except Refused as refused:
            state.refuse(refused)
    if made is None:
        return _costs_page(request, state, 422)
    return see_other(request, COSTS, Flash("The cost is set.", undo=Undo(f"{COSTS}/{made.id}/reversal")))


@post(f"{COSTS}/{{cost_id:uuid}}/reversal", permission=SET, sync_to_thread=True)
def end_cost(request: Asked, cost_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Take a cost back."""
    _setter(request)
    with begin(the_viewer(request)) as work:
        commands.end_cost(work, cost_id)
    return see_other(request, COSTS, Flash("The cost is taken back; the one before it holds.", "blue"))


@post("/avoidable-days/policy", permission=SET, sync_to_thread=True)
def set_policy(request: Asked, form: NamedDependency[FormFields]) -> Response[bytes]:
    """Set whether half days are counted and who owns the hospital."""
    place = _setter(request)
    ask, _ = read_form(SetPolicy, form)
    if ask is None:
        raise Refused("Choose an owner of the list.")
    with begin(the_viewer(request)) as work:
        commands.set_policy(work, place.id, ask)
    return see_other(request, COSTS, Flash("The policy is set."))


ROUTES = [show_reasons, show_new, show_reason, add, word, show_costs, set_cost, end_cost, set_policy]
