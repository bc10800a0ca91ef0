"""Rules of saved reports: life cycles, the days of a period, the instants at which a report is due. Pure."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.kernel.days import ONE_DAY
from app.metrics.reports.terms import Beside, DeliveryAct, DeliveryState, ReportAct, ReportSpan, ReportState, Rhythm
from app.metrics.terms import Period

_S, _A = ReportState, ReportAct
LIFE: Mapping[tuple[ReportState, ReportAct], ReportState] = {
    (_S.NONE, _A.SAVE): _S.STANDING,
    (_S.STANDING, _A.AMEND): _S.STANDING,
    (_S.STANDING, _A.END): _S.ENDED,
    (_S.ENDED, _A.RESTORE): _S.STANDING,
}
"""Of a report, and of its schedule. What was ended may be taken up again; every version stays readable."""

_D, _M = DeliveryState, DeliveryAct
MAIL: Mapping[tuple[DeliveryState, DeliveryAct], DeliveryState] = {
    (_D.WAITING, _M.HAND_OVER): _D.SENDING,
    (_D.WAITING, _M.FAIL): _D.FAILED,
    (_D.SENDING, _M.CONFIRM): _D.SENT,
    (_D.SENDING, _M.PUT_OFF): _D.WAITING,
    (_D.SENDING, _M.FAIL): _D.FAILED,
}
"""Of one mail. Handed over and never confirmed, it stays so: it may have left, and a person decides."""

MOST_ATTEMPTS = 5
MONTHS = {ReportSpan.LAST_MONTH: 1, ReportSpan.LAST_QUARTER: 3, ReportSpan.ROLLING_YEAR: 12}


def months_before(first: date, number: int) -> date:
    """The first day of the month so many months before the month of `first`."""
    place = first.year * 12 + first.month - 1 - number
    return date(place // 12, place % 12 + 1, 1)


def period_of(span: ReportSpan, today: date) -> Period:
    """The days of a report that is read today: whole months that are over."""
    end = today.replace(day=1)
    if span is ReportSpan.LAST_QUARTER:
        end = end.replace(month=(end.month - 1) // 3 * 3 + 1)
    return Period(months_before(end, MONTHS[span]), end - ONE_DAY)


def period_beside(span: ReportSpan, period: Period, beside: Beside) -> Period | None:
    """The days to compare with: as many whole months, never as many days."""
    if beside is Beside.NOTHING:
        return None
    back = 12 if beside is Beside.YEAR else MONTHS[span]
    first = months_before(period.first, back)
    return Period(first, months_before(period.last.replace(day=1) + timedelta(days=32), back) - ONE_DAY)


def due_at(rhythm: Rhythm, on_day: int, at_hour: int, now: datetime, zone: ZoneInfo) -> datetime:
    """The latest instant, not after `now`, at which a report of this rhythm is due, by the clocks of the facility.

    `on_day` is a day of the month (1 to 28) or of the week (1 for Monday). An hour that the change to summer time
    skips is due when the clocks have gone on; one that comes twice is due the first time.
    """
    day = now.astimezone(zone).date()
    while True:
        if (day.day if rhythm is Rhythm.MONTHLY else day.isoweekday()) == on_day:
            found = datetime.combine(day, time(at_hour), zone).astimezone(UTC)
            if found <= now:
                return found
        day -= ONE_DAY


def wait_of(attempts: int) -> timedelta:
    """How long a mail waits after so many attempts in vain: 2, 8, 32, 128 minutes."""
    return timedelta(minutes=2 * 4 ** (attempts - 1))


def is_allowed(address: str, domains: tuple[str, ...]) -> bool:
    """Whether an address belongs to one of the domains; a domain does not stand for those below it."""
    name, at, domain = address.rpartition("@")
    return bool(name and at) and domain.lower() in {one.lower() for one in domains}
