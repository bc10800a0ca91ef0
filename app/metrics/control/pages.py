"""`/control`: the director's six figures, each with its patients below it, and what the measures say."""

from typing import Any

from litestar import Request, get
from litestar.response import Response

from app.avoidable_days.reasons.queries import dictionary
from app.clocks.settings.line_pages import place_of
from app.kernel.days import local_day
from app.kernel.wording import dated_text
from app.metrics.control import showing
from app.metrics.control.returns import section
from app.metrics.control.staffing import Load, units
from app.metrics.control.tiles import Answers, answers
from app.platform.work import Reading, reading
from app.security.permissions import Permission
from app.security.viewer import Place
from app.web.render import page, the_viewer
from app.worklists.assignment.gathering import Situation, situation
from app.worklists.tiles.worklist import DEADLINES, LONG, LOST, REVIEWS, RISK

Asked = Request[Any, Any, Any]


@get("/control", permission=Permission.MEASURE_SEE, sync_to_thread=True)
def show_control(request: Asked) -> Response[bytes]:
    """Six tiles, and the list behind each."""
    viewer = the_viewer(request)
    place = place_of(viewer, Permission.MEASURE_SEE)
    with reading(viewer, still=True) as db:
        found = answers(db, viewer)
        cards = _cards(db, found, situation(db, place.id), place)
        when = showing.when_of(db, place.timezone)
        returns = section(db, (place.code, place.id), local_day(db.now, when.zone))
    shown = [row.patient_id for rows in found.rows.values() for row in rows[: showing.MOST]]
    return page(
        request, "metrics/control/control.html", discloses=list(dict.fromkeys(shown)), title="Control",
        facility=place.name, at=dated_text(when.now, when.zone, when.now), cards=cards, kept_back=found.kept_back,
        returns=returns,
    )  # fmt: skip


def _cards(db: Reading, found: Answers, now: Situation, place: Place) -> list[dict[str, Any]]:
    when = showing.when_of(db, place.timezone)
    names = dict(db.rows(_pair, "select code, name from unit where facility_id = %s", (place.id,)))
    reasons = {code: one.label for code, one in dictionary(db, place.id, local_day(db.now, when.zone)).items()}
    present = {one.id: one.name for one in now.present()}
    loads = [
        Load(one.facts.unit, one.facts.patient_class,
             one.held.user_id if one.held and one.held.user_id in present else None, one.expected.minutes)
        for one in now.stays
    ]  # fmt: skip
    rows = found.rows
    return [
        showing.staffing(units(loads, present), names, len(now.stays)),
        showing.reviews(rows[REVIEWS], found.due, when),
        showing.deadlines(rows[DEADLINES], when),
        showing.long_stays(rows[LONG], found.past, when),
        showing.lost(rows[LOST], reasons),
        showing.at_risk(rows[RISK], when),
    ]


def _pair(first: str, second: str) -> tuple[str, str]:
    return first, second


ROUTES = [show_control]
