"""How a plan came to be: every record of it as one line, the latest first."""

from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import pairwise

from app.census.united import Subject
from app.discharge.plan import queries
from app.discharge.plan.items.queries import Item, items
from app.discharge.plan.queries import BarrierRow, Expected, Going
from app.discharge.plan.rules import DateVersion, accuracy, moved_by
from app.discharge.plan.terms import BarrierAction, DateReason, Ending, ItemAction
from app.discharge.ready.queries import Statement, statements
from app.kernel.wording import day_text, full_text
from app.platform.work import Reading

_BARRIERS = {
    BarrierAction.RAISE: "Barrier", BarrierAction.AMEND: "Barrier corrected", BarrierAction.WAIT: "Barrier waits",
    BarrierAction.GO_ON: "Barrier taken up again", BarrierAction.RESOLVE: "Barrier resolved",
    BarrierAction.REOPEN: "Barrier open again", BarrierAction.STRIKE_OUT: "Barrier struck out",
}  # fmt: skip
_ITEMS = {
    ItemAction.ADD: "added", ItemAction.AMEND: "corrected", ItemAction.FINISH: "done",
    ItemAction.SET_ASIDE: "not needed",
    ItemAction.REOPEN: "open again", ItemAction.STRIKE_OUT: "struck out",
}  # fmt: skip
Line = tuple[datetime, str, str]
"""When it was entered, by whom, what."""


def history(db: Reading, stay: Subject) -> list[dict[str, str]]:
    """All lines, the latest first."""
    stays, today = [stay.encounter_id], stay.day(db.now)

    def said(at: datetime) -> str:
        return full_text(at, stay.zone)

    found: list[Line] = []
    for date in queries.expected_dates(db, stays, ended=True):
        found += _date(date, lambda day: day_text(day, today))
    for going in queries.dispositions(db, stays, ended=True):
        found += _going(going)
    found += [_barrier(one) for one in queries.barriers(db, stays, ended=True)]
    found += [_item(one) for one in items(db, stays, ended=True)]
    found += [(one.made_at, one.made_by_name, f"Looked at the plan. {one.note}".strip())
              for one in queries.looks(db, stays)]  # fmt: skip
    for statement in statements(db, stays, struck_out=True):
        found += _statement(statement, said)
    return [
        {"at": full_text(at, stay.zone), "by": by or "the program", "text": text}
        for at, by, text in sorted(found, key=lambda line: line[0], reverse=True)
    ]


def _date(one: Expected, day: Callable[..., str]) -> Iterable[Line]:
    why = one.detail or (one.because.label.lower() if one.because is not DateReason.NOT_SAID else "")
    text = f"Expected date {day(one.expected_on)}, {one.confidence.label.lower()}" + (f": {why}" if why else "")
    yield one.made_at, one.made_by_name, text
    if one.ended_at is not None and one.ended_because == Ending.UNDONE:
        yield one.ended_at, "", f"Expected date {day(one.expected_on)} taken back"


def _going(one: Going) -> Iterable[Line]:
    text = f"Going to {one.to.label}" + (f", else {one.backup.label}" if one.backup else "")
    text += f", agreed with {one.agreed_with}" if one.agreed_with else ""
    yield one.made_at, one.made_by_name, f"{text}: {one.detail}" if one.detail else text
    if one.ended_at is not None and one.ended_because == Ending.UNDONE:
        yield one.ended_at, "", f"Going to {one.to.label} taken back"


def _barrier(one: BarrierRow) -> Line:
    text = f"{_BARRIERS[one.action]}: {one.words}"
    return one.made_at, one.made_by_name, f"{text}. {one.note}" if _says(one.action) and one.note else text


def _says(action: BarrierAction) -> bool:
    return action not in (BarrierAction.RAISE, BarrierAction.AMEND)


def _item(one: Item) -> Line:
    text = f"{one.part.label} {_ITEMS[ItemAction(one.action)]}: {one.words}"
    keeps_silent = one.action in (ItemAction.ADD, ItemAction.AMEND)
    return one.made_at, one.made_by_name, text if keeps_silent or not one.note else f"{text}. {one.note}"


def _statement(one: Statement, said: Callable[[datetime], str]) -> Iterable[Line]:
    word = f", on the word of {one.physician}" if one.on_word else f", {one.physician}"
    text = f"{one.kind.label} {said(one.at)}{word}"
    yield one.made_at, one.made_by_name, f"{text}: {one.reason}" if one.reason else text
    if one.ended_at is not None:
        yield (
            one.ended_at,
            one.ended_by_name,
            f"Struck out: {one.kind.label.lower()} {said(one.at)}. {one.ended_reason}",
        )


def accuracy_text(dates: Iterable[Expected], departed_at: datetime, stay: Subject) -> str:
    """How good the expected date was 24, 48 and 72 hours before the departure; empty where none stood."""
    versions = [DateVersion(one.expected_on, one.made_at, one.ended_at) for one in dates]
    found = accuracy(versions, departed_at, stay.zone)
    return ", ".join(f"{hours} h before: {_missed(days)}" for hours, days in found.items() if days is not None)


def _missed(days: int) -> str:
    if days == 0:
        return "right"
    return f"{abs(days)} d too {'late' if days > 0 else 'early'}"


def moved_text(dates: Iterable[Expected]) -> str:
    """How often the date was moved and how far from the first one; empty where it was set once or never."""
    meant = [one.expected_on for one in dates if one.ended_because != Ending.UNDONE]
    moves = sum(before != after for before, after in pairwise(meant))
    if not moves:
        return ""
    far = moved_by(meant)
    often = "once" if moves == 1 else f"{moves} times"
    return f"moved {often}" + (f", {abs(far)} d {'later' if far > 0 else 'earlier'} than first set" if far else "")
