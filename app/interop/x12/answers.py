"""What a payer's 278 answers: the decision on each patient event, a rejection, or the receipt of a notification.

The days an answer gives are told as it names them: a certified period where there is one, else a number of days. What
they amount to together with the request is for the authorization to say.
"""

from datetime import date

import msgspec

from app.interop.x12.loops import LEVEL_WORDS, Level, LevelKind, Loops
from app.interop.x12.segments import Segment, TransactionSet
from app.interop.x12.terms import Answer, AnswerKind, Finding, Guide, Person, Rejection
from app.interop.x12.values import Notes, contact_text, days_counted, moment, one_day, period, person
from app.payers.requests.rules import GRANTS, joined
from app.payers.requests.terms import Action, Days, Decision

MORE_FOLLOWS = "19"
"""BHT06 of an answer that is not the last one."""


def answers_in(one: TransactionSet, tree: Loops, guide: Guide | None) -> list[Answer]:
    """One answer for each patient event; one alone where the payer did not get as far as an event."""
    header = next((segment for segment in tree.header if segment.name == "BHT"), None)
    outside = [finding for finding in (*one.findings, *tree.findings) if finding.severe]
    ends = [level for level in tree.levels if level.kind is LevelKind.EVENT] or _deepest(tree)
    return [_answer(one, level, header, guide, outside) for level in ends]


def _deepest(tree: Loops) -> list[Level]:
    """Without an event: the patients named, else the last level that is there."""
    people = [
        one for one in tree.levels if one.kind in (LevelKind.DEPENDENT, LevelKind.SUBSCRIBER) and not one.children
    ]
    return people or tree.levels[-1:]


def _answer(
    one: TransactionSet, level: Level, header: Segment | None, guide: Guide | None, outside: list[Finding]
) -> Answer:
    notes = Notes()
    event = level if level.kind is LevelKind.EVENT else None
    rejections = _rejections(level)
    decision = _decision(event, rejections, _word(header, 6) == MORE_FOLLOWS, notes) if event else None
    if decision is None and not rejections and guide is Guide.NOTIFICATION and event is not None:
        kind = AnswerKind.RECEIPT
    else:
        kind = _kind(level, decision, rejections, notes)
    echo, own = _traces(event, notes)
    patient = _patient(level)
    source = level.above(LevelKind.SOURCE)
    return Answer(
        kind=kind, event_trace=_word(echo, 2), trace_origin=_word(echo, 3), payer_trace=_word(own, 2),
        reference=_word(header, 3), decision=decision, rejections=rejections,
        member_id=_member(level), family=patient.family if patient else "", given=patient.given if patient else "",
        birth_date=patient.birth_date if patient else None,
        written_at=moment(_word(header, 4), _word(header, 5)) if header else None,
        contact=contact_text(source) if source else "", place=one.place, findings=(*outside, *notes),
    )  # fmt: skip


def _word(segment: Segment | None, position: int) -> str:
    return segment.get(position) if segment else ""


def _kind(level: Level, decision: Decision | None, rejections: tuple[Rejection, ...], notes: Notes) -> AnswerKind:
    if decision is not None:
        if rejections and decision.action in GRANTS:
            notes.severe(level.head, "The answer certifies days and rejects the request (AAA) at the same time.")
        return AnswerKind.DECISION
    if rejections:
        return AnswerKind.REJECTION
    if not any(one.severe for one in notes):
        notes.severe(level.head, "The answer holds neither a decision (HCR) nor a rejection (AAA).")
    return AnswerKind.UNREADABLE


def _traces(event: Level | None, notes: Notes) -> tuple[Segment | None, Segment | None]:
    """The trace that repeats ours (TRN01 2) and the payer's own (TRN01 1)."""
    if event is None:
        return None, None
    echoes = [one for one in event.all("TRN") if one.get(1) == "2"]
    if len({(one.get(2), one.get(3)) for one in echoes}) > 1:
        notes.severe(echoes[1], "The answer repeats two different event traces.")
    return (echoes[0] if echoes else None), event.qualified("TRN", "1")


def _patient(level: Level) -> Person | None:
    dependent, subscriber = level.above(LevelKind.DEPENDENT), level.above(LevelKind.SUBSCRIBER)
    return (person(dependent, "QC") if dependent else None) or (person(subscriber, "IL") if subscriber else None)


def _member(level: Level) -> str:
    subscriber = level.above(LevelKind.SUBSCRIBER)
    found = person(subscriber, "IL") if subscriber else None
    return found.member_id if found else ""


def _rejections(level: Level) -> tuple[Rejection, ...]:
    """AAA of this level, of those above it and of those below it: an answer may stop at any of them."""
    levels = [*reversed(list(level.up())), *level.children]
    return tuple(
        Rejection(level=LEVEL_WORDS[at.kind], reason=segment.get(3), follow_up=segment.get(4))
        for at in levels for segment in at.all("AAA")
    )  # fmt: skip


# --- the decision ----------------------------------------------------------------------------------------------------


class _Line(msgspec.Struct, frozen=True):
    """What one level, the event or a service in it, says for itself."""

    action: Action
    number: str
    reasons: tuple[str, ...]
    ranges: tuple[Days, ...]
    quantity: int | None


def _decision(event: Level, rejections: tuple[Rejection, ...], more: bool, notes: Notes) -> Decision | None:
    whole = _line(event, notes)
    services = [line for one in event.children if (line := _line(one, notes)) is not None]
    if whole is None and not services:
        return None
    if whole is None:
        whole = _of_services(event, services, notes)
    ranges, quantity = whole.ranges, whole.quantity
    if whole.action in GRANTS and not ranges and quantity is None:
        given = [one for one in services if one.action in GRANTS]
        ranges = joined([days for one in given for days in one.ranges])
        counts = {one.quantity for one in given if one.quantity is not None}
        if not ranges and len(counts) > 1:
            notes.severe(event.head, "Services of this answer name different numbers of days.")
        elif len(counts) == 1:
            quantity = counts.pop()
    _compare(event, services, whole, notes)
    reasons = [*whole.reasons, *(reason for one in services for reason in one.reasons),
               *(one.reason for one in rejections)]  # fmt: skip
    return Decision(
        action=whole.action, ranges=ranges, quantity=quantity, reasons=tuple(dict.fromkeys(filter(None, reasons))),
        authorization_number=whole.number or _first_number(services) or _reference(event, "BB"),
        reference=_reference(event, "NT"), issued_on=_issued(event, notes), more_follows=more, text=_text(event),
    )  # fmt: skip


def _line(level: Level, notes: Notes) -> _Line | None:
    found = level.all("HCR")
    if not found:
        return None
    segment = found[0]
    if len({one.elements for one in found}) > 1:
        notes.severe(found[1], "One level of the answer holds two different decisions.")
    try:
        action = Action(segment.get(1))
    except ValueError:
        notes.severe(segment, "HCR01 holds no decision code that is known.")
        return None
    number, reasons = segment.get(2), tuple(segment.repeated(3))
    if action not in GRANTS:  # the period and days of a refusal or a pended answer are those that were asked for
        return _Line(action, number, reasons, (), None)
    return _Line(action, number, reasons, _ranges(level, notes), days_counted(level, notes))


def _ranges(level: Level, notes: Notes) -> tuple[Days, ...]:
    """The certified period: the effective one (007), else that of the event (AAH), else from effect to expiry (036)."""
    effective, event = period(level, notes, "007"), period(level, notes, "AAH")
    first = one_day(level, notes, "007") or one_day(level, notes, "AAH")
    last = one_day(level, notes, "036")
    named = [one for one in (effective, event) if one is not None]
    if len(set(named)) > 1:
        notes.severe(level.head, "The answer names two different periods (DTP AAH and 007).")
        return ()
    if named:
        if last is not None and last != named[0].until:
            notes.severe(level.head, "The period of the answer and its expiry (DTP 036) end on different days.")
        return (named[0],)
    if last is None:
        return ()
    if first is None or last <= first:
        notes.severe(level.head, "The answer names the expiry (DTP 036) of a period, but not its first day.")
        return ()
    return (Days(first, last),)


def _of_services(event: Level, services: list[_Line], notes: Notes) -> _Line:
    """Only services bear decisions: one alone speaks for the stay, different ones are for people to weigh."""
    actions = {one.action for one in services}
    numbers = {one.number for one in services if one.number}
    if len(actions) == 1:
        return _Line(services[0].action, numbers.pop() if len(numbers) == 1 else "", (), (), None)
    notes.severe(event.head, "The services of this answer were decided differently, and the stay as a whole was not.")
    return _Line(Action.PARTIAL, numbers.pop() if len(numbers) == 1 else "", (), (), None)


def _compare(event: Level, services: list[_Line], whole: _Line, notes: Notes) -> None:
    """A whole that was certified with a part that was not, or the other way round, contradicts itself."""
    if whole.action is Action.CERTIFIED and any(one.action not in GRANTS for one in services):
        notes.severe(event.head, "The stay is certified in total, but a service of it is not.")
    if whole.action is Action.NOT_CERTIFIED and any(one.action in GRANTS for one in services):
        notes.severe(event.head, "The stay is not certified, but a service of it is.")
    for line in (whole, *services):
        counted = sum(one.count for one in line.ranges)
        if line.ranges and line.quantity is not None and counted != line.quantity:
            notes.severe(event.head, f"The answer gives a period of {counted} days and counts {line.quantity} days.")


def _first_number(services: list[_Line]) -> str:
    numbers = {one.number for one in services if one.number}
    return numbers.pop() if len(numbers) == 1 else ""


def _reference(event: Level, qualifier: str) -> str:
    return _word(event.qualified("REF", qualifier), 2)


def _issued(event: Level, notes: Notes) -> date | None:
    return one_day(event, notes, "102")


def _text(event: Level) -> str:
    """MSG of the event and of its services."""
    said = [one.get(1) for level in (event, *event.children) for one in level.all("MSG")]
    return "\n".join(dict.fromkeys(filter(None, said)))
