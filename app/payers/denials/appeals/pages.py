"""Steps of an appeal, from the page of its denial."""

import uuid
from typing import Any

from litestar import Request, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from app.kernel.refusal import NotFound
from app.payers.denials import queries
from app.payers.denials.appeals import commands
from app.payers.denials.appeals.forms import DecideAppeal, PrepareAppeal, SendAppeal, VerifyAppeal
from app.payers.denials.stay.pages import UNDONE, deed, read_deed
from app.payers.denials.stay.tab import WRITE
from app.platform.work import begin, reading
from app.web.fields import StrikeOut
from app.web.forms import FormFields
from app.web.frame import Flash, Undo
from app.web.render import see_other, the_viewer

Asked = Request[Any, Any, Any]


@post("/denials/{denial_id:uuid}/preparation", permission=WRITE, sync_to_thread=True)
def prepare(request: Asked, denial_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Begin to work on the appeal of the next level."""
    said = Flash("The appeal is begun.")
    return deed(request, denial_id, read_deed(PrepareAppeal, form, "p"),
                lambda work, ask: commands.prepare_appeal(work, denial_id, ask), said)  # fmt: skip


@post("/denials/{denial_id:uuid}/appeals", permission=WRITE, sync_to_thread=True)
def send(request: Asked, denial_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Record that the appeal of the next level left the house."""
    said = Flash("The appeal is recorded as sent.", undo=_undo(denial_id))
    return deed(request, denial_id, read_deed(SendAppeal, form, "s"),
                lambda work, ask: commands.send_appeal(work, denial_id, ask), said)  # fmt: skip


def _undo(denial_id: uuid.UUID) -> Undo:
    return Undo(f"/denials/{denial_id}/appeals/reversal")


@post("/denials/{denial_id:uuid}/appeals/reversal", permission=WRITE, sync_to_thread=True)
def undo_step(request: Asked, denial_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Take back the step of an appeal that was recorded a moment ago."""
    with begin(the_viewer(request)) as work:
        found = queries.appeals(work, [denial_id])
        if not found:
            raise NotFound(queries.NOT_THERE)
        commands.take_back(work, max(found, key=lambda one: one.made_at).appeal_id, UNDONE)
    return see_other(request, f"/denials/{denial_id}", Flash("The last step is taken back.", "blue"))


def _denial_of(request: Asked, appeal_id: uuid.UUID) -> uuid.UUID:
    with reading(the_viewer(request)) as db:
        return queries.appeal(db, appeal_id).denial_id


@post("/denial-appeals/{denial_appeal_id:uuid}/verification", permission=WRITE, sync_to_thread=True)
def verify(request: Asked, denial_appeal_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Record that it arrived."""
    denial_id = _denial_of(request, denial_appeal_id)
    said = Flash("That the appeal arrived is recorded.", undo=_undo(denial_id))
    return deed(request, denial_id, read_deed(VerifyAppeal, form, f"v{denial_appeal_id}"),
                lambda work, ask: commands.verify_appeal(work, denial_appeal_id, ask), said)  # fmt: skip


@post("/denial-appeals/{denial_appeal_id:uuid}/decision", permission=WRITE, sync_to_thread=True)
def decide(request: Asked, denial_appeal_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Record how it was decided."""
    denial_id = _denial_of(request, denial_appeal_id)
    said = Flash("The decision is recorded.", undo=_undo(denial_id))
    return deed(request, denial_id, read_deed(DecideAppeal, form, f"x{denial_appeal_id}"),
                lambda work, ask: commands.decide_appeal(work, denial_appeal_id, ask), said)  # fmt: skip


@post("/denial-appeals/{denial_appeal_id:uuid}/withdrawal", permission=WRITE, sync_to_thread=True)
def withdraw(
    request: Asked, denial_appeal_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]
) -> Response[bytes]:
    """Record that it was withdrawn, with the reason."""
    denial_id = _denial_of(request, denial_appeal_id)
    said = Flash("The appeal is withdrawn.", undo=_undo(denial_id))
    return deed(request, denial_id, read_deed(StrikeOut, form, f"w{denial_appeal_id}"),
                lambda work, ask: commands.withdraw_appeal(work, denial_appeal_id, ask), said)  # fmt: skip


@post("/denial-appeals/{denial_appeal_id:uuid}/reversal", permission=WRITE, sync_to_thread=True)
def take_back(
    request: Asked, denial_appeal_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]
) -> Response[bytes]:
    """Take back its last step."""
    return deed(request, _denial_of(request, denial_appeal_id), read_deed(StrikeOut, form, f"b{denial_appeal_id}"),
                lambda work, ask: commands.take_back(work, denial_appeal_id, ask),
                Flash("The last step is taken back.", "blue"))  # fmt: skip


@post("/denial-appeals/{denial_appeal_id:uuid}/end", permission=WRITE, sync_to_thread=True)
def strike(request: Asked, denial_appeal_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Strike out an appeal that was only begun."""
    denial_id = _denial_of(request, denial_appeal_id)
    with begin(the_viewer(request)) as work:
        commands.strike_appeal(work, denial_appeal_id, UNDONE)
    return see_other(request, f"/denials/{denial_id}", Flash("The appeal is struck out.", "blue"))


ROUTES = [prepare, send, undo_step, verify, decide, withdraw, take_back, strike]
