"""The life of a referral, and what its evidence says of the payment rate (pure).

Sources: 42 CFR 412.522(b), the conditions of the standard rate; 42 CFR 409.61, days of the benefit.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from app.clocks.terms import Line
from app.kernel.days import ONE_DAY, ONE_SECOND, local_day
from app.kernel.wording import day_text
from app.ltac.screening.terms import Rate, ReferralAction, ReferralState, Told
from app.regulations.ltch import conditions

CITATION = "42 CFR 412.522(b)"
INTENSIVE_DAYS = conditions().intensive_days
"""Calendar days in intensive or coronary care (revenue codes 020x, 021x) of the stay just before. 412.522(b)(2)."""
VENTILATOR_HOURS = conditions().ventilator_hours
"""Hours of ventilation in the long-term hospital itself. 412.522(b)(3)."""
MOST_BENEFIT_DAYS, MOST_RESERVE_DAYS = 90, 60
"""Hospital days of a benefit period, and the lifetime reserve. 42 CFR 409.61(a)."""

_S, _A = ReferralState, ReferralAction
LIFE: Mapping[tuple[ReferralState, ReferralAction], ReferralState] = {
    (_S.RECEIVED, _A.SCREEN): _S.SCREENING,
    (_S.RECEIVED, _A.DECLINE): _S.DECLINED,
    (_S.RECEIVED, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.RECEIVED, _A.LOSE): _S.LOST,
    (_S.SCREENING, _A.ACCEPT): _S.ACCEPTED,
    (_S.SCREENING, _A.DECLINE): _S.DECLINED,
    (_S.SCREENING, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.SCREENING, _A.LOSE): _S.LOST,
    (_S.ACCEPTED, _A.ADMIT): _S.ADMITTED,
    (_S.ACCEPTED, _A.DECLINE): _S.DECLINED,
    (_S.ACCEPTED, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.ACCEPTED, _A.LOSE): _S.LOST,
    (_S.ACCEPTED, _A.REOPEN): _S.SCREENING,
    (_S.DECLINED, _A.REOPEN): _S.SCREENING,
    (_S.WITHDRAWN, _A.REOPEN): _S.SCREENING,
    (_S.LOST, _A.REOPEN): _S.SCREENING,
    (_S.ADMITTED, _A.UNLINK): _S.ACCEPTED,
}
ANSWERS = frozenset({_A.ACCEPT, _A.DECLINE})
"""What answers the referrer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told412:
    """What is known of the conditions of 42 CFR 412.522(b).

    Attributes:
        line: who pays; None when nobody has told.
        acute: the hospital before is one under the inpatient payment system (Social Security Act 1886(d)).
        direct: the patient comes from it without a stay elsewhere in between.
        excluded: the principal diagnosis is one of psychiatry or rehabilitation.
        intensive: calendar days in intensive care; None when nobody has told, empty when there were none.
        still_intensive: the patient lies in intensive care still, so that days may be added.
        ventilator: hours of ventilation expected in the long-term hospital, or given there; None when not told.
    """

    line: Line | None = None
    acute: Told = Told.UNKNOWN
    direct: Told = Told.UNKNOWN
    excluded: Told = Told.UNKNOWN
    intensive: Sequence[date] | None = None
    still_intensive: bool = False
    ventilator: int | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """What the evidence comes to: the rate, the few words of a list, the sentence, and what is still to be asked."""

    rate: Rate
    brief: str
    because: str
    citation: str
    missing: tuple[str, ...] = ()


def judged(told: Told412, today: date) -> Judged:
    """The rate that the evidence speaks for, on that day."""
    days = None if told.intensive is None else len(set(told.intensive))
    if told.line not in (None, Line.MEDICARE_FFS):
        brief = f"not Medicare{'' if days is None else f', {_days(days)}'}"
        sentence = "Original Medicare does not pay, so its rates do not apply; ask what the payer's contract says."
        return Judged(Rate.NOT_MEDICARE, brief, sentence, "42 CFR 412.500")
    return _refuted(told, days) or _open_or_complete(told, days, today)


def _refuted(told: Told412, days: int | None) -> Judged | None:
    """Site-neutral, where one fact alone shows it."""
    if told.excluded is Told.YES:
        because = "The principal diagnosis is one of psychiatry or rehabilitation: paid at the site-neutral rate."
        return Judged(Rate.SITE_NEUTRAL, "excluded diagnosis: site-neutral", because, f"{CITATION}(1)(i)")
    if told.acute is Told.NO:
        because = "The hospital before is none under the inpatient payment system: paid at the site-neutral rate."
        return Judged(Rate.SITE_NEUTRAL, "no acute stay: site-neutral", because, f"{CITATION}(1)(ii)")
    if told.direct is Told.NO:
        because = "The patient does not come directly from the acute hospital: paid at the site-neutral rate."
        return Judged(Rate.SITE_NEUTRAL, "not direct: site-neutral", because, f"{CITATION}(1)(ii)")
    short = days is not None and days < INTENSIVE_DAYS and not told.still_intensive
    if short and told.ventilator is not None and told.ventilator < VENTILATOR_HOURS:
        because = (
            f"{_days(days or 0)} before, {INTENSIVE_DAYS} are needed; {told.ventilator} hours of"
            f" ventilation are expected here, {VENTILATOR_HOURS} are needed: paid at the site-neutral rate."
        )
        return Judged(Rate.SITE_NEUTRAL, f"{_days(days or 0)}: site-neutral", because, f"{CITATION}(2), (3)")
    return None


def _open_or_complete(told: Told412, days: int | None, today: date) -> Judged:
    intensive = days is not None and days >= INTENSIVE_DAYS
    ventilated = told.ventilator is not None and told.ventilator >= VENTILATOR_HOURS
    missing = tuple(_missing(told, days, met=intensive or ventilated))
    if intensive:
        third = third_day(told.intensive or ())
        assert third is not None, "three days have a third one"
        fact, brief = f"{_days(days or 0)}; the third was {day_text(third, today)}.", _days(days or 0)
        citation = f"{CITATION}(2)"
    elif ventilated:
        fact = (
            f"{told.ventilator} hours of ventilation are expected here; the condition is met once"
            f" {VENTILATOR_HOURS} were given."
        )
        brief, citation = f"ventilator {told.ventilator} h", f"{CITATION}(3)"
    else:
        fact = "Neither intensive care nor ventilation meets the condition by what was told."
        brief, citation = "ICU days not told" if days is None else _days(days), f"{CITATION}(2), (3)"
    if missing:
        because = f"{fact} Still to be asked: {'; '.join(missing)}."
        return Judged(Rate.AT_RISK, f"{brief}: at risk", because, citation, missing)
    return Judged(Rate.STANDARD, f"{brief}, direct", f"{fact} Comes directly from an acute hospital.", citation)


def _missing(told: Told412, days: int | None, *, met: bool) -> Iterable[str]:
    """What would settle it, in words; in the order in which one asks."""
    if told.line is None:
        yield "who pays"
    if told.acute is Told.UNKNOWN:
        yield "whether the hospital before is an acute one under the inpatient payment system"
    if told.direct is Told.UNKNOWN:
        yield "whether the patient comes directly from there"
    if told.excluded is Told.UNKNOWN:
        yield "whether the principal diagnosis is one of psychiatry or rehabilitation"
    if met:
        return
    if days is None:
        yield "the days in intensive care"
    elif told.still_intensive:
        left = INTENSIVE_DAYS - days
        yield f"whether intensive care goes on for {left} more day{'' if left == 1 else 's'}"
    if told.ventilator is None:
        yield "the hours of ventilation expected here"


def third_day(days: Iterable[date]) -> date | None:
    """The calendar day on which the third day in intensive care was reached."""
    found = sorted(set(days))
    return found[INTENSIVE_DAYS - 1] if len(found) >= INTENSIVE_DAYS else None


def calendar_days(spans: Iterable[tuple[datetime, datetime | None]], now: datetime, zone: tzinfo) -> list[date]:
    """Local calendar days on which somebody was there, from pairs of coming and leaving; an open end is now.

    Who leaves at the stroke of midnight was not there on the day that begins with it.
    """
    found: set[date] = set()
    for begins, ends in spans:
        until = now if ends is None or ends > now else ends - ONE_SECOND
        day = local_day(begins, zone)
        while begins <= until and day <= local_day(until, zone):
            found.add(day)
            day += ONE_DAY
    return sorted(found)


def benefit_words(left: int | None, reserve: int | None) -> str:
    """`52 days left, 60 reserve`; empty when nothing was told."""
    told = [] if left is None else [f"{left} day{'' if left == 1 else 's'} left"]
    return ", ".join(told + ([] if reserve is None else [f"{reserve} reserve"]))


def short_of_days(left: int | None, reserve: int | None, expected: int | None) -> str:
    """A warning when the stay that is expected is longer than the days that are left; empty otherwise."""
    if left is None or expected is None or expected <= left:
        return ""
    beyond = expected - left
    if reserve is not None and beyond > reserve:
        return f"{beyond - reserve} of {expected} expected days are covered by no day of the benefit."
    into = "" if reserve is None else f"; {beyond} would come from the lifetime reserve"
    return f"{expected} days are expected and {left} are left{into}."


def _days(count: int) -> str:
    return f"{count} ICU day{'' if count == 1 else 's'}"
