"""`/avoidable-days/drafts`: everything that waits in a facility, with its evidence; one key confirms and goes on."""

import uuid
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Response

from app.avoidable_days import showing
from app.avoidable_days.drafts import commands, queries
from app.avoidable_days.drafts.commands import RejectDraft
from app.avoidable_days.drafts.queries import Waiting
from app.avoidable_days.reasons.queries import dictionary
from app.avoidable_days.stay import reject_reasons
from app.avoidable_days.terms import DraftRule, Phase
from app.kernel.days import local_day
from app.kernel.refusal import NotFound, Refused
from app.kernel.wording import day_text
from app.platform.work import Reading, begin, reading
from app.security.permissions import Permission
from app.security.viewer import Place
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash, Undo
from app.web.render import local_address, page, see_other, the_viewer, wants_piece

Asked = Request[Any, Any, Any]
RECORD = Permission.AVOIDABLE_DAY_RECORD
PAGE = "/avoidable-days/drafts"
MOST = 60
"""Drafts of one page; the rest follows when these are answered."""


class _Answered:
    """What was said to the person a moment ago, and where the hand is to go."""

    def __init__(self, text: str = "", undo: str = "", tone: str = "green", status: int = 200) -> None:
        self.text, self.undo, self.tone, self.status = text, undo, tone, status
        self.goes_to = ""


@get(PAGE, permission=RECORD, sync_to_thread=True)
def show_drafts(
    request: Asked, unit: FromQuery[str] = "", whose: FromQuery[str] = "", at: FromQuery[str] = ""
) -> Response[bytes]:
    """What waits: of the whole facility, of one unit, or of one's own stays; `at` is the draft that takes the focus."""
    said = _Answered()
    said.goes_to = at
    return _page(request, _Narrowed(unit, whose), said)


class _Narrowed:
    """Whose drafts are shown."""

    def __init__(self, unit: str, whose: str) -> None:
        self.unit, self.mine = unit, whose == "mine"

    @property
    def address(self) -> str:
        """The page with the same narrowing."""
        said = {"unit": self.unit, "whose": "mine" if self.mine else ""}
        parts = urlencode({name: value for name, value in said.items() if value})
        return f"{PAGE}?{parts}" if parts else PAGE


def _narrowed(form: FormFields) -> _Narrowed:
    return _Narrowed(form.get("unit", ""), form.get("whose", ""))


def _place(request: Asked) -> Place:
    place = the_viewer(request).place
    if place is None:
        raise NotFound("You work in no facility yet. Ask an administrator for a role.")
    return place


def _page(request: Asked, narrow: _Narrowed, said: _Answered) -> Response[bytes]:
    viewer, place = the_viewer(request), _place(request)
    with reading(viewer.acting(RECORD)) as db:
        found = _waiting(request, db, narrow)
        context = _list(db, place, found[:MOST])
        units = db.rows(
            lambda code, name: {"value": code, "label": name or code},
            "select code, name from unit where facility_id = %s order by name, code",
            (place.id,),
        )
    keys = [str(one.id) for one in found]
    first = said.goes_to if said.goes_to in keys else (keys[0] if keys and (said.text or said.goes_to) else "")
    return page(
        request, "avoidable_days/drafts/drafts.html", fragment="avoidable_days/drafts/_drafts.html",
        discloses=list({one.patient_id: None for one in found[:MOST]}), title="Drafts of avoidable days",
        status=said.status, count=len(found), later=max(0, len(found) - MOST), units=units, unit=narrow.unit,
        whose="mine" if narrow.mine else "", focus=first, said=said, live=True, reject_reasons=reject_reasons(),
        address=narrow.address, **context,
    )  # fmt: skip


def _waiting(request: Asked, db: Reading, narrow: _Narrowed) -> list[Waiting]:
    viewer = the_viewer(request)
    return queries.waiting(db, _place(request).id, unit=narrow.unit, mine=viewer.user_id if narrow.mine else None)


def _list(db: Reading, place: Place, found: list[Waiting]) -> dict[str, Any]:
    """Drafts together by stay, with the labels of today's dictionary."""
    today = local_day(db.now, ZoneInfo(place.timezone))
    words = dictionary(db, place.id, today)
    stays: dict[uuid.UUID, dict[str, Any]] = {}
    for one in found:
        own = stays.setdefault(
            one.encounter_id,
            {"id": str(one.encounter_id), "name": one.patient, "place": one.place, "owner": one.owner, "drafts": []},
        )
        own["drafts"].append(
            {
                "id": str(one.id), "stay_id": str(one.encounter_id), "day": day_text(one.day, today),
                "iso": one.day.isoformat(), "code": one.code, "label": showing.reason_text(one.code, words),
                "party": showing.answering(one.code, one.party_kind, one.party, words), "phase": Phase(one.phase).label,
                "rule": one.rule, "rule_label": DraftRule(one.rule).label, "evidence": one.evidence,
            }
        )  # fmt: skip
    return {"stays": list(stays.values())}


@post(f"{PAGE}/{{proposal_id:uuid}}/confirmation", permission=RECORD, sync_to_thread=True)
def confirm(request: Asked, proposal_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Confirm one draft and go on to the next."""
    viewer = the_viewer(request)
    after = _next_of(request, form, proposal_id)
    try:
        with begin(viewer) as work:
            made = commands.confirm_draft(work, proposal_id)
            text = f"Confirmed: {made.code} for {day_text(made.day, made.day)}."
    except Refused as refused:
        return _said(request, form, _Answered(refused.sentence, tone="amber", status=409), after)
    return _said(request, form, _Answered(text, f"/avoidable-days/entry-versions/{made.id}/reversal"), after)


def _next_of(request: Asked, form: FormFields, draft_id: uuid.UUID) -> str:
    """The draft that follows in the list, else the one before."""
    with reading(the_viewer(request).acting(RECORD)) as db:
        queries.draft(db, draft_id)
        keys = [one.id for one in _waiting(request, db, _narrowed(form))]
    if draft_id not in keys:
        return ""
    place = keys.index(draft_id)
    rest = keys[place + 1 :] or keys[:place][-1:]
    return str(rest[0]) if rest else ""


def _said(request: Asked, form: FormFields, said: _Answered, after: str) -> Response[bytes]:
    """The list again for htmx; else back to where the form stood."""
    narrow = _narrowed(form)
    said.goes_to = after
    if wants_piece(request):
        return _page(request, narrow, said)
    back = local_address(form.get("back", ""), "")
    if not back:
        back = f"{narrow.address}{'&' if '?' in narrow.address else '?'}at={after}" if after else narrow.address
    tone = "blue" if said.tone == "green" and not said.undo else said.tone
    return see_other(request, back, Flash(said.text, tone, undo=Undo(said.undo) if said.undo else None))


@post(f"{PAGE}/confirmations", permission=RECORD, sync_to_thread=True)
def confirm_many(request: Asked, form: NamedDependency[FormFields]) -> Response[bytes]:
    """Confirm all that are ticked."""
    keys = [uuid.UUID(text) for text in form.all("draft") if _is_key(text)]
    if not keys:
        return _said(
            request, form, _Answered("Tick the drafts that you want to confirm.", tone="amber", status=422), ""
        )
    try:
        with begin(the_viewer(request)) as work:
            made, gone = commands.confirm_drafts(work, keys)
    except Refused as refused:
        return _said(request, form, _Answered(refused.sentence, tone="amber", status=409), "")
    text = f"{showing.days_text(sum(one.amount for one in made))} confirmed."
    if gone:
        text += f" {gone} did not wait any more."
    return _said(request, form, _Answered(text), "")


def _is_key(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


@post(f"{PAGE}/{{proposal_id:uuid}}/rejection", permission=RECORD, sync_to_thread=True)
def reject(request: Asked, proposal_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Reject one draft with a typed reason and go on to the next."""
    after = _next_of(request, form, proposal_id)
    ask, state = read_form(RejectDraft, form)
    if ask is None:
        return _said(request, form, _Answered(_first(state), tone="amber", status=422), str(proposal_id))
    try:
        with begin(the_viewer(request)) as work:
            made = commands.reject_draft(work, proposal_id, ask)
            text = f"Rejected: {made.code} for {day_text(made.day, made.day)}. {ask.reason.label}."
    except Refused as refused:
        status = 422 if refused.field else 409
        stays = str(proposal_id) if refused.field else after
        return _said(request, form, _Answered(refused.sentence, tone="amber", status=status), stays)
    return _said(request, form, _Answered(text, f"/avoidable-days/rejections/{made.id}/reversal"), after)


def _first(state: FormState) -> str:
    return next(iter(state.errors.values()), "Choose a reason.")


@post("/avoidable-days/rejections/{rejection_id:uuid}/reversal", permission=RECORD, sync_to_thread=True)
def take_back(request: Asked, rejection_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Take a rejection back: what the facts say is proposed again."""
    with begin(the_viewer(request)) as work:
        made = commands.take_back_rejection(work, rejection_id)
    text = "The rejection is taken back; the day is proposed again where the facts still say so."
    return see_other(request, f"/encounters/{made.encounter_id}/avoidable-days", Flash(text, "blue"))


ROUTES = [show_drafts, confirm, confirm_many, reject, take_back]
