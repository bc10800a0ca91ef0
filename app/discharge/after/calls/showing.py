"""Calls and issues in words: whom to call, the script, the form, what was recorded with its versions."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.census.united import Subject
from app.discharge.after import queries, rules
from app.discharge.after.calls.commands import Given, has_left
from app.discharge.after.calls.script import Question, script
from app.discharge.after.queries import Call, Issue
from app.discharge.after.terms import Answer, CallOutcome, CallState, IssueState, Urgency
from app.discharge.booking import queries as bookings
from app.discharge.booking.terms import BookingState
from app.discharge.teaching import queries as teaching
from app.discharge.teaching.terms import RecordKind
from app.kernel.transitions import actions
from app.kernel.wording import dated_text, day_text, full_text, iso_text
from app.platform.work import Reading
from app.web.forms import FormState

QUICK = (CallOutcome.NO_ANSWER, CallOutcome.MESSAGE, CallOutcome.WRONG_NUMBER, CallOutcome.DECLINED)
SPOKE = (CallOutcome.PATIENT, CallOutcome.CAREGIVER)
_OVER = (BookingState.CANCELLED, BookingState.STRUCK_OUT, BookingState.DENIED)
_TONES = {
    IssueState.OPEN: ("amber", "alert"), IssueState.WORKING: ("blue", "user"), IssueState.CLOSED: ("green", "check"),
    IssueState.STRUCK_OUT: ("gray", "x"),
}  # fmt: skip


def questions(db: Reading, stay: Subject) -> tuple[Question, ...]:
    """The script for this patient: with the signs of danger that were taught, and what is booked."""
    taught = [
        (str(one.record_id)[:8], str(one.content["topic"]), str(one.content["red_flags"]))
        for one in teaching.standing(db, stay.encounter_id)[RecordKind.TOPIC] if one.content.get("red_flags")
    ]  # fmt: skip
    booked = [
        (str(one.booking_id)[:8], f"{one.care_type.label}, {one.vendor_name}")
        for one in bookings.bookings(db, [stay.encounter_id]) if one.state not in _OVER
    ]  # fmt: skip
    return script(taught, booked)


def given_of(asked: Sequence[Question], form: Mapping[str, str]) -> list[Given]:
    """The answers as a form says them; a question without one was not asked."""
    return [
        Given(one, Answer(form[f"q-{one.key}"]), " ".join(form.get(f"n-{one.key}", "").split())[:300])
        for one in asked if form.get(f"q-{one.key}") in set(Answer) - {Answer.NOT_ASKED}
    ]  # fmt: skip


def form_context(db: Reading, stay: Subject, form: FormState, asked: Sequence[Question]) -> dict[str, Any]:
    """The form of a call: whom to call, since when, what was tried, the quick answers, the script."""
    person = queries.person(db, stay.encounter_id)
    calls = queries.calls_of(db, [stay.encounter_id])
    tried = rules.attempts_in_a_row([one.outcome for one in calls])
    quick = [*QUICK, *([CallOutcome.LETTER] if tried >= rules.MOST_ATTEMPTS - 1 else [])]
    return {
        "stay_id": str(stay.encounter_id),
        "form": form,
        "phone": person.phone,
        "language": person.language,
        "callable": has_left(db, stay.encounter_id),
        "left": dated_text(person.discharge_at, stay.zone, db.now) if person.discharge_at else "",
        "tried": tried,
        "letter": tried >= rules.MOST_ATTEMPTS,
        "quick": [{"value": one.value, "label": one.label, "key": str(at)} for at, one in enumerate(quick, 1)],
        "spoke": [
            {"value": one.value, "label": one.label, "key": str(at)} for at, one in enumerate(SPOKE, len(quick) + 1)
        ],
        "questions": [
            {"name": f"q-{one.key}", "note": f"n-{one.key}", "ask": one.ask, "danger": one.urgency is Urgency.DANGER,
             "choices": [{"value": Answer.GOOD.value, "label": one.good},
                         {"value": Answer.PROBLEM.value, "label": one.problem},
                         {"value": Answer.NOT_ASKED.value, "label": "Not asked"}],
             "now": form.given.get(f"q-{one.key}", Answer.NOT_ASKED.value),
             "said": form.given.get(f"n-{one.key}", "")}
            for one in asked
        ],
    }  # fmt: skip


def of_call(one: Call, zone: ZoneInfo, *, timed: bool) -> FormState:
    """The form as a recorded call fills it; a draft is made at the time when it is recorded."""
    local = one.at.astimezone(zone)
    given = {"outcome": one.outcome.value if one.outcome else "", "spoke_with": one.spoke_with, "note": one.note}
    if timed:
        given |= {"on": f"{local:%Y-%m-%d}", "at": f"{local:%H:%M}"}
    for answer in one.answers:
        given |= {f"q-{answer['key']}": answer["answer"], f"n-{answer['key']}": answer["note"]}
    return FormState(given=given)


def calls_words(found: Sequence[Call], zone: ZoneInfo, now: datetime) -> list[dict[str, Any]]:
    """Calls that were made, the latest first, each with its earlier versions; the draft, if any, stands first."""
    shown = [one for one in found if one.ended_at is None and one.state is not CallState.DROPPED]
    shown.sort(key=lambda one: (one.state is CallState.DRAFT, one.at), reverse=True)
    return [_call(one, [old for old in found if old.call_id == one.call_id and old.id != one.id], zone, now)
            for one in shown]  # fmt: skip


def _call(one: Call, before: Sequence[Call], zone: ZoneInfo, now: datetime) -> dict[str, Any]:
    who = f": {one.spoke_with}" if one.spoke_with else ""
    return {
        "id": str(one.call_id),
        "draft": one.state is CallState.DRAFT,
        "stands": one.state is CallState.RECORDED,
        "outcome": (one.outcome.label if one.outcome else "Nothing said yet") + who,
        "reached": one.outcome is not None and one.outcome.spoke,
        "when": dated_text(one.at, zone, now),
        "iso": iso_text(one.at, zone),
        "full": full_text(one.at, zone),
        "answers": [
            {"ask": answer["ask"], "shown": answer["shown"] + (f": {answer['note']}" if answer["note"] else ""),
             "problem": answer["answer"] == Answer.PROBLEM.value}
            for answer in one.answers
        ],
        "note": one.note,
        "next": next_words(one, zone, now),
        "by": f"{'kept' if one.state is CallState.DRAFT else 'entered'} {dated_text(one.made_at, zone, now)} by"
        f" {one.made_by or 'the program'}" + (f"; {_HOW[one.state]}: {one.because}" if one.because else ""),
        "before": [_in_one_line(old, zone, now) for old in before if old.state is CallState.RECORDED],
    }  # fmt: skip


_HOW = {CallState.RECORDED: "corrected", CallState.STRUCK_OUT: "struck out", CallState.DRAFT: "", CallState.DROPPED: ""}


def next_words(one: Call, zone: ZoneInfo, now: datetime) -> str:
    """What follows the call."""
    return f"Call again {dated_text(one.next_at, zone, now)}. {one.next_why}" if one.next_at else one.next_why


def _in_one_line(one: Call, zone: ZoneInfo, now: datetime) -> str:
    said = "; ".join(f"{answer['ask']} {answer['shown']}" for answer in one.answers)
    outcome = one.outcome.label if one.outcome else ""
    entered = f"entered {dated_text(one.made_at, zone, now)} by {one.made_by or 'the program'}"
    return ". ".join(part for part in (f"{outcome}, {dated_text(one.at, zone, now)}", said, one.note, entered) if part)


def issue_words(one: Issue, zone: ZoneInfo, now: datetime, history: Sequence[Issue] = ()) -> dict[str, Any]:
    """Something to settle: what, who, by when, how it stands, what may be done."""
    late = one.state in rules.STANDING_ISSUE and one.due_at < now
    tone, picture = _TONES[one.state]
    return {
        "id": str(one.issue_id),
        "what": one.what,
        "danger": one.urgency is Urgency.DANGER,
        "owner": one.owner,
        "due": dated_text(one.due_at, zone, now),
        "due_full": full_text(one.due_at, zone),
        "chip": {"text": "overdue" if late else one.state.label, "tone": "red" if late else tone, "icon": picture},
        "stands": one.state is not IssueState.STRUCK_OUT,
        "open": one.state in rules.STANDING_ISSUE,
        "by": f"{one.state.label} {dated_text(one.made_at, zone, now)} by {one.made_by or 'the program'}"
        + (f": {one.note}" if one.note else ""),
        "may": [step.value for step in actions(rules.ISSUE_LIFE, one.state)],
        "before": [
            f"{old.state.label} {dated_text(old.made_at, zone, now)} by {old.made_by or 'the program'},"
            f" {old.owner or 'nobody'}, by {dated_text(old.due_at, zone, now)}" + (f": {old.note}" if old.note else "")
            for old in history if old.issue_id == one.issue_id and old.id != one.id
        ],
    }  # fmt: skip


def day_words(day: date) -> str:
    """A day with its year where that is not this one's."""
    return day_text(day, date.min)


def key_of(issue_id: uuid.UUID, action: str) -> str:
    """Which form of the tab a step belongs to."""
    return f"{'m' if action == 'change' else 's'}{issue_id}"
