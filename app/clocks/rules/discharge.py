"""Discharge planning: 42 CFR 482.43. The law names no hours; the hours are a hospital's policy."""

from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise

from app.clocks.facts import Event
from app.clocks.rules.owing import Span, Term, due_at, not_required, owed, simply, term
from app.clocks.rules.stay import Stay
from app.clocks.terms import EventKind, Obligation, RecordKind
from app.kernel.deadlines import due

_K, _R = EventKind, RecordKind


def screen(stay: Stay) -> Iterator[Obligation]:
    """Identify at an early stage who needs planning. 42 CFR 482.43(a)."""
    start = stay.first(_K.OBSERVATION_START, _K.INPATIENT_ORDER)
    if start is not None and (found := term(stay, "DP-SCREEN", stay.day(start.at))) is not None:
        because = f"Here since {stay.said(start.at)}; {found.allowance}, holiday or not."
        yield simply(stay, found, start.at, stay.evidence(_R.ASSESSMENT), because)


def evaluation(stay: Stay) -> Iterator[Obligation]:
    """Evaluate and discuss what a screen or a person asked for. 42 CFR 482.43(a)(1)."""
    for asked in stay.all(_K.NEED_IDENTIFIED):
        if (found := term(stay, "DP-EVAL", stay.day(asked.at))) is not None:
            closed = stay.evidence(_R.EVALUATION, asked.at, asked.subject)
            because = f"Needed since {stay.said(asked.at)}; {found.allowance}."
            span = Span(start=asked.at, due=due_at(stay, found, asked.at), closed=closed, subject=asked.subject)
            yield owed(stay, found, span, because)


def reevaluation(stay: Stay) -> Iterator[Obligation]:
    """Look at the plan again when something changed; of several changes the one whose time ends first counts.

    42 CFR 482.43(a)(6).
    """
    sooner = _moved_up(stay)
    changes = sorted([*stay.all(_K.PLAN_CHANGED), *sooner], key=lambda one: one.at)
    unanswered = [one for one in changes if stay.evidence(_R.PLAN, one.at) is None]
    considered = [
        (_limit(stay, found, change, change in sooner), change, found)
        for change in unanswered or changes[-1:]
        if (found := term(stay, "DP-REEVAL", stay.day(change.at))) is not None
    ]
    if not considered:
        return
    (limit, allowed), changed, found = min(considered, key=lambda one: one[0][0])
    if stay.discharge is not None and stay.discharge.at >= changed.at:
        yield not_required(found, f"Left {stay.said(stay.discharge.at)}.")
        return
    closed = stay.evidence(_R.PLAN, changed.at)
    word = "Expected earlier since" if changed in sooner else "Changed"
    because = f"{word} {stay.said(changed.at)}; {allowed}."
    yield owed(stay, found, Span(start=changed.at, due=limit, closed=closed), because)


def _limit(stay: Stay, found: Term, change: Event, sooner: bool) -> tuple[datetime, str]:
    """The instant and its allowance in words: an earlier expected date is looked at on the day on which it was set."""
    usual = due_at(stay, found, change.at)
    that_day = due(change.at, found.more("sooner"), stay.zone) if sooner else usual
    return (that_day, "on that same day") if that_day < usual else (usual, str(found.allowance))


def _moved_up(stay: Stay) -> list[Event]:
    """Expected dates that lie on an earlier day than the one before them."""
    dates = stay.all(_K.EXPECTED_DISCHARGE)
    return [
        after
        for before, after in pairwise(dates)
        if before.until is not None and after.until is not None and stay.day(after.until) < stay.day(before.until)
    ]


RULES = (screen, evaluation, reevaluation)
