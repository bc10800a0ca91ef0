"""The words of payment days: where a patient is while away, what a return is, what a day costs, what is recorded."""

import uuid
from datetime import date, datetime
from enum import StrEnum

import msgspec


class Destination(StrEnum):
    """Where a patient of a long-term hospital is while away, as the rule on interrupted stays knows it."""

    ACUTE = "acute"  # inpatient of an acute hospital
    IRF = "irf"  # inpatient of a rehabilitation facility or unit
    SNF = "snf"  # skilled nursing facility, or a swing bed
    HOME = "home"  # at home, with or without home health care
    OTHER = "other"  # somewhere that the rule does not name: hospice, another long-term or a psychiatric hospital
    UNKNOWN = "unknown"  # nobody has said

    @property
    def label(self) -> str:
        """As a form shows it."""
        return _DESTINATIONS[self]

    @property
    def inpatient(self) -> bool:
        """Whether days there are hospital days of the benefit period."""
        return self in (Destination.ACUTE, Destination.IRF)


class Verdict(StrEnum):
    """What an absence is. 42 CFR 412.531(a)."""

    AWAY = "away"  # still away; a return in time would be the same stay
    SHORT = "short"  # back by day 3: the same stay, care elsewhere is paid by this hospital
    LONG = "long"  # back after day 3 and within the limit of the place: the same stay, one payment
    NEW = "new"  # back later, or from elsewhere: a new stay
    ENDED = "ended"  # still away, and no return would be the same stay any more
    UNDECIDED = "undecided"  # it depends on where the patient was, which nobody has said

    @property
    def same_stay(self) -> bool:
        """Whether the patient came back to the same stay."""
        return self in (Verdict.SHORT, Verdict.LONG)


class Rate(StrEnum):
    """How original Medicare pays a stay of a long-term hospital. 42 CFR 412.522."""

    STANDARD = "standard"  # all conditions are proved
    SITE_NEUTRAL = "site_neutral"  # a condition is known not to hold
    NOT_PROVED = "not_proved"  # something is missing
    NOT_FFS = "not_ffs"  # another payer: its contract decides

    @property
    def label(self) -> str:
        """As a chip shows it."""
        return {
            "standard": "Standard rate",
            "site_neutral": "Site-neutral",
            "not_proved": "Not yet proved",
            "not_ffs": "Not original Medicare",
        }[self.value]


class DayKind(StrEnum):
    """What a hospital day of a benefit period costs the patient. 42 U.S.C. 1395e(a), 42 CFR 409.61."""

    FULL = "full"  # days 1 to 60, paid in full after the deductible
    COINSURANCE = "coinsurance"  # days 61 to 90
    RESERVE = "reserve"  # one of sixty lifetime reserve days
    EXHAUSTED = "exhausted"  # Part A pays no more

    @property
    def label(self) -> str:
        """As a page shows it."""
        return {
            "full": "full day",
            "coinsurance": "coinsurance day",
            "reserve": "lifetime reserve day",
            "exhausted": "benefits exhausted",
        }[self.value]


class EntryKind(StrEnum):
    """What one record about the payment days of a stay says."""

    EARLIER_USE = "earlier_use"  # benefit days used before this stay, as an eligibility check tells
    RESERVE_CHOICE = "reserve_choice"  # whether the patient uses lifetime reserve days
    EVIDENCE = "evidence"  # what proves the standard rate, or speaks against it
    AWAY = "away"  # where the patient was during one absence

    @property
    def label(self) -> str:
        """As a heading shows it."""
        return {
            "earlier_use": "Earlier use of benefit days",
            "reserve_choice": "Choice about reserve days",
            "evidence": "Evidence for the rate",
            "away": "Where the patient was",
        }[self.value]


class EntryState(StrEnum):
    """Where a record about payment days stands."""

    UNWRITTEN = "unwritten"  # nothing is recorded yet
    STANDING = "standing"  # recorded, and it counts
    STRUCK_OUT = "struck_out"  # recorded by mistake; it does not count


class EntryAction(StrEnum):
    """What may happen to a record."""

    WRITE = "write"  # record it
    REPLACE = "replace"  # a newer word takes its place
    STRIKE_OUT = "strike_out"  # say that it was recorded by mistake


class EntryEnd(StrEnum):
    """Why a version stands no more."""

    REPLACED = "replaced"  # a newer word was recorded
    STRUCK_OUT = "struck_out"  # it was recorded by mistake


class ReserveChoice(StrEnum):
    """What the patient chose about lifetime reserve days. 42 CFR 409.65."""

    USE = "use"  # they are used; so it is without a choice
    KEEP = "keep"  # the patient keeps them and pays for the days

    @property
    def label(self) -> str:
        """As a form shows it."""
        return {"use": "Use reserve days", "keep": "Keep them"}[self.value]


class Told(StrEnum):
    """Who told about the use of benefit days."""

    ELIGIBILITY = "eligibility"  # an electronic eligibility check (271)
    CONTRACTOR = "contractor"  # the portal or telephone of the Medicare contractor
    REFERRER = "referrer"  # the hospital that sent the patient
    PATIENT = "patient"  # patient or family

    @property
    def label(self) -> str:
        """As a form shows it."""
        return {
            "eligibility": "Eligibility check",
            "contractor": "Medicare contractor",
            "referrer": "Referring hospital",
            "patient": "Patient or family",
        }[self.value]


class Leave(msgspec.Struct, frozen=True):
    """An absence inside one visit: the bed was held. Without an end the patient is away still."""

    began_at: datetime
    ended_at: datetime | None
    to: Destination = Destination.UNKNOWN


class Visit(msgspec.Struct, frozen=True):
    """An inpatient visit under one number. `to` is where the patient went at its end."""

    key: uuid.UUID
    number: str
    admitted_at: datetime
    left_at: datetime | None = None
    to: Destination = Destination.UNKNOWN
    died: bool = False
    leaves: tuple[Leave, ...] = ()


class Rung(msgspec.Struct, frozen=True):
    """One step of the ladder: what a return by the end of that day would be. `number` counts the day of leaving as 1;
    the last step has neither day nor number."""

    number: int | None
    last_day: date | None
    until: datetime | None
    words: str


class Absence(msgspec.Struct, frozen=True):
    """A time away. `day` is the number of the day of return, or of today. Two visits where the bed was not held."""

    left_at: datetime
    back_at: datetime | None
    to: Destination
    verdict: Verdict
    day: int
    from_key: uuid.UUID
    to_key: uuid.UUID | None
    ladder: tuple[Rung, ...]
    two_visits: bool = False

    def next_rung(self, now: datetime) -> Rung | None:
        """The next limit that still lies ahead; None when none does."""
        return next((one for one in self.ladder if one.until is not None and now <= one.until), None)


class Presence(msgspec.Struct, frozen=True):
    """A time in the house, under one visit. Without an end it lasts."""

    key: uuid.UUID
    began_at: datetime
    ended_at: datetime | None


class PaymentStay(msgspec.Struct, frozen=True):
    """What Medicare pays as one stay: presences in order, the absences between and after them.

    `visits` are its visit numbers in order, with their keys. `earlier` is the absence before it, where the patient was
    here before and the return was not joined.
    """

    presences: tuple[Presence, ...]
    absences: tuple[Absence, ...]
    visits: tuple[tuple[uuid.UUID, str], ...]
    earlier: Absence | None = None

    @property
    def began_at(self) -> datetime:
        """When the stay began."""
        return self.presences[0].began_at

    @property
    def ended_at(self) -> datetime | None:
        """When the patient was last in the house; None while there."""
        return self.presences[-1].ended_at


class Threshold(msgspec.Struct, frozen=True):
    """The short-stay threshold of a stay, in covered days. Nothing of it is known while `why_unknown` says why.

    Attributes:
        mean: geometric mean length of stay of the group, in days.
        last_short_day: a stay of so many covered days or fewer is a short stay.
        threshold_day: the first covered day past it.
    """

    drg: str = ""
    fiscal_year: int | None = None
    mean: float | None = None
    last_short_day: int | None = None
    threshold_day: int | None = None
    why_unknown: str = ""


class RateStanding(msgspec.Struct, frozen=True):
    """How the stay is paid, as far as it is proved: the sentence, what proves it, what is missing."""

    status: Rate
    because: str
    proof: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


class RateEvidence(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the conditions of the standard rate (42 CFR 412.522(b)); None where nobody has said.

    Attributes:
        preceded: came directly from a hospital paid by the acute system (subsection (d)).
        intensive_days: calendar days in intensive or coronary care of that stay.
        ventilator_hours: hours of invasive ventilation in this hospital, given so far.
        hours_open: days on a ventilator are charted without their hours, so that more may have been given.
        excluded: the principal diagnosis is one of psychiatry or rehabilitation.
        sources: where it comes from, in words.
    """

    preceded: bool | None = None
    intensive_days: int | None = None
    ventilator_hours: float | None = None
    hours_open: bool = False
    excluded: bool | None = None
    sources: tuple[str, ...] = ()


class EarlierUse(msgspec.Struct, frozen=True, kw_only=True):
    """What an eligibility check tells of the time before this stay. Counts in days; None where it was not told.

    Attributes:
        used: hospital days used of the ninety of the present benefit period.
        reserve_left: lifetime reserve days left.
        last_out: the day on which the patient last left a hospital or nursing facility.
        as_of: the day of which the check speaks; own stays that began later are added.
    """

    as_of: date
    period_began: date | None = None
    used: int = 0
    reserve_left: int = 60
    last_out: date | None = None
    nursing_used: int | None = None
    psychiatric_left: int | None = None
    source: str = ""


class UsedStay(msgspec.Struct, frozen=True):
    """Hospital days of one stay in order; `elsewhere` are those of them spent in another hospital meanwhile.

    `out_on` is the day of leaving; None while the patient is there.
    """

    days: tuple[date, ...]
    out_on: date | None
    elsewhere: frozenset[date] = frozenset()


class BenefitDay(msgspec.Struct, frozen=True):
    """One hospital day: its number in the benefit period and what it costs. `elsewhere`: in another hospital."""

    on: date
    number: int
    kind: DayKind
    elsewhere: bool = False


class BenefitPosition(msgspec.Struct, frozen=True, kw_only=True):
    """Where the benefit days of the present stay stand.

    Attributes:
        new_period: the stay itself began the benefit period, so the deductible is owed for it.
        days: every hospital day of the stay, in order.
        left: days left by kind, after today.
        owes: what the patient owes for days in this hospital so far, in dollars; None while an amount is not loaded.
        ahead: the first day of each later kind, if the patient stays without a break.
        warnings: what should be done or told now.
    """

    period_began: date
    new_period: bool
    days: tuple[BenefitDay, ...]
    left: dict[str, int]
    owes: int | None
    why_owes_unknown: str = ""
    ahead: tuple[tuple[DayKind, date], ...] = ()
    warnings: tuple[str, ...] = ()
    nursing_left: int | None = None
    psychiatric_left: int | None = None

    @property
    def today(self) -> BenefitDay | None:
        """The last day counted."""
        return self.days[-1] if self.days else None


_DESTINATIONS = {
    Destination.ACUTE: "Acute hospital",
    Destination.IRF: "Rehabilitation facility",
    Destination.SNF: "Nursing facility",
    Destination.HOME: "Home",
    Destination.OTHER: "Elsewhere",
    Destination.UNKNOWN: "Not known",
}
