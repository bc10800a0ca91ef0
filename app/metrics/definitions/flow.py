"""Definitions about leaving: dates, orders, referrals, the hour of departure."""

from app.metrics.terms import Definition, Kind, MeasureId

_DIED = ("died", "The patient died.")
_DAY_ONLY = ("day_only", "The feed told only the day of the departure, not its time.")
_REFERRALS = "Needs and referrals as recorded, every round and every answer that was not taken back."

FLOW = (
    Definition(
        id=MeasureId.EXPECTED_DATE_ACCURACY,
        title="Expected dates that came true",
        kind=Kind.SHARE,
        unit="",
        per=100,
        better="higher",
        meaning="Of the patients who left, the share that left within a day of the date that stood 48 hours before.",
        numerator="Departures whose local day differs by no more than one day from the expected date that stood 48"
        " hours before the departure.",
        denominator="Departures of inpatients and observation patients for whom a date stood 48 hours before.",
        exclusions=(
            _DIED,
            ("against_advice", "The patient left against medical advice."),
            ("short", "The stay lasted less than 48 hours."),
            ("no_date", "No expected date stood 48 hours before the departure."),
        ),
        source="Expected dates of the plan with when each was set; departures of the feed.",
        citation="Product rule sheet; horizon of 48 hours set by this product",
        dated_by="day of discharge",
        chart="p",
        notes="The horizon is fixed so that a date moved on the last evening cannot make the figure good. Dates that"
        " the feed sends are not counted: only what people planned.",
    ),
    Definition(
        id=MeasureId.ORDER_TO_DEPARTURE,
        title="From discharge order to departure",
        kind=Kind.MEDIAN,
        unit="minutes",
        better="lower",
        meaning="How many minutes half of the patients waited at most from the discharge order until they left.",
        numerator="Middle value of the elapsed minutes from the order in force at the departure to the departure.",
        denominator="Departures with a recorded discharge order.",
        exclusions=(
            _DIED,
            _DAY_ONLY,
            ("no_order", "No discharge order was in force when the patient left."),
        ),
        source="Discharge orders as recorded by physicians or on their word; departures of the feed.",
        citation="Product rule sheet, section 12.1",
        dated_by="day of discharge",
        notes="An order that was withdrawn and written anew counts from the new one. Orders written early for the next"
        " day lengthen it and are good practice: read it beside the hour of departure.",
    ),
    Definition(
        id=MeasureId.BEFORE_NOON,
        title="Discharges before noon",
        kind=Kind.SHARE,
        unit="",
        per=100,
        better="higher",
        meaning="Of the inpatients who left, the share that was out of the bed before noon.",
        numerator="Departures of inpatients with an exit from 00:00 to 11:59 local time.",
        denominator="Departures of inpatients with a known time.",
        exclusions=(
            _DIED,
            _DAY_ONLY,
            ("observation", "The patient left from observation, which ends at any hour."),
        ),
        source="Departures of the feed: the actual exit, not the order.",
        citation="Product rule sheet, section 12.1",
        dated_by="day of discharge",
        balancing=MeasureId.READMISSION,
        chart="p",
        notes="Shown only with its balancing measure: patients kept overnight to leave in the morning, or sent home too"
        " early, make this figure good and the hospital worse. Read the time from order to departure too.",
    ),
    Definition(
        id=MeasureId.REFERRAL_TO_ACCEPTANCE,
        title="From first referral to first acceptance",
        kind=Kind.MEDIAN,
        unit="hours",
        better="lower",
        meaning="How many hours half of the needs waited at most until a first provider said yes.",
        numerator="Middle value of the elapsed hours from the first referral sent to the first acceptance.",
        denominator="Needs for post-acute care about which a referral was sent and some provider accepted.",
        exclusions=(("never_accepted", "No provider has accepted."),),
        source=_REFERRALS,
        citation="Product rule sheet, section 12.1",
        dated_by="local day of the first acceptance; of the first referral where there is none",
        dimensions=("unit", "service", "attending", "payer", "vendor"),
        run_out_days=7,
        notes="Nights and weekends count. An acceptance that was withdrawn later was one; one recorded by mistake and"
        " taken back was not. The vendor is the one that accepted first.",
    ),
    Definition(
        id=MeasureId.REFERRALS_PER_PLACEMENT,
        title="Referrals for each placement",
        kind=Kind.RATIO,
        unit="",
        better="lower",
        meaning="How many referrals were sent on average for each patient who got a place.",
        numerator="Referrals sent about needs for which a provider was booked.",
        denominator="Needs for which a provider was booked.",
        exclusions=(("not_placed", "No provider was booked for the need."),),
        source=_REFERRALS,
        citation="Product rule sheet, section 12.1",
        dated_by="local day of the booking; of the first referral where there is none",
        dimensions=("unit", "service", "attending", "payer", "vendor"),
        run_out_days=7,
        notes="Asking many at once finds a place sooner and raises the figure. A provider asked twice counts once.",
    ),
)  # fmt: skip
