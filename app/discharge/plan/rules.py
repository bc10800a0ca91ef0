"""The life cycles of barriers and items, how good expected dates were, and the readiness lights. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from app.discharge.plan.terms import BarrierAction, BarrierState, ItemAction, ItemState
from app.kernel.days import local_day
from app.kernel.refusal import Refused

_B, _BA = BarrierState, BarrierAction
BARRIER_LIFE: dict[tuple[BarrierState, BarrierAction], BarrierState] = {
    (_B.OPEN, _BA.RESOLVE): _B.RESOLVED,
    (_B.OPEN, _BA.WAIT): _B.WAITING,
    (_B.OPEN, _BA.AMEND): _B.OPEN,
    (_B.OPEN, _BA.STRIKE_OUT): _B.STRUCK_OUT,
    (_B.WAITING, _BA.RESOLVE): _B.RESOLVED,
    (_B.WAITING, _BA.GO_ON): _B.OPEN,
    (_B.WAITING, _BA.AMEND): _B.WAITING,
    (_B.WAITING, _BA.STRIKE_OUT): _B.STRUCK_OUT,
    (_B.RESOLVED, _BA.REOPEN): _B.OPEN,
    (_B.RESOLVED, _BA.STRIKE_OUT): _B.STRUCK_OUT,
}
"""A new barrier is open."""

_I, _IA = ItemState, ItemAction
ITEM_LIFE: dict[tuple[ItemState, ItemAction], ItemState] = {
    (_I.OPEN, _IA.FINISH): _I.DONE,
    (_I.OPEN, _IA.SET_ASIDE): _I.NOT_NEEDED,
    (_I.OPEN, _IA.AMEND): _I.OPEN,
    (_I.OPEN, _IA.STRIKE_OUT): _I.STRUCK_OUT,
    (_I.DONE, _IA.REOPEN): _I.OPEN,
    (_I.DONE, _IA.STRIKE_OUT): _I.STRUCK_OUT,
    (_I.NOT_NEEDED, _IA.REOPEN): _I.OPEN,
    (_I.NOT_NEEDED, _IA.STRIKE_OUT): _I.STRUCK_OUT,
}
"""A new goal, milestone or task is open."""

BARRIER_SAYS_WHY = frozenset({_BA.WAIT, _BA.REOPEN, _BA.STRIKE_OUT})
ITEM_SAYS_WHY = frozenset({_IA.SET_ASIDE, _IA.STRIKE_OUT})
"""Steps that say nothing without a sentence."""

LONGEST_AHEAD = timedelta(days=730)
"""An expected date farther away than this is a slip of the keys."""
LOOKED_AT = (24, 48, 72)
"""Hours before the departure at which the accuracy of the expected date is judged."""


def check_date(on: date, today: date, began: date | None) -> None:
    """Refused for a day before the stay began, in the past, or so far away that it is a slip."""
    if began is not None and on < began:
        raise Refused("This day lies before the stay began. Choose a later one.", field="expected_on")
    if on < today:
        raise Refused("This day is over. Choose today or a later day.", field="expected_on")
    if on - today > LONGEST_AHEAD:
        raise Refused("This day lies more than two years ahead. Check the year.", field="expected_on")


@dataclass(frozen=True, slots=True)
class DateVersion:
    """An expected date with the time for which it stood."""

    expected_on: date
    made_at: datetime
    ended_at: datetime | None


def accuracy(versions: Iterable[DateVersion], departed_at: datetime, zone: ZoneInfo) -> Mapping[int, int | None]:
    """Days by which the expected date missed the departure, for each of `LOOKED_AT` hours before it.

    Positive: expected later than it came to be. None: no date stood at that time.
    """
    kept = list(versions)
    left = local_day(departed_at, zone)
    found: dict[int, int | None] = {}
    for hours in LOOKED_AT:
        at = departed_at - timedelta(hours=hours)
        stood = [one for one in kept if one.made_at <= at and (one.ended_at is None or at < one.ended_at)]
        last = max(stood, key=lambda one: one.made_at, default=None)
        found[hours] = (last.expected_on - left).days if last else None
    return found


def moved_by(dates: Sequence[date]) -> int:
    """Days between the first expected date and the last, in the order in which they were set; later is positive."""
    return (dates[-1] - dates[0]).days if dates else 0
