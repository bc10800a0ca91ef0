"""Definitions about what is owed and done in time, and how long work takes."""

from app.metrics.terms import Definition, Kind, MeasureId

_WAITS = ("not_due_yet", "Still open, and the day on which it is due is not over.")
_CLOCKS = "Obligations as the clocks compute them from the census, from records, and from contracts."

DUTIES = (
    Definition(
        id=MeasureId.REVIEW_TIMELINESS,
        title="Reviews signed in time",
        kind=Kind.SHARE,
        unit="",
        per=100,
        better="higher",
        meaning="Of the reviews that were due, the share that was signed by the time that was set.",
        numerator="Admission and continued-stay reviews signed no later than they were due.",
        denominator="Admission and continued-stay reviews that fell due. A continued-stay review is not due of a"
        " patient who left up to that day; the review of an admission is, however short the stay.",
        source=f"{_CLOCKS} Continued-stay reviews by the day that each signed review set for the next.",
        citation="42 CFR 482.30(c); times by policy of the hospital and by contracts with payers",
        dated_by="local day on which the review was due",
        exclusions=(_WAITS,),
        run_out_days=1,
        chart="p",
        notes="A review that is still open counts as missed from the day after it was due. Reviews struck out count"
        " neither as due nor as done.",
    ),
    Definition(
        id=MeasureId.NOTICE_COMPLIANCE,
        title="Notices given in time",
        kind=Kind.SHARE,
        unit="",
        per=100,
        better="higher",
        meaning="Of the notices that Medicare patients had to get, the share that was given in time.",
        numerator="Notices delivered, or their refusal witnessed, within the time that the rule allows.",
        denominator="First and follow-up copies of the Important Message and Medicare Outpatient Observation Notices"
        " that fell due; what the rules do not require is left out.",
        source=f"{_CLOCKS} Deliveries at their true time, however late they were entered.",
        citation="42 CFR 405.1205, 422.620 (Important Message); 42 CFR 489.20(y) (MOON)",
        dated_by="local day on which the notice was due",
        exclusions=(_WAITS,),
        run_out_days=1,
        chart="p",
        notes="The kind of notice stands beside each case. A delivery that was voided does not count.",
    ),
    Definition(
        id=MeasureId.FOLLOW_UP_CALL,
        title="Calls after discharge in time",
        kind=Kind.SHARE,
        unit="",
        per=100,
        better="higher",
        meaning="Of the patients who went home, the share that was called within the time that the hospital set,"
        " 48 hours where it set none.",
        numerator="Departures after which somebody spoke with the patient or a caregiver in time, or two attempts"
        " in time reached nobody.",
        denominator="Departures to home, with or without home health, of patients who were in a bed.",
        source=f"{_CLOCKS} Calls that were recorded and stand.",
        citation="Policy of the hospital: TC-CALL, 48 hours by default",
        dated_by="day of discharge",
        exclusions=(_WAITS,),
        dimensions=("unit", "service", "attending", "payer", "vendor"),
        run_out_days=3,
        chart="p",
        notes="Deaths, transfers and facilities are not owed a call. The call of the practice (CPT 99495) is another.",
    ),
    Definition(
        id=MeasureId.PRODUCTIVITY,
        title="Minutes for a review",
        kind=Kind.MEDIAN,
        unit="minutes",
        better="neither",
        meaning="How many minutes half of the reviews took at most from opening to signature.",
        numerator="Middle value of the elapsed minutes from the opening of a review to its first signature.",
        denominator="Reviews signed on the local day on which they were opened.",
        exclusions=(("another_day", "The review was opened on an earlier day than it was signed."),),
        source="Signed reviews that stand, with when each was opened and first signed.",
        citation="Product rule sheet, section 11.3 (work in minutes, not in numbers of cases)",
        dated_by="local day of the first signature",
        dimensions=("unit", "service", "payer"),
        notes="Work in minutes, since cases differ. The time on the screen, with interruptions; a review kept open over"
        " lunch is long, which is why the middle value is shown. Work without a screen is not in it. By unit, service"
        " and payer, never by person: it sizes teams and says nothing of a nurse.",
    ),
)  # fmt: skip
