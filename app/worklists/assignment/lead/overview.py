"""How the stays of a facility are shared out, and the deeds of a lead about it: by the rules, evened out, undone."""

import uuid
from collections import Counter
from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from app.kernel.refusal import NotFound
from app.platform.work import Reading, begin, reading
from app.security.permissions import Permission
from app.security.viewer import Place, Viewer
from app.web.forms import FormFields
from app.web.frame import Flash, Undo
from app.web.render import local_address, page, see_other, the_viewer
from app.worklists.assignment.daily import assign_by_rules, return_due
from app.worklists.assignment.gathering import Colleague, Situation, situation
from app.worklists.assignment.giving import Given, undo_distribution
from app.worklists.assignment.lead.balancing import apply_balance, propose, wanted_of
from app.worklists.assignment.rules.minutes import duration_text
from app.worklists.assignment.unassigned import count_leaving_alone, leaving_words

Asked = Request[Any, Any, Any]
LEAD = Permission.STAY_ASSIGN
_LABELS = (
    "select e.id, concat_ws(' ', nullif(e.unit, ''), nullif(concat_ws('-', nullif(e.room, ''), nullif(e.bed, '')),"
    " '')),"
    " case when p.family = '' and p.given = '' then 'Name not sent'"
    " else concat_ws(', ', nullif(p.family, ''), nullif(p.given, '')) end, e.patient_id"
    " from encounter e join patient p on p.id = e.patient_id where e.id = any(%s)"
)


def lead_place(viewer: Viewer) -> Place:
    """The facility being worked in, for somebody who assigns there; NotFound otherwise."""
    place = viewer.place
    if place is None or place.id not in viewer.facilities_with(LEAD):
        raise NotFound("You do not assign stays in this facility. Choose another facility.")
    return place


def stays_text(number: int) -> str:
    """`1 stay`, `3 stays`."""
    return "1 stay" if number == 1 else f"{number} stays"


class StayLabel(msgspec.Struct):
    """How a row of a proposal names its stay."""

    id: uuid.UUID
    place: str
    name: str
    patient_id: uuid.UUID


def labels_of(db: Reading, stays: list[uuid.UUID]) -> dict[uuid.UUID, StayLabel]:
    """Place and patient of some stays."""
    return {one.id: one for one in db.rows(StayLabel, _LABELS, (stays,))}


def _people(now: Situation) -> list[dict[str, Any]]:
    minutes = now.minutes()
    stays = Counter(stay.held.user_id for stay in now.stays if stay.held is not None)
    covers = Counter(stay.held.user_id for stay in now.stays if stay.held is not None and stay.held.covers_for)
    most = max(minutes.values(), default=0) or 1
    # Whoever has none and is here stays on the page: that is who can help.
    shown = sorted(now.people.values(), key=lambda one: (-minutes[one.id], one.name))
    return [
        {
            "name": one.name,
            "stays": stays[one.id],
            "work": duration_text(minutes[one.id]),
            "width": round(44 * minutes[one.id] / most),
            "covers": stays_text(covers[one.id]) if covers[one.id] else "",
            "away": away_text(one),
        }
        for one in shown
    ]


class _Left(msgspec.Struct):
    """Somebody who may have stays in the facility no more."""

    id: uuid.UUID
    name: str
    display_name: str


def _left_behind(db: Reading, now: Situation) -> list[dict[str, str]]:
    """Stays whose owner may have stays here no more, by that person: no list of a colleague shows them."""
    stays = Counter(stay.held.user_id for stay in now.without_owner() if stay.held is not None)
    query = "select id, name, display_name from app_user where id = any(%s) order by lower(display_name)"
    found = db.rows(_Left, query, (list(stays),)) if stays else []
    return [
        {"name": one.display_name, "stays": stays_text(stays[one.id]), "query": urlencode({"owner": one.name})}
        for one in found
    ]


def away_text(one: Colleague) -> str:
    """`away until Thu 5 Mar`, or empty."""
    return f"away until {one.away_until:%a} {one.away_until.day} {one.away_until:%b}" if one.away_until else ""


@get("/distribution", permission=LEAD, sync_to_thread=True)
def show_distribution(request: Asked) -> Response[bytes]:
    """Who has how much today, and what nobody has."""
    viewer = the_viewer(request)
    place = lead_place(viewer)
    with reading(viewer) as db:
        now = situation(db, place.id)
        leaving = count_leaving_alone(db, place.id)
        left = _left_behind(db, now)
    free = [stay for stay in now.stays if stay.held is None]
    sick = {one.id for one in now.people.values() if one.away_until}
    lost = sum(1 for stay in now.stays if stay.held is not None and stay.held.user_id in sick)
    return page(
        request, "worklists/assignment/distribution.html", discloses=(), title="Distribution",
        leaving=leaving_words(leaving), people=_people(now), rules=len(now.rules),
        free=stays_text(len(free)) if free else "", total=stays_text(len(now.stays)),
        work=duration_text(sum(stay.expected.minutes for stay in now.stays)),
        free_work=duration_text(sum(stay.expected.minutes for stay in free)),
        uncovered=stays_text(lost) if lost else "", left=left,
    )  # fmt: skip


@post("/distribution/run", permission=LEAD, sync_to_thread=True)
def run_rules(request: Asked, form: NamedDependency[FormFields]) -> Response[bytes]:
    """Return what is due and give what nobody has to whom the rules say, now."""
    viewer = the_viewer(request)
    place = lead_place(viewer)
    with begin(viewer) as work:
        back = return_due(work, place.id)
        done = assign_by_rules(work, place.id)
    said = [f"{stays_text(done.assigned)} assigned by the rules."]
    if back.done:
        said.append(f"{stays_text(back.done)} returned from cover.")
    if done.unmatched:
        said.append(f"No rule speaks of {stays_text(done.unmatched)}, or nobody of it is present.")
    undo = Undo(f"/distributions/{done.distribution_id}/reversal") if done.distribution_id else None
    return see_other(request, "/distribution", Flash(" ".join(said), "green" if done.assigned else "blue", undo))


def _chosen(request: Asked, now: Situation) -> list[uuid.UUID]:
    asked = set(request.query_params.getall("person", []))
    if asked:
        return [one for one in now.people if str(one) in asked]
    holding = {stay.held.user_id for stay in now.stays if stay.held is not None}
    return [one.id for one in now.present() if one.id in holding]


@get("/distribution/balance", permission=LEAD, sync_to_thread=True)
def show_balance(request: Asked) -> Response[bytes]:
    """Moves that would even out the expected work of some people, nothing done yet."""
    viewer = the_viewer(request)
    place = lead_place(viewer)
    unit = request.query_params.get("unit", "")
    with reading(viewer) as db:
        now = situation(db, place.id)
        chosen = _chosen(request, now)
        proposal = propose(db, now, chosen, unit)
        labels = labels_of(db, [move.stay.id for move in proposal.moves])
        units = db.rows(_choice, "select code, name from unit where facility_id = %s order by name, code", (place.id,))
    held = {stay.facts.id: stay.held.id for stay in now.stays if stay.held is not None}
    moves = [
        {
            "value": f"{move.stay.id} {held[move.stay.id]} {move.taker}", "href": f"/encounters/{move.stay.id}",
            "name": labels[move.stay.id].name, "place": labels[move.stay.id].place,
            "work": duration_text(move.stay.minutes), "giver": now.people[move.giver].name,
            "taker": now.people[move.taker].name, "because": move.because,
        }
        for move in proposal.moves
    ]  # fmt: skip
    return page(
        request, "worklists/assignment/balance.html", discloses=[one.patient_id for one in labels.values()],
        title="Even out the work", moves=moves, unit=unit, units=[{"value": "", "label": "Any unit"}, *units],
        people=[_person(one, one.id in chosen, proposal.before, proposal.after) for one in now.people.values()],
    )  # fmt: skip


def _choice(value: str, label: str) -> dict[str, str]:
    return {"value": value, "label": label or value}


Loads = dict[uuid.UUID, tuple[int, int]]


def _person(one: Colleague, on: bool, before: Loads, after: Loads) -> dict[str, Any]:
    was, then = before.get(one.id, (0, 0)), after.get(one.id, (0, 0))
    return {
        "id": str(one.id), "name": one.name, "on": on, "away": away_text(one), "stays": was[1],
        "work": duration_text(was[0]), "stays_then": then[1], "work_then": duration_text(then[0]),
    }  # fmt: skip


@post("/distribution/balance", permission=LEAD, sync_to_thread=True)
def take_balance(request: Asked, form: NamedDependency[FormFields]) -> Response[bytes]:
    """Do the chosen moves as one deed."""
    viewer = the_viewer(request)
    place = lead_place(viewer)
    rows = wanted_of(form.all("move"))
    with begin(viewer) as work:
        done = apply_balance(work, place.id, situation(work, place.id), rows)
    return given_flash(request, "/distribution", f"{stays_text(done.done)} moved.", done)


def came_from(request: Asked) -> str:
    """The page on which an undo was pressed, so that one is led back to it."""
    sent = urlsplit(request.headers.get("referer", ""))
    return local_address(sent.path + (f"?{sent.query}" if sent.query else ""), "/worklists")


def given_flash(request: Asked, where: str, text: str, done: Given, *, undone: bool = False) -> Response[bytes]:
    """Lead on with what was done, its undo, and how many stays were left because they had changed meanwhile."""
    more = f" {stays_text(done.left)} changed meanwhile and stayed as they are." if done.left else ""
    undo = Undo(f"/distributions/{done.distribution_id}/reversal") if done.distribution_id and not undone else None
    return see_other(request, where, Flash(text + more, "green" if undo else "blue", undo))


@post("/distributions/{distribution_id:uuid}/reversal", permission=Permission.STAY_TAKE, sync_to_thread=True)
def reverse_distribution(
    request: Asked, distribution_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]
) -> Response[bytes]:
    """Put back what one deed changed."""
    viewer = the_viewer(request)
    with begin(viewer) as work:
        done = undo_distribution(work, distribution_id, lead_at=viewer.facilities_with(LEAD))
    where = local_address(form.get("back", ""), came_from(request))
    return given_flash(request, where, f"{stays_text(done.done)} as before.", done, undone=True)


ROUTES = [show_distribution, run_rules, show_balance, take_balance, reverse_distribution]
