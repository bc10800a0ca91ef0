"""Messages to the attending of a stay: asking, answering signed in, recording what was told, links."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from litestar import Request, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response
from pydantic import BaseModel

from app.advisor.messages import commands
from app.advisor.messages.commands import NO_MESSAGE, AskAttending, EndReply, Reply, ToldReply
from app.advisor.stay.pages import questions_page
from app.kernel.refusal import NotFound, Refused
from app.platform.work import Work, begin, reading
from app.security.permissions import Permission
from app.web.forms import FormFields, read_form
from app.web.frame import Flash
from app.web.render import see_other, the_viewer

Asked = Request[Any, Any, Any]
ASK = Permission.ESCALATE


@dataclass(frozen=True, slots=True)
class _Deed:
    """A form, what it is read as, how its fields are told from those of others, and what is said when it is done."""

    form: FormFields
    shape: type[BaseModel]
    prefix: str
    text: str


def _carry_out(
    request: Asked, message_id: uuid.UUID, deed: _Deed, command: Callable[[Work, uuid.UUID, Any], Any]
) -> Response[bytes]:
    stay_id = _stay_of(request, message_id)
    ask, state = read_form(deed.shape, deed.form)
    state.id = f"{deed.prefix}{message_id}"
    if ask is not None:
        try:
            with begin(the_viewer(request)) as work:
                command(work, message_id, ask)
            return see_other(request, _tab(stay_id), Flash(deed.text))
        except Refused as refused:
            if refused.field is None:
                raise
            state.refuse(refused)
    return questions_page(request, stay_id, state)


def _tab(stay_id: uuid.UUID) -> str:
    return f"/encounters/{stay_id}/escalations"


def _stay_of(request: Asked, message_id: uuid.UUID) -> uuid.UUID:
    with reading(the_viewer(request)) as db:
        found: uuid.UUID | None = db.value("select encounter_id from attending_message where id = %s", (message_id,))
    if found is None:
        raise NotFound(NO_MESSAGE)
    return found


@post("/encounters/{stay_id:uuid}/attending-messages", permission=ASK, sync_to_thread=True)
def ask(request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Put a question to the attending physician."""
    asked, state = read_form(AskAttending, form)
    state.id = "m"
    if asked is None:
        return questions_page(request, stay_id, state)
    try:
        with begin(the_viewer(request)) as work:
            commands.ask_attending(work, stay_id, asked)
    except Refused as refused:
        if refused.field is None:
            raise
        return questions_page(request, stay_id, state.refuse(refused))
    return see_other(request, _tab(stay_id), Flash("The attending is asked. Make a link, or call."))


@post(
    "/attending-messages/{attending_message_id:uuid}/replies",
    permission=Permission.ATTENDING_ANSWER,
    sync_to_thread=True,
)
def reply(
    request: Asked, attending_message_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]
) -> Response[bytes]:
    """The attending who is signed in answers."""
    deed = _Deed(form, Reply, "r", "Your answer is recorded.")
    return _carry_out(request, attending_message_id, deed, commands.reply_signed_in)


@post("/attending-messages/{attending_message_id:uuid}/told", permission=ASK, sync_to_thread=True)
def record(
    request: Asked, attending_message_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]
) -> Response[bytes]:
    """Record what the attending told by telephone."""
    deed = _Deed(form, ToldReply, "p", "The answer is recorded as told by telephone.")
    return _carry_out(request, attending_message_id, deed, commands.record_reply)


@post("/attending-messages/{attending_message_id:uuid}/strike-out", permission=ASK, sync_to_thread=True)
def strike(
    request: Asked, attending_message_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]
) -> Response[bytes]:
    """Strike an answer out; the message waits again."""
    deed = _Deed(form, EndReply, "e", "The answer is struck out; the message waits again.")
    return _carry_out(request, attending_message_id, deed, commands.strike_reply)


@post("/attending-messages/{attending_message_id:uuid}/withdrawal", permission=ASK, sync_to_thread=True)
def withdraw(
    request: Asked, attending_message_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]
) -> Response[bytes]:
    """Say that no answer is needed any more."""
    stay_id = _stay_of(request, attending_message_id)
    with begin(the_viewer(request)) as work:
        commands.withdraw_message(work, attending_message_id)
    return see_other(request, _tab(stay_id), Flash("The message is withdrawn."))


@post("/attending-messages/{attending_message_id:uuid}/links", permission=ASK, sync_to_thread=True)
def make_link(
    request: Asked, attending_message_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]
) -> Response[bytes]:
    """Make a link to this one message and show it once: it is kept nowhere."""
    stay_id = _stay_of(request, attending_message_id)
    with begin(the_viewer(request)) as work:
        made, key = commands.make_link(work, attending_message_id)
    address = f"{request.base_url}".rstrip("/") + f"/answer/{key}"
    return questions_page(request, stay_id, link={"message_id": str(made.message_id), "address": address})


@post("/attending-messages/{attending_message_id:uuid}/links/end", permission=ASK, sync_to_thread=True)
def end_links(
    request: Asked, attending_message_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]
) -> Response[bytes]:
    """Close every link of a message."""
    stay_id = _stay_of(request, attending_message_id)
    with begin(the_viewer(request)) as work:
        count = commands.revoke_links(work, attending_message_id)
    return see_other(request, _tab(stay_id), Flash(f"{count} closed: nobody gets in by it any more."))


ROUTES = [ask, reply, record, strike, withdraw, make_link, end_links]
