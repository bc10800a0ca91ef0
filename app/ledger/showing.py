"""The strip of one stay: on its tab, on its overview, in its row. Boxes, totals that add up, what does not fit."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.kernel.as_of import AsOf
from app.kernel.days import local_day
from app.kernel.wording import day_text
from app.ledger.gather import Found, gather
from app.ledger.lanes import AHEAD, NECESSARY, STRIP, Lane, Linking, box, total_words
from app.ledger.rules import Ledger, LedgerDay, Mismatch, ledger, mismatches, sums
from app.ledger.terms import Occupied
from app.platform.work import Reading
from app.security.permissions import Permission
from app.security.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Length:
    """How much of a stay a strip draws: the latest nights (None: all) and those ahead. Totals always count all."""

    back: int | None
    ahead: int


IN_ROW, ON_OVERVIEW, ON_TAB = Length(9, 3), Length(21, 7), Length(None, 7)
NAMED_DAYS = 4
NO_LEDGER = "This stay has no days yet: it was announced, or cancelled."


def linking(db: Reading, viewer: Viewer, found: Found) -> Linking:
    """Where boxes of a stay lead for this reader."""
    at = found.stay.facility_id

    def may(permission: Permission) -> bool:
        return db.as_of is None and at in viewer.facilities_with(permission)

    return Linking(
        found.stay.id,
        AsOf(db.as_of, found.stay.zone).address if db.as_of is not None else "",
        may_review=may(Permission.REVIEW_WRITE),
        may_ask=may(Permission.AUTHORIZATION_WRITE),
        may_record=may(Permission.AVOIDABLE_DAY_RECORD),
    )


def strip_of(db: Reading, viewer: Viewer, encounter_id: uuid.UUID, length: Length) -> dict[str, Any]:
    """What the pieces of the strip show; without lanes where no midnight has passed and none is expected."""
    gathered = gather(db, [encounter_id])
    if not gathered:
        return {"lanes": [], "columns": [], "earlier": 0, "sum": "", "mismatches": [], "href": "", "empty": NO_LEDGER,
                "hidden": "", "same_day": ""}  # fmt: skip
    found = gathered[0]
    today = local_day(db.now, found.stay.zone)
    return strip_context(found, ledger(found.facts), linking(db, viewer, found), today, length)


def strip_context(found: Found, made: Ledger, to: Linking, today: date, length: Length) -> dict[str, Any]:
    """The same of a ledger that is there."""
    days = made.days if length.back is None else made.days[-length.back :]
    ahead = made.ahead[: length.ahead]
    lanes = [one for one in STRIP if one is not NECESSARY or not found.facts.hidden]
    drawn = [_lane(one, days, made.days, ahead, to) for one in lanes]
    return {
        "lanes": drawn if days or ahead else [],
        "columns": [_column(one.day, today) for one in days] + [_column(day, today) for day in ahead],
        "earlier": len(made.days) - len(days),
        "sum": sum_words(made.days),
        "mismatches": [_mismatch(one, to, today) for one in mismatches(made, found.facts)],
        "href": to.at("/days"),
        "empty": "No midnight has passed yet.",
        "hidden": "You are reading a review of this stay for the second time; what reviews say is not shown meanwhile."
        if found.facts.hidden else "",
        "same_day": "In and out on one day: no midnight, and one patient day by convention." if made.same_day else "",
    }  # fmt: skip


def _column(day: date, today: date) -> dict[str, Any]:
    return {"weekday": f"{day:%a}", "day": str(day.day), "today": day == today}


def _lane(
    lane: Lane, days: Sequence[LedgerDay], every: Sequence[LedgerDay], ahead: Sequence[date], to: Linking
) -> dict[str, Any]:
    total = str(len(every)) if lane is STRIP[0] else total_words(lane, every)
    return {"name": lane.label, "cells": [box(lane, one, to) for one in days] + [AHEAD] * len(ahead), "total": total}


def sum_words(days: Sequence[LedgerDay]) -> str:
    """`8 midnights = 1 emergency + 6 inpatient + 1 away`."""
    if not days:
        return ""
    found: Mapping[Occupied, int] = sums(days).occupied
    parts = [f"{found[one]} {one.word}" for one in Occupied if found.get(one)]
    word = "1 midnight" if len(days) == 1 else f"{len(days)} midnights"
    return f"{word} = {' + '.join(parts)}"


def _named(days: Sequence[date], today: date) -> str:
    named = ", ".join(day_text(day, today) for day in days[:NAMED_DAYS])
    more = len(days) - NAMED_DAYS
    return f"{named} and {more} more" if more > 0 else named


_SENTENCES = {
    "expected_past_authorized": "Expected to stay longer than authorized",
    "necessary_not_authorized": "Care was found needed, and no payer authorizes it",
    "authorized_not_necessary": "A payer authorizes care that a review found not needed",
    "authorized_not_reviewed": "Authorized, and not reviewed",
    "not_reviewed": "Not reviewed",
    "no_reason": "Past the expected length or ready to leave, without a reason",
}


def _mismatch(one: Mismatch, to: Linking, today: date) -> dict[str, str]:
    """One sentence, and the way to what mends it."""
    day = one.days[0]
    nights = "1 night" if len(one.days) == 1 else f"{len(one.days)} nights"
    label, href = _mending(one.kind, day, to)
    brief = f"{_SENTENCES[one.kind]}: {nights}"
    return {"kind": one.kind, "brief": f"{brief}.", "text": f"{brief}, {_named(one.days, today)}.", "label": label,
            "href": href}  # fmt: skip


def _mending(kind: str, day: date, to: Linking) -> tuple[str, str]:
    if kind in ("expected_past_authorized", "necessary_not_authorized"):
        if to.may_ask:
            return "Ask the payer", to.at("/authorizations/new?of=last")
        return "See the payer", to.at("/payer")
    if kind == "authorized_not_necessary":
        return "See the reviews", to.at("/reviews")
    if kind == "no_reason":
        return "Give the reason" if to.may_record else "See the days", to.reason(day)
    if to.may_review:
        return "Review", to.at(f"/reviews/new?day={day}")
    return "See the reviews", to.at("/reviews")


def overview_card(db: Reading, viewer: Viewer, encounter_id: uuid.UUID) -> dict[str, Any]:
    """The card of the overview: the latest nights."""
    return strip_of(db, viewer, encounter_id, ON_OVERVIEW)
