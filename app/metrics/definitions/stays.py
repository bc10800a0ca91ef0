"""Definitions about whole stays: returns, length of stay, avoidable days."""

from app.metrics.terms import Definition, Kind, MeasureId

_NO_STAY = (
    ("merged_into_stay", "Part of another stay of the same hospital, which is counted as one."),
    ("invalid_dates", "The day of discharge lies before the day of admission, or one of them is missing."),
)
_NO_DRG = (
    *_NO_STAY,
    ("no_drg", "No diagnosis-related group is coded for the stay."),
    ("not_in_table", "The group is not in the table by which the discharge is compared."),
)
_LENGTH = (
    "Days are local calendar days from admission to discharge; in and out on one day is one day. Observation before"
    " the inpatient order is not counted. A return on the day of departure for the same diagnosis continues it."
)
_TABLE = (
    "CMS IPPS final rule, Table 5 (geometric mean length of stay), of a long-term hospital Table 11; of the fiscal year"
    " of the day of discharge, or of the newest year before it while that table is not imported"
)
_CENSUS = "Admission, class and discharge of the patient-movement feed; MS-DRG as coded, else as the feed sends it."

STAYS = (
    Definition(
        id=MeasureId.READMISSION,
        title="Unplanned readmission within 30 days",
        kind=Kind.SHARE,
        unit="",
        per=100,
        better="lower",
        meaning="Of the patients who left, the share that came back to an acute hospital unplanned within 30 days.",
        numerator="Index stays whose first acute stay after discharge begins on day 0 to 30 and is unplanned.",
        denominator="Index stays: inpatient stays of acute and critical access hospitals that none of the exclusions"
        " takes out, stays of one transfer chain taken together.",
        exclusions=(
            ("not_acute_inpatient", "Not an inpatient stay of an acute or critical access hospital."),
            ("invalid_dates", "Admission or discharge is missing, or in the wrong order."),
            ("merged_into_stay", "Part of another stay of the same hospital."),
            ("pps_exempt_cancer_hospital", "The hospital is a cancer hospital exempt from prospective payment."),
            ("still_patient", "The patient has not left."),
            ("died", "The patient died in the hospital."),
            ("ama", "The patient left against medical advice."),
            ("transferred_out", "Another acute hospital took the patient over; its stay is the index stay."),
            ("age", "The patient was under 18 at admission, or the date of birth is not known."),
            ("dx_missing_or_unmapped", "The principal diagnosis is missing or in no category."),
            ("psychiatric", "The principal diagnosis is psychiatric."),
            ("rehabilitation", "The stay was for rehabilitation."),
            ("medical_cancer", "Medical treatment of cancer, without an operation."),
            ("no_specialty_cohort", "The stay belongs to none of the five cohorts, such as obstetrics."),
        ),
        source="Stays of all hospitals of this installation with their codes; code lists of the vintage that is shown.",
        citation="CMS hospital-wide all-cause unplanned readmission measure (HWR), planned readmission algorithm 4.0,"
        " adapted to all payers",
        dated_by="day of discharge of the index stay",
        dimensions=("unit", "service", "attending", "payer", "vendor"),
        run_out_days=30,
        chart="p",
        notes="Observed, not risk-adjusted: hospitals with sicker patients have more. Returns to hospitals elsewhere"
        " are not seen, and who was sent to one of them stays an index stay. A discharge whose 30 days are not over is"
        " counted and provisional, where CMS leaves it out; so is a return of a patient who has not left again."
        " COVID-19 is not left out. The risk-standardized rate needs the national model of CMS and cannot be computed"
        " here.",
    ),
    Definition(
        id=MeasureId.LENGTH_OF_STAY,
        title="Average length of stay",
        kind=Kind.MEAN,
        unit="days",
        better="lower",
        meaning="How many days inpatients stayed on average.",
        numerator="Sum of the days of inpatient stays that ended in the period.",
        denominator="Inpatient stays that ended in the period.",
        exclusions=_NO_STAY,
        source=_CENSUS,
        citation="Medicare Benefit Policy Manual, chapter 3, section 20.1 (counting of days)",
        dated_by="day of discharge",
        balancing=MeasureId.READMISSION,
        notes=f"{_LENGTH} An average is moved by few very long stays: read the geometric mean beside it.",
    ),
    Definition(
        id=MeasureId.GEOMETRIC_LENGTH_OF_STAY,
        title="Geometric mean length of stay",
        kind=Kind.GEOMETRIC,
        unit="days",
        better="lower",
        meaning="The typical length of an inpatient stay, little moved by few very long ones.",
        numerator="Sum of the natural logarithms of the days of inpatient stays that ended in the period.",
        denominator="Inpatient stays that ended in the period; the figure is e to the power of the quotient.",
        exclusions=_NO_STAY,
        source=_CENSUS,
        citation="CMS IPPS final rule, Table 5, which gives the same mean for each group",
        dated_by="day of discharge",
        balancing=MeasureId.READMISSION,
        notes=_LENGTH,
    ),
    Definition(
        id=MeasureId.OBSERVED_EXPECTED,
        title="Observed over expected length of stay, by sums",
        kind=Kind.RATIO,
        unit="",
        better="lower",
        meaning="How the days of all stays compare with the days that their groups let expect; 1 is as expected.",
        numerator="Sum of the days of inpatient stays that ended in the period.",
        denominator="Sum of the geometric mean lengths of stay of their groups.",
        exclusions=_NO_DRG,
        source=_CENSUS,
        citation=_TABLE,
        dated_by="day of discharge",
        balancing=MeasureId.READMISSION,
        run_out_days=14,
        notes="Lies above the quotient of geometric means by its nature: a sum of days over a sum of geometric means"
        " gives more than 1 where stays are just as expected. Groups coded after the discharge change it.",
    ),
    Definition(
        id=MeasureId.GEOMETRIC_RATIO,
        title="Observed over expected length of stay, by geometric means",
        kind=Kind.GEOMETRIC_RATIO,
        unit="",
        better="lower",
        meaning="How the typical stay compares with what its group lets expect; 1 is as expected.",
        numerator="Geometric mean of the days of inpatient stays that ended in the period.",
        denominator="Geometric mean of the geometric mean lengths of stay of their groups.",
        exclusions=_NO_DRG,
        source=_CENSUS,
        citation=_TABLE,
        dated_by="day of discharge",
        balancing=MeasureId.READMISSION,
        run_out_days=14,
        notes="The fair comparison with a table of geometric means. Never compare it with the quotient of sums.",
    ),
    Definition(
        id=MeasureId.EXCESS_DAYS,
        title="Excess days per stay",
        kind=Kind.MEAN,
        unit="days",
        better="lower",
        meaning="How many days stays went on beyond the geometric mean of their group, shorter ones counting 0.",
        numerator="Sum of the days beyond the geometric mean length of stay of the group.",
        denominator="Inpatient stays that ended in the period and have a group in the table.",
        exclusions=_NO_DRG,
        source=_CENSUS,
        citation=_TABLE,
        dated_by="day of discharge",
        run_out_days=14,
        notes="A screening number, not avoidable days: half of all stays exceed a geometric mean without any delay."
        " Deaths, transfers and departures against advice are in it.",
    ),
    Definition(
        id=MeasureId.LONG_STAYS,
        title="Long stays",
        kind=Kind.SHARE,
        unit="",
        per=100,
        better="lower",
        meaning="The share of inpatient stays that lasted at least twice as long as their group lets expect.",
        numerator="Inpatient stays of at least twice the geometric mean length of stay of their group.",
        denominator="Inpatient stays that ended in the period and have a group in the table.",
        exclusions=_NO_DRG,
        source=_CENSUS,
        citation=_TABLE,
        dated_by="day of discharge",
        run_out_days=14,
        chart="p",
        notes="The double is this product's own line, the same as in expected minutes of work.",
    ),
    Definition(
        id=MeasureId.AVOIDABLE_DAYS,
        title="Avoidable days per 100 patient days",
        kind=Kind.RATE,
        unit="days",
        per=100,
        better="lower",
        meaning="Of 100 nights in a bed, how many patients spent here who were medically ready and need not have been"
        " here any more.",
        numerator="Recorded avoidable days after medically ready, each with its amount; one primary reason per day.",
        denominator="Patient days: midnights as an inpatient or in observation, without leave.",
        source="Entries of the day ledger that stand, and midnights of the census.",
        citation="No definition of CMS; counting rules of this product after the Appropriateness Evaluation Protocol",
        dated_by="local day that the midnight ends",
        run_out_days=3,
        notes="Equals the report under Avoidable days. Days lost before medically ready are never added to it, drafts"
        " and contributing reasons count nothing. Unit, service and attending are those of the midnight. A vendor"
        " that is named as the party has no patient days of its own, so that there is no rate by vendor.",
    ),
)  # fmt: skip
