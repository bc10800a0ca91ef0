"""After the patient left: benefit period, transitional care, information of the practitioner, late claims."""

from collections.abc import Iterator

from app.clocks.rules.owing import Span, due_at, owed, simply, term
from app.clocks.rules.stay import Stay
from app.clocks.terms import EventKind, Line, Obligation, RecordKind
from app.kernel.wording import day_text

HOME = frozenset({"home", "hha"})
ATTEMPTS = 2  # as many timely attempts count as contact, as for CPT 99495
_K, _R = EventKind, RecordKind


def benefit_period(stay: Stay) -> Iterator[Obligation]:
    """Ends after 60 days out of hospital, the day of discharge being the first. 42 U.S.C. 1395x(a)."""
    left = stay.discharge
    outpatient = stay.admitted is None and stay.watched is not None
    if left is None or outpatient or Line.MEDICARE_FFS not in stay.lines(stay.day(left.at)):
        return
    if (found := term(stay, "BN-60", stay.day(left.at))) is not None:
        because = f"Left {stay.said(left.at)}; 60 days in no hospital or nursing facility, that day being the first."
        yield simply(stay, found, left.at, None, because)


def _only_emergency(stay: Stay) -> bool:
    """A visit of the emergency department that led to no order: neither CPT 99495 nor the hospital's call is for it."""
    return stay.first(_K.CARE_START) is not None and stay.admitted is None and stay.watched is None


def transitional_care(stay: Stay) -> Iterator[Obligation]:
    """Contact within two business days, visit within 14 days, for patients who went home. CPT 99495, 99496.

    Two separate attempts in time stand for the contact, as the code's text has it.
    """
    left = stay.discharge
    if left is None or left.to not in HOME or _only_emergency(stay):
        return
    said = f"Left for home {stay.said(left.at)}"
    if (found := term(stay, "TCM-2BD", stay.day(left.at))) is not None:
        spoken = stay.evidence(_R.CONTACT, left.at)
        tried = [at for at in stay.evidences(_R.CALL_ATTEMPT, left.at) if at <= due_at(stay, found, left.at)]
        closed = min([*tried[ATTEMPTS - 1 : ATTEMPTS], *([spoken] if spoken is not None else [])], default=None)
        yield simply(stay, found, left.at, closed, f"{said}; {found.allowance}.")
    if (found := term(stay, "TCM-VISIT", stay.day(left.at))) is not None:
        yield simply(stay, found, left.at, stay.evidence(_R.VISIT, left.at), f"{said}; {found.allowance}.")


def follow_up_call(stay: Stay) -> Iterator[Obligation]:
    """The hospital's own call to patients who went home; two attempts stand for one that reached nobody."""
    left = stay.discharge
    if left is None or left.to not in HOME or _only_emergency(stay):
        return
    if (found := term(stay, "TC-CALL", stay.day(left.at))) is None:
        return
    attempts = list(stay.evidences(_R.CALL_ATTEMPT, left.at))[ATTEMPTS - 1 : ATTEMPTS]
    reached = stay.evidence(_R.CONTACT, left.at)
    closed = min([*attempts, *([reached] if reached is not None else [])], default=None)
    yield simply(stay, found, left.at, closed, f"Left for home {stay.said(left.at)}; {found.allowance}.")


def practitioner_informed(stay: Stay) -> Iterator[Obligation]:
    """Quality measure: receipt of admission and discharge information, medicines reconciled. HEDIS TRC."""
    pairs = [("TRC-ADM", stay.admitted, "Admitted")]
    pairs += [(rule, stay.discharge, "Left") for rule in ("TRC-DIS", "TRC-MRP") if stay.admitted is not None]
    for rule, event, word in pairs:
        if event is None or Line.MEDICARE_ADVANTAGE not in stay.lines(stay.day(event.at)):
            continue
        if (found := term(stay, rule, stay.day(event.at))) is not None:
            yield simply(stay, found, event.at, None, f"{word} {stay.said(event.at)}; {found.allowance}.")


def self_denial(stay: Stay) -> Iterator[Obligation]:
    """A stay found not necessary after discharge is billed within a year of service. 42 U.S.C. 1395f(a)(1)."""
    left = stay.discharge
    if left is None:
        return
    made = stay.last(_K.SELF_DENIAL) or stay.after(left.at, _K.UR_DETERMINATION)
    if made is not None and (found := term(stay, "ST-SELFDENY", stay.day(left.at))) is not None:
        limit = due_at(stay, found, left.at)
        day = day_text(stay.day(limit), stay.today)
        because = f"Determined after discharge; claims are filed within a year of service, by {day}."
        closed = stay.evidence(_R.CLAIM_FILED, made.at, made.subject)
        yield owed(stay, found, Span(start=left.at, due=limit, closed=closed, subject=made.subject), because)


RULES = (benefit_period, transitional_care, follow_up_call, practitioner_informed, self_denial)
