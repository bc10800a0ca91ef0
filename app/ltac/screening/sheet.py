"""`/ltac/referrals/{id}`: one referral on one page: evidence, payer, decision, and the stay that it became."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response
from pydantic import BaseModel

from app.kernel.days import local_day
from app.kernel.refusal import Refused
from app.kernel.wording import day_text
from app.ltac.screening import commands, converting, queries, showing
from app.ltac.screening.forms import AmendReferral, Decide, Screen, SetPayer
from app.ltac.screening.pages import LIST, SCREEN, form_context, given_needs, subjects
from app.ltac.screening.queries import Referral
from app.ltac.screening.terms import Advice, DeclineReason, EndReason, PayerState, ReferralAction, Told
from app.platform.work import Reading, Work, begin, reading
from app.web.fields import Key, StrikeOut
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash, Undo
from app.web.render import page, see_other, the_viewer

Asked = Request[Any, Any, Any]
C = TypeVar("C", bound=BaseModel)
DONE = {
    ReferralAction.ACCEPT: "The referral is accepted. Tell the referrer.",
    ReferralAction.DECLINE: "The referral is declined. Tell the referrer.",
    ReferralAction.WITHDRAW: "The referral is recorded as taken back.",
    ReferralAction.LOSE: "The referral is recorded as lost.",
    ReferralAction.REOPEN: "The referral is open again.",
}


class LinkStay(BaseModel):
    """The stay that is the candidate's."""

    encounter_id: Key = None


@dataclass
class Forms:
    """The forms of the page; the one that was sent comes back with what is wrong in it."""

    sent: dict[str, FormState] = field(default_factory=dict)

    def form(self, name: str, given: dict[str, str] | None = None) -> FormState:
        """The form as it was sent, else as the record says it."""
        found = self.sent.get(name) or FormState(given=dict(given or {}))
        found.id = name
        return found

    @property
    def wrong(self) -> bool:
        """Whether something sent could not be kept."""
        return any(one.errors for one in self.sent.values())


@get("/ltac/referrals/{candidate_id:uuid}", permission=SCREEN, sync_to_thread=True)
def show_referral(request: Asked, candidate_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """A referral with all that is known of it."""
    return _sheet(request, candidate_id, Forms())


def _sheet(request: Asked, candidate_id: uuid.UUID, forms: Forms) -> Response[bytes]:
    with reading(the_viewer(request)) as db:
        held = queries.referral(db, candidate_id)
        zone = ZoneInfo(held.timezone)
        today = local_day(db.now, zone)
        told = queries.screened(db, [held.id]).get(held.id)
        paid = queries.authorized(db, [held.id]).get(held.id)
        likely = converting.proposals(db, held)
        sisters = converting.sisters(db, held) if held.stands.open else []
        context: dict[str, Any] = {
            "one": {"id": str(held.id), "name": showing.name_of(held), "age": showing.age_of(held, today),
                    "address": f"{LIST}/{held.id}", "from": held.from_name,
                    "stay": f"/encounters/{held.encounter_id}" if held.encounter_id else ""},
            "standing": showing.standing(held, db), "facts": showing.facts_of(held, db),
            "condition": showing.condition_of(told),
            "rate": showing.rate_card(queries.rate_of(held, told, today), told, today),
            "payer": _payer(paid, zone, db), "likely": [_likely(one, zone, db) for one in likely],
            "sisters": [_sister(one, told, today) for one in sisters],
            "history": showing.history_lines(queries.history(db, held.id), zone, db),
        }  # fmt: skip
    context |= _forms(forms, held, told, paid) | _choices()
    seen = [*subjects([held]), *(one.patient_id for one in likely), *(one.patient_id for one in sisters)]
    return page(
        request, "ltac/screening/referral.html", discloses=seen, title=f"Referral {held.serial}",
        status=422 if forms.wrong else 200, **context,
    )  # fmt: skip


def _forms(
    forms: Forms, held: Referral, told: queries.Screened | None, paid: queries.Authorized | None
) -> dict[str, Any]:
    payer = {} if paid is None else {
        "state": paid.state.value, "payer_number": paid.payer_number, "said": paid.said,
        "days": "" if paid.days is None else str(paid.days),
    }  # fmt: skip
    wanted = "" if held.wanted_on is None else held.wanted_on.isoformat()
    return {
        "screen_form": _screening(forms, told), "payer_form": forms.form("p", payer),
        "accept_form": forms.form("a", {"bed_on": wanted}), "decline_form": forms.form("d"),
        "withdraw_form": forms.form("w"), "lose_form": forms.form("l"), "reopen_form": forms.form("o"),
        "unlink_form": forms.form("u"), "strike_form": forms.form("e"), "link_form": forms.form("k"),
    }  # fmt: skip


def _screening(forms: Forms, told: queries.Screened | None) -> FormState:
    """The form of the screening. Who was told that a colleague had saved meanwhile may save over it with open eyes."""
    found = forms.form("s", showing.screening_given(told))
    said = found.errors.pop(commands.OVER, "")
    if said:
        found.errors[""] = said
    if said or commands.OVER not in found.given:
        found.given[commands.OVER] = queries.mark_of(told)
    return found


def _choices() -> dict[str, Any]:
    yes_no = [{"value": one.value, "label": one.label} for one in (Told.YES, Told.NO, Told.UNKNOWN)]
    return {
        "yes_no": yes_no, "advices": showing.choices([Advice.ACCEPT, Advice.ASK, Advice.DECLINE, Advice.NONE]),
        "payer_states": showing.choices(PayerState), "declines": showing.choices(DeclineReason, "choose a reason"),
        "ends": showing.choices(EndReason, "choose a reason"),
        "intensive": [{"value": "days", "label": "on these days"}, {"value": "none", "label": "none"},
                      {"value": "", "label": "not told"}],
    }  # fmt: skip


def _payer(paid: queries.Authorized | None, zone: ZoneInfo, db: Reading) -> str:
    if paid is None:
        return "Nobody has asked the payer yet."
    days = "" if paid.days is None else f", {paid.days} days"
    number = f" {paid.payer_number}" if paid.payer_number else ""
    said = f": {paid.said}" if paid.said else ""
    at = showing.dated_text(paid.made_at, zone, db.now)
    return f"{paid.state.label}{number}{days}{said} · {at} by {paid.made_by_name}"


def _likely(one: converting.Proposal, zone: ZoneInfo, db: Reading) -> dict[str, str]:
    return {
        "id": str(one.encounter_id), "name": f"{one.family}, {one.given}", "words": one.words(zone, db.now),
        "href": f"/encounters/{one.encounter_id}",
    }  # fmt: skip


def _sister(one: converting.Sister, told: queries.Screened | None, today: date) -> dict[str, Any]:
    same = told is not None and told.intensive == one.days and told.intensive_stay_id == one.encounter_id
    span = f"{day_text(one.days[0], today)} to {day_text(one.days[-1], today)}" if one.days else ""
    count = len(one.days)
    return {
        "id": str(one.encounter_id), "facility": one.facility, "count": count, "span": span, "taken": same,
        "days": f"{count} ICU day{'' if count == 1 else 's'}", "still": one.still,
    }  # fmt: skip


def _after(request: Asked, candidate_id: uuid.UUID, sent: tuple[str, FormState], flash: Flash) -> Response[bytes]:
    name, state = sent
    if state.errors:
        return _sheet(request, candidate_id, Forms({name: state}))
    return see_other(request, f"{LIST}/{candidate_id}", flash)


def _carry_out(request: Asked, sent: FormFields, command: type[C], deed: Callable[[Work, C], Any]) -> FormState:
    """Do what the form asks; what is wrong comes back beside its field."""
    ask, state = read_form(command, sent)
    if ask is not None:
        try:
            with begin(the_viewer(request)) as work:
                deed(work, ask)
        except Refused as refused:
            state.refuse(refused)
    return state


@post("/ltac/referrals/{candidate_id:uuid}/screening", permission=SCREEN, sync_to_thread=True)
def screen(request: Asked, candidate_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Record what is known of the candidate."""
    state = _carry_out(request, form, Screen, lambda work, ask: commands.record_screening(work, candidate_id, ask))
    return _after(request, candidate_id, ("s", state), Flash("The screening is recorded."))


@post("/ltac/referrals/{candidate_id:uuid}/intensive-days", permission=SCREEN, sync_to_thread=True)
def take_days(request: Asked, candidate_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Take the days in intensive care from the movements of a sister hospital."""

    def deed(work: Work, ask: LinkStay) -> None:
        if ask.encounter_id is None:
            raise Refused("Choose the stay.", field="encounter_id")
        one = converting.sister(work, queries.referral(work, candidate_id), ask.encounter_id)
        commands.take_intensive_days(work, candidate_id, (one.encounter_id, one.days, one.still))

    state = _carry_out(request, form, LinkStay, deed)
    return _after(request, candidate_id, ("k", state), Flash("The ICU days are taken from our own movements."))


@post("/ltac/referrals/{candidate_id:uuid}/authorization", permission=SCREEN, sync_to_thread=True)
def set_payer(request: Asked, candidate_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Record where the payer's authorization stands."""
    state = _carry_out(request, form, SetPayer, lambda work, ask: commands.set_authorization(work, candidate_id, ask))
    return _after(request, candidate_id, ("p", state), Flash("The payer's standing is recorded."))


@post("/ltac/referrals/{candidate_id:uuid}/decision", permission=SCREEN, sync_to_thread=True)
def decide(request: Asked, candidate_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Accept, decline, take back, lose, or open again."""
    names = {"accept": "a", "decline": "d", "withdraw": "w", "lose": "l", "reopen": "o"}
    state = _carry_out(request, form, Decide, lambda work, ask: commands.decide(work, candidate_id, ask))
    action = form.get("action", "")
    flash = Flash("") if state.errors else Flash(
        DONE[ReferralAction(action)], undo=Undo(f"{LIST}/{candidate_id}/reversal")
    )  # fmt: skip
    return _after(request, candidate_id, (names.get(action, "a"), state), flash)


@post("/ltac/referrals/{candidate_id:uuid}/reversal", permission=SCREEN, sync_to_thread=True)
def reverse(request: Asked, candidate_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Take the own last decision back at once."""
    with begin(the_viewer(request)) as work:
        state = commands.undo(work, candidate_id)
    return see_other(request, f"{LIST}/{candidate_id}", Flash(f"Taken back: the referral is {state.value} again."))


@post("/ltac/referrals/{candidate_id:uuid}/admission", permission=SCREEN, sync_to_thread=True)
def admit(request: Asked, candidate_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Say that a stay of this hospital is the candidate's."""

    def deed(work: Work, ask: LinkStay) -> None:
        if ask.encounter_id is None:
            raise Refused("Choose the stay.", field="encounter_id")
        converting.link(work, candidate_id, ask.encounter_id)

    state = _carry_out(request, form, LinkStay, deed)
    return _after(request, candidate_id, ("k", state), Flash("The referral is linked with the stay."))


@post("/ltac/referrals/{candidate_id:uuid}/admission/end", permission=SCREEN, sync_to_thread=True)
def release(request: Asked, candidate_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Say that the stay is not the candidate's."""
    state = _carry_out(request, form, StrikeOut, lambda work, ask: converting.unlink(work, candidate_id, ask.reason))
    return _after(request, candidate_id, ("u", state), Flash("The stay is unlinked; the referral is accepted."))


@post("/ltac/referrals/{candidate_id:uuid}/end", permission=SCREEN, sync_to_thread=True)
def strike(request: Asked, candidate_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Say that the referral was entered by mistake."""
    state = _carry_out(request, form, StrikeOut, lambda work, ask: commands.strike_out(work, candidate_id, ask))
    if state.errors:
        return _sheet(request, candidate_id, Forms({"e": state}))
    return see_other(request, LIST, Flash("The referral is struck out."))


@get("/ltac/referrals/{candidate_id:uuid}/amendment", permission=SCREEN, sync_to_thread=True)
def show_amendment(request: Asked, candidate_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """The form to correct what was written down."""
    return _amendment(request, candidate_id, None)


def _amendment(request: Asked, candidate_id: uuid.UUID, form: FormState | None) -> Response[bytes]:
    with reading(the_viewer(request)) as db:
        held = queries.referral(db, candidate_id)
        context = form_context(db, held.facility_id)
    form = form or FormState(given=showing.referral_given(held))
    form.id = "r"
    return page(
        request, "ltac/screening/amendment.html", discloses=subjects([held]),
        title=f"Referral {held.serial}, correction", form=form, address=f"{LIST}/{candidate_id}",
        status=422 if form.errors else 200, **context,
    )  # fmt: skip


@post("/ltac/referrals/{candidate_id:uuid}/amendment", permission=SCREEN, sync_to_thread=True)
def amend(request: Asked, candidate_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Correct what was written down."""
    state = given_needs(
        form, _carry_out(request, form, AmendReferral, lambda work, ask: commands.amend(work, candidate_id, ask))
    )
    if state.errors:
        return _amendment(request, candidate_id, state)
    return see_other(request, f"{LIST}/{candidate_id}", Flash("The referral is corrected."))


ROUTES = [
    show_referral, screen, take_days, set_payer, decide, reverse, admit, release, strike, show_amendment, amend,
]  # fmt: skip
