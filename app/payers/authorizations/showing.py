"""What the pages of authorizations show, in words: where each stands, what was asked and answered, what to expect."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app.census.leaving import expected_on
from app.census.united import Subject
from app.kernel.days import local_day
from app.kernel.wording import dated_text, day_text, full_text, iso_text, moment_text
from app.payers.authorizations import queries
from app.payers.authorizations.queries import AnswerVersion, AskedVersion, Authorization, Kept
from app.payers.authorizations.terms import AuthorizationState, Channel, EndReason
from app.payers.directory.queries import calendar_of, card_of, payers_of, terms_of
from app.payers.directory.rules import PayerCalendar, Terms, expected
from app.payers.requests.rules import Approved
from app.payers.requests.terms import Action, CertificationType, Days, ServiceLevel
from app.platform.work import Reading
from app.web.stay import BannerFact

_S = AuthorizationState
TONES = {
    _S.REQUESTED: ("blue", "mail"),
    _S.PENDED: ("amber", "hour"),
    _S.APPROVED: ("green", "check"),
    _S.PARTIALLY: ("amber", "shield"),
    _S.DENIED: ("red", "x"),
    _S.NOT_REQUIRED: ("gray", "check"),
    _S.CANCELLED: ("gray", "x"),
    _S.STRUCK_OUT: ("gray", "x"),
    _S.NONE: ("gray", "ask"),
}
KINDS = {
    CertificationType.INITIAL: "First request",
    CertificationType.EXTENSION: "Further days",
    CertificationType.REVISED: "Changed request",
    CertificationType.CANCEL: "Withdrawn",
    CertificationType.RENEWAL: "The same again",
    CertificationType.APPEAL_IMMEDIATE: "Urgent appeal",
    CertificationType.APPEAL_STANDARD: "Appeal",
    CertificationType.RECONSIDERATION: "Look again",
}
ACTIONS = {
    Action.CERTIFIED: "Approved as asked",
    Action.MODIFIED: "Approved, other days",
    Action.PARTIAL: "Approved in part",
    Action.NOT_CERTIFIED: "Denied",
    Action.PENDED: "Pended",
    Action.CONTACT_PAYER: "Asks us to call",
    Action.NOT_REQUIRED: "No authorization needed",
    Action.CANCELLED: "Cancelled by the payer",
}
LEVELS = {ServiceLevel.EMERGENCY: "Emergency", ServiceLevel.URGENT: "Urgent", ServiceLevel.ELECTIVE: "Elective"}
_NIGHT = timedelta(days=1)


def days_words(one: Days, today: date) -> str:
    """`Wed 4 Mar to Sat 7 Mar, 4 days`: the nights that are meant, the last one included."""
    last = one.until - _NIGHT
    count = "1 day" if one.count == 1 else f"{one.count} days"
    if one.count == 1:
        return f"{day_text(one.first, today)}, {count}"
    return f"{day_text(one.first, today)} to {day_text(last, today)}, {count}"


def ranges_words(ranges: Sequence[Days], today: date) -> str:
    """All ranges, one after the other; empty for none."""
    return "; ".join(days_words(one, today) for one in ranges)


def instant_words(at: datetime, zone: ZoneInfo, now: datetime) -> dict[str, str]:
    """An instant as a `<time>` shows it."""
    return {"text": dated_text(at, zone, now), "iso": iso_text(at, zone), "full": full_text(at, zone)}


def authorization_words(one: Authorization, db: Reading, stay: Subject) -> dict[str, Any]:
    """An authorization with everything that was asked and answered, the latest first."""
    found = one.standing
    today = stay.day(db.now)
    tone, picture = TONES[found.state]
    living = found.state not in (_S.STRUCK_OUT, _S.CANCELLED)
    return {
        "id": str(one.id),
        "payer": one.head.payer,
        "number": one.number,
        "state": found.state.label,
        "tone": tone,
        "icon": picture,
        "since": dated_text(found.since, stay.zone, db.now) if found.since else "",
        "living": living,
        "stands": one.head.ended_at is None,
        "ended_reason": one.head.ended_reason,
        "through": day_text(found.days.through, today) if found.days.through else "",
        "lines": days_lines(found.days, today),
        "contradictions": list(found.days.contradictions),
        "can_extend": living and bool(found.days.ranges),
        "waiting": found.state in (_S.REQUESTED, _S.PENDED),
        "told": _told(one, db, stay),
    }


def days_lines(days: Approved, today: date) -> list[tuple[str, str]]:
    """Days by what the payer said of them."""
    found = (("Authorized", days.ranges), ("Not authorized", days.denied), ("Asked, not decided", days.open))
    return [(label, ranges_words(ranges, today)) for label, ranges in found if ranges]


def _told(one: Authorization, db: Reading, stay: Subject) -> list[dict[str, Any]]:
    """Requests and answers that stand or were struck out, the latest first, each with its earlier versions."""
    asked = [(asked.asked_at, asked.made_at, _asked_words(asked, db, stay)
              | {"before": [_before(old, old.asked_at, db, stay) for old in one.asked if _older(old, asked)]})
             for asked in one.asked if asked.ended_because != EndReason.AMENDED]  # fmt: skip
    answers = [(answer.received_at, answer.made_at, _answer_words(answer, db, stay)
                | {"before": [_before(old, old.received_at, db, stay) for old in one.answers if _older(old, answer)]})
               for answer in one.answers if answer.ended_because != EndReason.AMENDED]  # fmt: skip
    return [words for _, _, words in sorted([*asked, *answers], key=lambda told: told[:2], reverse=True)]


def _older(old: AskedVersion | AnswerVersion, new: AskedVersion | AnswerVersion) -> bool:
    return _thing(old) == _thing(new) and old.id != new.id


def _thing(one: AskedVersion | AnswerVersion) -> uuid.UUID:
    return one.request_id if isinstance(one, AskedVersion) else one.decision_id


def _before(old: AskedVersion | AnswerVersion, at: datetime, db: Reading, stay: Subject) -> dict[str, str]:
    line = asked_line(old, stay.day(db.now)) if isinstance(old, AskedVersion) else answer_line(old, stay.day(db.now))
    when = dated_text(at, stay.zone, db.now)
    return {"text": f"{when}: {line}", "ended": _ended_words(old, db, stay)}


def _ended_words(one: AskedVersion | AnswerVersion, db: Reading, stay: Subject) -> str:
    if one.ended_at is None:
        return ""
    how = one.ended_because.replace("_", " ")
    by = one.ended_by or "the program"
    return f"{how} {dated_text(one.ended_at, stay.zone, db.now)} by {by}: {one.ended_reason}"


def asked_line(one: AskedVersion, today: date) -> str:
    """What was asked, in one line."""
    kind = KINDS[CertificationType(one.certification_type)]
    parts = [kind, days_words(one.days, today) if one.days else "", "expedited" if one.expedited else "",
             f"by {Channel(one.channel).label.lower()}", f"to {one.to_whom}" if one.to_whom else ""]  # fmt: skip
    return ", ".join(part for part in parts if part)


def answer_line(one: AnswerVersion, today: date) -> str:
    """What was answered, in one line."""
    quantity = "" if one.quantity is None else f"{one.quantity} day" + ("" if one.quantity == 1 else "s")
    parts = [ACTIONS[Action(one.action)], ranges_words(one.decision.ranges, today), "" if one.firsts else quantity,
             f"number {one.authorization_number}" if one.authorization_number else "",
             f"by {Channel(one.channel).label.lower()}", one.from_whom]  # fmt: skip
    return ", ".join(part for part in parts if part)


def _asked_words(one: AskedVersion, db: Reading, stay: Subject) -> dict[str, Any]:
    facts = [("Level of care", one.level_of_care), ("Our number", one.event_trace), ("Reference", one.reference),
             ("Message", one.message), ("Corrected", one.made_because)]  # fmt: skip
    return {
        "what": "request",
        "id": str(one.request_id),
        "line": asked_line(one, stay.day(db.now)),
        "when": instant_words(one.asked_at, stay.zone, db.now),
        "by": one.made_by or "the program",
        "facts": [(label, text) for label, text in facts if text],
        "stands": one.stands,
        "ended": _ended_words(one, db, stay),
        "amendable": one.certification_type != CertificationType.CANCEL,
    }


def _answer_words(one: AnswerVersion, db: Reading, stay: Subject) -> dict[str, Any]:
    facts = [("Reasons", ", ".join(one.reasons)), ("Reference", one.reference),
             ("Issued", f"{one.issued_on:%a %-d %b %Y}" if one.issued_on else ""),
             ("Decided", dated_text(one.decided_at, stay.zone, db.now) if one.decided_at else ""),
             ("Number of days", str(one.quantity) if one.quantity is not None and one.firsts else ""),
             ("More follows", "the payer will write again" if one.more_follows else ""),
             ("In words", one.text), ("Corrected", one.made_because)]  # fmt: skip
    return {
        "what": "answer",
        "id": str(one.decision_id),
        "line": answer_line(one, stay.day(db.now)),
        "when": instant_words(one.received_at, stay.zone, db.now),
        "by": one.made_by or "the program",
        "facts": [(label, text) for label, text in facts if text],
        "stands": one.stands,
        "ended": _ended_words(one, db, stay),
        "amendable": True,
    }


def expectations(db: Reading, stay: Subject) -> list[dict[str, str]]:
    """For each payer of the stay: until when something must be sent, and when an answer is due then."""
    today = stay.day(db.now)
    found: list[dict[str, str]] = []
    for payer in payers_of(db, [stay.encounter_id]).get(stay.encounter_id, []):
        card = card_of(db, stay.facility_id, payer.payer_code, today)
        calendar = calendar_of(card, stay.zone)
        said = [
            text
            for urgent, word in ((True, "Expedited"), (False, "Standard"))
            if (text := _expected_words(word, calendar, terms_of(card, payer.line, today, urgent=urgent), db, stay))
        ]
        counts = calendar.received(db.now)
        if said and counts != db.now:
            said.append(f"What is sent now counts from {dated_text(counts, stay.zone, db.now)} by its contract.")
        text = " ".join(said) or "Neither law nor contract says when a decision is due."
        found.append({"payer": payer.name, "key": payer.key, "text": text})
    return found


def _expected_words(word: str, calendar: PayerCalendar, terms: Terms, db: Reading, stay: Subject) -> str:
    """`Standard, if sent by 13:00 today: a decision is due Wed 4 Mar 22:59.`; empty where nothing says when."""
    brought = expected(db.now, calendar, terms, stay.zone)
    if brought.due_at is None:
        return ""
    same = expected(brought.send_by, calendar, terms, stay.zone).due_at == brought.due_at
    when = "now"
    if same and calendar.cutoff is not None:
        by = moment_text(brought.send_by, stay.zone, db.now)
        when = f"by {by} today" if stay.day(brought.send_by) == stay.day(db.now) else f"by {by}"
    return f"{word}, if sent {when}: a decision is due {dated_text(brought.due_at, stay.zone, db.now)}."


def banner_fact(db: Reading, encounter_id: uuid.UUID) -> list[BannerFact]:
    """`Authorized through Fri 6 Mar`, with a warning where the stay will outlast it, or has."""
    standing = queries.kept(db, [encounter_id]).get(encounter_id, [])
    if not standing:
        return []
    name, here = db.one(lambda *row: row, _WHERE, (encounter_id,))
    today = local_day(db.now, ZoneInfo(name))
    leaves = expected_on(db, encounter_id)
    reaching = next((one for one in standing if one.through is not None), None)
    if reaching is None or reaching.through is None:
        return [_without_days(standing[0])]
    text = day_text(reaching.through, today)
    waits = any(one.waiting for one in standing)
    warning, tone = _warning(reaching.through, today, leaves)
    if not here or (waits and not warning):
        warning = "more asked" if here and waits else ""
    full = f"{reaching.payer_name or reaching.payer_code} {reaching.authorization_number}".strip()
    return [BannerFact("Authorized through", text, warning, tone, full=full)]


def _without_days(one: Kept) -> BannerFact:
    state = AuthorizationState(one.state)
    warning = "unclear answer" if one.contradiction else ""
    return BannerFact("Authorization", state.label, warning)


def _warning(through: date, today: date, leaves: date | None) -> tuple[str, str]:
    if through < today:
        return f"ended {(today - through).days} d ago", "late"
    if leaves is not None and leaves > through + _NIGHT:
        return "EDD is later", "soon"
    if through == today and (leaves is None or leaves > today):
        return "ends today", "soon"
    return "", "soon"


_WHERE = """
select f.timezone, e.status in ('registered', 'admitted', 'on_leave')
from encounter e join facility f on f.id = e.facility_id where e.id = %s
"""
