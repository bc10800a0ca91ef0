"""Interrupted stays: which returns are the same stay, and what Medicare therefore pays as one. 42 CFR 412.531. Pure.

The day of leaving is day 1, and each window ends at the midnight that ends its last day, in the facility's zone.
"""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta, tzinfo
from itertools import pairwise

from app.kernel.days import local_day
from app.kernel.deadlines import due
from app.ltac.days.rules.counting import rule_on
from app.ltac.days.terms import Absence, Destination, PaymentStay, Presence, Rung, Verdict, Visit
from app.regulations import Regulation

_D, _V = Destination, Verdict
LIMIT_OF = {_D.ACUTE: "acute_hospital", _D.IRF: "rehabilitation_facility", _D.SNF: "nursing_facility"}
"""Under which name the regulation keeps the longer window of a place."""
BY_CODE = {
    **dict.fromkeys(("02", "05", "66", "82", "94"), _D.ACUTE),
    **dict.fromkeys(("62", "90"), _D.IRF),
    **dict.fromkeys(("03", "61", "64", "83", "89"), _D.SNF),
    **dict.fromkeys(("01", "06", "07", "08", "21", "81", "86"), _D.HOME),
    **dict.fromkeys(("04", "43", "50", "51", "63", "65", "70", "91", "93", "95"), _D.OTHER),
}
"""Discharge dispositions (UB-04 FL 17) as the rule sees them. Against advice is home, intermediate care is not SNF."""
_SHORT = "same stay; care elsewhere in between is paid by this hospital"
_LONG = "same stay, one payment; {} bills for its own care"
_NAMES = {_D.ACUTE: "the acute hospital", _D.IRF: "the rehabilitation facility", _D.SNF: "the nursing facility"}
_NEW = "new stay, with a new screening"


def destination(disposition: str) -> Destination:
    """Where a discharge disposition says the patient went."""
    return BY_CODE.get(disposition.strip().zfill(2), _D.UNKNOWN) if disposition.strip() else _D.UNKNOWN


def day_number(left_at: datetime, at: datetime, zone: tzinfo) -> int:
    """Which day it is, the day of leaving being day 1."""
    return (local_day(at, zone) - local_day(left_at, zone)).days + 1


def ladder(left_at: datetime, to: Destination, zone: tzinfo) -> tuple[Rung, ...]:
    """What a return would be, by when. Where the place is not known, the longer windows say at which places."""
    rule = rule_on("PA-LTCH-INT", local_day(left_at, zone))
    places = [to] if to in LIMIT_OF else list(LIMIT_OF) if to is _D.UNKNOWN else []
    steps = [_rung(left_at, rule, None, zone, _SHORT)]
    for place in places:
        words = _LONG.format(_NAMES[place])
        words = f"{words}, if the patient was there" if to is _D.UNKNOWN else words
        steps.append(_rung(left_at, rule, place, zone, words))
    return (*steps, Rung(None, None, None, _NEW))


def _rung(left_at: datetime, rule: Regulation, place: Destination | None, zone: tzinfo, words: str) -> Rung:
    allowance = rule.more[LIMIT_OF[place]] if place else rule.allowance
    until = due(left_at, allowance, zone)
    return Rung(allowance.count, local_day(until, zone), until, words)


def judge(left_at: datetime, back_at: datetime | None, to: Destination, now: datetime, zone: tzinfo) -> Verdict:
    """What an absence is. Within three days the place does not matter, as for the clocks (PA-LTCH-INT)."""
    at = back_at or now
    steps = ladder(left_at, to, zone)
    held = [one for one in steps if one.until is not None and at <= one.until]
    if back_at is None:
        return _V.AWAY if held else _V.ENDED
    if held and held[0] is steps[0]:
        return _V.SHORT
    if not held:
        return _V.NEW
    return _V.UNDECIDED if to is _D.UNKNOWN else _V.LONG


def payment_stay(visits: Sequence[Visit], key: uuid.UUID, now: datetime, zone: tzinfo) -> PaymentStay:
    """What Medicare pays as one stay around the visit `key`: of one patient's visits to one hospital in any order.

    A return that nobody can decide yet is not joined. A visit interrupted for too long is counted from the return.
    KeyError when the visit is not among them.
    """
    for stay in reversed(payment_stays(visits, now, zone)):
        if any(one.key == key for one in stay.presences):
            return stay
    raise KeyError(key)


def payment_stays(visits: Sequence[Visit], now: datetime, zone: tzinfo) -> list[PaymentStay]:
    """Everything that Medicare pays as one stay each, in order."""
    by_key = {one.key: one for one in visits}
    presences = [part for one in sorted(visits, key=lambda one: one.admitted_at) for part in _presences(one)]
    gaps = [_absence(one, following, by_key, now, zone) for one, following in pairwise(presences)]
    found: list[PaymentStay] = []
    first = 0
    for last, presence in enumerate(presences):
        gap = gaps[last] if last < len(gaps) else None
        if gap is not None and gap.verdict.same_stay:
            continue
        inner = [one for one in gaps[first:last] if one is not None]
        keys = dict.fromkeys(one.key for one in presences[first : last + 1])
        found.append(
            PaymentStay(
                tuple(presences[first : last + 1]), (*inner, *_after(presence, gap, by_key, now, zone)),
                tuple((key, by_key[key].number) for key in keys), gaps[first - 1] if first else None,
            )
        )  # fmt: skip
        first = last + 1
    return found


def _presences(visit: Visit) -> Iterator[Presence]:
    """The times in the house under one number, in order; leaves that overlap count once.

    A visit that the census ends before its inpatient order is one moment.
    """
    began = visit.admitted_at
    if visit.left_at is not None and visit.left_at < began:
        yield Presence(visit.key, began, began)
        return
    for leave in sorted(visit.leaves, key=lambda one: one.began_at):
        if leave.ended_at is not None and leave.ended_at <= began:
            continue
        if leave.began_at > began or leave.began_at == visit.admitted_at:
            yield Presence(visit.key, began, max(leave.began_at, began))
        if leave.ended_at is None:
            return
        began = leave.ended_at
    if visit.left_at is None or visit.left_at >= began:
        yield Presence(visit.key, began, visit.left_at)


def _absence(
    before: Presence, following: Presence, visits: Mapping[uuid.UUID, Visit], now: datetime, zone: tzinfo
) -> Absence | None:
    """The time between two presences; None where the second began before the first was over."""
    if before.ended_at is None or following.began_at < before.ended_at:
        return None
    to = _place(before, visits)
    verdict = judge(before.ended_at, following.began_at, to, now, zone)
    return Absence(
        before.ended_at, following.began_at, to, verdict, day_number(before.ended_at, following.began_at, zone),
        before.key, following.key, ladder(before.ended_at, to, zone), before.key != following.key,
    )  # fmt: skip


def _after(
    last: Presence, gap: Absence | None, visits: Mapping[uuid.UUID, Visit], now: datetime, zone: tzinfo
) -> Iterator[Absence]:
    """The absence after the stay: one that lasts, or a return that was not joined."""
    visit = visits[last.key]
    if last.ended_at is None or visit.died:
        return
    if gap is not None:
        yield gap
        return
    to = _place(last, visits)
    verdict = judge(last.ended_at, None, to, now, zone)
    yield Absence(
        last.ended_at, None, to, verdict, day_number(last.ended_at, now, zone), last.key, None,
        ladder(last.ended_at, to, zone), visit.left_at is not None,
    )  # fmt: skip


def _place(presence: Presence, visits: Mapping[uuid.UUID, Visit]) -> Destination:
    """Where the patient went at the end of a presence: as the leave says, else the discharge."""
    visit = visits[presence.key]
    leave = next((one for one in visit.leaves if one.began_at == presence.ended_at), None)
    if leave is not None and leave.to is not _D.UNKNOWN:
        return leave.to
    return visit.to if leave is None or leave.ended_at is None else _D.UNKNOWN


def days_away(stay: PaymentStay, today: date, zone: tzinfo) -> int:
    """Midnights away inside the stay, and up to today where the patient is away still."""
    total = 0
    for one in stay.absences:
        if one.verdict.same_stay and one.back_at is not None:
            total += (local_day(one.back_at, zone) - local_day(one.left_at, zone)) // timedelta(days=1)
        elif one.verdict is _V.AWAY:
            total += (today - local_day(one.left_at, zone)) // timedelta(days=1)
    return total
