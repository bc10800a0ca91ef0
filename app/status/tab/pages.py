"""The tab “Status” of a stay, and everything that is recorded on it."""

import uuid
from collections.abc import Callable
from typing import Any

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Response
from pydantic import BaseModel

from app.kernel.refusal import NotFound, Refused
from app.platform.work import Work, begin, reading
from app.security.permissions import Permission
from app.status import forms
from app.status.changing import commands as changing
from app.status.determining import commands as determining
from app.status.models import CareTeamEntry, ClaimStatement, Consult, DeterminationNotice, Opinion
from app.status.tab import showing
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash
from app.web.past.reading import reading_then
from app.web.render import see_other, the_viewer
from app.web.stay import Part, stay_page

Asked = Request[Any, Any, Any]
WORK, DETERMINE = Permission.STATUS_WORK, Permission.DETERMINE
TAB = "status/_status.html"


@get("/encounters/{stay_id:uuid}/status", permission=Permission.STAY_SEE, sync_to_thread=True)
def show_status(
    request: Asked, stay_id: FromPath[uuid.UUID], question: FromQuery[str] = "", review: FromQuery[str] = ""
) -> Response[bytes]:
    """Midnights, paths, determinations. `question` and `review` are what an answered question led to: they are filled
    in where the committee is asked."""
    asked = {"question": question[:40], "review_id": review[:40]}
    return _page(request, stay_id, FormState(given=asked, id="open") if question or review else None, 200)


def _page(request: Asked, stay_id: uuid.UUID, state: FormState | None, status: int) -> Response[bytes]:
    """The tab, with the form that is filled in, or could not be carried out, if any."""
    with reading_then(request, stay_id) as db:
        context = showing.tab(db, the_viewer(request), stay_id)
    context["form"] = state or FormState(id="none")
    return stay_page(request, stay_id, Part("status", TAB, context, status))


def _do(
    request: Asked,
    stay_id: uuid.UUID,
    asked: tuple[FormFields, type[BaseModel], str],
    command: Callable[[Work, Any], Any],
    said: str,
) -> Response[bytes]:
    """Carry a form out, or show it again with what is wrong. The second part of `asked` names the form on the page."""
    form, shape, name = asked
    ask, state = read_form(shape, form)
    state.id = name
    if ask is not None:
        try:
            with begin(the_viewer(request)) as work:
                command(work, ask)
            return see_other(request, f"/encounters/{stay_id}/status", Flash(said))
        except Refused as refused:
            state.refuse(refused)
    return _page(request, stay_id, state, 422)


# --- on the stay -----------------------------------------------------------------------------------------------------


@post("/encounters/{stay_id:uuid}/expectation", permission=WORK, sync_to_thread=True)
def write_expectation(
    request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]
) -> Response[bytes]:
    """Record what the physician documented of the stay to be expected."""
    asked = (form, forms.WriteExpectation, "expect")
    return _do(request, stay_id, asked, lambda work, ask: changing.write_expectation(work, stay_id, ask),
               "The expectation is recorded.")  # fmt: skip


@post("/encounters/{stay_id:uuid}/care-team", permission=WORK, sync_to_thread=True)
def name_team(request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Record that somebody takes part in the care."""
    asked = (form, forms.NameTeam, "team")
    return _do(request, stay_id, asked, lambda work, ask: changing.name_team(work, stay_id, ask),
               "Recorded as part of the care team.")  # fmt: skip


@post("/encounters/{stay_id:uuid}/claim-statements", permission=WORK, sync_to_thread=True)
def say_claim(request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Record what is said of the claim."""
    asked = (form, forms.SayClaim, "claim")
    return _do(request, stay_id, asked, lambda work, ask: changing.say_claim(work, stay_id, ask),
               "The statement is recorded.")  # fmt: skip


@post("/encounters/{stay_id:uuid}/determinations", permission=WORK, sync_to_thread=True)
def ask_committee(request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Ask the committee."""
    asked = (form, forms.OpenDetermination, "open")
    return _do(request, stay_id, asked, lambda work, ask: determining.open_determination(work, stay_id, ask),
               "The committee is asked. Hear the responsible practitioner next.")  # fmt: skip


@post("/encounters/{stay_id:uuid}/status-changes", permission=WORK, sync_to_thread=True)
def begin_change(request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Work towards a change of status."""
    asked = (form, forms.BeginChange, f"begin-{form.get('kind', '')}")
    return _do(request, stay_id, asked, lambda work, ask: changing.begin_change(work, stay_id, ask),
               "The change is open.")  # fmt: skip


# --- on a determination ----------------------------------------------------------------------------------------------


def _on_case(
    request: Asked,
    determination_id: uuid.UUID,
    asked: tuple[FormFields, type[BaseModel], str],
    command: Callable[[Work, uuid.UUID, Any], Any],
    said: str,
) -> Response[bytes]:
    stay_id = _stay_of(request, "determination", "determination_id", determination_id)
    form, shape, name = asked
    named = (form, shape, f"{name}{determination_id}")
    return _do(request, stay_id, named, lambda work, ask: command(work, determination_id, ask), said)


@post("/determinations/{determination_id:uuid}/consultations", permission=WORK, sync_to_thread=True)
def consult(
    request: Asked, determination_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]
) -> Response[bytes]:
    """Record an attempt to hear a practitioner."""
    asked = (form, forms.LogConsult, "c")
    return _on_case(request, determination_id, asked, determining.log_consult, "The attempt is recorded.")


@post("/determinations/{determination_id:uuid}/opinions", permission=DETERMINE, sync_to_thread=True)
def opine(request: Asked, determination_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Give an opinion as a member of the committee."""
    asked = (form, forms.GiveOpinion, "o")
    return _on_case(request, determination_id, asked, determining.give_opinion, "Your opinion is recorded.")


@post("/determinations/{determination_id:uuid}/finding", permission=DETERMINE, sync_to_thread=True)
def find(request: Asked, determination_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Determine."""
    asked = (form, forms.Determine, "f")
    return _on_case(request, determination_id, asked, determining.determine, "Determined.")


@post("/determinations/{determination_id:uuid}/notices", permission=WORK, sync_to_thread=True)
def tell(request: Asked, determination_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Record a written notice."""
    asked = (form, forms.Tell, "n")
    return _on_case(request, determination_id, asked, determining.tell, "The notice is recorded.")


@post("/determinations/{determination_id:uuid}/closing", permission=WORK, sync_to_thread=True)
def close(request: Asked, determination_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Close a determination."""
    asked = (form, forms.Close, "x")
    return _on_case(request, determination_id, asked, determining.close, "The determination is closed.")


@post("/determinations/{determination_id:uuid}/amendment", permission=DETERMINE, sync_to_thread=True)
def amend(request: Asked, determination_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Correct the rationale."""
    asked = (form, forms.AmendDetermination, "a")
    return _on_case(request, determination_id, asked, determining.amend, "The rationale is amended.")


@post("/determinations/{determination_id:uuid}/withdrawal", permission=WORK, sync_to_thread=True)
def withdraw(
    request: Asked, determination_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]
) -> Response[bytes]:
    """End an open determination without a finding."""
    asked = (form, forms.Say, "w")
    return _on_case(request, determination_id, asked, determining.withdraw, "The question is withdrawn.")


@post("/determinations/{determination_id:uuid}/strike-out", permission=DETERMINE, sync_to_thread=True)
def strike(request: Asked, determination_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Strike a determination out."""
    asked = (form, forms.Say, "s")
    return _on_case(request, determination_id, asked, determining.strike_out, "The determination is struck out.")


# --- on a change, and on single records ------------------------------------------------------------------------------


@post("/status-changes/{change_id:uuid}/completion", permission=WORK, sync_to_thread=True)
def complete(request: Asked, change_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Complete a change of status."""
    stay_id = _stay_of(request, "status_change", "change_id", change_id)
    asked = (form, forms.CompleteChange, f"k{change_id}")
    return _do(request, stay_id, asked, lambda work, ask: changing.complete_change(work, change_id, ask),
               "Completed. Registration is asked to send the new class.")  # fmt: skip


@post("/status-changes/{change_id:uuid}/withdrawal", permission=WORK, sync_to_thread=True)
def withdraw_change(
    request: Asked, change_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]
) -> Response[bytes]:
    """Give a change up."""
    stay_id = _stay_of(request, "status_change", "change_id", change_id)
    asked = (form, forms.Say, f"d{change_id}")
    return _do(request, stay_id, asked, lambda work, ask: changing.withdraw_change(work, change_id, ask),
               "The change is withdrawn.")  # fmt: skip


@post("/status-changes/{change_id:uuid}/strike-out", permission=WORK, sync_to_thread=True)
def strike_change(request: Asked, change_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Say that completing a change was a mistake."""
    stay_id = _stay_of(request, "status_change", "change_id", change_id)
    asked = (form, forms.Say, f"z{change_id}")
    return _do(request, stay_id, asked, lambda work, ask: changing.strike_change(work, change_id, ask),
               "The change is struck out.")  # fmt: skip


_OF_CASES: dict[str, type[Consult | Opinion | DeterminationNotice]] = {
    "determination_consult": Consult, "determination_opinion": Opinion, "determination_notice": DeterminationNotice,
}  # fmt: skip
_OF_STAYS: dict[str, type[CareTeamEntry | ClaimStatement]] = {
    "care_team_entry": CareTeamEntry, "claim_statement": ClaimStatement,
}  # fmt: skip


@post("/status-records/{record_id:uuid}/strike-out", permission=WORK, sync_to_thread=True)
def strike_record(request: Asked, record_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Strike out an attempt, an opinion, a notice, an entry of the care team, or a statement about the claim."""
    table = form.get("record", "")
    if table not in _OF_CASES and table not in _OF_STAYS:
        raise NotFound(determining.NO_RECORD)
    stay_id = _stay_of(request, table, "id", record_id)

    def carry_out(work: Work, ask: forms.Say) -> None:
        if table in _OF_CASES:
            determining.strike_record(work, _OF_CASES[table], record_id, ask)
        else:
            changing.strike_record(work, _OF_STAYS[table], record_id, ask)

    return _do(request, stay_id, (form, forms.Say, f"r{record_id}"), carry_out, "It is struck out.")


def _stay_of(request: Asked, table: str, column: str, key: uuid.UUID) -> uuid.UUID:
    """The stay on which a record hangs; NotFound outside the viewer's scope. Table and column are our own words."""
    with reading(the_viewer(request)) as db:
        found: uuid.UUID | None = db.value(f"select encounter_id from {table} where {column} = %s limit 1", (key,))
    if found is None:
        raise NotFound(determining.NO_RECORD)
    return found


ROUTES = [
    show_status, write_expectation, name_team, say_claim, ask_committee, begin_change, consult, opine, find, tell,
    close, amend, withdraw, strike, complete, withdraw_change, strike_change, strike_record,
]  # fmt: skip
