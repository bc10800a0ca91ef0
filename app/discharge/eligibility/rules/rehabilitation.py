"""Before an inpatient rehabilitation facility: 42 CFR 412.622(a)(3) to (5), 412.29."""

from datetime import datetime, time, timedelta

from app.discharge.eligibility.facts import Check, Condition, Facts, asked
from app.discharge.eligibility.terms import IrfCondition, Question, Verdict
from app.kernel.days import ONE_DAY, instant_of, start_of_day
from app.kernel.wording import clock_text, day_text
from app.regulations import in_force

_CITATION = "42 CFR 412.622(a)(3)"
_Q, _V = Question, Verdict
CONDITIONS = (
    Condition(
        "irf_therapies", "Two therapies", _Q.IRF_THERAPIES,
        "Needs two therapy disciplines, one of them physical or occupational therapy.",
        "Does not need two therapy disciplines.", f"{_CITATION}(i)",
    ),
    Condition(
        "irf_intensity", "Intensity", _Q.IRF_INTENSITY,
        "Can take part in 3 hours on 5 days a week, or 15 hours in 7 days.",
        "Cannot take part in 3 hours on 5 days a week, nor in 15 hours in 7 days.", f"{_CITATION}(ii)",
    ),
    Condition(
        "irf_supervision", "Supervision", _Q.IRF_SUPERVISION,
        "Needs a rehabilitation physician on at least 3 days a week.",
        "Does not need a rehabilitation physician's supervision.", f"{_CITATION}(iv)",
    ),
    Condition(
        "irf_concurrence", "Physician concurs", _Q.IRF_CONCURRENCE,
        "The rehabilitation physician concurs with the screen.",
        "The rehabilitation physician does not concur.", "42 CFR 412.622(a)(4)(i)(D)",
    ),
)  # fmt: skip


def checks(facts: Facts) -> list[Check]:
    """Necessity by the answers, the screen by its time, the condition as evidence of the facility's own test."""
    return [*(asked(facts, one) for one in CONDITIONS), _screen(facts), _condition(facts)]


def first_therapy(admitted: datetime, facts: Facts) -> datetime:
    """Until when therapy begins: 36 elapsed hours from the midnight that ends the day of admission."""
    midnight = start_of_day(admitted.astimezone(facts.zone).date() + ONE_DAY, facts.zone)
    return midnight + timedelta(hours=36)


def screen_from(admitted: datetime, facts: Facts) -> datetime:
    """From when on the preadmission screen counts: 48 elapsed hours before admission, by the regulation in force."""
    law = in_force("PA-IRF48", admitted.astimezone(facts.zone).date())
    return admitted - timedelta(hours=law.allowance.count)


def _screen(facts: Facts) -> Check:
    answer = facts.answer(_Q.IRF_SCREEN)
    admitted = _admission(facts)
    instants: dict[str, datetime] = {}
    if admitted is not None:
        instants = {"screen from": screen_from(admitted, facts), "first therapy by": first_therapy(admitted, facts)}
    if answer is None or answer.on is None:
        verdict, because = _V.NOT_KNOWN, "The preadmission screen is not recorded."
    elif admitted is None:
        verdict, because = _V.NOT_KNOWN, "Screened; the day of admission is not known yet."
    else:
        screened = instant_of(answer.on, _time(answer.value), facts.zone)
        opens = instants["screen from"]
        good = opens <= screened <= admitted
        verdict = _V.MET if good else _V.NOT_MET
        because = (
            f"Screened {_said(screened, facts)}; it counts from {_said(opens, facts)} on."
            if screened <= admitted
            else f"Screened {_said(screened, facts)}, after the admission."
        )
    return Check(
        key="irf_screen", title="Preadmission screen", verdict=verdict, because=because,
        citation="42 CFR 412.622(a)(4)(i)", record=_Q.IRF_SCREEN, instants=instants,
    )  # fmt: skip


def _admission(facts: Facts) -> datetime | None:
    """The planned admission: its day is booked without an hour, so the usual hour of admission stands for it."""
    return None if facts.starts_on is None else instant_of(facts.starts_on, ADMISSION_HOUR, facts.zone)


ADMISSION_HOUR = time(15, 0)
"""When a patient is taken to be admitted there on a day for which only the day is known; the sentence shows it."""


def _time(text: str) -> time:
    try:
        return time.fromisoformat(text)
    except ValueError:
        return ADMISSION_HOUR


def _said(at: datetime, facts: Facts) -> str:
    return f"{day_text(at.astimezone(facts.zone).date(), facts.today)} {clock_text(at, facts.zone)}"


def _condition(facts: Facts) -> Check:
    answer = facts.answer(_Q.IRF_CONDITION)
    if answer is None:
        verdict, because = _V.NOT_KNOWN, "Whether it is one of the 13 conditions is not recorded."
    elif answer.value == IrfCondition.NO:
        verdict, because = _V.NOT_MET, "None of the 13 conditions. The patient may still be admitted."
    else:
        verdict = _V.MET
        because = f"{IrfCondition(answer.value).label}: counts for the facility's 60 percent. {answer.detail}".rstrip()
    return Check(
        key="irf_condition", title="One of the 13 conditions", verdict=verdict, because=because,
        citation="42 CFR 412.29(b): a test of the facility, not of the patient", record=_Q.IRF_CONDITION,
    )  # fmt: skip
