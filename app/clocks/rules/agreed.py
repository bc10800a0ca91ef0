"""What people and contracts have set a time for: the next review, further days, follow-ups, answers, talks, appeals.

The time that was set is the deadline. Where none was, the allowance of the facility or of the contract says how long
somebody has. Of several events about one thing the last counts: a talk that was moved, days that were added.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time

from app.clocks.facts import Event
from app.clocks.rules.owing import Span, Term, due_at, not_required, owed, term
from app.clocks.rules.stay import Stay
from app.clocks.terms import EventKind, Obligation, RecordKind
from app.kernel.days import ONE_DAY, start_of_day
from app.kernel.wording import day_text

END_OF_DAY = time(23, 59, 59)
_K, _R = EventKind, RecordKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """A rule that a record about the same thing closes.

    Attributes:
        rule: id of the registry.
        event: what starts it.
        records: any of these closes it.
        word: begins the sentence of the event.
        limit: leads to the time that was set.
        each: of several events the last about each subject counts, else only the last of all, whatever its subject.
        later: the record that closes one often sets the next, so that one of the same instant does not count.
        leaves: the departure ends it: what is due after it is not owed any more, what was missed before it stays late.
        standard: name of the further allowance that holds for requests that are not expedited.
    """

    rule: str
    event: EventKind
    records: tuple[RecordKind, ...]
    word: str
    limit: str = "for"
    each: bool = True
    later: bool = True
    leaves: bool = False
    standard: str = ""

    def events(self, stay: Stay) -> list[Event]:
        """The events that count."""
        if self.each:
            return last_of_each(stay, self.event)
        return [last] if (last := stay.last(self.event)) is not None else []

    def closed(self, stay: Stay, event: Event) -> datetime | None:
        """When the first record that closes the obligation of an event was made."""
        search = stay.later_evidence if self.later else stay.evidence
        subject = event.subject if self.each else ""
        made = (search(kind, event.at, subject) for kind in self.records)
        return min((at for at in made if at is not None), default=None)


_PLAIN = (
    Agreed(rule="PY-FOLLOW", event=_K.FOLLOW_UP_SET, records=(_R.PAYER_CONTACT,), word="Follow-up set"),
    Agreed(rule="PY-APPEAL", event=_K.APPEAL_LEVEL_OPEN, records=(_R.APPEAL,), word="May be appealed since"),
    Agreed(rule="PY-VERIFY", event=_K.APPEAL_SENT, records=(_R.APPEAL_VERIFIED,), word="Appeal sent"),
    Agreed(rule="ES-ANSWER", event=_K.ESCALATED, records=(_R.DECISION,), word="Escalated"),
    Agreed(rule="ES-ATTENDING", event=_K.ATTENDING_ASKED, records=(_R.ATTENDING_ANSWER,), word="Asked"),
    Agreed(rule="ES-P2P", event=_K.P2P_SLOT, records=(_R.PEER_TO_PEER,), word="Talk arranged"),
)


def plain(stay: Stay) -> Iterator[Obligation]:
    """From the event until the time that was set, closed by a later record about the same thing."""
    for agreed in _PLAIN:
        for event in agreed.events(stay):
            yield from owed_by(stay, agreed, event)


def owed_by(stay: Stay, agreed: Agreed, event: Event, also: datetime | None = None) -> Iterator[Obligation]:
    """What one event asks for, unless nothing is owed under its rule on that day. `also` may have closed it too."""
    if (found := term(stay, agreed.rule, stay.day(event.at))) is None:
        return
    if agreed.standard and not event.expedited and found.allowance == found.regulation.allowance:
        found = replace(found, allowance=found.more(agreed.standard))
    limit = _utc(event.until) or due_at(stay, found, event.at)
    closed = min((at for at in (agreed.closed(stay, event), also) if at is not None), default=None)
    subject = event.subject if agreed.each else ""
    left = stay.discharge.at if agreed.leaves and stay.discharge is not None else None
    if left is not None and (closed is None or left < closed):
        if left <= limit:
            yield not_required(found, f"Left {stay.said(left)}.", event.at, subject)
            return
        closed = left
    span = Span(start=event.at, due=limit, closed=closed, subject=subject)
    said = f"{agreed.word} {stay.said(event.at)}{f', {event.party}' if event.party else ''}"
    yield owed(stay, found, span, _because(stay, found, event, said, agreed.limit))


def continued_stay(stay: Stay) -> Iterator[Obligation]:
    """The next review of a patient who is still here. 42 CFR 482.30(c); contracts with payers.

    Only the day that was set last counts. A departure ends it: before the day nothing was owed, after it the review was
    missed and stays late.
    """
    event = stay.last(_K.NEXT_REVIEW_DAY)
    if event is None or (found := term(stay, "UR-CSR", stay.day(event.at))) is None:
        return
    limit = _utc(event.until) or due_at(stay, found, event.at)
    reviewed = stay.later_evidence(_R.REVIEW, event.at)
    left = stay.discharge.at if stay.discharge is not None else None
    if left is not None and (reviewed is None or left < reviewed):
        if left <= limit:
            yield not_required(found, f"Left {stay.said(left)}, before the next review.", event.at, event.subject)
            return
        reviewed = left
    because = _because(stay, found, event, f"Set {stay.said(event.at)}")
    yield owed(stay, found, Span(start=event.at, due=limit, closed=reviewed, subject=event.subject), because)


def further_days(stay: Stay) -> Iterator[Obligation]:
    """Ask for days beyond the last authorized one, in time for the payer.

    The day of departure is not paid for, so that a patient who leaves on the day after the last authorized one needs
    no further days. Who stays longer does: the days may still be asked for after the departure, late.
    """
    for event in last_of_each(stay, _K.AUTHORIZATION_ENDS):
        if (found := term(stay, "PY-EXTEND", stay.day(event.at))) is None:
            continue
        covered = start_of_day(event.through, stay.zone) if event.through is not None else event.at
        limit = _utc(event.until) or due_at(stay, found, covered)
        asked = stay.later_evidence(_R.EXTENSION_REQUESTED, event.at, event.subject)
        left = stay.discharge.at if stay.discharge is not None else None
        if asked is None and left is not None and (left <= limit or _covered(stay, event, left)):
            yield not_required(found, f"Left {stay.said(left)}, within the authorized days.", event.at, event.subject)
            continue
        ends = f"Authorized through {day_text(event.through, stay.today)}" if event.through else "Authorization ends"
        span = Span(start=event.at, due=limit, closed=asked, subject=event.subject)
        yield owed(stay, found, span, f"{ends}; further days are asked for by {_limit(stay, limit)}.")


def _covered(stay: Stay, event: Event, left: datetime) -> bool:
    return event.through is not None and stay.day(left) <= event.through + ONE_DAY


def last_of_each(stay: Stay, kind: EventKind) -> list[Event]:
    """The last event about each thing, earliest first."""
    return sorted({event.subject: event for event in stay.all(kind)}.values(), key=lambda one: (one.at, one.subject))


def _because(stay: Stay, found: Term, event: Event, began: str, leads: str = "for") -> str:
    if event.until is None:
        return f"{began}; {found.allowance} by {found.citation}."
    return f"{began}, {leads} {_limit(stay, event.until)}."


def _limit(stay: Stay, limit: datetime) -> str:
    """A deadline in words; the end of a day is named by its day."""
    last_second = limit.astimezone(stay.zone).time().replace(microsecond=0) == END_OF_DAY
    return f"the end of {day_text(stay.day(limit), stay.today)}" if last_second else stay.said(limit)


def _utc(instant: datetime | None) -> datetime | None:
    return None if instant is None else instant.astimezone(UTC)


RULES = (plain, continued_stay, further_days)
