"""`/answer/<key>`: the attending physician answers one message without an account. It shows no more than is needed.

The key of the address is 256 random bits, of which only the digest is kept; it ends with its time, when it is closed
and when the message is answered. Who has it is taken to be the physician to whom the message was put.
"""

import uuid
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from litestar import Request, get, post
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from app.advisor.messages import commands
from app.advisor.messages.commands import Reply, digest
from app.advisor.terms import AttendingAnswer
from app.kernel.refusal import NotFound, Refused
from app.kernel.wording import moment_text
from app.platform.work import Disclosure, Scope, System, begin, disclose, everywhere, reading
from app.security.permissions import Permission
from app.security.sessions import client_address, csrf_token, new_token, visit_cookie_name
from app.web.forms import FormFields, FormState, read_form
from app.web.render import NO_PHI, page, route_name

Asked = Request[Any, Any, Any]
CLOSED = "This link is closed, used or past its time. Ask the person who sent it for a new one, or call back."


class Linked(msgspec.Struct):
    """The one message that a link reaches, and what of the stay a physician needs to know which it is."""

    link_id: uuid.UUID
    message_id: uuid.UUID
    encounter_id: uuid.UUID
    patient_id: uuid.UUID
    facility_id: int
    facility: str
    timezone: str
    question: str
    asked_by: str
    made_at: datetime
    due_at: datetime
    attending: str
    initials: str
    place: str

    @property
    def who(self) -> System:
        """The link as an actor: it sees its facility's rows, and the pages use one message of them."""
        scope = Scope(facilities=(self.facility_id,), sensitive=(self.facility_id,))
        return System(f"attending link {self.link_id}", scope)


_LINKED = """
select l.id, m.id, m.encounter_id, e.patient_id, m.facility_id, f.name, f.timezone, m.question,
  coalesce(u.display_name, ''), m.made_at, m.due_at, coalesce(nullif(m.attending_name, ''), m.attending_number),
  upper(left(p.given, 1) || left(p.family, 1)),
  concat_ws(' ', nullif(e.unit, ''), nullif(concat_ws('-', nullif(e.room, ''), nullif(e.bed, '')), ''))
from attending_link l join attending_message m on m.id = l.message_id join encounter e on e.id = m.encounter_id
  join patient p on p.id = e.patient_id join facility f on f.id = m.facility_id
  left join app_user u on u.id = m.made_by
where l.digest = %s and l.ended_at is null and l.expires_at > %s and m.ended_at is null
"""


def _linked(key: str) -> Linked:
    with reading(everywhere("attending link")) as db:
        return db.one(Linked, _LINKED, (digest(key), db.now), missing=CLOSED)


@get("/answer/{link_key:str}", permission=Permission.PUBLIC, sync_to_thread=True)
def show(request: Asked, link_key: FromPath[str]) -> Response[bytes]:
    """The message and its four answers."""
    return _page(request, link_key, FormState(id="answer"))


def _page(request: Asked, key: str, form: FormState) -> Response[bytes]:
    one = _linked(key)
    settings = request.app.state.settings
    address = client_address(request, settings)
    disclose(one.who, Disclosure(route_name(request), [one.patient_id], address, kind="link"))
    name = visit_cookie_name(settings)
    visit = request.cookies.get(name, "") or new_token()
    request.scope["csrf"] = csrf_token(visit)  # type: ignore[typeddict-unknown-key]
    zone = ZoneInfo(one.timezone)
    response = page(
        request, "advisor/messages/answer.html", discloses=NO_PHI, title="A question about your patient", form=form,
        status=422 if form.errors else 200, action=f"/answer/{key}", facility=one.facility, question=one.question,
        asked=f"{one.asked_by or 'The utilization review'}, {moment_text(one.made_at, zone, one.made_at)}",
        attending=one.attending, initials=one.initials, place=one.place or "no bed", done=False,
        answers=[{"value": answer.value, "label": answer.label} for answer in AttendingAnswer],
    )  # fmt: skip
    response.set_cookie(
        Cookie(key=name, value=visit, path="/", httponly=True, samesite="lax", secure=settings.secure_cookies)
    )
    return response


@post("/answer/{link_key:str}", permission=Permission.PUBLIC, sync_to_thread=True)
def answer(request: Asked, link_key: FromPath[str], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Record the answer; the link is closed by it."""
    one = _linked(link_key)
    ask, state = read_form(Reply, form)
    state.id = "answer"
    if ask is None:
        return _page(request, link_key, state)
    try:
        with begin(one.who) as work:
            commands.reply_through_link(work, one.message_id, ask)
    except Refused as refused:
        return _page(request, link_key, state.refuse(refused))
    except NotFound:
        raise NotFound(CLOSED) from None
    return page(
        request, "advisor/messages/answer.html", discloses=NO_PHI, title="Answer recorded", form=state, action="",
        facility=one.facility, question="", asked="", attending=one.attending, initials="", place="", done=True,
        answers=[],
    )  # fmt: skip


ROUTES = [show, answer]
