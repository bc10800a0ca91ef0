"""When a statement about readiness or the discharge order may be made, and the spans that follow from them. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.discharge.ready.terms import Lane, StatementKind
from app.kernel.refusal import Refused

_K = StatementKind
LANE = {_K.READY: Lane.READINESS, _K.NOT_READY: Lane.READINESS, _K.ORDERED: Lane.ORDER, _K.WITHDRAWN: Lane.ORDER}
BEGINS = {Lane.READINESS: _K.READY, Lane.ORDER: _K.ORDERED}
ENDS = {Lane.READINESS: _K.NOT_READY, Lane.ORDER: _K.WITHDRAWN}
_ALREADY = {
    _K.READY: "The patient is recorded as medically ready at that time already. Strike the other statement out first"
    " if its time is wrong.",
    _K.NOT_READY: "The patient is not recorded as medically ready at that time, so there is nothing to take back.",
    _K.ORDERED: "A discharge order is recorded for that time already. Strike it out first if its time is wrong.",
    _K.WITHDRAWN: "No discharge order is recorded for that time, so there is nothing to withdraw.",
}


@dataclass(frozen=True, slots=True)
class Stated:
    """A statement that stands: what, and the true time of it."""

    kind: StatementKind
    at: datetime


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when something held; without an end it holds still."""

    begins: datetime
    ends: datetime | None = None

    def holds(self, at: datetime) -> bool:
        """Whether it held at that instant."""
        return self.begins <= at and (self.ends is None or at < self.ends)


@dataclass(frozen=True, slots=True)
class Bounds:
    """Where a true time may lie: from the begin of the stay to now, or to the departure if there was one."""

    now: datetime
    began: datetime | None
    departed: datetime | None


def check(said: Stated, reason: str, standing: Sequence[Stated], bounds: Bounds) -> None:
    """Refused, with its field, for a time that cannot be, an end without a reason, or what contradicts what stands."""
    if said.at > bounds.now:
        raise Refused("This time lies in the future. Write when it was said.", field="at")
    if bounds.began is not None and said.at < bounds.began:
        raise Refused("This is before the stay began. Correct the day or the time.", field="on")
    if bounds.departed is not None and said.at > bounds.departed:
        raise Refused("The patient had departed by then. Correct the day or the time.", field="on")
    if said.kind is _K.NOT_READY and not reason:
        raise Refused("Say why the patient needs the hospital again.", field="reason")
    if said.kind is _K.WITHDRAWN and not reason:
        raise Refused("Say why the order is withdrawn.", field="reason")
    _check_order(said, standing)


def _check_order(said: Stated, standing: Sequence[Stated]) -> None:
    lane = LANE[said.kind]
    others = sorted((one for one in standing if LANE[one.kind] is lane), key=lambda one: one.at)
    if any(one.at == said.at for one in others):
        text = "Another statement has this very time. Strike it out first, or correct the time."
        raise Refused(text, field="at")
    before = [one for one in others if one.at <= said.at]
    held = bool(before) and before[-1].kind is BEGINS[lane]
    following = next((one for one in others if one.at > said.at), None)
    repeats = held if said.kind is BEGINS[lane] else not held
    if repeats:
        raise Refused(_ALREADY[said.kind], field="at")
    if following is not None and following.kind is said.kind:
        raise Refused("A later statement says the same. Strike it out first, then record this one.", field="at")
    if following is not None:
        raise Refused("A later statement stands already. Strike it out first, then record both in order.", field="at")


def may_strike(struck: Stated, standing: Iterable[Stated]) -> None:
    """Refused for a statement on which a later one stands: an end without its begin would say nothing."""
    lane = LANE[struck.kind]
    if any(one.at > struck.at and LANE[one.kind] is lane for one in standing):
        raise Refused("A later statement stands on this one. Strike the later one out first.")


def spans(standing: Iterable[Stated], lane: Lane) -> list[Span]:
    """From when to when it held, in order. Of two begins in a row the first counts, an end without a begin does not."""
    found: list[Span] = []
    since: datetime | None = None
    for one in sorted((one for one in standing if LANE[one.kind] is lane), key=lambda one: one.at):
        if one.kind is BEGINS[lane]:
            since = since or one.at
        elif since is not None:
            found.append(Span(since, one.at))
            since = None
    return [*found, Span(since)] if since is not None else found


def since(standing: Iterable[Stated], lane: Lane) -> datetime | None:
    """Since when it holds, if it does."""
    found = spans(standing, lane)
    return found[-1].begins if found and found[-1].ends is None else None
