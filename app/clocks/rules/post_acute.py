"""Conditions and clocks of post-acute care: 42 CFR 409.30, 412.522, 412.531, 412.622, 424.22, 418.22, 410.38."""

from collections.abc import Iterator

from app.clocks.rules.owing import Span, decided, due_at, not_required, opens_at, owed, simply, term
from app.clocks.rules.stay import Stay
from app.clocks.terms import EventKind, Line, Obligation, RecordKind
from app.kernel.days import ONE_DAY, start_of_day
from app.kernel.deadlines import Standing, due, opens

NURSING_FACILITY = "snf"
LONG_TERM = "ltch"
QUALIFYING_DAYS = 3  # 42 CFR 409.30(a)(1)
_K, _R = EventKind, RecordKind
_SOURCES = {"acute": "acute_hospital", "irf": "rehabilitation_facility", "snf": "nursing_facility"}


def qualifying_days(stay: Stay) -> int | None:
    """Consecutive inpatient days up to departure, which does not count, else to now; None for who was never one."""
    if stay.reclassified is not None:
        return 0
    if stay.admitted is None:
        return None
    start = stay.first(_K.INPATIENT_ELSEWHERE) or stay.admitted
    return stay.days_from(min(start.at, stay.admitted.at), stay.departure.at if stay.departure else stay.now)


def qualifying_stay(stay: Stay) -> Iterator[Obligation]:
    """Three inpatient days before a nursing facility is covered, and thirty to enter it. 42 CFR 409.30."""
    leaves = stay.departure
    if leaves is None or leaves.to != NURSING_FACILITY:
        return
    found = term(stay, "PA-SNF30", stay.day(leaves.at))
    rule = term(stay, "PA-SNF3", stay.day(leaves.at))
    days = qualifying_days(stay) or 0
    if rule is None:
        return
    if Line.MEDICARE_FFS not in stay.lines(stay.day(leaves.at)):
        yield not_required(rule, f"{stay.without('original Medicare')} The payer decides.")
        return
    enough, gone = days >= QUALIFYING_DAYS, stay.discharge is not None
    where = Standing.DONE if enough else Standing.OVERDUE if gone else Standing.DUE
    because = f"{days} inpatient day{'' if days == 1 else 's'} by {stay.said(leaves.at)}; three are needed."
    yield decided(rule, where, Span(closed=stay.now if enough else None), because)
    if enough and gone and found is not None:
        said = f"Left {stay.said(leaves.at)} after {days} inpatient days; 30 calendar days to enter."
        yield simply(stay, found, leaves.at, None, said)


def long_term_hospital(stay: Stay) -> Iterator[Obligation]:
    """Validation of the admission, and until when a return is the same stay. 42 U.S.C. 1395x(ccc), 42 CFR 412.531."""
    if stay.facts.facility_kind != LONG_TERM:
        return
    if stay.admitted is not None and (found := term(stay, "PA-LTCH48", stay.day(stay.admitted.at))) is not None:
        because = f"Admitted {stay.said(stay.admitted.at)}; criteria validated within 48 hours."
        made = [stay.evidence(kind, stay.admitted.at) for kind in (_R.ADMISSION_VALIDATED, _R.REVIEW)]
        closed = min((at for at in made if at is not None), default=None)
        yield simply(stay, found, stay.admitted.at, closed, because)
    left = stay.last(_K.LTCH_DISCHARGE)
    if left is not None and (found := term(stay, "PA-LTCH-INT", stay.day(left.at))) is not None:
        back = stay.after(left.at, _K.LTCH_RETURN)
        allowed = found.more(_SOURCES[left.to]) if left.to in _SOURCES else found.allowance
        span = Span(start=left.at, due=due(left.at, allowed, stay.zone), closed=back.at if back else None)
        because = f"Left {stay.said(left.at)}, that day being day 1; back by {allowed} is one stay."
        yield owed(stay, found, span, because)


def weekly_conference(stay: Stay) -> Iterator[Obligation]:
    """A week after the admission and after each conference; the departure ends it.

    The statute asks for an interdisciplinary plan of each patient and names no interval. 42 U.S.C. 1395x(ccc)(4).
    """
    if stay.facts.facility_kind != LONG_TERM or stay.admitted is None:
        return
    begins = [stay.admitted.at, *stay.evidences(_R.TEAM_CONFERENCE, stay.admitted.at)]
    for place, start in enumerate(begins):
        if (found := term(stay, "LT-CONFERENCE", stay.day(start))) is None:
            continue
        held = begins[place + 1] if place + 1 < len(begins) else None
        if held is None and stay.discharge is not None:
            return
        word = "Admitted" if place == 0 else "Last conference"
        because = f"{word} {stay.said(start)}; the team meets within {found.allowance}."
        yield owed(stay, found, Span(start=start, due=due_at(stay, found, start), closed=held), because)


def family_orientation(stay: Stay) -> Iterator[Obligation]:
    """Within 72 hours of the admission; a reason why nobody could be told is on record too."""
    if stay.facts.facility_kind != LONG_TERM or stay.admitted is None:
        return
    told = stay.evidence(_R.FAMILY_ORIENTED, stay.admitted.at)
    if told is None and stay.discharge is not None:
        return
    if (found := term(stay, "LT-ORIENT", stay.day(stay.admitted.at))) is not None:
        because = f"Admitted {stay.said(stay.admitted.at)}; the family is oriented within {found.allowance}."
        yield simply(stay, found, stay.admitted.at, told, because)


def same_stay(stay: Stay) -> bool | None:
    """Whether the patient came back in time for one stay; None without a discharge and a return. 42 CFR 412.531."""
    left = stay.last(_K.LTCH_DISCHARGE)
    back = stay.after(left.at, _K.LTCH_RETURN) if left is not None else None
    if left is None or back is None or (found := term(stay, "PA-LTCH-INT", stay.day(left.at))) is None:
        return None
    limits = [found.allowance, *([found.more(_SOURCES[left.to])] if left.to in _SOURCES else [])]
    return any(back.at <= due(left.at, limit, stay.zone) for limit in limits)


def nursing_facility_review(stay: Stay) -> Iterator[Obligation]:
    """Resident review when an exempted discharge lasts beyond thirty days. 42 CFR 483.106(b)(2)."""
    for event in stay.all(_K.NURSING_FACILITY_ADMISSION):
        if (found := term(stay, "PA-PASRR40", stay.day(event.at))) is not None:
            yield simply(stay, found, event.at, None, f"Entered {stay.said(event.at)}; {found.allowance}.")


def rehabilitation(stay: Stay) -> Iterator[Obligation]:
    """Screen in the 48 hours before, first therapy within 36 hours of the first midnight. 42 CFR 412.622."""
    for event in stay.all(_K.REHABILITATION_ADMISSION):
        day = stay.day(event.at)
        if (found := term(stay, "PA-IRF48", day)) is not None:
            opening = opens(event.at, found.allowance, stay.zone)
            because = f"Admitted {stay.said(event.at)}; screened in the 48 hours before."
            yield owed(stay, found, Span(start=event.at, earliest=opening, due=event.at), because)
        if (found := term(stay, "PA-IRF36", day)) is not None:
            midnight = start_of_day(day + ONE_DAY, stay.zone)
            because = f"Admitted {stay.said(event.at)}; 36 hours from the midnight that ends that day."
            yield simply(stay, found, midnight, None, because)


def home_health(stay: Stay) -> Iterator[Obligation]:
    """Face-to-face visit from 90 days before to 30 after, first visit within 48 hours. 42 CFR 424.22, 484.55."""
    for event in stay.all(_K.HOME_HEALTH_START):
        if (found := term(stay, "PA-HHF2F", stay.day(event.at))) is not None:
            opening = opens_at(stay, found, event.at)
            span = Span(
                start=event.at,
                earliest=opening,
                due=due_at(stay, found, event.at),
                closed=stay.evidence(_R.VISIT, opening),
            )
            yield owed(stay, found, span, f"Home health from {stay.said(event.at)[:-6]}; 90 days before to 30 after.")
    for event in stay.all(_K.HOME_HEALTH_REFERRAL):
        if (found := term(stay, "PA-HH48", stay.day(event.at))) is not None:
            yield simply(stay, found, event.at, None, f"Referred or home {stay.said(event.at)}; {found.allowance}.")


def hospice(stay: Stay) -> Iterator[Obligation]:
    """Certification from 15 days before to two days after the period starts. 42 CFR 418.22."""
    for event in stay.all(_K.HOSPICE_PERIOD_START):
        if (found := term(stay, "PA-HOSP", stay.day(event.at))) is not None:
            opening = opens_at(stay, found, event.at)
            closed = stay.evidence(_R.CERTIFICATION, opening, event.subject)
            span = Span(start=event.at, earliest=opening, due=due_at(stay, found, event.at), closed=closed)
            yield owed(stay, found, span, f"Hospice period from {stay.said(event.at)[:-6]}; two calendar days.")


def equipment(stay: Stay) -> Iterator[Obligation]:
    """Face-to-face visit in the six months before the order. 42 CFR 410.38."""
    for event in stay.all(_K.EQUIPMENT_ORDERED):
        if (found := term(stay, "PA-DME6M", stay.day(event.at))) is not None:
            opening = opens(event.at, found.allowance, stay.zone)
            closed = stay.evidence(_R.VISIT, opening)
            span = Span(start=event.at, earliest=opening, due=event.at, closed=closed, subject=event.subject)
            yield owed(stay, found, span, f"Ordered {stay.said(event.at)}; seen in the six months before.")


RULES = (
    qualifying_stay,
    long_term_hospital,
    weekly_conference,
    family_orientation,
    nursing_facility_review,
    rehabilitation,
    home_health,
    hospice,
    equipment,
)
