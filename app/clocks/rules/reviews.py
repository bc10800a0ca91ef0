"""Utilization review: 42 CFR 482.30, 42 CFR 456 subpart C for Medicaid, 42 CFR 424.15 for critical access hospitals."""

from collections.abc import Iterator
from datetime import date, datetime

from app.clocks.rules.owing import Span, due_at, not_required, owed, simply, term
from app.clocks.rules.stay import Stay
from app.clocks.terms import EventKind, Line, Obligation, RecordKind
from app.kernel.days import ONE_DAY, start_of_day
from app.kernel.wording import day_text

CRITICAL_ACCESS = "cah"
STATUS_CHANGE = "status_change"  # `to` of a determination that changes an inpatient to an outpatient
CONSULT = "UR-CONSULT"
"""How long a practitioner may present views before a determination: a term, under which nothing is owed itself."""

_K, _R = EventKind, RecordKind


def admission_screen(stay: Stay) -> Iterator[Obligation]:
    """Criteria applied to the admission, inpatient or observation; a hospital's policy."""
    start = stay.first(_K.OBSERVATION_START, _K.INPATIENT_ORDER)
    if start is not None and (found := term(stay, "UR-ADM-SCREEN", stay.day(start.at))) is not None:
        because = f"In the house by order since {stay.said(start.at)}; {found.allowance}."
        yield simply(stay, found, start.at, stay.evidence(_R.REVIEW), because)


def second_level(stay: Stay) -> Iterator[Obligation]:
    """A review that did not meet criteria goes to a physician; a hospital's policy."""
    for screen in stay.all(_K.SCREEN_NOT_MET):
        if (found := term(stay, "UR-2ND", stay.day(screen.at))) is not None:
            closed = stay.evidence(_R.DECISION, screen.at, screen.subject)
            because = f"Criteria not met {stay.said(screen.at)}; {found.allowance}."
            span = Span(start=screen.at, due=due_at(stay, found, screen.at), closed=closed, subject=screen.subject)
            yield owed(stay, found, span, because)


def determination_notices(stay: Stay) -> Iterator[Obligation]:
    """Hospital, patient and practitioner are told in writing within two days. 42 CFR 482.30(d)(3).

    Of a change of status also not later than the departure: Claims Processing Manual, chapter 1, section 50.3.
    """
    for made in stay.all(_K.UR_DETERMINATION):
        if (found := term(stay, "UR-NOTICE", stay.day(made.at))) is not None:
            closed = stay.evidence(_R.DETERMINATION_NOTICES, made.at, made.subject)
            because = f"Determined {stay.said(made.at)}; two calendar days, weekend or not."
            limit, leaves = due_at(stay, found, made.at), stay.departure
            if made.to == STATUS_CHANGE and leaves is not None and made.at <= leaves.at < limit:
                limit = leaves.at
                because = f"Determined {stay.said(made.at)}; told before the patient leaves {stay.said(leaves.at)}."
            span = Span(start=made.at, due=limit, closed=closed, subject=made.subject)
            yield owed(stay, found, span, because)


def grace_days(stay: Stay) -> Iterator[Obligation]:
    """Part A pays for services before the fourth day after the day of the notice. 42 U.S.C. 1395f(a)(6)."""
    told = stay.last(_K.UR_NOTICE_RECEIVED)
    if told is not None and (found := term(stay, "UR-GRACE", stay.day(told.at))) is not None:
        because = f"Notice received {stay.said(told.at)}; Part A pays through the third day after it."
        yield simply(stay, found, told.at, None, because)


def extended_stay(stay: Stay) -> Iterator[Obligation]:
    """Review within seven days of the day that the plan sets. 42 CFR 482.30(e).

    A departure before that ends it; after a missed review it is late.
    """
    day = stay.last(_K.EXTENDED_STAY_DAY)
    if day is not None:
        yield from _extended(stay, day.at, "")
    for planned in _plan_days(stay):
        yield from _extended(stay, start_of_day(planned, stay.zone), planned.isoformat())
        if stay.evidence(_R.REVIEW, start_of_day(planned, stay.zone)) is None:
            return  # the next day of the plan is asked for when this one is reviewed


def _extended(stay: Stay, day: datetime, subject: str) -> Iterator[Obligation]:
    if (found := term(stay, "UR-EXT", stay.day(day))) is None:
        return
    limit = due_at(stay, found, day)
    reviewed = stay.evidence(_R.REVIEW, start_of_day(stay.day(day), stay.zone))
    left = stay.discharge.at if stay.discharge is not None else None
    if left is not None and (reviewed is None or left < reviewed):
        if left <= limit:
            yield not_required(found, f"Left {stay.said(left)}, before the review was due.", day, subject)
            return
        reviewed = left
    because = f"Extended-stay day {day_text(stay.day(day), stay.today)}; within seven days of it."
    yield owed(stay, found, Span(start=day, earliest=day, due=limit, closed=reviewed, subject=subject), because)


def _plan_days(stay: Stay) -> Iterator[date]:
    """Days of extended-stay review by the facility's plan, up to the departure; none where it has set no first day.

    A plan that began during the stay asks for its days from then on.
    """
    if stay.admitted is None or (begins := stay.policy_since("UR-EXT-DAY", stay.day(stay.admitted.at))) is None:
        return
    first, every = term(stay, "UR-EXT-DAY", begins), term(stay, "UR-EXT-EVERY", begins)
    if first is None:
        return
    day = stay.day(due_at(stay, first, stay.admitted.at))
    while stay.discharge is None or day <= stay.day(stay.discharge.at):
        if day >= begins:
            yield day
        if every is None:
            return
        day = max(day + ONE_DAY, stay.day(due_at(stay, every, start_of_day(day, stay.zone))))


def long_stay_certificate(stay: Stay) -> Iterator[Obligation]:
    """A physician certifies long stays by day 20. 42 CFR 424.13."""
    if stay.admitted is None or (found := term(stay, "UR-CERT20", stay.day(stay.admitted.at))) is None:
        return
    if Line.MEDICARE_FFS not in stay.lines(stay.day(stay.admitted.at)):
        return
    limit = due_at(stay, found, stay.admitted.at)
    if stay.discharge is not None and stay.discharge.at <= limit:
        yield not_required(found, f"Left {stay.said(stay.discharge.at)}, before day 20.")
        return
    because = f"Inpatient since {stay.said(stay.admitted.at)}; certified by day 20 of the stay."
    yield simply(stay, found, stay.admitted.at, stay.evidence(_R.CERTIFICATION), because)


def medicaid(stay: Stay) -> Iterator[Obligation]:
    """Decision and notice within two working days. 42 CFR 456.126, 456.137."""
    if stay.admitted is not None and Line.MEDICAID_FFS in stay.lines(stay.day(stay.admitted.at)):
        told = stay.after(stay.admitted.at, _K.MEDICAID_APPLICATION) or stay.admitted
        if (found := term(stay, "MCD-ADM", stay.day(told.at))) is not None:
            word = "Application told" if told is not stay.admitted else "Medicaid admission"
            because = f"{word} {stay.said(told.at)}; two working days, holidays left out."
            yield simply(stay, found, told.at, stay.evidence(_R.DECISION, stay.admitted.at), because)
    for set_day in stay.all(_K.CONTINUED_STAY_DATE):
        if (found := term(stay, "MCD-CSR", stay.day(set_day.at))) is not None:
            because = f"Continued-stay review set for {stay.said(set_day.at)[:-6]}; notice within two working days."
            closed = stay.evidence(_R.DECISION, None, set_day.subject)
            span = Span(start=set_day.at, due=due_at(stay, found, set_day.at), closed=closed, subject=set_day.subject)
            yield owed(stay, found, span, because)


def critical_access(stay: Stay) -> Iterator[Obligation]:
    """A physician certifies that the stay is expected to end within 96 hours. 42 U.S.C. 1395f(a)(8)."""
    if stay.facts.facility_kind != CRITICAL_ACCESS or stay.admitted is None:
        return
    if (found := term(stay, "CAH-96", stay.day(stay.admitted.at))) is not None:
        because = f"Inpatient of a critical access hospital since {stay.said(stay.admitted.at)}; 96 hours."
        yield simply(stay, found, stay.admitted.at, stay.evidence(_R.CERTIFICATION, stay.admitted.at), because)


def observation_status(stay: Stay) -> Iterator[Obligation]:
    """Convert or release before the second midnight in observation; a hospital's policy."""
    start = stay.watched
    if start is None or (found := term(stay, "ST-OBS-REVIEW", stay.day(start.at))) is None:
        return
    ended = stay.after(start.at, _K.OBSERVATION_END, _K.INPATIENT_ORDER, _K.DISCHARGE)
    limit = due_at(stay, found, start.at)
    if ended is not None and ended.at <= limit:
        yield not_required(found, f"Observation ended {stay.said(ended.at)}.", start.at)
        return
    closed = stay.evidence(_R.DECISION, start.at)
    because = f"Observation since {stay.said(start.at)}; decided before the second midnight."
    yield owed(stay, found, Span(start=start.at, due=limit, closed=closed or (ended.at if ended else None)), because)


RULES = (
    admission_screen,
    second_level,
    determination_notices,
    grace_days,
    extended_stay,
    long_stay_certificate,
    medicaid,
    critical_access,
    observation_status,
)
