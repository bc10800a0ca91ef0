"""The page that asks many vendors at once: needs, the first vendors in a neutral order, the packet, one button."""

import uuid
from collections.abc import Sequence
from typing import Any

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response
from pydantic import BaseModel

from app.census.united import Subject, subject
from app.discharge.plan.queries import disposition, expected_date
from app.discharge.referrals import commands, queries
from app.discharge.referrals.asks import SendReferrals
from app.discharge.referrals.commands import Outcome
from app.discharge.referrals.mail.office import office
from app.discharge.referrals.packets.commands import described, offered
from app.discharge.referrals.packets.consents import consent_today, is_sensitive
from app.discharge.referrals.rules import STANDING
from app.discharge.referrals.stay.pages import referrals_page
from app.discharge.referrals.widening.policy import ANSWER, limit, terms_of
from app.discharge.referrals.widening.searching import SHOWN, Wanted, candidates, capabilities
from app.discharge.terms import DESTINATIONS, WITHOUT_PROVIDER, CareType
from app.discharge.vendors.queries import Listed
from app.discharge.vendors.terms import Capability, NetworkStanding
from app.kernel.refusal import Refused
from app.kernel.wording import brief_text, day_text
from app.platform.work import Reading, begin, reading
from app.security.permissions import Permission
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash
from app.web.render import see_other, the_viewer
from app.web.stay import Part, stay_page

Asked = Request[Any, Any, Any]
WRITE = Permission.REFERRAL_WRITE
PIECE = "discharge/referrals/_new.html"
FIRST = 5
RADII = (10, 25, 50, 100)
SOUGHT = [one for one in (*DESTINATIONS, *(one for one in CareType if one not in DESTINATIONS))
          if one not in WITHOUT_PROVIDER]  # fmt: skip


class _Listed(BaseModel):
    """The vendors that the page listed, in its order."""

    listed: list[uuid.UUID] = []


def _wanted(db: Reading, stay: Subject, asked: dict[str, list[str]]) -> Wanted:
    """What the address asks for; without a word of it the destination of the plan, else skilled nursing."""
    care = next(iter(asked.get("care", [])), "")
    if care not in set(SOUGHT):
        going = disposition(db, stay.encounter_id)
        care = going.to if going is not None and going.to in SOUGHT else CareType.SNF
    radius, offset = (next(iter(asked.get(name, [])), "") for name in ("radius", "offset"))
    return Wanted(
        CareType(care), capabilities(asked.get("needs", [])),
        int(radius) if radius.isdigit() and 0 < int(radius) <= 500 else None,
        min(int(offset), 5000) if offset.isdigit() else 0,
    )  # fmt: skip


@get("/encounters/{stay_id:uuid}/referrals/new", permission=WRITE, sync_to_thread=True)
def show_new(request: Asked, stay_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """Vendors that can meet the need of this stay."""
    asked = {name: request.query_params.getall(name) for name in request.query_params}
    return _page(request, stay_id, asked, FormState(id="r"))


def _page(request: Asked, stay_id: uuid.UUID, asked: dict[str, list[str]], form: FormState) -> Response[bytes]:
    with reading(the_viewer(request)) as db:
        stay = subject(db, stay_id)
        context = _context(db, stay, _wanted(db, stay, asked), asked)
    context["form"] = form
    return stay_page(request, stay.encounter_id, Part("referrals", PIECE, context, 422 if form.errors else 200))


def _context(db: Reading, stay: Subject, wanted: Wanted, asked: dict[str, list[str]]) -> dict[str, Any]:
    today = stay.day(db.now)
    found = candidates(db, stay.encounter_id, wanted)
    out = {
        one.vendor_id: one for one in queries.asked(db, [stay.encounter_id])
        if one.care_type == wanted.care_type and one.standing in STANDING
    }  # fmt: skip
    chosen = set(asked.get("sections", [])) if "care" in asked and "sections" in asked else None
    expected = expected_date(db, stay.encounter_id)
    sensitive, terms = is_sensitive(db, stay.encounter_id), terms_of(db, stay.facility_id)
    return {
        "stay_id": str(stay.encounter_id), "care": wanted.care_type.value, "care_label": wanted.care_type.label,
        "cares": [{"value": one.value, "label": one.label} for one in SOUGHT],
        "capabilities": [{"value": one.value, "label": one.label, "on": one in wanted.needs} for one in Capability],
        "needs": [one.label for one in Capability if one in wanted.needs],
        "need_values": [one.value for one in Capability if one in wanted.needs],
        "radius": wanted.radius or "", "radii": RADII, "total": found.total, "offset": wanted.offset,
        "vendors": _vendors(found.rows, out, set(asked.get("vendors", []))),
        "more": wanted.offset + SHOWN if found.total > wanted.offset + SHOWN else 0,
        "first": min(FIRST, sum(one.vendor_id not in out for one in found.rows)),
        "sections": [{"key": one.key, "title": one.title, "on": one.usual if chosen is None else one.key in chosen}
                     for one in offered(db, stay.encounter_id)],
        "ready": expected.expected_on.isoformat() if expected else "",
        "due": brief_text(limit(db, stay.facility_id, ANSWER, stay.zone), stay.zone, db.now),
        "widen_by": terms.widen_by, "widens": terms.widens, "link_days": terms.link_days,
        "sensitive": sensitive,
        "consented": sensitive and consent_today(db, stay.encounter_id, today) is not None,
        "payers": described(db, stay.encounter_id, today).payers, "mailed": office() is not None,
        "already": [{"name": one.vendor_name, "text": one.standing.label} for one in out.values()],
    }  # fmt: skip


def _vendors(rows: Sequence[Listed], out: dict[uuid.UUID, Any], chosen: set[str]) -> list[dict[str, Any]]:
    return [
        {
            "id": str(one.vendor_id), "name": one.name, "place": one.place, "key": str(place) if place < 10 else "",
            "miles": "" if one.miles is None else f"{one.miles:.1f} mi",
            "network": NetworkStanding(one.network).label if one.network else "not known",
            "stars": f"{one.stars_overall:g} of 5" if one.stars_overall is not None else "",
            "data": day_text(one.data_on, one.data_on.replace(year=1)) if one.data_on else "",
            "can": [word.replace("_", " ") for word in one.capabilities], "interest": one.affiliated,
            "email": bool(one.email), "on": str(one.vendor_id) in chosen,
            "out": out[one.vendor_id].standing.label if one.vendor_id in out else "",
        }
        for place, one in enumerate(rows, start=1)
    ]  # fmt: skip


@post("/encounters/{stay_id:uuid}/referrals", permission=WRITE, sync_to_thread=True)
def send(request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Ask the chosen vendors, or the first five of the list, at once."""
    viewer = the_viewer(request)
    ask, state = read_form(SendReferrals, form)
    state.id = "r"
    made: Outcome | None = None
    if ask is not None:
        if form.get("first"):
            listed, _wrong = read_form(_Listed, form)
            ask = ask.model_copy(update={"vendors": listed.listed[:FIRST] if listed is not None else []})
        try:
            with begin(viewer) as work:
                made = commands.send(work, stay_id, ask, viewer.display_name)
        except Refused as refused:
            state.refuse(refused)
    if made is None:
        again = {name: form.all(name) for name in ("needs", "vendors", "sections", "radius", "offset")}
        return _page(request, stay_id, again | {"care": form.all("care_type")}, state)
    if made.keys or made.left_out:
        return referrals_page(request, stay_id, made=made)
    count = len(made.sent)
    flash = Flash(f"{count} vendor{'s are' if count > 1 else ' is'} asked by mail.")
    return see_other(request, f"/encounters/{stay_id}/referrals", flash)


ROUTES = [show_new, send]
