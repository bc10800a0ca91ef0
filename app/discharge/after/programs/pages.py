"""Hand-offs to programs of the community, on the tab Follow-up."""

import uuid
from collections.abc import Callable
from typing import Any

from litestar import Request, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response
from pydantic import BaseModel

from app.census.united import subject
from app.discharge.after.models import ProgramHandoff
from app.discharge.after.programs import commands
from app.discharge.after.programs.commands import ChooseProgram, StepProgram
from app.discharge.after.stay.showing import follow_up_page
from app.discharge.after.terms import ProgramAction
from app.discharge.after.versions import stay_of
from app.kernel.refusal import Refused
from app.platform.work import Work, begin, reading
from app.security.permissions import Permission
from app.web.forms import FormFields, read_form
from app.web.frame import Flash, Undo
from app.web.render import see_other, the_viewer

Asked = Request[Any, Any, Any]
WRITE = Permission.FOLLOW_UP_WRITE


def _do(
    request: Asked, stay_id: uuid.UUID, read: tuple[type[BaseModel], FormFields, str],
    run: Callable[[Work, Any], ProgramHandoff],
) -> Response[bytes]:  # fmt: skip
    """Carry a deed out, or show its form (class, fields, which of the page) with what is wrong beside the field."""
    kind, form, name = read
    with reading(the_viewer(request)) as db:
        stay_id = subject(db, stay_id).encounter_id
    ask, state = read_form(kind, form)
    state.id = name
    if ask is not None:
        try:
            with begin(the_viewer(request)) as work:
                made = run(work, ask)
        except Refused as refused:
            if refused.field is None:
                raise
            state.refuse(refused)
        else:
            undo = Undo(f"/program-handoffs/{made.handoff_id}/reversal") if name == "program" else None
            return see_other(request, f"/encounters/{stay_id}/follow-up#programs", Flash("It is recorded.", undo=undo))
    return follow_up_page(request, stay_id, state)


def _stay(request: Asked, program_handoff_id: uuid.UUID) -> uuid.UUID:
    with reading(the_viewer(request)) as db:
        return stay_of(db, ProgramHandoff, program_handoff_id)


@post("/encounters/{stay_id:uuid}/program-handoffs", permission=WRITE, sync_to_thread=True)
def choose(request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Choose the program that is to take over."""
    read = (ChooseProgram, form, "program")
    return _do(request, stay_id, read, lambda work, ask: commands.choose_program(work, stay_id, ask))


@post("/program-handoffs/{program_handoff_id:uuid}/amendment", permission=WRITE, sync_to_thread=True)
def amend(
    request: Asked, program_handoff_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]
) -> Response[bytes]:
    """Correct what is recorded of a hand-off."""
    read = (ChooseProgram, form, f"p{program_handoff_id}")
    return _do(request, _stay(request, program_handoff_id), read,
               lambda work, ask: commands.amend_program(work, program_handoff_id, ask))  # fmt: skip


@post("/program-handoffs/{program_handoff_id:uuid}/steps", permission=WRITE, sync_to_thread=True)
def step(request: Asked, program_handoff_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """A step of a hand-off."""
    read = (StepProgram, form, f"q{program_handoff_id}")
    return _do(request, _stay(request, program_handoff_id), read,
               lambda work, ask: commands.step_program(work, program_handoff_id, ask))  # fmt: skip


@post("/program-handoffs/{program_handoff_id:uuid}/reversal", permission=WRITE, sync_to_thread=True)
def undo(request: Asked, program_handoff_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Take back a program that was chosen a moment ago."""
    ask = StepProgram(action=ProgramAction.STRIKE_OUT, note="Taken back right after it was recorded")
    with begin(the_viewer(request)) as work:
        made = commands.step_program(work, program_handoff_id, ask)
    return see_other(request, f"/encounters/{made.encounter_id}/follow-up#programs", Flash("Taken back.", "blue"))


ROUTES = [choose, amend, step, undo]
