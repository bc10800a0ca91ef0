"""Before home health, hospice and equipment: 42 CFR 409.42, 424.22, 418.20 to 418.24, 410.38."""

from datetime import date, timedelta

from app.clocks.rules.benefits import hospice_period, recertification_window
from app.discharge.eligibility.facts import Check, Condition, Facts, asked
from app.discharge.eligibility.terms import Question, Verdict
from app.kernel.days import months_after
from app.kernel.wording import day_text

VISIT_BEFORE, VISIT_AFTER = timedelta(days=90), timedelta(days=30)
"""Face-to-face visit around the start of home health care. 42 CFR 424.22(a)(1)(v)."""
CERTIFY_BEFORE, CERTIFY_AFTER = timedelta(days=15), timedelta(days=2)
"""Certification around the begin of a hospice period. 42 CFR 418.22(a)."""
VISIT_BEFORE_PERIOD = timedelta(days=30)
"""Face-to-face visit before the third and each later hospice period. 42 CFR 418.22(a)(4)."""
EQUIPMENT_MONTHS = 6
"""Visit before the order of equipment. 42 U.S.C. 1395m(a)(11)(B)."""
_Q, _V = Question, Verdict
HOMEBOUND = Condition(
    "hh_homebound", "Homebound", _Q.HH_HOMEBOUND,
    "Needs help or a device to leave home, and leaving takes a considerable and taxing effort.",
    "Can leave home without a taxing effort.", "42 CFR 409.42(a)",
)  # fmt: skip
SKILLED = Condition(
    "hh_skilled", "Intermittent skilled care", _Q.HH_SKILLED,
    "Needs intermittent skilled nursing, physical or speech therapy, or continued occupational therapy.",
    "Needs no skilled care at home.", "42 CFR 409.42(c)",
)  # fmt: skip
PROGNOSIS = Condition(
    "hospice_prognosis", "Prognosis of six months or less", _Q.HOSPICE_PROGNOSIS,
    "A physician expects six months or less if the illness runs its course.",
    "No physician expects six months or less.", "42 CFR 418.20, 418.22",
)  # fmt: skip


def visit_window(start: date) -> tuple[date, date]:
    """From when until when the face-to-face visit counts for a start of home health care."""
    return start - VISIT_BEFORE, start + VISIT_AFTER


def home_health(facts: Facts) -> list[Check]:
    """Homebound, skilled need, and the face-to-face visit around the start of care."""
    return [asked(facts, HOMEBOUND), asked(facts, SKILLED), _face_to_face(facts)]


def _face_to_face(facts: Facts) -> Check:
    ordered, visit = facts.answer(_Q.HH_START), facts.answer(_Q.HH_FACE_TO_FACE)
    start = (ordered.on if ordered is not None else None) or facts.starts_on or facts.leaves_on
    days: dict[str, date] = {}
    if start is None:
        verdict, because = _V.NOT_KNOWN, "The start of care is not known yet."
    else:
        opens, closes = visit_window(start)
        first, last = recertification_window(start)
        days = {"visit from": opens, "visit by": closes, "recertify from": first, "recertify by": last}
        window = f"{day_text(opens, facts.today)} to {day_text(closes, facts.today)}"
        if visit is None or visit.on is None:
            verdict, because = _V.NOT_KNOWN, f"Seen face to face from {window}: not recorded."
        elif opens <= visit.on <= closes:
            verdict, because = _V.MET, f"Seen face to face {day_text(visit.on, facts.today)}; {window} counts."
        else:
            verdict = _V.NOT_MET
            because = f"Seen {day_text(visit.on, facts.today)}, which is not from {window}."
    return Check(
        key="hh_face_to_face", title="Face-to-face visit", verdict=verdict, because=because,
        citation="42 CFR 424.22(a)(1)(v)", record=_Q.HH_FACE_TO_FACE, days=days,
    )  # fmt: skip


def hospice(facts: Facts) -> list[Check]:
    """Prognosis, and the benefit periods with their windows from the election on."""
    return [asked(facts, PROGNOSIS), *_election(facts)]


def certification_window(begins: date) -> tuple[date, date]:
    """From when until when a hospice period is certified."""
    return begins - CERTIFY_BEFORE, begins + CERTIFY_AFTER


def _election(facts: Facts) -> list[Check]:
    answer = facts.answer(_Q.HOSPICE_ELECTION)
    if answer is None or answer.on is None:
        because = "The day of the election is not recorded."
        return [_period("hospice_election", "Election", _V.NOT_KNOWN, because, {})]
    days: dict[str, date] = {}
    for number in (1, 2, 3):
        begins, ends = hospice_period(answer.on, number)
        days |= {f"period {number} from": begins, f"period {number} to": ends}
    third = days["period 3 from"]
    days["certify period 3 from"], days["certify period 3 by"] = certification_window(third)
    days["visit for period 3 from"] = third - VISIT_BEFORE_PERIOD
    because = f"Elected {day_text(answer.on, facts.today)}; the first period ends {_day(days, 'period 1 to', facts)}."
    return [_period("hospice_election", "Election and periods", _V.MET, because, days)]


def _day(days: dict[str, date], name: str, facts: Facts) -> str:
    return day_text(days[name], facts.today)


def _period(key: str, title: str, verdict: Verdict, because: str, days: dict[str, date]) -> Check:
    return Check(
        key=key, title=title, verdict=verdict, because=because, citation="42 CFR 418.21, 418.22",
        record=_Q.HOSPICE_ELECTION, days=days,
    )  # fmt: skip


def equipment(facts: Facts) -> list[Check]:
    """The face-to-face visit in the six months before the order."""
    visit, order = facts.answer(_Q.DME_FACE_TO_FACE), facts.answer(_Q.DME_ORDER)
    ordered = order.on if order is not None else None
    days: dict[str, date] = {}
    if ordered is None:
        verdict, because = _V.NOT_KNOWN, "The written order is not recorded."
    else:
        opens = months_after(ordered, -EQUIPMENT_MONTHS)
        days = {"visit from": opens, "visit by": ordered}
        window = f"{day_text(opens, facts.today)} to {day_text(ordered, facts.today)}"
        if visit is None or visit.on is None:
            verdict, because = _V.NOT_KNOWN, f"Seen face to face from {window}: not recorded."
        else:
            good = opens <= visit.on <= ordered
            verdict = _V.MET if good else _V.NOT_MET
            because = f"Seen {day_text(visit.on, facts.today)}; {window} counts."
    return [
        Check(
            key="dme_order", title="Written order",
            verdict=_V.MET if ordered is not None else _V.NOT_KNOWN,
            because="Ordered in writing with its six elements." if ordered else "Nobody has recorded it yet.",
            citation="42 CFR 410.38(d)(1)", record=_Q.DME_ORDER,
        ),
        Check(
            key="dme_face_to_face", title="Face-to-face visit", verdict=verdict, because=because,
            citation="42 U.S.C. 1395m(a)(11)(B); 42 CFR 410.38(d)(2)", record=_Q.DME_FACE_TO_FACE, days=days,
        ),
    ]  # fmt: skip
