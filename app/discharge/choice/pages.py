"""The choice of a stay (part of its referrals): making a list, recording the answer, correcting, sharing a link."""

import uuid
from typing import Any
from urllib.parse import urlencode

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from app.census.united import Subject, subject
from app.discharge.choice import commands, queries, rules, showing
from app.discharge.choice.commands import FROM_HOME, FROM_HOSPITAL, USUAL_MILES, AmendChoice, MakeList, RecordChoice
from app.discharge.choice.family import links
from app.discharge.choice.terms import ChoiceOutcome, Evidence, GivenHow, GivenTo
from app.discharge.plan.queries import disposition
from app.discharge.terms import CareType
from app.discharge.vendors.showing import TYPES, choices
from app.discharge.vendors.terms import Capability, Order
from app.kernel.refusal import Refused
from app.platform.work import Reading, begin, reading
from app.security.permissions import Permission
from app.web.fields import StrikeOut
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash, Undo
from app.web.past.reading import reading_then
from app.web.render import see_other, the_viewer
from app.web.stay import Part, stay_page

Asked = Request[Any, Any, Any]
SEE, WRITE = Permission.STAY_SEE, Permission.REFERRAL_WRITE
TAB = "discharge/choice/_choice.html"


def _tab(stay_id: uuid.UUID) -> str:
    return f"/encounters/{stay_id}/choice"


@get("/encounters/{stay_id:uuid}/choice", permission=SEE, sync_to_thread=True)
def show_choice(request: Asked, stay_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """Lists that were shown, and what was answered to them."""
    return choice_page(request, stay_id)


def choice_page(request: Asked, stay_id: uuid.UUID, form: FormState | None = None, link: str = "") -> Response[bytes]:
    """The part of the stay, with the form that could not be carried out, or a link that is shown once."""
    viewer = the_viewer(request)
    with reading_then(request, stay_id) as db:
        stay = subject(db, stay_id)
        found = (
            queries.lists(db, [stay.encounter_id]), queries.versions(db, [stay.encounter_id]),
            queries.marks(db, [stay.encounter_id]),
        )  # fmt: skip
        context = {
            "stay_id": str(stay.encounter_id), "lists": showing.tab_lists(db, stay, found), "link": link,
            "links": links.standing(db, stay.encounter_id),
            "may_write": db.as_of is None and stay.facility_id in viewer.facilities_with(WRITE),
        }  # fmt: skip
    context["form"] = form or FormState(id="")
    part = Part("referrals", TAB, context, 422 if form is not None and form.errors else 200)
    return stay_page(request, stay.encounter_id, part)


@get("/encounters/{stay_id:uuid}/choice/new", permission=WRITE, sync_to_thread=True)
def show_new(request: Asked, stay_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """The list that the needs of the address give, to look at before it is made."""
    given = FormFields(list(request.query_params.multi_items()))
    with reading(the_viewer(request)) as db:
        stay = subject(db, stay_id)
        usual = {} if len(given) else _usual(db, stay)
    return _new_page(request, stay, given if len(given) else FormFields(list(usual.items())))


def _usual(db: Reading, stay: Subject) -> dict[str, str]:
    going = disposition(db, stay.encounter_id)
    kind = going.to if going is not None and going.to in TYPES else CareType.SNF
    home = bool(queries.paying(db, stay.encounter_id).zip_code)
    return {"care_type": kind.value, "within": f"{USUAL_MILES:g}", "around": FROM_HOME if home else FROM_HOSPITAL}


def _new_page(request: Asked, stay: Subject, given: FormFields, refused: Refused | None = None) -> Response[bytes]:
    """The needs and the list that they give now. A home whose ZIP code has no place is measured from the hospital."""
    ask, form = read_form(MakeList, given)
    form.id = "need"
    shown = None
    length = ""
    if refused is not None:
        form.refuse(refused)
    if ask is not None:
        try:
            with reading(the_viewer(request)) as db:
                made = commands.draft(db, stay, ask)
            shown = showing.list_context(made.shown) | {"known_around": made.known_around}
            rules.check_length(len(made.shown.vendors), whole=made.whole)
        except Refused as fault:
            length = fault.sentence
            form.refuse(fault) if shown is None else None
    form.given |= {"can": " ".join(given.all("can")), "without": " ".join(given.all("without"))}
    pairs = [(name, value) for name in given for value in given.all(name) if name in MakeList.model_fields]
    context = {
        "stay_id": str(stay.encounter_id), "form": form, "shown": shown, "too_long": length,
        "kept": [{"name": name, "value": value} for name, value in pairs if name != "without"],
        "types": choices(TYPES), "capabilities": choices(list(Capability)), "orders": choices(list(Order)),
        "places": [{"value": FROM_HOME, "label": "home"}, {"value": FROM_HOSPITAL, "label": "the hospital"}],
        "again": "?" + urlencode(pairs),
    }  # fmt: skip
    part = Part("referrals", "discharge/choice/_new.html", context, 422 if form.errors else 200)
    return stay_page(request, stay.encounter_id, part)


@post("/encounters/{stay_id:uuid}/choice-lists", permission=WRITE, sync_to_thread=True)
def make_list(request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Make the list, exactly as it is shown."""
    viewer = the_viewer(request)
    with reading(viewer) as db:
        stay = subject(db, stay_id)
    ask, _state = read_form(MakeList, form)
    if ask is None:
        return _new_page(request, stay, form)
    try:
        with begin(viewer) as work:
            made = commands.make_list(work, stay_id, ask)
    except Refused as refused:
        return _new_page(request, stay, form, refused)
    count = len(made.content["vendors"])
    undo = Undo(f"/choice-lists/{made.id}/reversal")
    flash = Flash(f"The list of {count} is made: print it, share it, then record the answer.", undo=undo)
    return see_other(request, _tab(stay.encounter_id), flash)


@post("/choice-lists/{list_id:uuid}/reversal", permission=WRITE, sync_to_thread=True)
def undo_list(request: Asked, list_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Take a list back that was just made."""
    return _withdraw(request, list_id, StrikeOut(reason="Taken back right after it was made"))


@post("/choice-lists/{list_id:uuid}/end", permission=WRITE, sync_to_thread=True)
def end_list(request: Asked, list_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Strike a list out, with the reason."""
    ask, state = read_form(StrikeOut, form)
    if ask is None:
        state.id = f"w{list_id}"
        return choice_page(request, _stay_of(request, list_id), state)
    return _withdraw(request, list_id, ask)


def _withdraw(request: Asked, list_id: uuid.UUID, ask: StrikeOut) -> Response[bytes]:
    stay_id = _stay_of(request, list_id)
    with begin(the_viewer(request)) as work:
        commands.withdraw_list(work, list_id, ask)
    return see_other(request, _tab(stay_id), Flash("The list counts no more; it stays readable.", "blue"))


def _stay_of(request: Asked, list_id: uuid.UUID) -> uuid.UUID:
    with reading(the_viewer(request)) as db:
        return subject(db, queries.list_of(db, list_id).encounter_id).encounter_id


@get("/choice-lists/{list_id:uuid}/choices/new", permission=WRITE, sync_to_thread=True)
def show_answer(request: Asked, list_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """The form for the answer; what a family marked through a link stands in it already."""
    usual = {"outcome": "chosen", "given_to": "patient", "given_how": "paper", "evidence": "paper"}
    with reading(the_viewer(request)) as db:
        one = queries.list_of(db, list_id)
        wish = next((mark for mark in queries.marks(db, [one.encounter_id]) if mark.list_id == list_id), None)
    if wish is not None:
        named = zip(("first", "second", "third"), wish.vendors, strict=False)
        usual |= {"given_how": "link", **{name: str(key) for name, key in named}}
    return _answer_page(request, list_id, FormState(given=usual, id="answer"), None)


def _answer_page(request: Asked, list_id: uuid.UUID, form: FormState, amends: uuid.UUID | None) -> Response[bytes]:
    with reading(the_viewer(request)) as db:
        one = queries.list_of(db, list_id)
        stay = subject(db, one.encounter_id)
        person = queries.paying(db, stay.encounter_id)
    form.given.setdefault("language", person.language)
    vendors = [
        {"value": str(vendor.vendor_id), "label": vendor.name + (" (financial interest)" if vendor.interest else "")}
        for vendor in one.content.vendors
    ]
    context = {
        "stay_id": str(stay.encounter_id), "form": form, "list": showing.list_context(one.content),
        "vendors": [{"value": "", "label": "nobody"}, *vendors], "amends": str(amends or ""),
        "action": f"/choices/{amends}/versions" if amends else f"/choice-lists/{list_id}/choices",
        "outcomes": choices(list(ChoiceOutcome)), "recipients": choices(list(GivenTo)),
        "ways": choices(list(GivenHow)), "evidences": choices(list(Evidence)),
    }  # fmt: skip
    part = Part("referrals", "discharge/choice/_answer.html", context, 422 if form.errors else 200)
    return stay_page(request, stay.encounter_id, part)


@post("/choice-lists/{list_id:uuid}/choices", permission=WRITE, sync_to_thread=True)
def record(request: Asked, list_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Record the answer."""
    stay_id = _stay_of(request, list_id)
    ask, state = read_form(RecordChoice, form)
    state.id = "answer"
    if ask is not None:
        try:
            with begin(the_viewer(request)) as work:
                made = commands.record_choice(work, list_id, ask)
            flash = Flash("The answer is recorded.", undo=Undo(f"/choices/{made.choice_id}/reversal"))
            return see_other(request, _tab(stay_id), flash)
        except Refused as refused:
            state.refuse(refused)
    return _answer_page(request, list_id, state, None)


@get("/choices/{choice_id:uuid}/amendment", permission=WRITE, sync_to_thread=True)
def show_amendment(request: Asked, choice_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """The form with what is recorded."""
    with reading(the_viewer(request)) as db:
        one = queries.version(db, choice_id)
        stay = subject(db, one.encounter_id)
    texts = ("outcome", "given_to", "recipient_name", "relation", "given_how", "language", "interpreter", "evidence",
             "drawing", "witness_name", "said")  # fmt: skip
    local = one.chosen_at.astimezone(stay.zone)
    given = {name: str(getattr(one, name)) for name in texts}
    given |= {"on": local.date().isoformat(), "at": f"{local:%H:%M}", "disclosed": "on" if one.disclosed else ""}
    given |= {name: str(key) for name, key in zip(("first", "second", "third"), one.vendors, strict=False)}
    return _answer_page(request, one.list_id, FormState(given=given, id="answer"), choice_id)


@post("/choices/{choice_id:uuid}/versions", permission=WRITE, sync_to_thread=True)
def amend(request: Asked, choice_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Correct an answer, with the reason."""
    with reading(the_viewer(request)) as db:
        one = queries.version(db, choice_id)
        stay_id = subject(db, one.encounter_id).encounter_id
    ask, state = read_form(AmendChoice, form)
    state.id = "answer"
    if ask is not None:
        try:
            with begin(the_viewer(request)) as work:
                commands.amend_choice(work, choice_id, ask)
            return see_other(
                request, _tab(stay_id), Flash("The answer is corrected; the earlier version stays readable.")
            )
        except Refused as refused:
            if refused.field is None:
                raise
            state.refuse(refused)
    return _answer_page(request, one.list_id, state, choice_id)


@post("/choices/{choice_id:uuid}/reversal", permission=WRITE, sync_to_thread=True)
def undo(request: Asked, choice_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Take back an answer that was just recorded."""
    return _strike(request, choice_id, StrikeOut(reason="Taken back right after it was recorded"))


@post("/choices/{choice_id:uuid}/end", permission=WRITE, sync_to_thread=True)
def strike(request: Asked, choice_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Strike an answer out, with the reason."""
    ask, state = read_form(StrikeOut, form)
    if ask is None:
        with reading(the_viewer(request)) as db:
            stay_id = queries.version(db, choice_id).encounter_id
        state.id = f"s{choice_id}"
        return choice_page(request, stay_id, state)
    return _strike(request, choice_id, ask)


def _strike(request: Asked, choice_id: uuid.UUID, ask: StrikeOut) -> Response[bytes]:
    with begin(the_viewer(request)) as work:
        stay_id = commands.strike_choice(work, choice_id, ask)
    return see_other(request, _tab(stay_id), Flash("The answer is struck out; the list waits again.", "blue"))


@post("/choice-lists/{list_id:uuid}/links", permission=WRITE, sync_to_thread=True)
def share(request: Asked, list_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Make a link to a list and show it once: it is kept nowhere."""
    stay_id = _stay_of(request, list_id)
    with begin(the_viewer(request)) as work:
        _row, key = links.make_link(work, list_id)
    address = request.app.state.settings.public_url or f"{request.base_url}".rstrip("/")
    return choice_page(request, stay_id, link=f"{address}/choice/{key}")


@post("/choice-lists/{list_id:uuid}/links/end", permission=WRITE, sync_to_thread=True)
def end_links(request: Asked, list_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Close every link of a list."""
    stay_id = _stay_of(request, list_id)
    with begin(the_viewer(request)) as work:
        count = links.revoke_links(work, list_id)
    return see_other(request, _tab(stay_id), Flash(f"{count} closed: nobody gets in by it any more."))


ROUTES = [
    show_choice, show_new, make_list, undo_list, end_list, show_answer, record, show_amendment, amend, undo, strike,
    share, end_links,
]  # fmt: skip
