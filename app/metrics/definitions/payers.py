"""Definitions about payers: answers, denials, talks, appeals."""

from app.metrics.terms import Definition, Kind, MeasureId

_RECORDS = "Requests to payers, denials and appeals as recorded; what was struck out does not count."
_SUBMITTED = "Stays submitted to a payer: a request for authorization was sent, or a denial of a claim was received."
_ADVANTAGE = (
    " In Medicare Advantage a talk after the written denial is often for information only (42 CFR 422.138(c)): a low"
    " share there may say nothing of the case."
)

PAYERS = (
    Definition(
        id=MeasureId.DENIAL,
        title="Denials at first",
        kind=Kind.SHARE,
        unit="",
        per=100,
        better="lower",
        meaning="Of the stays submitted to a payer, the share of which the payer denied something at first.",
        numerator="Submitted stays with at least one recorded denial, whatever became of it.",
        denominator=_SUBMITTED,
        source=_RECORDS,
        citation="Product rule sheet, section 12.1",
        dated_by="local day of the first request, or of the denial where nothing was requested",
        run_out_days=30,
        chart="p",
        notes="Counts stays, not days and not dollars. A stay with several payers counts once; the payer is the one"
        " that denied, else the one that was asked first. Denials after payment arrive months later.",
    ),
    Definition(
        id=MeasureId.DENIAL_FINAL,
        title="Denials at the end",
        kind=Kind.SHARE,
        unit="",
        per=100,
        better="lower",
        meaning="Of the stays submitted to a payer, the share of which something stays denied at the end.",
        numerator="Submitted stays with a closed denial that was upheld, partly overturned, written off, or ended by"
        " billing another status.",
        denominator=_SUBMITTED,
        exclusions=(("open", "A denial of the stay is still being worked on."),),
        source=_RECORDS,
        citation="Product rule sheet, section 12.1",
        dated_by="local day of the first request, or of the denial where nothing was requested",
        run_out_days=180,
        chart="p",
        notes="Counts stays. Young months look good because their denials are still open: see the run-out.",
    ),
    Definition(
        id=MeasureId.OVERTURN,
        title="Appeals that overturned the denial",
        kind=Kind.SHARE,
        unit="",
        per=100,
        better="higher",
        meaning="Of the decided appeals, the share that took the denial back in full or in part.",
        numerator="Decided appeals with the outcome overturned or partly overturned.",
        denominator="Appeals that were sent and decided, of every level; a dismissed one was not won.",
        exclusions=(
            ("undecided", "The appeal was sent and is not decided."),
            ("withdrawn", "The hospital withdrew the appeal."),
        ),
        source="Appeals as recorded, one case for each level; the level stands beside each case.",
        citation="42 CFR 405 subpart I and 422 subpart M for the levels; product rule sheet, section 12.1",
        dated_by="local day of the decision; of the sending where there is none",
        run_out_days=60,
        chart="p",
        notes="Levels differ much: read them one by one in the list. Who appeals only sure cases has a high share.",
    ),
    Definition(
        id=MeasureId.PEER_TO_PEER_OVERTURN,
        title="Peer-to-peer talks that turned the denial",
        kind=Kind.SHARE,
        unit="",
        per=100,
        better="higher",
        meaning="Of the talks that were held with a payer's physician, the share after which the payer took its denial"
        " back in full or in part.",
        numerator="Held talks with the outcome overturned or partly overturned.",
        denominator="Talks that were held and answered.",
        exclusions=(("not_held", "The talk did not take place."),),
        source="Signed answers of physician advisors about talks, and talks that were recorded with a denial.",
        citation="Product rule sheet, section 12.1",
        dated_by="local day of the signed answer, or of the entry with the denial",
        chart="p",
        notes=f"Few talks say little: see the interval.{_ADVANTAGE}",
    ),
    Definition(
        id=MeasureId.AUTHORIZATION_TURNAROUND,
        title="Time to the payer's answer",
        kind=Kind.MEDIAN,
        unit="hours",
        better="lower",
        meaning="How many hours half of the requests waited at most until the payer decided.",
        numerator="Middle value of the elapsed hours from the request to the first answer that decides.",
        denominator="Requests to payers that were decided.",
        exclusions=(
            ("undecided", "The payer has not decided, or asked for more and has not decided since."),
            ("cancelled", "The hospital withdrew the request."),
            ("before_request", "The answer bears an earlier time than the request."),
        ),
        source="Requests and answers as recorded: decided when the payer said it decided, else when it was received.",
        citation="42 CFR 422.568, 422.572 and 438.210(d) for the limits, which are hours and days as they pass",
        dated_by="local day of the decision; of the request where there is none",
        run_out_days=7,
        notes="Nights, weekends and holidays count: the patient waits through them. Requests that wait still are left"
        " out, so that the newest days look quick.",
    ),
)  # fmt: skip
