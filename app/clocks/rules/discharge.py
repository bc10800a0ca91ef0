"""Discharge planning: 42 CFR 482.43. The law names no hours; the hours are a hospital's policy."""

from collections.abc import Iterator

from app.clocks.rules.owing import Span, due_at, not_required, owed, simply, term
from app.clocks.rules.stay import Stay
from app.clocks.terms import EventKind, Obligation, RecordKind

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
    """Look at the plan again when something changed. 42 CFR 482.43(a)(6)."""
    changed = stay.last(_K.PLAN_CHANGED)
    if changed is None or (found := term(stay, "DP-REEVAL", stay.day(changed.at))) is None:
        return
    if stay.discharge is not None and stay.discharge.at >= changed.at:
        yield not_required(found, f"Left {stay.said(stay.discharge.at)}.")
        return
    because = f"Changed {stay.said(changed.at)}; {found.allowance}."
    yield simply(stay, found, changed.at, stay.evidence(_R.PLAN, changed.at), because)


RULES = (screen, evaluation, reevaluation)
