"""Before a long-term care hospital: what it is paid for under 42 CFR 412.522(b)."""

from datetime import date, datetime

from app.discharge.eligibility.facts import Check, Condition, Facts, asked
from app.discharge.eligibility.terms import Question, Verdict
from app.kernel.days import ONE_DAY, ONE_SECOND, local_day, start_of_day
from app.kernel.wording import clock_text, day_text

INTENSIVE_DAYS = 3
"""Days in intensive care in the hospital stay before. 42 CFR 412.522(b)(1)(i)."""
_CITATION = "42 CFR 412.522(b)"
_Q, _V = Question, Verdict
EXCLUDED = Condition(
    "ltch_excluded", "No psychiatric or rehabilitation DRG", _Q.LTCH_EXCLUDED,
    "The principal diagnosis is not one of psychiatry or rehabilitation.",
    "The principal diagnosis is one of psychiatry or rehabilitation.", f"{_CITATION}(1)(i)",
)  # fmt: skip
VENTILATOR = Condition(
    "ltch_ventilator", "96 hours on a ventilator", _Q.LTCH_VENTILATOR,
    "At least 96 hours on a ventilator are expected there.",
    "Fewer than 96 hours on a ventilator are expected there.", f"{_CITATION}(3)",
)  # fmt: skip


def intensive_days(facts: Facts) -> list[tuple[date, datetime]]:
    """Calendar days in intensive care, each with the instant at which it was reached.

    Who leaves at the stroke of midnight has not reached the day that begins there.
    """
    found: dict[date, datetime] = {}
    for begins, ends in sorted(facts.intensive, key=lambda span: span[0]):
        until = facts.now if ends is None or ends > facts.now else ends - ONE_SECOND
        day = local_day(begins, facts.zone)
        while day <= local_day(until, facts.zone) and begins <= until:
            found.setdefault(day, max(begins, start_of_day(day, facts.zone)))
            day += ONE_DAY
    return sorted(found.items())


def checks(facts: Facts) -> list[Check]:
    """Intensive care or ventilator, one of the two; and no diagnosis that is left out."""
    ventilator = asked(facts, VENTILATOR)
    intensive = _intensive(facts)
    either = Verdict.MET in (ventilator.verdict, intensive.verdict)
    return [_rate(facts, [intensive, ventilator], either), intensive, ventilator, asked(facts, EXCLUDED)]


def _intensive(facts: Facts) -> Check:
    days = intensive_days(facts)
    enough = len(days) >= INTENSIVE_DAYS
    instants = {"third day reached": days[INTENSIVE_DAYS - 1][1]} if enough else {}
    if enough:
        at = instants["third day reached"]
        reached = f"{day_text(local_day(at, facts.zone), facts.today)} {clock_text(at, facts.zone)}"
        because = f"{len(days)} days in intensive care; the third was reached {reached}."
    else:
        because = f"{len(days)} day{'' if len(days) == 1 else 's'} in intensive care; three are needed."
    return Check(
        key="ltch_intensive", title="Three days in intensive care", verdict=_V.MET if enough else _V.NOT_MET,
        because=because, citation=f"{_CITATION}(2)", instants=instants,
    )  # fmt: skip


def _rate(facts: Facts, parts: list[Check], either: bool) -> Check:
    """Whether the long-term hospital would be paid its full rate."""
    excluded = facts.answer(_Q.LTCH_EXCLUDED)
    if excluded is not None and not excluded.yes:
        verdict, because = _V.NOT_MET, "Psychiatric and rehabilitation stays are paid at the site-neutral rate."
    elif either:
        verdict, because = _V.MET, "Would be paid the full rate, if admitted directly from here."
    elif any(one.verdict is _V.NOT_KNOWN for one in parts):
        verdict, because = _V.NOT_KNOWN, "Fewer than three days in intensive care, and the ventilator is not recorded."
    else:
        verdict, because = _V.NOT_MET, "Would be paid the site-neutral rate, so that few hospitals accept."
    return Check(
        key="ltch_rate", title="Full rate of the long-term hospital", verdict=verdict, because=because,
        citation=_CITATION,
    )  # fmt: skip
