"""Issues on the tab: writing one down, its steps, opening one again."""

import uuid
from typing import Any

from litestar import Request, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from app.census.united import subject
from app.discharge.after.calls import issues
from app.discharge.after.calls.issues import MoveIssue, OpenIssue
from app.discharge.after.calls.showing import key_of
from app.discharge.after.models import FollowUpIssue
from app.discharge.after.stay.showing import follow_up_page
from app.discharge.after.terms import IssueAction
from app.discharge.after.versions import stay_of
from app.kernel.refusal import Refused
from app.platform.work import begin, reading
from app.security.permissions import Permission
from app.web.forms import FormFields, read_form
from app.web.frame import Flash, Undo
from app.web.render import see_other, the_viewer

Asked = Request[Any, Any, Any]
WRITE = Permission.FOLLOW_UP_WRITE
_DONE = {
    IssueAction.TAKE_UP: "Somebody works on it.", IssueAction.CHANGE: "It is changed.",
    IssueAction.CLOSE: "It is closed.", IssueAction.REOPEN: "It is open again.",
    IssueAction.STRIKE_OUT: "It is struck out.",
}  # fmt: skip


@post("/encounters/{stay_id:uuid}/follow-up-issues", permission=WRITE, sync_to_thread=True)
def add(request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Write something to settle down."""
    with reading(the_viewer(request)) as db:
        stay_id = subject(db, stay_id).encounter_id
    ask, state = read_form(OpenIssue, form)
    state.id = "issue"
    if ask is not None:
        try:
            with begin(the_viewer(request)) as work:
                made = issues.write_issue(work, stay_id, ask)
            said = Flash("It is on the list.", undo=Undo(f"/follow-up-issues/{made.issue_id}/reversal"))
            return see_other(request, f"/encounters/{stay_id}/follow-up#issues", said)
        except Refused as refused:
            state.refuse(refused)
    return follow_up_page(request, stay_id, state)


@post("/follow-up-issues/{issue_id:uuid}/steps", permission=WRITE, sync_to_thread=True)
def take_step(request: Asked, issue_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """A step in the life of an issue."""
    with reading(the_viewer(request)) as db:
        stay_id = subject(db, stay_of(db, FollowUpIssue, issue_id)).encounter_id
    ask, state = read_form(MoveIssue, form)
    state.id = key_of(issue_id, form.get("action", ""))
    if ask is not None:
        try:
            with begin(the_viewer(request)) as work:
                issues.move_issue(work, issue_id, ask)
            undo = Undo(f"/follow-up-issues/{issue_id}/reopening") if ask.action is IssueAction.CLOSE else None
            return see_other(request, f"/encounters/{stay_id}/follow-up#issues", Flash(_DONE[ask.action], undo=undo))
        except Refused as refused:
            if refused.field is None:
                raise
            state.refuse(refused)
    return follow_up_page(request, stay_id, state)


def _back(request: Asked, issue_id: uuid.UUID, action: IssueAction, note: str) -> Response[bytes]:
    with begin(the_viewer(request)) as work:
        made = issues.move_issue(work, issue_id, MoveIssue(action=action, note=note))
    return see_other(request, f"/encounters/{made.encounter_id}/follow-up#issues", Flash(_DONE[action], "blue"))


@post("/follow-up-issues/{issue_id:uuid}/reversal", permission=WRITE, sync_to_thread=True)
def undo(request: Asked, issue_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Take back what was written down a moment ago."""
    return _back(request, issue_id, IssueAction.STRIKE_OUT, "Taken back right after it was recorded")


@post("/follow-up-issues/{issue_id:uuid}/reopening", permission=WRITE, sync_to_thread=True)
def reopen(request: Asked, issue_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Take back that an issue is closed."""
    return _back(request, issue_id, IssueAction.REOPEN, "Closed by mistake")


ROUTES = [add, take_step, undo, reopen]
