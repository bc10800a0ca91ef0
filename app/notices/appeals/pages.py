"""Appeals on the notices of a stay: opened, taken further, a step struck out."""

import uuid
from typing import Any

from litestar import Request, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from app.census.united import subject
from app.kernel.refusal import Refused
from app.notices.appeals.commands import (
    NOT_THERE,
    AskAppeal,
    StrikeStep,
    TakeStep,
    ask_appeal,
    strike_last,
    take_step,
)
from app.notices.appeals.models import Appeal
from app.notices.pages import DELIVER, STRIKE, notices_page
from app.platform.work import begin, reading
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash
from app.web.render import see_other, the_viewer

Asked = Request[Any, Any, Any]


@post("/encounters/{stay_id:uuid}/appeals", permission=DELIVER, sync_to_thread=True)
def open_appeal(request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """The patient has asked the QIO."""
    viewer = the_viewer(request)
    with reading(viewer) as db:
        subject(db, stay_id)
    ask, state = read_form(AskAppeal, form)
    if ask is not None:
        try:
            with begin(viewer) as work:
                ask_appeal(work, stay_id, ask)
        except Refused as refused:
            state.refuse(refused)
    if state.errors:
        state.id = "appeal"
        return notices_page(request, stay_id, state)
    return _carried_out(request, stay_id, "The appeal is recorded.")


@post("/appeals/{appeal_id:uuid}/steps", permission=DELIVER, sync_to_thread=True)
def record_step(request: Asked, appeal_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Something happened in the appeal."""
    stay_id = _stay_of(request, appeal_id)
    ask, state = read_form(TakeStep, form)
    if ask is not None:
        try:
            with begin(the_viewer(request)) as work:
                take_step(work, appeal_id, ask)
        except Refused as refused:
            state.refuse(refused)
    if state.errors:
        return _again(request, stay_id, appeal_id, state)
    return _carried_out(request, stay_id, "The step is recorded.")


@post("/appeals/{appeal_id:uuid}/last-step/end", permission=STRIKE, sync_to_thread=True)
def strike_step(request: Asked, appeal_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """The last step was recorded by mistake."""
    stay_id = _stay_of(request, appeal_id)
    ask, state = read_form(StrikeStep, form)
    if ask is None:
        return _again(request, stay_id, appeal_id, state)
    with begin(the_viewer(request)) as work:
        strike_last(work, appeal_id, ask)
    return _carried_out(request, stay_id, "The step is struck out; the clocks follow.")


def _stay_of(request: Asked, appeal_id: uuid.UUID) -> uuid.UUID:
    with begin(the_viewer(request)) as work:
        return work.get(Appeal, appeal_id, NOT_THERE).encounter_id


def _again(request: Asked, stay_id: uuid.UUID, appeal_id: uuid.UUID, state: FormState) -> Response[bytes]:
    state.id = f"a{appeal_id}"
    return notices_page(request, stay_id, state)


def _carried_out(request: Asked, stay_id: uuid.UUID, text: str) -> Response[bytes]:
    return see_other(request, f"/encounters/{stay_id}/notices", Flash(text))


ROUTES = [open_appeal, record_step, strike_step]
