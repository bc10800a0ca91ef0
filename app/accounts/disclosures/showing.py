"""What the pages and the document say of disclosures, requests and suspensions, in words."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app.accounts.disclosures import queries, rules
from app.accounts.disclosures.queries import Person, RequestRow, SuspensionRow, Version
from app.accounts.disclosures.rules import Accounting, Entry
from app.accounts.disclosures.terms import Basis, DisclosureCategory, RecordEnd, RequestStep, SuspensionStatement
from app.kernel.days import instant_of, local_day
from app.kernel.wording import dated_text, day_text
from app.platform.work import Reading
from app.web.forms import FormState


def choices(kind: Any) -> list[dict[str, str]]:
    """A list of words as a form shows it."""
    return [{"value": one.value, "label": one.label} for one in kind]


def form_context() -> dict[str, Any]:
    """What the form of a disclosure chooses from."""
    return {"categories": [{"value": "", "label": "Choose the ground"}, *choices(DisclosureCategory)],
            "bases": choices(Basis)}  # fmt: skip


def of_version(one: Version) -> FormState:
    """The form with what is recorded."""
    given = {"category": one.category, "on": one.disclosed_on.isoformat(), "recipient": one.recipient,
             "address": one.address, "description": one.description, "basis": one.basis,
             "purpose": one.purpose}  # fmt: skip
    return FormState(given=given)


def recorded(found: Sequence[Version], zone: ZoneInfo, now: datetime) -> list[dict[str, Any]]:
    """Disclosures of a stay, each with its earlier versions."""
    today = local_day(now, zone)
    shown = [one for one in found if one.ended_because != RecordEnd.AMENDED]
    return [
        _version(one, today, zone, now)
        | {"before": [f"{day_text(old.disclosed_on, today)}, {old.recipient}: {old.description}"
                      for old in found if old.disclosure_id == one.disclosure_id and old.id != one.id]}
        for one in shown
    ]  # fmt: skip


def _version(one: Version, today: date, zone: ZoneInfo, now: datetime) -> dict[str, Any]:
    ended = "" if one.ended_at is None else (
        f"struck out {dated_text(one.ended_at, zone, now)} by {one.ended_by or 'the program'}: {one.ended_reason}"
    )  # fmt: skip
    return {
        "id": str(one.disclosure_id),
        "on": day_text(one.disclosed_on, today),
        "on_iso": one.disclosed_on.isoformat(),
        "category": DisclosureCategory(one.category).label,
        "recipient": one.recipient,
        "address": one.address or "address not known",
        "description": one.description,
        "why": one.why,
        "by": f"recorded {dated_text(one.made_at, zone, now)} by {one.made_by or 'the program'}",
        "corrected": one.made_because,
        "stands": one.stands,
        "ended": ended,
    }


def entry_words(one: Entry, today: date) -> dict[str, Any]:
    """A line of the accounting."""
    series = ""
    if one.last_on is not None:
        series = f"{one.count} times, last {day_text(one.last_on, today)}"
    return {
        "on": day_text(one.first.on, today),
        "on_iso": one.first.on.isoformat(),
        "recipient": one.first.recipient,
        "address": one.first.address or "address not known",
        "description": one.first.description,
        "why": one.first.purpose,
        "category": one.first.category,
        "series": series,
    }


def request_words(one: RequestRow, all_of_person: Sequence[RequestRow], today: date) -> dict[str, Any]:
    """A request with its due day."""
    due = rules.due_on(one.asked_on, one.extended_on is not None)
    left = (due - today).days
    others = [other.asked_on for other in all_of_person
              if other.id != one.id and other.given_on is not None and other.ended_at is None]  # fmt: skip
    state, tone = _state(one, due, left, today)
    return {
        "id": str(one.id),
        "patient_id": str(one.patient_id),
        "who": f"{one.name or 'Unnamed'}, MRN {one.number}",
        "asked_on": day_text(one.asked_on, today),
        "asked_by": one.asked_by,
        "period": f"{day_text(one.begins, today)} to {day_text(one.ends, today)}",
        "due": day_text(due, today),
        "due_iso": due.isoformat(),
        "state": state,
        "tone": tone,
        "open": one.open,
        "extended": f"extended {day_text(one.extended_on, today)}: {one.extended_because}" if one.extended_on else "",
        "fee": "costs nothing" if rules.costs_nothing(one.asked_on, others) else
               "a fee for the cost may be charged if the patient was told before",
        "can_extend": one.open and one.extended_on is None and today <= due,
        "can_undo": one.ended_at is None and not (one.open and one.extended_on is None),
    }  # fmt: skip


def _state(one: RequestRow, due: date, left: int, today: date) -> tuple[str, str]:
    if one.ended_at is not None:
        return f"struck out: {one.ended_reason}", "gray"
    if one.given_on is not None:
        late = f", {(one.given_on - due).days} days late" if one.given_on > due else ""
        return f"given {day_text(one.given_on, today)}{late}", "amber" if late else "green"
    if one.withdrawn_on is not None:
        return f"withdrawn {day_text(one.withdrawn_on, today)}", "gray"
    if left < 0:
        return f"{-left} days late", "red"
    return f"{left} days left" if left != 1 else "1 day left", "amber" if left <= rules.SOON_DAYS else "gray"


def suspension_words(one: SuspensionRow, today: date) -> dict[str, Any]:
    """A suspension and whether it holds today."""
    holds = one.ended_at is None and one.begins <= today <= one.ends
    return {
        "id": str(one.id),
        "recipient": one.recipient,
        "how": SuspensionStatement(one.statement).label,
        "reason": one.reason,
        "span": f"{day_text(one.begins, today)} to {day_text(one.ends, today)}",
        "holds": holds,
        "by": one.made_by or "the program",
        "state": "ended: " + one.ended_reason if one.ended_at else "holds" if holds else "over",
    }


def accounting_of(db: Reading, whose: Person, begins: date, ends: date) -> Accounting:
    """The accounting of a period as it may be given today."""
    today = local_day(db.now, ZoneInfo(whose.timezone))
    items = [one.item for one in queries.disclosures_of(db, whose.same, begins, ends)]
    held = [one.held for one in queries.suspensions(db, whose.same) if one.ended_at is None]
    return rules.account(items, held, today)


def left_out_words(db: Reading, whose: Person, begins: date, ends: date) -> list[dict[str, str]]:
    """What the program sent in the period and the accounting leaves out, with the reason."""
    zone = ZoneInfo(whose.timezone)
    since = instant_of(begins, time(0), zone)
    until = instant_of(ends + timedelta(days=1), time(0), zone)
    found = queries.left_out(db, whose.same, since, until)
    return [{"what": label, "why": queries.LEFT_OUT[label][0], "count": str(count)} for label, count in found.items()]


STEPS = [{"value": one.value, "label": one.label} for one in (RequestStep.GIVEN, RequestStep.WITHDRAWN)]
