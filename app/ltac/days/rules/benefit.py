"""Benefit days of original Medicare: what each hospital day of a benefit period costs. 42 U.S.C. 1395d, 1395e. Pure.

A benefit period begins with the first hospital or nursing-facility day and ends after sixty days in a row outside
both, the day of leaving being the first of them (42 U.S.C. 1395x(a)).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from app.clocks.rules.benefits import COINSURANCE_DAYS, FULL_DAYS, RESERVE_DAYS, Amounts
from app.kernel.days import ONE_DAY
from app.kernel.wording import day_text
from app.ltac.days.rules.counting import rule_on
from app.ltac.days.terms import BenefitDay, BenefitPosition, DayKind, EarlierUse, ReserveChoice, UsedStay

NURSING_DAYS = 100
"""Days in a skilled nursing facility of one benefit period. 42 U.S.C. 1395d(a)(2)."""
PSYCHIATRIC_DAYS = 190
"""Lifetime days in a psychiatric hospital. 42 U.S.C. 1395d(b)(3)."""
WITHOUT_RESERVE = FULL_DAYS + COINSURANCE_DAYS
WARN_FULL, WARN_COINSURANCE, WARN_RESERVE = 55, 85, 10
"""From which day of the period somebody is told that full days, or coinsurance days, end; and how few reserve days."""
_K = DayKind


@dataclass
class Count:
    """The account of one patient while days are counted through."""

    began: date | None
    used: int
    reserve: int
    out: date | None
    days: list[BenefitDay] = field(default_factory=list)


def new_period_from(out_on: date) -> date:
    """The first day on which a hospital stay begins a new benefit period, when the patient left on `out_on`."""
    return out_on + timedelta(days=rule_on("BN-60", out_on).allowance.count)


def kind_of(used: int, reserve: int) -> DayKind:
    """What the next day costs after so many used days of a period, with so many reserve days that may be used."""
    if used < FULL_DAYS:
        return _K.FULL
    if used < WITHOUT_RESERVE:
        return _K.COINSURANCE
    return _K.RESERVE if reserve > 0 else _K.EXHAUSTED


def position(
    earlier: EarlierUse,
    before: Sequence[UsedStay],
    stay: UsedStay,
    amounts: Mapping[int, Amounts],
    choice: ReserveChoice | None = None,
) -> BenefitPosition:
    """Where the days stand after the last day of the stay. `before`: other stays here that began after the check.

    A patient who keeps the reserve pays for days from the ninety-first on.
    """
    account = Count(earlier.period_began, earlier.used, earlier.reserve_left, earlier.last_out)
    for one in sorted(before, key=lambda one: one.days[0]):
        _count(account, one, ReserveChoice.USE)
    began_before = account.began
    _count(account, stay, choice)
    first = stay.days[0]
    assert account.began is not None, "a stay with a day has begun a period"
    new = account.began == first and began_before != first
    days = tuple(account.days[-len(stay.days) :])
    owes, why = _owes(days, account.began if new else None, amounts)
    ahead = _ahead(account, choice) if stay.out_on is None else ()
    return BenefitPosition(
        period_began=account.began, new_period=new, days=days, left=_left(account), owes=owes, why_owes_unknown=why,
        ahead=ahead, warnings=_warnings(account, ahead, choice) if stay.out_on is None else (),
        nursing_left=_nursing_left(earlier, renewed=account.began != earlier.period_began),
        psychiatric_left=earlier.psychiatric_left,
    )  # fmt: skip


def _count(account: Count, stay: UsedStay, choice: ReserveChoice | None) -> None:
    first = stay.days[0]
    if account.began is None or (account.out is not None and first >= new_period_from(account.out)):
        account.began, account.used = first, 0
    usable = choice is not ReserveChoice.KEEP
    for on in stay.days:
        kind = kind_of(account.used, account.reserve if usable else 0)
        account.used += 1
        account.reserve -= kind is _K.RESERVE
        account.days.append(BenefitDay(on, account.used, kind, on in stay.elsewhere))
    account.out = stay.out_on or stay.days[-1] + ONE_DAY


def _left(account: Count) -> dict[str, int]:
    return {
        "full": max(0, FULL_DAYS - account.used),
        "coinsurance": max(0, min(COINSURANCE_DAYS, WITHOUT_RESERVE - account.used)),
        "reserve": account.reserve,
    }


def _nursing_left(earlier: EarlierUse, *, renewed: bool) -> int | None:
    if renewed:
        return NURSING_DAYS
    return None if earlier.nursing_used is None else max(0, NURSING_DAYS - earlier.nursing_used)


def _owes(
    days: Sequence[BenefitDay], period_began: date | None, amounts: Mapping[int, Amounts]
) -> tuple[int | None, str]:
    """What the patient owes for days here: the deductible of the year in which the period began, the rest by day."""
    needed = {one.on.year for one in days if one.kind in (_K.COINSURANCE, _K.RESERVE) and not one.elsewhere}
    needed |= {period_began.year} if period_began else set()
    if missing := sorted(needed - set(amounts)):
        return None, f"The amounts of {missing[0]} are not loaded."
    total = amounts[period_began.year].deductible if period_began else 0
    for one in days:
        if one.elsewhere:
            continue
        if one.kind is _K.COINSURANCE:
            total += amounts[one.on.year].coinsurance
        elif one.kind is _K.RESERVE:
            total += amounts[one.on.year].reserve
    return total, ""


def _ahead(account: Count, choice: ReserveChoice | None) -> tuple[tuple[DayKind, date], ...]:
    """When each kind of day that lies ahead would begin."""
    today, reserve = account.days[-1].on, 0 if choice is ReserveChoice.KEEP else account.reserve
    starts = [(_K.COINSURANCE, FULL_DAYS), (_K.RESERVE, WITHOUT_RESERVE if reserve else -1)]
    found = [(kind, today + timedelta(days=used - account.used + 1)) for kind, used in starts if used >= account.used]
    last = max(account.used, WITHOUT_RESERVE) + reserve
    if account.days[-1].kind is not _K.EXHAUSTED:
        found.append((_K.EXHAUSTED, today + timedelta(days=last - account.used + 1)))
    return tuple(found)


def _warnings(account: Count, ahead: Sequence[tuple[DayKind, date]], choice: ReserveChoice | None) -> tuple[str, ...]:
    """What should be told now: days 55 and 85, a reserve of ten or fewer, the choice before day 91."""
    today, used, on = account.days[-1].on, account.used, dict(ahead)
    found = []
    if WARN_FULL <= used <= FULL_DAYS and _K.COINSURANCE in on:
        found.append(f"Day {used} of 60 full days. Coinsurance begins {day_text(on[_K.COINSURANCE], today)}.")
    if WARN_COINSURANCE <= used <= WITHOUT_RESERVE:
        begins = on.get(_K.RESERVE) or on.get(_K.EXHAUSTED)
        what = "Reserve days begin" if _K.RESERVE in on else "Part A ends"
        found.append(f"Day {used} of 90. {what} {day_text(begins, today)}." if begins else f"Day {used} of 90.")
    if account.days[-1].kind is _K.EXHAUSTED:
        found.append("Part A pays no more: hospital days of this benefit period are used up.")
    elif account.reserve <= WARN_RESERVE:
        found.append(f"{account.reserve} lifetime reserve days left, of {RESERVE_DAYS}.")
    if choice is None and account.reserve > 0 and WARN_COINSURANCE <= used <= WITHOUT_RESERVE:
        found.append("Tell the patient about lifetime reserve days and record the choice before day 91.")
    return tuple(found)


def exhausted_from(found: BenefitPosition | None) -> date | None:
    """The first day of the stay that Part A does not pay; None while it pays."""
    return next((one.on for one in found.days if one.kind is _K.EXHAUSTED), None) if found else None
