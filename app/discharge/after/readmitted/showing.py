"""The card of a readmission: the earlier plan, what was arranged, what the calls found, interview and judgement."""

import uuid
from collections.abc import Sequence
from typing import Any

from app.census.united import Subject, subject
from app.discharge.after import queries as follow_up
from app.discharge.after.calls.showing import next_words
from app.discharge.after.readmitted import queries, rules
from app.discharge.after.readmitted.queries import Earlier, Interview, Rating
from app.discharge.after.readmitted.terms import SCALE, AnsweredBy, ComeBackReason, Planned, ReviewState
from app.discharge.booking import queries as bookings
from app.discharge.booking.terms import BookingState
from app.discharge.plan import queries as plans
from app.kernel.wording import dated_text, day_text
from app.platform.work import Reading
from app.security.permissions import Permission
from app.security.viewer import Viewer

_OVER = (BookingState.CANCELLED, BookingState.STRUCK_OUT)


def readmission_context(db: Reading, viewer: Viewer, stay: Subject) -> dict[str, Any] | None:
    """Everything of the card; None for a stay that is no readmission."""
    earlier = queries.earlier_stays(db, [stay.encounter_id]).get(stay.encounter_id)
    if earlier is None:
        return None
    now = db.as_of is None
    asked = queries.interviews_of(db, [stay.encounter_id])
    standing = [one for one in asked if one.stands]
    return {
        **head(earlier, stay, db),
        "facts": _facts(db, earlier, stay),
        "interview": _interview(standing[-1], stay, db) if standing else None,
        "before": [_in_one_line(one, stay, db) for one in asked if not one.stands],
        "judged": _judged(queries.ratings_of(db, stay.encounter_id), viewer, stay, db),
        "may_ask": now and stay.facility_id in viewer.facilities_with(Permission.FOLLOW_UP_WRITE),
        "may_judge": now and stay.facility_id in viewer.facilities_with(Permission.READMISSION_JUDGE),
        "reasons": [{"value": one.value, "label": one.label} for one in ComeBackReason],
        "who": [{"value": one.value, "label": one.label} for one in AnsweredBy],
        "planned_choices": [{"value": one.value, "label": one.label} for one in Planned],
        "scale": [{"value": str(value), "label": f"{value} {label}"} for value, label in SCALE.items()],
    }


def head(earlier: Earlier, stay: Subject, db: Reading) -> dict[str, str]:
    """When the patient had left, after how many days they came back, whether that was planned."""
    return {
        "earlier_id": str(earlier.earlier_id),
        "left": dated_text(earlier.left_at, stay.zone, db.now),
        "day": f"day {earlier.days}",
        "planned": Planned(earlier.planned).label
        if earlier.planned != "unknown"
        else "Not known whether it was planned: the feed does not say it",
    }


def card(db: Reading, viewer: Viewer, encounter_id: uuid.UUID) -> dict[str, Any]:
    """For the overview: that it is a readmission, and how far interview and judgement are."""
    stay = subject(db, encounter_id)
    earlier = queries.earlier_stays(db, [stay.encounter_id]).get(stay.encounter_id)
    if earlier is None:
        return {"readmission": None}
    asked = any(one.stands for one in queries.interviews_of(db, [stay.encounter_id]))
    state = rules.state([one.preventable for one in queries.ratings_of(db, stay.encounter_id)])
    said = {"asked": "asked" if asked else "not asked yet", "state": state.label, "stay_id": str(stay.encounter_id)}
    return {"readmission": head(earlier, stay, db) | said}


def _facts(db: Reading, earlier: Earlier, stay: Subject) -> list[tuple[str, list[str]]]:
    """What the earlier stay had planned, arranged and found; what it had not is said."""
    key, zone = earlier.earlier_id, stay.zone
    expected, going = plans.expected_date(db, key), plans.disposition(db, key)
    still = plans.open_barriers(db, [key]).get(key, [])
    booked = [one for one in bookings.bookings(db, [key]) if one.state not in _OVER]
    calls = follow_up.calls_of(db, [key])
    issues = follow_up.issues_of(db, [key])
    said = [
        f"{dated_text(one.at, zone, db.now)}: {one.outcome.label}. {next_words(one, zone, db.now)}" for one in calls
    ]
    return [
        ("Expected date", [day_text(expected.expected_on, stay.day(db.now))] if expected else ["none was set"]),
        ("Was to go", [going.to.label] if going else ["nothing was set"]),
        ("Still in the way then", [one.kind.label for one in still] or ["nothing"]),
        ("Booked", [f"{one.care_type.label}: {one.vendor_name}, {one.state.label}" for one in booked] or ["nothing"]),
        ("Calls", said or ["nobody called"]),
        ("Found by calls", [f"{one.what} ({one.state.label})" for one in issues] or ["nothing"]),
    ]


def _interview(one: Interview, stay: Subject, db: Reading) -> dict[str, Any]:
    return {
        "when": dated_text(one.at, stay.zone, db.now),
        "facts": [(label, words) for label, words in (
            ("Answered", one.answered_by.label), ("Planned", one.planned.label),
            ("Came back because", "; ".join(reason.label for reason in one.reasons)),
            ("In own words", one.in_own_words), ("Could have helped", one.could_have_helped),
        ) if words],
        "by": f"entered {dated_text(one.made_at, stay.zone, db.now)} by {one.made_by or 'the program'}"
        + (f"; corrected: {one.because}" if one.because else ""),
        "given": given_of(one, stay),
    }  # fmt: skip


def given_of(one: Interview, stay: Subject) -> dict[str, str]:
    """The form as a recorded interview fills it."""
    local = one.at.astimezone(stay.zone)
    return {
        "answered_by": one.answered_by.value, "planned": one.planned.value, "in_own_words": one.in_own_words,
        "could_have_helped": one.could_have_helped, "on": f"{local:%Y-%m-%d}", "at": f"{local:%H:%M}",
        "chosen": " ".join(reason.value for reason in one.reasons),
    }  # fmt: skip


def _in_one_line(one: Interview, stay: Subject, db: Reading) -> str:
    how = "struck out" if one.state == "struck_out" else "earlier version"
    why = f": {one.because}" if one.because else ""
    words = "; ".join(reason.label for reason in one.reasons)
    entered = f"entered {dated_text(one.made_at, stay.zone, db.now)} by {one.made_by or 'the program'}"
    return f"{how}, {entered}{why}. {words}"


def _judged(given: Sequence[Rating], viewer: Viewer, stay: Subject, db: Reading) -> dict[str, Any]:
    """The judgement: nobody sees another one's before it is settled."""
    state = rules.state([one.preventable for one in given])
    own = next((one for one in given if one.rater_id == viewer.actor_id), None)
    shown = given if state is ReviewState.SETTLED else [own] if own else []
    verdict = rules.verdict([one.preventable for one in given])
    return {
        "state": state.label,
        "settled": state is ReviewState.SETTLED,
        "open": state is not ReviewState.SETTLED and own is None,
        "own": own is not None,
        "own_id": str(own.id) if own is not None and state is ReviewState.ONE else "",
        "verdict": f"{verdict:g} of 5" if verdict is not None else "",
        "ratings": [
            {"who": one.rater, "what": f"{one.preventable} {SCALE[one.preventable]}",
             "why": "; ".join([*(reason.label for reason in one.reasons), *([one.said] if one.said else [])]),
             "when": dated_text(one.made_at, stay.zone, db.now)}
            for one in shown
        ],
    }  # fmt: skip
