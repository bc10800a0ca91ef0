"""Which days a payer has authorized, out of its answers. Pure.

An answer is read in this order: the period that it names; else the number of days that it names, from the first day
asked; else, where all was certified, the days asked. What contradicts itself is for a person: it is kept and shown,
and no day is taken from it. Days stay ranges; nothing here is a counter.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from app.payers.requests.terms import Action, CertificationType, Days, Decision, ReviewRequest

GRANTS = frozenset({Action.CERTIFIED, Action.PARTIAL, Action.MODIFIED})
"""Answers that authorize days."""
DECIDES = GRANTS | {Action.NOT_CERTIFIED, Action.NOT_REQUIRED}
"""Answers after which nothing is awaited."""
ASKS_DAYS = frozenset(CertificationType) - {CertificationType.CANCEL}
"""Requests that ask for days."""


@dataclass(frozen=True, slots=True)
class Covered:
    """What one answer authorizes, or why a person has to read it."""

    ranges: tuple[Days, ...] = ()
    contradiction: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """A request, and the answers to it that stand, in the order in which they came. Without a request: unasked."""

    request: ReviewRequest | None
    decisions: Sequence[Decision] = ()


@dataclass(frozen=True, slots=True)
class Approved:
    """The days of one authorization.

    Attributes:
        ranges: the days that are authorized, in order, touching ranges joined.
        denied: the days that were asked and decided, and are not authorized.
        open: the days that were asked and are not decided yet.
        contradictions: sentences about answers that a person has to read.
    """

    ranges: tuple[Days, ...] = ()
    denied: tuple[Days, ...] = ()
    open: tuple[Days, ...] = ()
    contradictions: tuple[str, ...] = ()

    @property
    def through(self) -> date | None:
        """The last covered day: the last night that is authorized. None when no day is."""
        return self.ranges[-1].until - timedelta(days=1) if self.ranges else None

    @property
    def count(self) -> int:
        """How many days are authorized."""
        return sum(one.count for one in self.ranges)


def covered(decision: Decision, request: ReviewRequest | None) -> Covered:
    """The days that one answer authorizes."""
    wrong = _contradiction(decision)
    if wrong:
        return Covered(contradiction=wrong)
    if decision.action not in GRANTS:
        return Covered()
    if decision.ranges:
        return Covered(joined(decision.ranges))
    asked = request.days if request is not None else None
    if decision.quantity is not None:
        if asked is None:
            return Covered(contradiction="The answer names a number of days, but no day from which they are counted.")
        return Covered((Days(asked.first, asked.first + timedelta(days=decision.quantity)),))
    if decision.action is Action.CERTIFIED and asked is not None:
        return Covered((asked,))
    return Covered(contradiction="The answer names no days.")


def _contradiction(decision: Decision) -> str:
    """What in an answer cannot both be true; empty when it can."""
    if any(one.until <= one.first for one in decision.ranges):
        return "A period of the answer ends before it begins."
    if decision.quantity is not None and decision.quantity < 0:
        return "The answer names fewer than no days."
    if decision.action not in GRANTS and (decision.ranges or decision.quantity):
        return "The answer authorizes nothing, and names days all the same."
    if decision.action in GRANTS and decision.quantity == 0 and not decision.ranges:
        return "The answer authorizes, and names no day."
    total = sum(one.count for one in decision.ranges)
    if total != sum(one.count for one in joined(decision.ranges)):
        return "Periods of the answer overlap."
    if decision.ranges and decision.quantity is not None and decision.quantity != total:
        return f"The period has {_days(total)}, the answer says {_days(decision.quantity)}."
    return ""


def approved(answers: Iterable[Answered]) -> Approved:
    """The days of an authorization out of all its requests and answers, the requests in the order of asking.

    The last answer that decides a request holds for it. What it says of a day stands in the place of what an earlier
    request had been answered about that day. An answer that contradicts itself changes nothing.
    """
    granted: tuple[Days, ...] = ()
    denied: tuple[Days, ...] = ()
    waiting: tuple[Days, ...] = ()
    wrong: list[str] = []
    for one in answers:
        asked = (one.request.days,) if one.request is not None and one.request.days is not None else ()
        read = [(decision, covered(decision, one.request)) for decision in one.decisions]
        wrong += [found.contradiction for _, found in read if found.contradiction]
        sound = [found.ranges for decision, found in read if decision.action in DECIDES and not found.contradiction]
        if not sound:
            waiting = joined([*waiting, *asked])
            continue
        given = sound[-1]
        granted = joined([*without(granted, asked), *given])
        denied = without(joined([*denied, *asked]), granted)
        waiting = without(waiting, joined([*asked, *given]))
    return Approved(granted, denied, waiting, tuple(wrong))


def joined(ranges: Iterable[Days]) -> tuple[Days, ...]:
    """The same days in order, as few ranges as possible."""
    found: list[Days] = []
    for one in sorted(ranges):
        if found and one.first <= found[-1].until:
            found[-1] = Days(found[-1].first, max(found[-1].until, one.until))
        else:
            found.append(one)
    return tuple(found)


def without(ranges: Iterable[Days], taken: Iterable[Days]) -> tuple[Days, ...]:
    """The days of `ranges` that are not among those of `taken`."""
    left = list(joined(ranges))
    for out in joined(taken):
        parts: list[Days] = []
        for one in left:
            if one.until <= out.first or out.until <= one.first:
                parts.append(one)
                continue
            if one.first < out.first:
                parts.append(Days(one.first, out.first))
            if out.until < one.until:
                parts.append(Days(out.until, one.until))
        left = parts
    return tuple(left)


def within(day: date, ranges: Iterable[Days]) -> bool:
    """Whether the night of that day is among them."""
    return any(one.first <= day < one.until for one in ranges)


@dataclass(frozen=True, slots=True)
class Bounds:
    """The first day of a stay, and the day of its departure; None where it has not begun or not ended."""

    first: date | None = None
    left: date | None = None


def beyond(ranges: Iterable[Days], stay: Bounds) -> str:
    """What of these days is no day of the stay, in one sentence; empty where all are. It is for a person.

    The day of departure is none, but for who came and left on one day.
    """
    before = (Days(date.min, stay.first),) if stay.first is not None else ()
    last = None if stay.left is None else max(stay.left, stay.first + _DAY if stay.first is not None else stay.left)
    after = (Days(last, date.max),) if last is not None else ()
    named = joined(ranges)
    early, late = without(named, without(named, before)), without(named, without(named, after))
    said = ((early, "before the stay began", stay.first), (late, "after the departure", stay.left))
    parts = [
        f"{_days(sum(one.count for one in days))} {what} on {day:%a %-d %b %Y}"
        for days, what, day in said
        if days and day is not None
    ]
    return f"The answer names {' and '.join(parts)}." if parts else ""


_DAY = timedelta(days=1)


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"
