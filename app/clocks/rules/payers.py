"""Payers' decisions and the time to appeal them: 42 CFR 422 subpart M, 438.210, 405 subpart I, 29 CFR 2560.503-1."""

from collections.abc import Iterator
from datetime import date, datetime

from app.clocks.facts import Event
from app.clocks.rules.owing import Span, Term, due_at, not_required, opens_at, owed, term
from app.clocks.rules.stay import MEDICAID, Stay
from app.clocks.terms import EventKind, Line, Obligation, RecordKind
from app.kernel.days import start_of_day
from app.kernel.deadlines import due, opens
from app.kernel.wording import day_text

_K, _R = EventKind, RecordKind
_REGULATED = MEDICAID | {Line.MEDICARE_ADVANTAGE}
_NO_PLAN = frozenset({Line.MEDICARE_FFS, Line.SELF_PAY})
_APPEALS = (
    ("PY-RECON", _K.PLAN_DENIAL_NOTICE, "Denied by the plan"),
    ("PY-L1", _K.INITIAL_DETERMINATION_DENIED, "Denied"),
    ("PY-L2", _K.REDETERMINATION_DECIDED, "Redetermination decided"),
    ("PY-L3", _K.RECONSIDERATION_DECIDED, "Reconsideration decided"),
    ("PY-L4", _K.JUDGE_DECIDED, "Decided by the judge"),
    ("PY-L5", _K.COUNCIL_DECIDED, "Decided by the Council"),
)


def admission_notification(stay: Stay) -> Iterator[Obligation]:
    """Tell the payer of the admission; a term of its contract, which original Medicare does not ask."""
    if stay.admitted is None:
        return
    day = stay.day(stay.admitted.at)
    lines = stay.lines(day) - _NO_PLAN
    if lines and (found := term(stay, "PY-NOTIFY", day)) is not None:
        closed = stay.evidence(_R.PAYER_NOTIFICATION) or stay.evidence(_R.AUTHORIZATION)
        because = f"Inpatient since {stay.said(stay.admitted.at)}; {found.allowance} by {found.citation}."
        yield owed(stay, found, _span(stay, found, stay.admitted, stay.admitted.at, closed), because)


def decisions(stay: Stay) -> Iterator[Obligation]:
    """How long a plan has: 72 hours for what is urgent, seven days for the rest. 42 CFR 422.568, 422.572."""
    for request in stay.all(_K.PAYER_REQUEST_RECEIVED):
        lines = stay.lines(stay.day(request.at))
        if lines - _NO_PLAN if request.expedited else lines & _REGULATED:
            kind = "Expedited" if request.expedited else "Standard"
            rule_id = "PY-72" if request.expedited else "PY-7"
            yield from _decision(stay, rule_id, request, f"{kind} request received by the plan")


def extensions(stay: Stay) -> Iterator[Obligation]:
    """Urgent care that is to go on: 24 hours where it was asked 24 hours before its end. 29 CFR 2560.503-1(f)(2).

    Asked later, or where no employer's plan pays, it is an ordinary urgent request.
    """
    for asked in stay.all(_K.PAYER_EXTENSION_ASKED):
        found = term(stay, "PY-ERISA-CC", stay.day(asked.at))
        if found is None:
            continue
        in_time = asked.until is None or asked.at <= opens_at(stay, found, asked.until, "asked_by")
        lines = stay.lines(stay.day(asked.at))
        if not in_time:
            yield from _decision(stay, "PY-72", asked, "Extension asked too late for the shorter time of the law,")
        elif lines & _REGULATED and Line.COMMERCIAL not in lines:
            yield from _decision(stay, "PY-72", asked, "Extension of urgent care asked")
        else:
            yield from _decision(stay, "PY-ERISA-CC", asked, "Extension of urgent care asked")


def _decision(stay: Stay, rule_id: str, asked: Event, word: str) -> Iterator[Obligation]:
    """What a plan owes for one request, with the extension that the law allows it where it took that."""
    if (found := term(stay, rule_id, stay.day(asked.at))) is None:
        return
    limit = due_at(stay, found, asked.at)
    because = f"{word} {stay.said(asked.at)}; {found.allowance}."
    took = [one for one in stay.all(_K.PLAN_EXTENDED) if one.subject == asked.subject and asked.at <= one.at <= limit]
    if took and (longer := found.regulation.more.get("extension")) is not None:
        limit = due(limit, longer, stay.zone, found.calendar)
        because = f"{because[:-1]}, and {longer} more that the plan took {stay.said(took[0].at)}."
    closed = stay.evidence(_R.AUTHORIZATION, asked.at, asked.subject)
    yield owed(stay, found, Span(start=asked.at, due=limit, closed=closed, subject=asked.subject), because)


def peer_to_peer(stay: Stay) -> Iterator[Obligation]:
    """The window for a talk between physicians after a denial; a term of the contract. An appeal ends it."""
    for denial in stay.all(_K.PLAN_DENIAL_NOTICE):
        if (found := term(stay, "PY-P2P", stay.day(denial.at))) is not None:
            closed = stay.evidence(_R.PEER_TO_PEER, denial.at, denial.subject)
            appealed = stay.evidence(_R.APPEAL, denial.at, denial.subject) if closed is None else None
            if appealed is not None:
                words = f"Appealed {stay.said(appealed)}; a talk comes before an appeal."
                yield not_required(found, words, denial.at, denial.subject)
                continue
            because = f"Denied {stay.said(denial.at)}; peer-to-peer within {found.allowance} by {found.citation}."
            yield owed(stay, found, _span(stay, found, denial, denial.at, closed), because)


def appeals(stay: Stay) -> Iterator[Obligation]:
    """Time to file, from receipt; where none is recorded receipt is presumed five days after the notice."""
    for rule_id, kind, word in _APPEALS:
        for decision in stay.all(kind):
            if kind is _K.PLAN_DENIAL_NOTICE and not _may_be_advantage(stay, decision.at):
                continue  # a contract or another law says how it is appealed
            if (found := term(stay, rule_id, stay.day(decision.at))) is not None:
                start, how = _received(stay, found, decision)
                closed = stay.evidence(_R.APPEAL, decision.at, decision.subject)
                because = f"{word} {day_text(stay.day(decision.at), stay.today)}, {how}; {found.allowance}."
                yield owed(stay, found, _span(stay, found, decision, start, closed), because)


def _may_be_advantage(stay: Stay, at: datetime) -> bool:
    lines = stay.lines(stay.day(at))
    return not lines or Line.MEDICARE_ADVANTAGE in lines


def _received(stay: Stay, found: Term, decision: Event) -> tuple[datetime, str]:
    known: date | None = decision.received_on
    if known is not None:
        return start_of_day(known, stay.zone), f"received {day_text(known, stay.today)}"
    presumed = opens(decision.at, found.more("presumed_receipt"), stay.zone)
    return presumed, f"receipt presumed {day_text(stay.day(presumed), stay.today)}"


def _span(stay: Stay, found: Term, event: Event, start: datetime, closed: datetime | None) -> Span:
    return Span(start=start, due=due_at(stay, found, start), closed=closed, subject=event.subject)


RULES = (admission_notification, decisions, extensions, peer_to_peer, appeals)
