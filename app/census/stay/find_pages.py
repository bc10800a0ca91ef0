"""Finding a patient. What was typed is sent in a form, never in an address, and is never kept."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.response import Response

from app.census.stay import finding
from app.census.stay.figure import class_word
from app.census.stay.finding import Found, Restricted
from app.census.stay.words import SEXES, STATUSES
from app.census.terms import EncounterStatus
from app.kernel.days import local_day
from app.kernel.wording import age_text, birth_text, dated_text, day_text
from app.platform.work import reading
from app.security.permissions import Permission
from app.web.forms import FormFields
from app.web.render import page, see_other, the_viewer

Ask = Request[Any, Any, Any]


@get("/find", permission=Permission.STAY_SEE, sync_to_thread=True)
def recent_patients(request: Ask) -> Response[bytes]:
    """The search field and the patients whose stays this person opened last."""
    return _recent(request)


def _recent(request: Ask) -> Response[bytes]:
    viewer = the_viewer(request)
    with reading(viewer) as db:
        found = finding.recent(db, viewer.user_id)
        context: dict[str, Any] = {
            "q": "", "asked": False, "open": [], "past": [], "restricted": [], "more": False,
            "recent": [line(one, db.now) for one in found],
        }  # fmt: skip
    return page(request, "census/find.html", discloses=_patients(found), title="Find a patient",
                said="Your last patients", **context)  # fmt: skip


@post("/find", permission=Permission.STAY_SEE, status_code=200, sync_to_thread=True)
def find_patient(request: Ask, form: NamedDependency[FormFields]) -> Response[bytes]:
    """What the typed words find, open stays first; the one stay of a number typed in full is opened at once."""
    viewer = the_viewer(request)
    typed = form.get("q", "")
    asked = finding.read(typed)
    if asked.empty:
        return _recent(request)
    with reading(viewer) as db:
        found = finding.find(db, asked)
        hidden = finding.restricted(db, asked)
        only = finding.only_one(asked, found, hidden)
        if only is not None:
            return see_other(request, f"/encounters/{only.id}")
        shown = found[: finding.MOST]
        context: dict[str, Any] = {
            "q": typed, "asked": True, "recent": [],
            "open": [line(one, db.now) for one in shown if one.open],
            "past": [line(one, db.now) for one in shown if not one.open],
            "restricted": [hidden_line(one) for one in hidden],
            "more": len(found) > finding.MOST,
        }  # fmt: skip
    return page(request, "census/find.html", discloses=_patients(shown), title="Find a patient",
                said=_said(shown, hidden, more=bool(context["more"])), **context)  # fmt: skip


def _patients(found: Sequence[Found]) -> list[Any]:
    return list(dict.fromkeys(one.patient_id for one in found))


def _said(found: Sequence[Found], hidden: Sequence[Restricted], *, more: bool) -> str:
    if more:
        return f"The first {finding.MOST} stays; write more to narrow it down"
    number = len(found) + len(hidden)
    return f"{number} {'stay' if number == 1 else 'stays'}"


def line(one: Found, now: datetime) -> dict[str, str]:
    """One stay as a line of the results."""
    zone = ZoneInfo(one.timezone)
    today = local_day(now, zone)
    first = " ".join(part for part in (one.given, one.middle) if part)
    who = " ".join(part for part in (age_text(one.birth_text, today), SEXES.get(one.sex, one.sex)) if part)
    if one.open:
        when = f"since {dated_text(one.start_at, zone, now)}" if one.start_at else "start not known"
    else:
        began = day_text(local_day(one.start_at, zone), today) if one.start_at else "start not known"
        when = began + (f" to {day_text(local_day(one.discharge_at, zone), today)}" if one.discharge_at else "")
    return {
        "href": f"/encounters/{one.id}",
        "name": ", ".join(part for part in (one.family, first) if part) or "Name not sent",
        "who": who,
        "born": birth_text(one.birth_text),
        "numbers": f"MRN {one.number} · {'account' if one.visit_number.startswith('ACCT:') else 'visit'}"
        f" {one.visit_number.removeprefix('ACCT:')}",
        "place": _place(one.unit, one.room, one.bed)
        if one.open
        else STATUSES.get(EncounterStatus(one.status), one.status),
        "what": class_word(one.patient_class),
        "when": when,
        "facility": one.facility,
    }


def hidden_line(one: Restricted) -> dict[str, str]:
    """A protected stay as a line: that a bed is taken, nothing of the person."""
    return {"href": f"/encounters/{one.id}/glass", "place": _place(one.unit, one.room, one.bed) or "no bed",
            "what": class_word(one.patient_class)}  # fmt: skip


def _place(unit: str, room: str, bed: str) -> str:
    spot = "-".join(part for part in (room, bed) if part)
    return " ".join(part for part in (unit, spot) if part)


ROUTES = [recent_patients, find_patient]
