"""The clock engine: from what is known about a stay to everything that is owed for it. No clock, no database."""

from datetime import timedelta

from app.clocks.facts import StayFacts
from app.clocks.rules import EVERY
from app.clocks.rules.post_acute import qualifying_days, same_stay
from app.clocks.rules.stay import Stay
from app.clocks.terms import Counters, EventKind, Obligation
from app.kernel.days import billing_days

HOUR = timedelta(hours=1)
_K = EventKind


def obligations(facts: StayFacts) -> list[Obligation]:
    """All obligations of the stay as of the instant of its facts; several of one rule differ in subject or start."""
    stay = Stay(facts)
    return [obligation for rule in EVERY for obligation in rule(stay)]


def counters(facts: StayFacts) -> Counters:
    """The midnight counters, as differences of local dates up to departure, else to now; and observation hours."""
    stay = Stay(facts)
    end = stay.departure.at if stay.departure is not None else stay.now
    care = stay.first(_K.CARE_START, _K.OBSERVATION_START, _K.INPATIENT_ORDER)
    order = stay.admitted
    return Counters(
        benchmark_midnights=stay.days_from(care.at, end) if care is not None else None,
        presumption_midnights=stay.days_from(order.at, end) if order is not None else None,
        snf_qualifying_days=qualifying_days(stay),
        billing_days=billing_days(stay.day(order.at), max(stay.day(order.at), stay.day(end))) if order else None,
        observation_hours=_observation_hours(stay),
        ltch_same_stay=same_stay(stay),
    )


def _observation_hours(stay: Stay) -> int | None:
    start = stay.first(_K.OBSERVATION_START)
    if start is None:
        return None
    ended = stay.after(start.at, _K.OBSERVATION_END, _K.INPATIENT_ORDER, _K.DISCHARGE)
    return max(timedelta(0), (ended.at if ended is not None else stay.now) - start.at) // HOUR
