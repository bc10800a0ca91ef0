"""Definitions about status: observation, conversion, one-midnight stays, changes to outpatient."""

from app.metrics.terms import Definition, Kind, MeasureId

_FEED = "Class rows of the patient-movement feed."
_STILL = ("still_here", "The patient is still in this class, so that nobody knows yet how it ends.")

STATUS = (
    Definition(
        id=MeasureId.ONE_MIDNIGHT,
        title="Inpatient stays of one midnight",
        kind=Kind.SHARE,
        unit="",
        per=100,
        better="lower",
        meaning="The share of inpatient stays that passed no more than one midnight after the inpatient order.",
        numerator="Inpatient stays with no more than one midnight between the inpatient order and the departure.",
        denominator="Inpatient stays that ended in the period.",
        exclusions=(
            ("merged_into_stay", "Part of another stay of the same hospital, which is counted as one."),
            ("invalid_dates", "The departure lies before the order, or one of them is missing."),
        ),
        source=_FEED,
        citation="42 CFR 412.3(d)(1), the two-midnight rule",
        dated_by="day of discharge",
        chart="p",
        notes="A one-midnight inpatient stay is not wrong by itself: midnights in the emergency department and in"
        " observation count for the benchmark, and death, transfer and departure against advice cut stays short.",
    ),
    Definition(
        id=MeasureId.OBSERVATION_HOURS,
        title="Hours of observation",
        kind=Kind.MEAN,
        unit="hours",
        better="lower",
        meaning="How many hours observation lasted on average.",
        numerator="Sum of the elapsed hours from each start of observation to its end.",
        denominator="Stays whose observation ended in the period: by departure or by an inpatient order.",
        exclusions=(
            _STILL,
            ("day_only", "The feed told only the day of the departure, not its time."),
        ),
        source=_FEED,
        citation="42 CFR 489.20(y) (hours as they pass); Medicare Benefit Policy Manual, chapter 6, section 20.6",
        dated_by="local day on which the last observation of the stay ended",
        run_out_days=2,
        notes="Elapsed time, exact to the second and shown to a tenth of an hour: the night in spring has 23 hours, the"
        " one in autumn 25. Several spans of one stay are added. Procedures with active monitoring, which billing takes"
        " out, are not recorded here. A stay made outpatient by condition code 44 counts from its new order only.",
    ),
    Definition(
        id=MeasureId.OBSERVATION_SHARE,
        title="Share of observation among departures",
        kind=Kind.SHARE,
        unit="",
        per=100,
        better="neither",
        meaning="Of all patients who left a bed, the share that left from observation.",
        numerator="Departures of patients who were in observation at the end.",
        denominator="Departures of patients who were inpatients or in observation at the end.",
        source=_FEED,
        citation="Product rule sheet, section 12.1",
        dated_by="day of discharge",
        chart="p",
        notes="Neither high nor low is good by itself. Deaths and transfers are in it.",
    ),
    Definition(
        id=MeasureId.CONVERSION,
        title="Conversion of observation to inpatient",
        kind=Kind.SHARE,
        unit="",
        per=100,
        better="neither",
        meaning="Of the patients whose observation began, the share that was made an inpatient afterwards.",
        numerator="Starts of observation that an inpatient order ended.",
        denominator="Starts of observation.",
        exclusions=(
            _STILL,
            ("after_inpatient", "The patient was made outpatient in observation after an inpatient order."),
        ),
        source=_FEED,
        citation="Product rule sheet, section 12.1",
        dated_by="local day on which observation began",
        run_out_days=3,
        chart="p",
        notes="A late conversion after a second midnight and an early one weigh the same.",
    ),
    Definition(
        id=MeasureId.CODE_44,
        title="Inpatient orders changed to outpatient",
        kind=Kind.SHARE,
        unit="",
        per=100,
        better="lower",
        meaning="Of the inpatient orders, the share that was changed to outpatient before the patient left.",
        numerator="Inpatient orders after which the class became outpatient or observation before the departure.",
        denominator="Inpatient orders of stays that have ended or changed.",
        exclusions=(_STILL,),
        source="Class rows of the patient-movement feed; whether a case for condition code 44 was completed stands"
        " beside each change.",
        citation="Medicare Claims Processing Manual, chapter 1, section 50.3 (condition code 44); 42 CFR 482.30(d)",
        dated_by="local day of the inpatient order",
        run_out_days=7,
        chart="p",
        notes="Condition code 44 is a matter of original Medicare; changes for other payers are in the figure too, and"
        " the payer tells them apart. A change without a completed case is a finding of its own.",
    ),
)  # fmt: skip
