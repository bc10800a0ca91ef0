"""The tab Denials of a stay, and the frame of the page of one denial."""

import uuid
from typing import Any

from litestar import Request, get
from litestar.params import FromPath
from litestar.response import Response

from app.census.united import subject
from app.kernel.wording import full_text
from app.payers.authorizations.terms import Channel
from app.payers.denials import queries
from app.payers.denials.appeals.terms import AppealOutcome
from app.payers.denials.rules import AT_WORK, total_text
from app.payers.denials.stay.showing import denial_line, denial_words, options
from app.payers.denials.terms import DenialOutcome, DenialState
from app.payers.directory.queries import payers_of
from app.platform.work import Reading
from app.security.permissions import Permission
from app.web import packets
from app.web.forms import FormState
from app.web.packets import Recipient
from app.web.past.reading import reading_then
from app.web.render import the_viewer
from app.web.stay import Part, stay_page

Asked = Request[Any, Any, Any]
WRITE = Permission.DENIAL_WRITE
CHANNELS = (Channel.LETTER, Channel.FAX, Channel.PORTAL, Channel.CALL)


@get("/encounters/{stay_id:uuid}/denials", permission=Permission.STAY_SEE, sync_to_thread=True)
def show_denials(request: Asked, stay_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """What the payers of the stay denied, and what is at risk."""
    viewer = the_viewer(request)
    with reading_then(request, stay_id) as db:
        stay = subject(db, stay_id)
        found = queries.denials(db, stay.encounter_id)
        standing = [one for one in found if one.state != DenialState.STRUCK_OUT]
        worked = [one for one in standing if one.state in AT_WORK]
        context = {
            "stay_id": str(stay.encounter_id),
            "may_write": db.as_of is None and stay.facility_id in viewer.facilities_with(WRITE),
            "known": bool(payers_of(db, [stay.encounter_id])),
            "denials": [denial_line(one, stay, db.now) for one in standing],
            "struck_out": [denial_line(one, stay, db.now) for one in found if one not in standing],
            "at_risk": f"at risk: {total_text([one.amount for one in worked])}" if worked else "",
            "as_of": f"?{request.url.query}" if db.as_of is not None else "",
        }
    return stay_page(request, stay_id, Part("denials", "payers/denials/_denials.html", context))


@get("/denials/{denial_id:uuid}", permission=Permission.STAY_SEE, sync_to_thread=True)
def show_denial(request: Asked, denial_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """One denial: what is at risk, its levels, its packets, what happened."""
    return denial_page(request, denial_id)


def denial_page(request: Asked, denial_id: uuid.UUID, state: FormState | None = None) -> Response[bytes]:
    """The page of a denial, with the form that could not be carried out, if any."""
    viewer = the_viewer(request)
    with reading_then(request) as db:
        one = queries.denial(db, denial_id)
        stay = subject(db, one.encounter_id)
        may = db.as_of is None and stay.facility_id in viewer.facilities_with(WRITE)
        context = {
            "stay_id": str(stay.encounter_id),
            "may_write": may,
            "denial": denial_words(one, db, stay, may=may),
            "form": state or FormState(id="none"),
            "channels": options(CHANNELS),
            "outcomes": options(list(AppealOutcome)),
            "ends": options(list(DenialOutcome)),
            "unconsented": may and packets.lacks_consent(db, stay.encounter_id, Recipient.PAYER, stay.day(db.now)),
            "packets": packet_choices(db, one, stay.zone),
        }
    part = Part("denials", "payers/denials/_denial.html", context, 422 if state else 200)
    return stay_page(request, stay.encounter_id, part)


def packet_choices(db: Reading, one: queries.DenialVersion, zone: Any) -> list[dict[str, str]]:
    """Packets that an appeal may have been sent with, the latest first."""
    found = [{"value": str(packet.id), "label": f"{full_text(packet.made_at, zone)}, {packet.digest[:8]}"}
             for packet in queries.packets(db, one.denial_id)]  # fmt: skip
    return [*found, {"value": "", "label": "another paper"}]


def open_count(db: Reading, encounter_id: uuid.UUID) -> str:
    """How many denials somebody still works on; empty for none."""
    count = db.value(
        "select count(*) from denial where encounter_id = any(%s) and ended_at is null"
        " and state in ('open', 'talk', 'appealed')",
        (queries.parts(db, encounter_id),),
    )
    return str(count) if count else ""


ROUTES = [show_denials, show_denial]
