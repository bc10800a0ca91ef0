"""Entries, drafts and delays in words, ready to show."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from app.avoidable_days.drafts.queries import Draft, Rejection
from app.avoidable_days.queries import Delay, Entry, is_struck_out
from app.avoidable_days.reasons.rules import Reason
from app.avoidable_days.rules import elapsed_hours, is_locked, must_be_recoded
from app.avoidable_days.terms import (
    Controllable,
    DraftRule,
    Origin,
    PartyKind,
    Phase,
    RejectReason,
    Weight,
)
from app.census.united import Subject
from app.kernel.days import local_day
from app.kernel.wording import dated_text, day_text
from app.platform.work import Reading

Words = Mapping[str, Reason]


def number_text(amount: float) -> str:
    """`3`, `2.5`, `0`."""
    return f"{amount:g}"


def days_text(amount: float) -> str:
    """`1 day`, `2.5 days`."""
    return "1 day" if amount == 1 else f"{number_text(amount)} days"


def reason_text(code: str, words: Words) -> str:
    """The label of a code as it reads now; the code where nobody knows it."""
    return words[code].label if code in words else code


def party_text(kind: str, party: str) -> str:
    """`Facility or vendor: Maple Terrace`."""
    label = PartyKind(kind).label
    return f"{label}: {party}" if party else label


def answering(code: str, kind: str, party: str, words: Words) -> str:
    """Who could act on a draft; where the facts name nobody, who usually answers for its reason."""
    usual = words[code].party if code in words and not party else ""
    return party_text(kind, party or usual)


def entry_words(one: Entry, db: Reading, stay: Subject, words: Words, absent: Collection[date] = ()) -> dict[str, Any]:
    """A version of an entry, one line each; on a day of `absent` the patient was not here after all."""
    today = stay.day(db.now)
    weight, origin = Weight(one.weight), Origin(one.origin)
    facts = [
        ("Explanation", one.explanation),
        ("Why this reason and not the earlier one", one.override),
        ("Hours of that day", number_text(one.hours) if one.hours is not None else ""),
        ("Why it is another case", one.controllable_because),
        ("Changed after the lock", one.lock_reason),
    ]
    return {
        "entry_id": str(one.entry_id),
        "day": day_text(one.day, today),
        "iso": one.day.isoformat(),
        "code": one.code,
        "label": reason_text(one.code, words),
        "primary": weight is Weight.PRIMARY,
        "counts": _counts(one, weight, absent),
        "phase": Phase(one.phase).label,
        "party": party_text(one.party_kind, one.party),
        "control": Controllable(one.controllable).label,
        "proposed": f"Proposed: {one.evidence} ({one.rule})" if one.rule else "",
        "facts": [(label, text) for label, text in facts if text],
        "who": _entered(one, origin, db, stay),
        "stands": one.ended_at is None,
        "locked": is_locked(one.day, today),
        "recode": one.ended_at is None and must_be_recoded(one.code, stay.day(one.recorded_at), today),
        "ended": _ended(one, db, stay),
    }


def _counts(one: Entry, weight: Weight, absent: Collection[date]) -> str:
    if one.day in absent:
        return "counts 0: the patient was not here"
    return days_text(one.amount) if weight is Weight.PRIMARY else "contributing, counts 0"


def _entered(one: Entry, origin: Origin, db: Reading, stay: Subject) -> str:
    deed = {Origin.MANUAL: "recorded", Origin.CONFIRMED: "draft confirmed", Origin.CHANGED: "draft changed"}[origin]
    text = f"{deed} {dated_text(one.recorded_at, stay.zone, db.now)} by {one.recorded_by or 'the program'}"
    if one.made_because:
        text += f"; corrected {dated_text(one.made_at, stay.zone, db.now)} by {one.made_by}: {one.made_because}"
    return text


def _ended(one: Entry, db: Reading, stay: Subject) -> str:
    if one.ended_at is None:
        return ""
    how = one.ended_because.replace("_", " ")
    return f"{how} {dated_text(one.ended_at, stay.zone, db.now)} by {one.ended_by or 'the program'}: {one.ended_reason}"


def entry_list(
    found: Sequence[Entry], db: Reading, stay: Subject, words: Words, absent: Collection[date] = ()
) -> list[dict[str, Any]]:
    """Each entry once, with its earlier versions below it, the latest day first; struck-out ones stay readable."""
    return [
        entry_words(one, db, stay, words, absent)
        | {
            "before": [
                entry_words(old, db, stay, words, absent)
                for old in found
                if old.entry_id == one.entry_id and old.id != one.id
            ]
        }
        for one in found
        if one.ended_at is None or is_struck_out(one)
    ]


def draft_words(one: Draft, db: Reading, stay: Subject, words: Words) -> dict[str, Any]:
    """A draft of a stay."""
    return {
        "id": str(one.id),
        "day": day_text(one.day, stay.day(db.now)),
        "iso": one.day.isoformat(),
        "code": one.code,
        "label": reason_text(one.code, words),
        "phase": Phase(one.phase).label,
        "party": answering(one.code, one.party_kind, one.party, words),
        "rule": one.rule,
        "rule_label": DraftRule(one.rule).label,
        "evidence": one.evidence,
    }


def delay_words(one: Delay, db: Reading, stay: Subject, words: Words) -> dict[str, Any]:
    """A delay of hours."""
    ended = ""
    if one.ended_at is not None:
        ended = f"struck out {dated_text(one.ended_at, stay.zone, db.now)} by {one.ended_by}: {one.ended_reason}"
    return {
        "id": str(one.id),
        "since": dated_text(one.since_at, stay.zone, db.now),
        "until": dated_text(one.until_at, stay.zone, db.now),
        "hours": f"{elapsed_hours(one.since_at, one.until_at):.1f} h",
        "code": one.code,
        "label": reason_text(one.code, words),
        "party": party_text(one.party_kind, one.party),
        "explanation": one.explanation,
        "who": f"recorded {dated_text(one.made_at, stay.zone, db.now)} by {one.made_by or 'the program'}",
        "stands": one.ended_at is None,
        "ended": ended,
    }


def rejection_words(one: Rejection, db: Reading, stay: Subject, words: Words) -> dict[str, Any]:
    """A rejected proposal."""
    why = RejectReason(one.reason).label + (f": {one.note}" if one.note else "")
    return {
        "id": str(one.id),
        "day": day_text(one.day, stay.day(db.now)),
        "code": one.code,
        "label": reason_text(one.code, words),
        "rule_label": DraftRule(one.rule).label,
        "why": why,
        "who": f"{dated_text(one.made_at, stay.zone, db.now)} by {one.made_by or 'the program'}",
        "stands": one.ended_at is None,
    }


def sums(found: Sequence[Entry], absent: Collection[date] = ()) -> dict[str, Any]:
    """The days that count, by phase; their sum is that of the entries that stand."""
    standing = [one for one in found if one.ended_at is None and one.day not in absent]
    by_phase = {
        phase: sum((one.amount for one in standing if one.phase == phase), 0.0) for phase in Phase
    }  # fmt: skip
    return {
        "total": number_text(sum(by_phase.values())),
        "total_days": days_text(sum(by_phase.values())),
        "phases": [{"label": phase.label, "days": number_text(days)} for phase, days in by_phase.items() if days],
    }


def groups_of(reasons: Words) -> list[dict[str, Any]]:
    """The reasons that may be chosen, by group, as a form offers them."""
    found: dict[str, dict[str, Any]] = {}
    for one in reasons.values():
        if not one.retired:
            group = found.setdefault(one.group, {"label": one.group_label, "reasons": []})
            group["reasons"].append(
                {
                    "code": one.code,
                    "label": one.label,
                    "definition": one.definition,
                    "text": f"{one.code} {one.label}",
                    "party": party_text(one.party_kind.value, one.party),
                    "control": one.controllable.label,
                }
            )
    return list(found.values())


def recorded_text(one_day: date, code: str, today: date) -> str:
    """`Recorded: PA-01 for Wed 4 Mar.`, without the patient."""
    return f"Recorded: {code} for {day_text(one_day, today)}."


def today_of(db: Reading, stay: Subject) -> date:
    """The facility's calendar day of looking."""
    return local_day(db.now, stay.zone)
