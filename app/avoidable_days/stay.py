"""What the stay shows of its avoidable days, and the forms to record a day or a delay."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from app.avoidable_days import queries, showing
from app.avoidable_days.drafts.queries import draft_on, drafts_of, rejections
from app.avoidable_days.presence import stay_days
from app.avoidable_days.queries import Entry
from app.avoidable_days.reasons.queries import dictionary, policy
from app.avoidable_days.reasons.rules import Reason
from app.avoidable_days.rules import StayDays, is_locked
from app.avoidable_days.terms import UNDETERMINED, Controllable, PartyKind, Phase, RejectReason, Weight
from app.census.united import Subject, subject
from app.kernel.days import written_day
from app.kernel.wording import day_text
from app.platform.work import Reading
from app.security.permissions import Permission
from app.security.viewer import Viewer
from app.web.forms import FormState

RECORD, SET = Permission.AVOIDABLE_DAY_RECORD, Permission.AVOIDABLE_DAY_SET
_MORE = ("weight", "amount", "hours", "party_kind", "party", "controllable", "controllable_because")


def days_context(db: Reading, viewer: Viewer, encounter_id: uuid.UUID) -> dict[str, Any]:
    """Everything that the piece `avoidable_days/_days.html` shows of a stay, as of the reading."""
    stay = subject(db, encounter_id)
    words = dictionary(db, stay.facility_id, showing.today_of(db, stay))
    found = queries.entries(db, stay.encounter_id)
    present = db.as_of is None
    waiting = drafts_of(db, stay.encounter_id)
    absent = _absent(db, stay, found)
    return {
        "stay_id": str(stay.encounter_id),
        "entries": showing.entry_list(found, db, stay, words, absent),
        "sums": showing.sums(found, absent),
        "drafts": [showing.draft_words(one, db, stay, words) for one in waiting],
        "reject_reasons": reject_reasons(),
        "delays": [showing.delay_words(one, db, stay, words) for one in queries.delays(db, stay.encounter_id)],
        "rejections": [showing.rejection_words(one, db, stay, words) for one in rejections(db, stay.encounter_id)],
        "may_record": present and stay.facility_id in viewer.facilities_with(RECORD),
        "may_unlock": present and stay.facility_id in viewer.facilities_with(SET),
        "form": FormState(id="avoidable"),
    }


def _absent(db: Reading, stay: Subject, found: Sequence[Entry]) -> set[date]:
    """Days with an entry on which the patient was not here after all, as the census knows it now."""
    days = stay_days(db, [stay.encounter_id], {}).get(stay.encounter_id) if found else None
    return {one.day for one in found if days is None or days.why_not(one.day)}


def reject_reasons() -> list[dict[str, str]]:
    """The typed reasons of a rejection, each with the key that presses it."""
    return [
        {"value": one.value, "label": one.label, "key": str(place)}
        for place, one in enumerate(RejectReason, start=1)
        if one is not RejectReason.OTHER
    ]


def next_day(db: Reading, stay: Subject, days: StayDays) -> date | None:
    """The last patient day without a primary reason; the last one of all where every day has one; None without any."""
    known = days.days()
    taken = {
        one.day for one in queries.standing_entries(db, stay.encounter_id) if one.weight == Weight.PRIMARY
    }  # fmt: skip
    free = [day for day in known if day not in taken]
    # Days before readiness are rarely lost: those after it, and those that a rule proposes, go first.
    proposed = {one.day for one in drafts_of(db, stay.encounter_id)}
    better = [day for day in free if day in proposed or days.is_ready(day)]
    return max(better or free or known, default=None)


def usual(db: Reading, stay: Subject, day: date | None) -> FormState:
    """The form as it is most often right: the last lost midnight, with what its draft proposes."""
    days = stay_days(db, [stay.encounter_id]).get(stay.encounter_id)
    shown = day or (next_day(db, stay, days) if days is not None else None)
    given = {"weight": Weight.PRIMARY.value, "amount": "1"}
    if shown is None:
        return FormState(given=given)
    given["day"] = shown.isoformat()
    proposed = draft_on(db, stay.encounter_id, shown)
    if proposed is not None and proposed.code != UNDETERMINED:
        words = dictionary(db, stay.facility_id, shown)
        given["code"] = f"{proposed.code} {showing.reason_text(proposed.code, words)}"
        given["party_kind"], given["party"] = proposed.party_kind, proposed.party
    return FormState(given=given)


def of_entry(one: Entry, words: Mapping[str, Reason]) -> FormState:
    """The form as a recorded version fills it.

    What followed from the reason stays open, so that it follows from another one too.
    """
    reason = words.get(one.code)
    theirs = reason is not None and (one.party_kind, one.party) == (reason.party_kind.value, reason.party)
    given = {
        "day": one.day.isoformat(), "code": f"{one.code} {showing.reason_text(one.code, words)}",
        "weight": one.weight, "amount": "0.5" if one.amount == 0.5 else "1",
        "hours": "" if one.hours is None else f"{one.hours:g}",
        "party_kind": "" if theirs else one.party_kind, "party": "" if theirs else one.party,
        "controllable": one.controllable if one.controllable_because else "",
        "controllable_because": one.controllable_because,
        "explanation": one.explanation, "override": one.override,
    }  # fmt: skip
    return FormState(given=given)


def form_context(db: Reading, viewer: Viewer, stay: Subject, form: FormState) -> dict[str, Any]:
    """What the form of a day needs beside its values."""
    form.id = f"a{stay.encounter_id}"
    day = written_day(form.given.get("day", ""))
    today = showing.today_of(db, stay)
    days = stay_days(db, [stay.encounter_id]).get(stay.encounter_id)
    words = dictionary(db, stay.facility_id, day or today)
    proposed = draft_on(db, stay.encounter_id, day) if day else None
    return {
        "stay_id": str(stay.encounter_id),
        "form": form,
        "nothing": "day" not in form.given,
        "shown": day_text(day, today) if day else "",
        "locked": day is not None and is_locked(day, today),
        "may_unlock": stay.facility_id in viewer.facilities_with(SET),
        "state": _state(days, day),
        "groups": showing.groups_of(words),
        "settled": proposed is not None and form.given.get("code", "").startswith(f"{proposed.code} "),
        "draft": showing.draft_words(proposed, db, stay, words) if proposed else None,
        "half_days": policy(db, stay.facility_id).half_days,
        "parties": [{"value": "", "label": "As the reason says"}, *_choices(PartyKind)],
        "controls": [{"value": "", "label": "As the reason says"}, *_choices(Controllable)],
        "weights": _choices(Weight),
        "more_open": any(name in form.errors for name in _MORE),
    }


def _choices(words: Any) -> list[dict[str, str]]:
    return [{"value": one.value, "label": one.label} for one in words]


def _state(days: StayDays | None, day: date | None) -> str:
    """What is known of the midnight, in a sentence."""
    if days is None or day is None or days.why_not(day):
        return ""
    held = " An appeal to the QIO was pending: the day is SL-07." if days.is_held(day) else ""
    if days.phase(day) is Phase.POST_READY:
        return f"The patient was medically ready at this midnight.{held}"
    return f"The patient was not medically ready at this midnight: only a wait for a service counts.{held}"
