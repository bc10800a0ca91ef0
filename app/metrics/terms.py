"""Measures: which there are, how each is reckoned, what a figure and a case are made of."""

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum

import msgspec


class MeasureId(StrEnum):
    """What is measured. The full meaning, its exclusions and its source stand in the definition of each."""

    READMISSION = "readmission"  # unplanned return to an acute hospital within 30 days of an index discharge
    LENGTH_OF_STAY = "los"  # days from admission to discharge, at least one
    GEOMETRIC_LENGTH_OF_STAY = "los_geometric"  # the same, as a geometric mean
    OBSERVED_EXPECTED = "los_observed_expected"  # days of the stays against the days expected for their DRG, as sums
    GEOMETRIC_RATIO = "los_geometric_ratio"  # the same as a quotient of geometric means
    EXCESS_DAYS = "excess_days"  # days beyond the geometric mean of the DRG; a screening number
    LONG_STAYS = "long_stays"  # share of stays that were much longer than expected
    ONE_MIDNIGHT = "one_midnight"  # share of inpatient stays with no more than one midnight
    OBSERVATION_HOURS = "observation_hours"  # elapsed hours of observation
    OBSERVATION_SHARE = "observation_share"  # share of stays in a bed that never became inpatient
    CONVERSION = "conversion"  # share of observation stays that became inpatient
    CODE_44 = "code_44"  # share of inpatient orders changed to outpatient before discharge
    DENIAL = "denial"  # share of submitted cases that a payer denied at first
    DENIAL_FINAL = "denial_final"  # share of submitted cases whose denial stands at the end
    OVERTURN = "overturn"  # share of appealed denials that were overturned
    PEER_TO_PEER_OVERTURN = "peer_to_peer_overturn"  # share of peer-to-peer talks that turned the denial
    REVIEW_TIMELINESS = "review_timeliness"  # share of reviews signed by their due time
    AUTHORIZATION_TURNAROUND = "authorization_turnaround"  # hours from a request to the payer's answer
    EXPECTED_DATE_ACCURACY = "edd_accuracy"  # share of expected discharge dates that were right within a day
    ORDER_TO_DEPARTURE = "order_to_departure"  # minutes from the discharge order to the exit
    REFERRAL_TO_ACCEPTANCE = "referral_to_acceptance"  # hours from the first referral to the first acceptance
    REFERRALS_PER_PLACEMENT = "referrals_per_placement"  # referrals sent for each placement
    NOTICE_COMPLIANCE = "notice_compliance"  # share of required notices that were given on time
    AVOIDABLE_DAYS = "avoidable_days"  # avoidable days for each hundred patient days
    FOLLOW_UP_CALL = "follow_up_call"  # share of discharges that were called within 48 hours
    PRODUCTIVITY = "productivity"  # work of case managers in minutes
    BEFORE_NOON = "before_noon"  # share of discharges that left before noon


class Kind(StrEnum):
    """How a figure is reckoned from its cases."""

    SHARE = "share"  # sum of numerators over sum of denominators, with a Wilson interval
    RATE = "rate"  # sum of numerators over sum of denominators, times `per`
    MEAN = "mean"  # sum of values over their number
    MEDIAN = "median"  # the middle value
    GEOMETRIC = "geometric"  # exponential of the mean logarithm of the values
    RATIO = "ratio"  # sum of numerators over sum of denominators
    GEOMETRIC_RATIO = "geometric_ratio"  # geometric mean of the numerators over that of the denominators


class Definition(msgspec.Struct, frozen=True, kw_only=True):
    """All that a reader must know of a measure, shown with every figure.

    Attributes:
        unit: days, hours, minutes, or empty for a share or a ratio.
        per: what a rate or a share is multiplied by for display: 100 or 1.
        better: which way is better: lower, higher or neither.
        exclusions: code and sentence of each reason for which a case is not counted.
        source: the records it is made of.
        dated_by: the event whose local day a case is counted on.
        balancing: the measure that must be read beside it, lest one is bought with the other.
        dimensions: by which of unit, service, attending, payer and vendor its cases may be split.
        run_out_days: so many days back from today a figure may still change.
        chart: individuals or p.
    """

    id: MeasureId
    title: str
    kind: Kind
    unit: str
    meaning: str
    numerator: str
    denominator: str
    source: str
    citation: str
    dated_by: str
    per: int = 1
    better: str = "neither"
    exclusions: tuple[tuple[str, str], ...] = ()
    balancing: MeasureId | None = None
    dimensions: tuple[str, ...] = ("unit", "service", "attending", "payer")
    run_out_days: int = 0
    chart: str = "individuals"
    notes: str = ""


DIMENSIONS = ("unit", "service", "attending", "payer", "vendor")
"""By what a case is described: as its stay ended or stands now, a patient day as it was. Empty where unknown."""


class Period(msgspec.Struct, frozen=True):
    """Local days from the first to the last, both counted."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    def before(self) -> "Period":
        """As many days that end the day before this begins."""
        return Period(self.first - timedelta(days=self.days), self.first - timedelta(days=1))


class Filter(msgspec.Struct, frozen=True):
    """Which cases are asked for. None: all; an empty text: those of which it is unknown.

    Attributes:
        facility: the key of a facility.
    """

    unit: str | None = None
    service: str | None = None
    attending: str | None = None
    payer: str | None = None
    vendor: str | None = None
    facility: int | None = None

    def of_cases(self) -> Mapping[str, str]:
        """The dimensions that are asked for, with the member of each."""
        asked = {name: getattr(self, name) for name in DIMENSIONS}
        return {name: member for name, member in asked.items() if member is not None}


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One number of a measure with what it is made of.

    Attributes:
        member: whose figure it is where a measure is split, as people read it; empty for the whole.
        cases: how many are counted.
        excluded: how many are not.
        value: the figure, not yet multiplied by `per`; None without a case to reckon with.
        low, high: the 95 % interval of a share.
        provisional: whether some of its days may still change.
    """

    member: str = ""
    cases: int = 0
    excluded: int = 0
    numerator: float = 0.0
    denominator: float = 0.0
    value: float | None = None
    low: float | None = None
    high: float | None = None
    provisional: bool = False
