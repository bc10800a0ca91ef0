"""Charts of measures: what they find, where limits begin anew, who is compared and who is not."""

from datetime import date

from app.kernel.shares import wilson
from app.metrics.definitions import DEFINITIONS
from app.metrics.study import charting, showing
from app.metrics.study.asked import Study
from app.metrics.study.asking import Choice, Span, history, named
from app.metrics.study.wording import amount_text, compared, difference_text
from app.metrics.terms import Figure, Filter, MeasureId, Period

READMISSION = DEFINITIONS[MeasureId.READMISSION]
LOST = DEFINITIONS[MeasureId.AVOIDABLE_DAYS]


def share(hits: float, of: float, member: str = "", *, provisional: bool = False) -> Figure:
    return Figure(member=member, cases=int(of), numerator=hits, denominator=of, value=hits / of,
                  provisional=provisional)  # fmt: skip


def months(values: list[float]) -> tuple[list[tuple[date, Figure]], list[str]]:
    firsts = [date(2024 + place // 12, place % 12 + 1, 1) for place in range(len(values))]
    return [(first, share(value, 100)) for first, value in zip(firsts, values, strict=True)], [
        f"{first:%b %Y}" for first in firsts
    ]


def test_limits_begin_anew_at_what_was_done() -> None:
    points, labels = months([8.0, 9, 8, 9, 8, 9, 8, 9, 8, 9, 3, 4, 3, 4, 3, 4, 3, 4])

    plain = charting.trend(LOST, points, labels, "month").drawing
    done = charting.trend(LOST, points, labels, "month", [(date(2024, 11, 1), "huddle")]).drawing

    assert plain is not None and done is not None
    assert len(plain.means) == 1 and len(done.means) == 2
    assert [one.text for one in done.notes] == ["huddle"]


def test_provisional_points_and_less_than_twelve_are_not_drawn() -> None:
    points, labels = months([8.0] * 12)
    last = (points[-1][0], share(8, 100, provisional=True))

    assert charting.trend(READMISSION, points, labels, "month").drawing is not None
    drawn = charting.trend(READMISSION, [*points[:-1], last], labels, "month")

    assert drawn.drawing is None and "there are 11" in drawn.few


def test_what_may_still_change_is_drawn_apart_and_judged_by_nothing() -> None:
    points, labels = months([8.0, 9, 8, 9, 8, 9, 8, 9, 8, 9, 8, 9, 90, 9])
    open_ones = [(first, share(one.numerator, 100, provisional=True)) for first, one in points[12:]]

    drawn = charting.trend(READMISSION, [*points[:12], *open_ones], labels, "month")
    alone = charting.trend(READMISSION, points[:12], labels[:12], "month")

    assert drawn.drawing is not None and alone.drawing is not None
    assert drawn.finding == alone.finding == "No rule is broken in 12 months"
    assert [one.title.partition(",")[2] for one in drawn.drawing.later] == [" provisional"] * 2
    assert len(drawn.drawing.dots) == 12 and [one.text for one in drawn.drawing.ends] == [
        one.text for one in alone.drawing.ends
    ]
    settled, (begins, width) = drawn.drawing.dots[-1].x, drawn.drawing.band
    assert settled < begins < drawn.drawing.later[0].x < drawn.drawing.later[1].x < begins + width
    assert "Provisional and not judged: Jan 2025" in drawn.drawing.desc and alone.drawing.later == ()


def test_pieces_of_months_are_no_points_but_the_present_one_is_provisional() -> None:
    points, _ = months([8.0] * 27)  # January 2024 to March 2026
    period = Period(date(2024, 1, 15), date(2026, 3, 4))
    choice = Choice(measure=MeasureId.READMISSION, period=period, where=Filter(), facility="NORTH")
    found = Study(choice, READMISSION, Figure(), None, {}, [], points, [], [], [], None, None, [])

    shown = showing.trend(found, date(2026, 3, 5))
    past = showing.trend(found, date(2026, 4, 2))

    assert shown["drawing"].dots[0].title.startswith("Feb 2024") and shown["provisional"] == "Mar 2026"
    assert [one.title.partition(":")[0] for one in shown["drawing"].later] == ["Mar 2026"]
    assert past["drawing"].dots[-1].title.startswith("Feb 2026") and past["drawing"].later == ()


def test_small_groups_and_those_of_whom_nothing_is_known_are_not_compared() -> None:
    members = [share(25, 100, "A"), share(24, 100, "B"), share(60, 100, "C"), share(5, 5, "D"), share(9, 90, "")]

    found = charting.groups(READMISSION, members, "units")

    assert [found.where(one) for one in members] == [
        "within", "within", "above 99.8 %", "too few", "not compared",
    ]  # fmt: skip
    assert found.finding.startswith("C lies above")
    assert charting.groups(LOST, members, "units").drawing is None


def test_reasons_of_what_is_left_out_stand_by_their_size() -> None:
    reasons = [("age", "Too young.", 3), ("died", "Died in the hospital.", 30), ("ama", "Left.", 7), ("none", "No.", 0)]

    shown = charting.by_size(reasons)

    assert shown["few"] == "1 of 3 reasons makes 75 %"
    assert [one.title for one in shown["pareto"].bars] == [
        "Died in the hospital: 30 cases, together 75 %", "Left: 7 cases, together 92 %",
        "Too young: 3 cases, together 100 %",
    ]  # fmt: skip
    assert charting.by_size(reasons[:1])["pareto"] is None and charting.by_size([])["pareto"] is None


def test_figures_in_words() -> None:
    assert amount_text(READMISSION, 0.1319) == "13.2 %"
    assert amount_text(READMISSION, 0.12) == "12.0 %", "as many digits as its neighbours"
    assert amount_text(LOST, 0.0312) == "3.12 per 100"
    assert amount_text(DEFINITIONS[MeasureId.LENGTH_OF_STAY], 4.66) == "4.7 days"
    assert amount_text(DEFINITIONS[MeasureId.ORDER_TO_DEPARTURE], 237.5) == "238 minutes"
    assert amount_text(READMISSION, None) == "–"
    assert difference_text(READMISSION, share(15, 100), share(12, 100)) == "+3 points"
    assert difference_text(LOST, share(3, 100), share(4, 100)) == "−1"


def shared(hits: int, of: int) -> Figure:
    low, high = wilson(hits, of)
    return Figure(cases=of, numerator=hits, denominator=of, value=hits / of, low=low, high=high)


def test_a_difference_says_whether_chance_can_explain_it() -> None:
    assert compared(READMISSION, shared(20, 100), shared(17, 100)).startswith("It is worse; chance can explain it (")
    assert compared(READMISSION, shared(10, 400), shared(60, 400)).startswith("It is better; chance alone rarely")
    assert "nothing to compare" in compared(READMISSION, shared(10, 100), Figure())


def test_intervals_that_overlap_do_not_make_a_difference_chance() -> None:
    """150 of 1,000 (12.9 to 17.3 %) and 115 of 1,000 (9.7 to 13.6 %) overlap, and yet they differ."""
    late, early = shared(150, 1000), shared(115, 1000)
    assert (late.low or 0) < (early.high or 0)

    said = compared(READMISSION, late, early)

    assert said == (
        "It is worse; chance alone rarely makes so much (95 % interval of the difference +0.5 to +6.5 points)."
    )


def test_periods_end_yesterday_and_charts_go_two_years_back() -> None:
    today = date(2026, 3, 5)

    assert named(Span.MONTH, today) == Period(date(2026, 3, 1), date(2026, 3, 4))
    assert named(Span.LAST_MONTH, today) == Period(date(2026, 2, 1), date(2026, 2, 28))
    assert named(Span.QUARTER, today) == Period(date(2025, 12, 1), date(2026, 2, 28))
    assert named(Span.YEAR, today) == Period(date(2025, 4, 1), date(2026, 3, 4))
    assert history(named(Span.YEAR, today)).first == date(2024, 4, 1)


def test_on_the_first_of_a_month_last_month_is_the_one_that_has_just_ended() -> None:
    today = date(2026, 3, 1)

    assert named(Span.MONTH, today) == Period(today, today)
    assert named(Span.LAST_MONTH, today) == Period(date(2026, 2, 1), date(2026, 2, 28))
    assert named(Span.QUARTER, today) == Period(date(2025, 12, 1), date(2026, 2, 28))
    assert named(Span.YEAR, today) == Period(date(2025, 3, 1), date(2026, 2, 28))
