"""Before a skilled nursing facility: 42 CFR 409.30 to 409.36."""

from datetime import timedelta

from app.clocks.rules.post_acute import QUALIFYING_DAYS
from app.clocks.terms import Line
from app.discharge.eligibility.facts import Check, Condition, Facts, asked
from app.discharge.eligibility.rules import pasrr
from app.discharge.eligibility.terms import Question, Verdict, Waiver
from app.kernel.wording import day_text

WINDOW_DAYS = 30
"""Calendar days from discharge to enter. 42 CFR 409.30(b)(1)."""
TEAM_STARS = 3
"""Overall stars that a facility needs under the waiver of the TEAM model. 42 CFR 512.580."""
_CITATION = "42 CFR 409.30(a)(1); 42 U.S.C. 1395x(i)"
_Q, _V = Question, Verdict
SKILLED = Condition(
    "snf_skilled", "Daily skilled care", _Q.SNF_SKILLED,
    "Needs skilled nursing or therapy every day that only a facility can give.",
    "Does not need skilled care every day, or can have it elsewhere.",
    "42 CFR 409.31",
)  # fmt: skip


def checks(facts: Facts) -> list[Check]:
    """Three days, the window of thirty, skilled need; and PASRR."""
    return [_three_days(facts), _window(facts), asked(facts, SKILLED), *pasrr.checks(facts)]


def _three_days(facts: Facts) -> Check:
    days = facts.inpatient_days or 0
    verdict, because = _V.MET, f"{_days(days)} as an inpatient; three are needed."
    if not facts.lines & {Line.MEDICARE_FFS, Line.MEDICARE_ADVANTAGE}:
        known = bool(facts.lines)
        verdict = _V.NOT_NEEDED if known else _V.NOT_KNOWN
        because = "No Medicare coverage: the payer decides." if known else "No payer is known."
    elif days < QUALIFYING_DAYS:
        verdict, because = _short(facts, days)
    return Check(
        key="snf_three_days", title="Three inpatient days", verdict=verdict, because=because, citation=_CITATION,
        record=_Q.SNF_WAIVER if days < QUALIFYING_DAYS else None,
    )  # fmt: skip


def _short(facts: Facts, days: int) -> tuple[Verdict, str]:
    """Fewer than three days: whether a waiver stands in for them."""
    lacking = f"{_days(days)} as an inpatient; days in observation or in the emergency department do not count."
    waiver = facts.answer(_Q.SNF_WAIVER)
    program = f" Program {waiver.detail}." if waiver is not None and waiver.detail else ""
    if waiver is None:
        if Line.MEDICARE_ADVANTAGE in facts.lines:
            return _V.NOT_KNOWN, f"{lacking} The plan may waive three days: record whether it does."
        return _V.NOT_KNOWN, f"{lacking} Record whether a waiver holds."
    if waiver.value == Waiver.NONE:
        return _V.NOT_MET, f"{lacking} No waiver holds."
    if waiver.value == Waiver.PLAN:
        if Line.MEDICARE_ADVANTAGE in facts.lines:
            return _V.MET, f"{_days(days)} as an inpatient; the plan waives three days.{program}"
        return _V.NOT_MET, f"{lacking} The waiver is one of a plan, and the patient has original Medicare."
    if Line.MEDICARE_FFS not in facts.lines:
        return _V.NOT_MET, f"{lacking} This waiver is one of original Medicare."
    if not waiver.detail:
        return _V.NOT_KNOWN, f"{lacking} Record the number of the program with the waiver."
    if waiver.value == Waiver.TEAM:
        return _team(facts, lacking, program)
    return _V.MET, f"{_days(days)} as an inpatient; the ACO waives three days.{program}"


def _team(facts: Facts, lacking: str, program: str) -> tuple[Verdict, str]:
    stars = facts.answer(_Q.SNF_STARS)
    if stars is None or not stars.value.isdigit():
        return _V.NOT_KNOWN, f"{lacking} TEAM waives them for facilities of three stars or more: record the stars."
    if int(stars.value) < TEAM_STARS:
        return _V.NOT_MET, f"{lacking} TEAM asks for three stars; this facility has {stars.value}."
    return _V.MET, f"TEAM waives three days for a facility of {stars.value} stars.{program}"


def _window(facts: Facts) -> Check:
    """Thirty calendar days to enter, unless care was foreseeably not right before."""
    title, because, verdict = "Entry within 30 days", "", _V.NOT_KNOWN
    if Line.MEDICARE_FFS not in facts.lines:
        verdict = _V.NOT_NEEDED if facts.lines else _V.NOT_KNOWN
        because = "The payer decides." if facts.lines else "No payer is known."
        return Check(key="snf_window", title=title, verdict=verdict, because=because, citation="42 CFR 409.30(b)")
    if facts.leaves_on is None:
        because = "The day of departure is not known yet."
        return Check(key="snf_window", title=title, verdict=verdict, because=because, citation="42 CFR 409.30(b)")
    limit = facts.leaves_on + timedelta(days=WINDOW_DAYS)
    enters = facts.starts_on or max(facts.today, facts.leaves_on)
    exception = facts.answer(_Q.SNF_EXCEPTION)
    if enters <= limit:
        verdict, because = _V.MET, f"May be entered until {day_text(limit, facts.today)}."
    elif exception is not None and exception.yes:
        verdict, because = _V.MET, "Later than 30 days, as was medically predictable."
    else:
        verdict = _V.NOT_MET if exception is not None else _V.NOT_KNOWN
        because = f"Entry on {day_text(enters, facts.today)} is later than {day_text(limit, facts.today)}."
    return Check(
        key="snf_window", title=title, verdict=verdict, because=because, citation="42 CFR 409.30(b)",
        record=_Q.SNF_EXCEPTION if enters > limit else None, days={"enter by": limit},
    )  # fmt: skip


def _days(count: int) -> str:
    return f"{count} day{'' if count == 1 else 's'}"
