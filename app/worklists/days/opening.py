"""What stands above My day: the date, how much there is, and what happened since this person was last here."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from app.kernel.wording import brief_text, full_text
from app.platform.work import Reading
from app.security.viewer import Viewer
from app.web.lists import Happening, Overnight
from app.worklists.assignment.gathering import expected_by_stay
from app.worklists.assignment.rules.minutes import duration_text
from app.worklists.days.overnight import last_here, overnight

MOST_NAMES = 2
_MINE = (
    "select e.id, exists (select from snooze z where z.encounter_id = e.id and z.user_id = %(me)s"
    " and z.ended_at is null and (z.until is null or z.until > %(now)s))"
    " from assignment a join encounter e on e.id = a.encounter_id where a.user_id = %(me)s and a.ended_at is null"
    " and e.facility_id = %(facility)s and e.status in ('admitted', 'on_leave')"
)
MOST_CELLS = 5


class Mine(msgspec.Struct):
    """A stay of the reader, and whether it is put aside."""

    id: uuid.UUID
    aside: bool


def my_day(db: Reading, viewer: Viewer) -> Mapping[str, Any]:
    """The head of My day. As of an earlier instant there is no strip: that day's morning is not this one's."""
    assert viewer.place is not None, "a list belongs to a facility"
    zone = ZoneInfo(viewer.place.timezone)
    mine = db.rows(Mine, _MINE, {"me": viewer.user_id, "facility": viewer.place.id, "now": db.now})
    wanted = [one.id for one in mine if not one.aside]
    minutes = sum(one.minutes for one in expected_by_stay(db, viewer.place.id, wanted).values())
    since = last_here(db, viewer, viewer.place) if db.as_of is None else None
    found = overnight(db, viewer, since) if since is not None else []
    return {
        "sub": head_line(
            db.now.astimezone(zone).strftime("%a %-d %b %Y"), len(wanted), len(mine) - len(wanted), minutes
        ),
        "since": "" if since is None else brief_text(since, zone, db.now),
        "since_full": "" if since is None else full_text(since, zone),
        "night": strip(found),
        "patients": [stay.patient_id for one in found for stay in one.stays[:MOST_NAMES]],
    }


def head_line(day: str, stays: int, aside: int, minutes: int) -> str:
    """`Thu 5 Mar 2026 · 14 stays, 2 more put aside · 6 h 10 min of expected work`."""
    amount = ("1 stay" if stays == 1 else f"{stays} stays") + (f", {aside} more put aside" if aside else "")
    return " · ".join([day, amount, f"{duration_text(minutes)} of expected work"] if stays else [day, amount])


def strip(found: Sequence[Overnight]) -> list[dict[str, Any]]:
    """As many cells as the strip has room for; the last one stands for the kinds that have none of their own."""
    if len(found) <= MOST_CELLS:
        return [cell(one) for one in found]
    rest = found[MOST_CELLS - 1 :]
    more = {
        "href": f"/overnight#{rest[0].kind}",
        "count": str(sum(len(one.stays) for one in rest)),
        "what": "more changes",
        "detail": ", ".join(one.one if len(one.stays) == 1 else one.many for one in rest),
        "late": any(one.late for one in rest),
    }
    return [*(cell(one) for one in found[: MOST_CELLS - 1]), more]


def cell(one: Overnight) -> dict[str, Any]:
    """One cell of the strip: one stay leads to itself, several to their part of the page."""
    number = len(one.stays)
    return {
        "href": f"/encounters/{one.stays[0].stay_id}" if number == 1 else f"/overnight#{one.kind}",
        "count": str(number),
        "what": one.one if number == 1 else one.many,
        "detail": names(one.stays),
        "late": one.late,
    }


def names(stays: Any) -> str:
    """`Barlow 4W 412-B, Duarte ICU 3 and 2 more`: at most two by name."""
    shown: list[Happening] = list(stays[:MOST_NAMES])
    text = ", ".join(f"{stay.name} {stay.words}".strip() for stay in shown)
    more = len(stays) - len(shown)
    return f"{text} and {more} more" if more else text
