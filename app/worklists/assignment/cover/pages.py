"""Who is away, one proposed split of their stays, the hand-off brief, and the way back."""

import uuid
from collections import Counter
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from app.kernel.refusal import NotFound, Refused
from app.platform.work import Reading, begin, everywhere, reading
from app.security.permissions import Permission
from app.security.viewer import Place, Viewer
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash
from app.web.render import NO_PHI, page, see_other, the_viewer
from app.worklists.assignment.cover import commands
from app.worklists.assignment.cover.brief import brief_of
from app.worklists.assignment.cover.commands import NO_ABSENCE, MarkAbsent, propose_split
from app.worklists.assignment.gathering import Gathered, Situation, held_before, situation
from app.worklists.assignment.lead.balancing import shares_of, wanted_of
from app.worklists.assignment.lead.overview import LEAD, StayLabel, away_text, given_flash, labels_of, stays_text
from app.worklists.assignment.rules.minutes import duration_text

Asked = Request[Any, Any, Any]
TAKE = Permission.STAY_TAKE


class Away(msgspec.Struct):
    """An absence that is not over."""

    id: uuid.UUID
    user_id: uuid.UUID
    name: str
    first_day: date
    last_day: date
    has: int
    covered: int


_AWAY = (
    "select b.id, b.user_id, u.display_name, b.first_day, b.last_day,"
    " (select count(*)::int from assignment a join encounter e on e.id = a.encounter_id where a.user_id = b.user_id"
    " and a.facility_id = b.facility_id and a.ended_at is null and e.status in ('admitted', 'on_leave')),"
    " (select count(*)::int from assignment a join encounter e on e.id = a.encounter_id where a.covers_for = b.user_id"
    " and a.facility_id = b.facility_id and a.ended_at is null and e.status in ('admitted', 'on_leave'))"
    " from absence b join app_user u on u.id = b.user_id"
    " where b.facility_id = %(facility)s and b.ended_at is null and b.last_day >= %(today)s"
)


def _place(viewer: Viewer) -> Place:
    place = viewer.place
    if place is None or place.id not in viewer.facilities_with(TAKE):
        raise NotFound("You work in no facility here. Choose another facility.")
    return place


def leads(viewer: Viewer, place: Place) -> bool:
    """Whether this person assigns stays in the facility."""
    return place.id in viewer.facilities_with(LEAD)


def day_words(day: date) -> str:
    """`Thu 5 Mar`."""
    return f"{day:%a} {day.day} {day:%b}"


def _away(db: Reading, place: Place, absence_id: uuid.UUID | None = None) -> list[Away]:
    today = db.now.astimezone(ZoneInfo(place.timezone)).date()
    query = _AWAY + (" and b.id = %(only)s" if absence_id else "") + " order by b.first_day, lower(u.display_name)"
    return db.rows(Away, query, {"facility": place.id, "today": today, "only": absence_id})


def _row(one: Away, may_split: bool) -> dict[str, Any]:
    return {
        "id": str(one.id), "name": one.name, "has": stays_text(one.has), "covered": stays_text(one.covered),
        "days": day_words(one.first_day) if one.first_day == one.last_day
        else f"{day_words(one.first_day)} to {day_words(one.last_day)}",
        "open": one.has > 0, "any_covered": one.covered > 0, "may_split": may_split,
    }  # fmt: skip


def _absences_page(request: Asked, form: FormState | None = None) -> Response[bytes]:
    viewer = the_viewer(request)
    place = _place(viewer)
    lead = leads(viewer, place)
    with reading(viewer) as db:
        rows = _away(db, place)
        now = situation(db, place.id) if lead else None
    people = [{"value": str(one.id), "label": one.name} for one in now.people.values()] if now else []
    shown = [_row(one, lead) for one in rows if lead or one.user_id == viewer.user_id]
    state = form or FormState(given={"user_id": "" if lead else str(viewer.user_id)})
    return page(request, "worklists/assignment/absences.html", discloses=NO_PHI, title="Absences", rows=shown,
                lead=lead, people=[{"value": "", "label": "Choose a person"}, *people], form=state,
                status=422 if state.errors else 200)  # fmt: skip


@get("/absences", permission=TAKE, sync_to_thread=True)
def show_absences(request: Asked) -> Response[bytes]:
    """Who is away now and soon; for others than leads their own absences."""
    return _absences_page(request)


@post("/absences", permission=TAKE, sync_to_thread=True)
def take_absence(request: Asked, form: NamedDependency[FormFields]) -> Response[bytes]:
    """Mark a colleague, or oneself, as away."""
    viewer = the_viewer(request)
    place = _place(viewer)
    given = form if leads(viewer, place) else FormFields([*_days(form), ("user_id", str(viewer.user_id))])
    ask, state = read_form(MarkAbsent, given)
    if ask is None:
        return _absences_page(request, state)
    try:
        with begin(viewer) as work:
            made = commands.mark_absent(work, place.id, ask)
    except Refused as refused:
        return _absences_page(request, state.refuse(refused))
    where = f"/absences/{made.id}" if leads(viewer, place) else "/absences"
    return see_other(request, where, Flash("The absence is marked. The stays are still with their owner."))


def _days(form: FormFields) -> list[tuple[str, str]]:
    return [(name, value) for name, value in form.items() if name in ("first_day", "last_day")]


def _one(db: Reading, viewer: Viewer, place: Place, absence_id: uuid.UUID) -> Away:
    found = _away(db, place, absence_id)
    if not found or not (leads(viewer, place) or found[0].user_id == viewer.user_id):
        raise NotFound(NO_ABSENCE)
    return found[0]


def _hidden(place: Place, absent: uuid.UUID, seen: int) -> int:
    """How many protected stays of this person the reader does not see: a number only."""
    with reading(everywhere("cover")) as db:
        found: int = db.value(
            "select count(*) from assignment a join encounter e on e.id = a.encounter_id where a.facility_id = %s"
            " and a.user_id = %s and a.ended_at is null and e.status in ('admitted', 'on_leave')", (place.id, absent),
        )  # fmt: skip
    return max(0, found - seen)


def _chosen(request: Asked, now: Situation, absent: uuid.UUID, theirs: list[Gathered]) -> list[uuid.UUID]:
    """Those who were asked for; else who has stays on the same units, else who has any, else everybody who is here."""
    asked = set(request.query_params.getall("person", []))
    here = [one.id for one in now.present() if one.id != absent]
    if asked:
        return [one for one in here if str(one) in asked]
    units = {stay.facts.unit for stay in theirs}
    held = [(stay.held.user_id, stay.facts.unit) for stay in now.stays if stay.held is not None]
    near, busy = {person for person, unit in held if unit in units}, {person for person, _ in held}
    return [one for one in here if one in near] or [one for one in here if one in busy] or here


@get("/absences/{absence_id:uuid}", permission=LEAD, sync_to_thread=True)
def show_split(request: Asked, absence_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """One proposed split of an absent colleague's stays over those who are here."""
    viewer = the_viewer(request)
    place = _place(viewer)
    with reading(viewer) as db:
        away = _one(db, viewer, place, absence_id)
        now = situation(db, place.id)
        theirs = [stay for stay in now.stays if stay.held is not None and stay.held.user_id == away.user_id]
        chosen = _chosen(request, now, away.user_id, theirs)
        before = held_before(db, [stay.facts.id for stay in theirs])
        split = propose_split(now, away.user_id, shares_of(db, now, chosen), before)
        labels = labels_of(db, [stay.facts.id for stay in theirs])
    return page(
        request, "worklists/assignment/split.html", discloses=[one.patient_id for one in labels.values()],
        title=f"Cover for {away.name}", away=_row(away, True), hidden=_hidden(place, away.user_id, len(theirs)),
        people=_loads(now, away.user_id, chosen, split),
        takers=[{"id": one, "name": now.people[one].name} for one in chosen],
        rows=[_split_row(stay, labels[stay.facts.id], split.get(stay.facts.id)) for stay in _in_order(theirs, labels)],
    )  # fmt: skip


def _in_order(stays: list[Gathered], labels: dict[uuid.UUID, StayLabel]) -> list[Gathered]:
    return sorted(stays, key=lambda one: (labels[one.facts.id].place, labels[one.facts.id].name))


def _split_row(stay: Gathered, label: StayLabel, taker: uuid.UUID | None) -> dict[str, Any]:
    held = stay.held.id if stay.held is not None else ""
    return {
        "key": f"{stay.facts.id} {held}", "id": str(stay.facts.id), "name": label.name, "place": label.place,
        "work": duration_text(stay.expected.minutes), "taker": taker,
    }  # fmt: skip


def _loads(
    now: Situation, absent: uuid.UUID, chosen: list[uuid.UUID], split: dict[uuid.UUID, uuid.UUID]
) -> list[dict[str, Any]]:
    minutes = now.minutes()
    weight = {stay.facts.id: stay.expected.minutes for stay in now.stays}
    gets = Counter(split.values())
    more = Counter[uuid.UUID]()
    for stay, taker in split.items():
        more[taker] += weight[stay]
    return [
        {
            "id": str(one.id), "name": one.name, "on": one.id in chosen, "away": away_text(one), "gets": gets[one.id],
            "work": duration_text(minutes[one.id]), "work_then": duration_text(minutes[one.id] + more[one.id]),
        }
        for one in now.people.values()
        if one.id != absent
    ]  # fmt: skip


@post("/absences/{absence_id:uuid}/cover", permission=LEAD, sync_to_thread=True)
def take_split(request: Asked, absence_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Give the stays to those who cover, in one deed."""
    viewer = the_viewer(request)
    rows = wanted_of(form.all("cover"))
    with begin(viewer) as work:
        absence = commands.absence_of(work, absence_id)
        done = commands.apply_split(work, absence_id, situation(work, absence.facility_id), rows)
    text = f"{stays_text(done.done)} covered until {day_words(absence.last_day)}."
    return given_flash(request, f"/absences/{absence_id}/brief", text, done)


@post("/absences/{absence_id:uuid}/end", permission=TAKE, sync_to_thread=True)
def take_return(request: Asked, absence_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """The colleague is back: what others cover returns now."""
    viewer = the_viewer(request)
    with begin(viewer) as work:
        absence = commands.absence_of(work, absence_id)
        if absence.user_id != viewer.user_id and absence.facility_id not in viewer.facilities_with(LEAD):
            raise NotFound(NO_ABSENCE)
        done = commands.end_absence(work, absence_id)
    text = f"The absence is over. {stays_text(done.done)} returned."
    return given_flash(request, "/absences", text, done)


@get("/absences/{absence_id:uuid}/brief", permission=Permission.STAY_SEE, sync_to_thread=True)
def show_brief(request: Asked, absence_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """The hand-off of an absent colleague's stays, by who covers them; for the lead, those who cover and the absent."""
    viewer = the_viewer(request)
    place = _place(viewer)
    with reading(viewer) as db:
        found = _away(db, place, absence_id)
        if not found:
            raise NotFound(NO_ABSENCE)
        away = found[0]
        today = db.now.astimezone(ZoneInfo(place.timezone)).date()
        number = today.year * 10000 + today.month * 100 + today.day
        groups = brief_of(db, {"facility": place.id, "absent": away.user_id, "zone": place.timezone, "today": today,
                               "today_number": number, "now": db.now})  # fmt: skip
    if not leads(viewer, place) and away.user_id != viewer.user_id:
        groups = [group for group in groups if group["id"] == str(viewer.user_id)]
        if not groups:
            raise NotFound(NO_ABSENCE)
    patients = [one["stay"].patient_id for group in groups for one in group["stays"]]
    return page(request, "worklists/assignment/brief.html", discloses=patients, title=f"Hand-off for {away.name}",
                away=_row(away, leads(viewer, place)), groups=groups)  # fmt: skip


ROUTES = [show_absences, take_absence, show_split, take_split, take_return, show_brief]
