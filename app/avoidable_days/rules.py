"""How avoidable days are counted: which midnights can be lost, to which reason, in which phase. Pure.

A day here is a patient day: the facility's calendar day at whose end (midnight) the patient was in the house as an
inpatient or in observation. The day of departure is none. Rule sheet 8.2; denied or unauthorized is another matter:
what the payer says of a day is kept apart, and a day may be both.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from app.avoidable_days.terms import (
    APPEAL,
    LOCK_AFTER,
    OTHER,
    UNDETERMINED,
    UNDETERMINED_FOR,
    EntryAction,
    EntryState,
    Phase,
    Weight,
)
from app.kernel.days import ONE_DAY, days_between, local_day, start_of_day
from app.kernel.refusal import Refused
from app.kernel.wording import day_text

COUNTED_CLASSES = frozenset({"IP", "OBS"})
PROGRESSION_GROUPS = frozenset({"PH", "HS"})
"""Reasons that are by themselves a wait for a service while the patient is still acute."""
MOST_CONTRIBUTING = 2
FULL, HALF = 1.0, 0.5
LONGEST_DELAY = 24.0  # hours
_S, _A = EntryState, EntryAction
LIFE: dict[tuple[EntryState, EntryAction], EntryState] = {
    (_S.NONE, _A.PROPOSE): _S.DRAFT,
    (_S.NONE, _A.RECORD): _S.STANDING,
    (_S.DRAFT, _A.FORGET): _S.NONE,
    (_S.DRAFT, _A.RECORD): _S.STANDING,
    (_S.DRAFT, _A.CONFIRM): _S.STANDING,
    (_S.DRAFT, _A.CHANGE): _S.STANDING,
    (_S.DRAFT, _A.REJECT): _S.REJECTED,
    (_S.REJECTED, _A.TAKE_BACK): _S.NONE,
    (_S.REJECTED, _A.PROPOSE): _S.DRAFT,
    (_S.REJECTED, _A.RECORD): _S.STANDING,
    (_S.STANDING, _A.AMEND): _S.STANDING,
    (_S.STANDING, _A.STRIKE_OUT): _S.STRUCK_OUT,
    (_S.STRUCK_OUT, _A.PROPOSE): _S.DRAFT,
    (_S.STRUCK_OUT, _A.RECORD): _S.STANDING,
}
"""The life of one patient day's primary reason. After a rejection another rule, or changed evidence, may propose."""


@dataclass(frozen=True, slots=True)
class Span:
    """From an instant until another; open without an end. `value` is what held then."""

    since: datetime
    until: datetime | None = None
    value: str = ""

    def holds_at(self, midnight: datetime) -> bool:
        """Whether it held at the end of a day. What ends at the stroke of midnight has crossed it."""
        return self.since < midnight and (self.until is None or self.until >= midnight)


@dataclass(frozen=True, slots=True, kw_only=True)
class StayDays:
    """What decides which days of a stay can be lost: presence by class, leaves, readiness, pending appeals."""

    zone: ZoneInfo
    now: datetime
    classes: Sequence[Span]
    leaves: Sequence[Span] = ()
    left_at: datetime | None = None
    ready: Sequence[Span] = ()
    appeals: Sequence[Span] = ()

    @property
    def today(self) -> date:
        """The facility's calendar day of looking; its midnight has not passed."""
        return local_day(self.now, self.zone)

    def midnight(self, day: date) -> datetime:
        """The midnight at the end of a day."""
        return start_of_day(day + ONE_DAY, self.zone)

    def is_ready(self, day: date) -> bool:
        """Whether the patient was medically ready at the midnight. What deteriorates clears it, and pauses counting."""
        return any(span.holds_at(self.midnight(day)) for span in self.ready)

    def is_held(self, day: date) -> bool:
        """Whether a timely appeal to the QIO was pending at the midnight."""
        return any(span.holds_at(self.midnight(day)) for span in self.appeals)

    def phase(self, day: date) -> Phase:
        """Before or after medically ready, at the midnight."""
        return Phase.POST_READY if self.is_ready(day) else Phase.PRE_READY

    def days(self) -> list[date]:
        """All patient days up to the last midnight, in order."""
        first = min((local_day(span.since, self.zone) for span in self.classes), default=None)
        return [] if first is None else [day for day in days_between(first, self._last_day()) if not self.why_not(day)]

    def why_not(self, day: date) -> str:
        """Why nothing can be lost on a day; empty for a patient day."""
        if day >= self.today:
            return "The midnight of this day has not passed yet. Choose an earlier day, or record a delay in hours."
        midnight = self.midnight(day)
        if self.left_at is not None and self.left_at < midnight:
            left = local_day(self.left_at, self.zone)
            if day == left:
                return "The patient left on this day, so that it is no patient day. A delay of hours can be recorded."
            return f"The patient left on {day_text(left, self.today)}, before this day."
        there = [span for span in self.classes if span.holds_at(midnight)]
        if not there:
            return "The patient was not here at the midnight of this day."
        if not any(span.value in COUNTED_CLASSES for span in there):
            return "At the midnight of this day the patient was neither an inpatient nor in observation."
        if any(span.holds_at(midnight) for span in self.leaves):
            return "The patient was on leave at the midnight of this day."
        return ""

    def _last_day(self) -> date:
        return self.today - ONE_DAY if self.left_at is None else min(
            self.today - ONE_DAY, local_day(self.left_at, self.zone)
        )  # fmt: skip


# --- one primary reason for a day ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay:
    """Something that was waited for. `seq` decides between two that began at once.

    One that is a `progression` delay (a service waited for while the patient is acute) counts before the patient is
    ready too; every other one counts only on midnights at which the patient was medically ready.
    """

    seq: int
    reason: str
    since: datetime
    until: datetime | None = None
    progression: bool = False


def counted(delays: Iterable[Delay], stay: StayDays) -> dict[date, str]:
    """Each lost patient day with its one primary reason: of the delays that are not resolved at its midnight the one
    that began first. Delays are cut off at the stay; overlapping ones count once."""
    found: dict[date, str] = {}
    waiting = sorted(delays, key=lambda one: (one.since, one.seq))
    for day in stay.days():
        midnight, ready = stay.midnight(day), stay.is_ready(day)
        for one in waiting:
            if Span(one.since, one.until).holds_at(midnight) and (ready or one.progression):
                found[day] = one.reason
                break
    return found


def elapsed_hours(since: datetime, until: datetime) -> float:
    """Elapsed hours, right across nights on which the clocks change."""
    # Two instants of one zone would be compared by their clocks.
    return max(0.0, (until.astimezone(UTC) - since.astimezone(UTC)) / timedelta(hours=1))


# --- what may be recorded --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Standing:
    """A reason that is recorded for a day already."""

    code: str
    weight: Weight


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody wants to record for a day. `computed` is the reason that the tie rule gives, "" for none."""

    day: date
    code: str
    group: str
    weight: Weight
    amount: float
    explanation: str = ""
    override: str = ""
    computed: str = ""


def check(wish: Wish, stay: StayDays, others: Sequence[Standing], *, half_days: bool) -> None:
    """Refused, with the field, for a day that cannot be lost or cannot be lost in this way."""
    if why := stay.why_not(wish.day):
        raise Refused(why, field="day")
    if any(one.code == wish.code for one in others):
        raise Refused("This reason is recorded for this day already.", field="code")
    if wish.weight is Weight.PRIMARY:
        _check_primary(wish, stay, others)
    elif sum(one.weight is Weight.CONTRIBUTING for one in others) >= MOST_CONTRIBUTING:
        raise Refused("Two contributing reasons are recorded for this day; more are not kept.", field="weight")
    if wish.amount not in (FULL, HALF) or (wish.amount == HALF and not half_days):
        raise Refused("Half days are not counted here. Record the whole day, or a delay in hours.", field="amount")
    if wish.code == OTHER and not wish.explanation:
        raise Refused("Write what the reason is: “Other” needs words.", field="explanation")
    if not stay.is_ready(wish.day) and wish.group not in PROGRESSION_GROUPS and not wish.explanation:
        raise Refused(
            "The patient was not medically ready at this midnight. Write which service was waited for while the patient"
            " was still acute, or record first when the patient was ready.",
            field="explanation",
        )


def _check_primary(wish: Wish, stay: StayDays, others: Sequence[Standing]) -> None:
    if any(one.weight is Weight.PRIMARY for one in others):
        raise Refused(
            "This day has its primary reason already. Correct that entry, or record this one as contributing.",
            field="weight",
        )
    if stay.is_held(wish.day) and wish.code != APPEAL and not wish.override:
        raise Refused(
            f"An appeal of the patient to the QIO was pending at this midnight: the day is {APPEAL}. Choose it, or"
            " write why another reason would have kept the patient all the same.",
            field="override",
        )
    if wish.computed not in ("", UNDETERMINED, wish.code) and not wish.override:
        raise Refused(
            f"The reason that began first is {wish.computed}. Write why it would not by itself have kept the patient.",
            field="override",
        )


def weighed(weight: Weight, amount: float) -> float:
    """How many days a reason counts: a contributing one counts none."""
    return amount if weight is Weight.PRIMARY else 0.0


def is_locked(day: date, today: date) -> bool:
    """Whether changing anything about a day needs a reason and somebody who may: after 30 days."""
    return today - day > LOCK_AFTER


def must_be_recoded(code: str, recorded_on: date, today: date) -> bool:
    """Whether “not yet determined” has stood for longer than it may."""
    return code == UNDETERMINED and today - recorded_on > UNDETERMINED_FOR


def check_delay(since: datetime, until: datetime, stay: StayDays) -> None:
    """Refused for a delay that is none, lies outside the stay, or is so long that it costs a day."""
    if until > stay.now:
        raise Refused("This time lies in the future. Record the delay when it is over.", field="until_at")
    if until <= since:
        raise Refused("The end lies before the beginning. Correct one of them.", field="until_at")
    began = min((span.since for span in stay.classes), default=None)
    if began is None or since < began:
        raise Refused("The stay had not begun then.", field="since_at")
    if stay.left_at is not None and until > stay.left_at:
        raise Refused("The patient had left by then.", field="until_at")
    if elapsed_hours(since, until) >= LONGEST_DELAY:
        raise Refused("A delay of a day or more costs a midnight. Record an avoidable day for it.", field="until_at")
