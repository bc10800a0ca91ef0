"""How a rule says what is owed: its number in force that day, the arithmetic, the evidence, and the sentence."""

from dataclasses import dataclass
from datetime import date, datetime

from app.clocks.registry import RULES, SETTINGS
from app.clocks.rules.stay import Stay
from app.clocks.terms import Obligation
from app.kernel.days import BusinessCalendar
from app.kernel.deadlines import Allowance, Standing, due, opens, standing
from app.regulations import Confidence, NotInForce, Regulation, in_force


@dataclass(frozen=True, slots=True)
class Term:
    """What a rule allows a stay on one day: by law, or by the policy or contract that stands in for a default."""

    rule: str
    allowance: Allowance
    citation: str
    confidence: Confidence
    version: str
    calendar: BusinessCalendar
    regulation: Regulation

    def more(self, name: str) -> Allowance:
        """A further allowance of the same rule."""
        return self.regulation.more[name]


def term(stay: Stay, rule_id: str, on: date) -> Term | None:
    """The term of a rule in force on a local day; None where nothing was owed under it then."""
    try:
        law = in_force(rule_id, on)
    except NotInForce:
        return None
    policy = stay.policy(rule_id, on) if law.confidence in SETTINGS else None
    if policy is None:
        calendar = stay.facts.calendar
        return Term(rule_id, law.allowance, law.citation, law.confidence, law.in_force_from.isoformat(), calendar, law)
    if not policy.asked:
        return None
    source = policy.source or ("payer's contract" if policy.payer else "policy of the facility")
    allowance = Allowance.parse(policy.allowance)
    begins = policy.begins.isoformat()
    return Term(rule_id, allowance, source, Confidence.POLICY, begins, stay.calendar(policy), law)


def due_at(stay: Stay, found: Term, start: datetime) -> datetime:
    """The last instant in time."""
    return due(start, found.allowance, stay.zone, found.calendar)


def opens_at(stay: Stay, found: Term, start: datetime, name: str = "earliest") -> datetime:
    """The first instant from which evidence counts."""
    return opens(start, found.more(name), stay.zone, found.calendar)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From which event, from when evidence counts, until when, and when it came."""

    start: datetime | None = None
    earliest: datetime | None = None
    due: datetime | None = None
    closed: datetime | None = None
    subject: str = ""


def owed(stay: Stay, found: Term, span: Span, because: str) -> Obligation:
    """The obligation, standing where its due instant and its evidence put it. Without a due instant it is open."""
    where = Standing.DUE if span.due is None else standing(span.due, stay.now, span.closed)
    if span.due is None and span.closed is not None:
        where = Standing.DONE
    return _obligation(found, where, span, because)


def simply(stay: Stay, found: Term, start: datetime, closed: datetime | None, because: str) -> Obligation:
    """The plain case: from an event, for as long as the rule allows."""
    return owed(stay, found, Span(start=start, due=due_at(stay, found, start), closed=closed), because)


def not_required(found: Term, because: str, start: datetime | None = None, subject: str = "") -> Obligation:
    """Nothing is owed, and why."""
    return _obligation(found, Standing.NOT_REQUIRED, Span(start=start, subject=subject), because)


def decided(found: Term, where: Standing, span: Span, because: str) -> Obligation:
    """An obligation whose standing follows from a count, not from a time."""
    return _obligation(found, where, span, because)


def _obligation(found: Term, where: Standing, span: Span, because: str) -> Obligation:
    rule = RULES[found.rule]
    return Obligation(
        rule=found.rule,
        title=rule.title,
        standing=where,
        severity=rule.severity,
        actor=rule.actor,
        because=because,
        citation=found.citation,
        confidence=found.confidence,
        version=found.version,
        subject=span.subject,
        start_at=span.start,
        earliest_at=span.earliest,
        due_at=None if where is Standing.NOT_REQUIRED else span.due,
        closed_at=span.closed,
    )
