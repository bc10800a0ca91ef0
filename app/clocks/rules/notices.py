"""Notices to Medicare beneficiaries and the appeals after them: 42 CFR 405.1205 to 405.1212, 422.620, 489.20(y)."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from app.clocks.rules.owing import Span, Term, due_at, not_required, opens_at, owed, simply, term
from app.clocks.rules.stay import MEDICARE, Stay
from app.clocks.terms import Copy, EventKind, Line, NoticeKind, Obligation, RecordKind
from app.kernel.deadlines import due, earliest

DAY = timedelta(hours=24)
UNPROTECTED = "unprotected"  # `to` of an appeal's event: asked for late, or its decision holds no charges
CONSECUTIVE_DAYS = 3  # 42 CFR 405.1210: in the hospital so many days, inpatient for fewer
_K = EventKind


def important_message(stay: Stay) -> Iterator[Obligation]:
    """First copy: within two calendar days of the admission, or up to seven days before it. 42 CFR 405.1205(b)."""
    start = stay.admitted or (stay.reclassified[0] if stay.reclassified else stay.watched)
    if start is None or (found := term(stay, "N-IM1", stay.day(start.at))) is None:
        return
    if start.kind is not _K.INPATIENT_ORDER:
        yield not_required(found, "Observation is outpatient care; the Important Message is for inpatients.")
    elif not stay.lines(stay.day(start.at)) & MEDICARE:
        yield not_required(found, stay.without("Medicare"))
    else:
        yield _first_copy(stay, found, start.at)


def _first_copy(stay: Stay, found: Term, admitted: datetime) -> Obligation:
    opening, limit = opens_at(stay, found, admitted), due_at(stay, found, admitted)
    given = stay.notice(NoticeKind.IM, opening, Copy.FIRST)
    if given is None and stay.reclassified is not None and stay.reclassified[1].at <= limit:
        return not_required(found, f"Outpatient since {stay.said(stay.reclassified[1].at)}, before it was due.")
    because = f"Inpatient since {stay.said(admitted)}; two calendar days after the day of admission."
    if given is None and stay.notice(NoticeKind.IM, None, Copy.FIRST) is not None:
        because += " The copy given more than seven days before admission does not count."
    return owed(stay, found, Span(start=admitted, earliest=opening, due=limit, closed=given), because)


def follow_up_copy(stay: Stay) -> Iterator[Obligation]:
    """Second copy: at most two calendar days and at least four hours before departure. 42 CFR 405.1205(c)."""
    if stay.admitted is None or (found := term(stay, "N-IM2", stay.day(stay.admitted.at))) is None:
        return
    leaves = stay.departure.at if stay.departure is not None else None
    if not stay.lines(stay.day(leaves or stay.admitted.at)) & MEDICARE:
        yield not_required(found, stay.without("Medicare"))
    elif leaves is None:
        yield owed(stay, found, Span(), "Due before departure; no departure is planned yet.")
    else:
        yield _second_copy(stay, found, stay.admitted.at, leaves)


def _second_copy(stay: Stay, found: Term, admitted: datetime, leaves: datetime) -> Obligation:
    first_rule = term(stay, "N-IM1", stay.day(admitted))
    valid_from = opens_at(stay, first_rule, admitted) if first_rule is not None else None
    for given in stay.notices(NoticeKind.IM, valid_from, Copy.FIRST):
        if opens_at(stay, found, leaves, "first_copy_serves") <= given and stay.day(given) <= stay.day(leaves):
            because = f"The first copy of {stay.said(given)} was given within two calendar days of departure."
            return not_required(found, because)
    opening = opens_at(stay, found, leaves)
    span = Span(
        start=leaves,
        earliest=opening,
        due=due_at(stay, found, leaves),
        closed=stay.notice(NoticeKind.IM, opening, Copy.FOLLOW_UP),
    )
    word = "Left" if stay.discharge is not None else "Leaves"
    return owed(stay, found, span, f"{word} {stay.said(leaves)}; at least four hours before, at most two days.")


def observation_notice(stay: Stay) -> Iterator[Obligation]:
    """MOON: observation of more than 24 hours, by hour 36, or before release or admission. 42 CFR 489.20(y)."""
    start = stay.watched
    if start is None or (found := term(stay, "N-MOON", stay.day(start.at))) is None:
        return
    if not stay.lines(stay.day(start.at)) & MEDICARE:
        yield not_required(found, stay.without("Medicare"), start.at)
        return
    ended = stay.after(start.at, _K.OBSERVATION_END, _K.INPATIENT_ORDER, _K.DISCHARGE)
    if ended is not None and ended.at - start.at <= DAY:
        yield not_required(found, f"Observation ended {stay.said(ended.at)}, after 24 hours or less.", start.at)
        return
    out = stay.after(start.at, _K.INPATIENT_ORDER, _K.DISCHARGE)
    limit = earliest(due_at(stay, found, start.at), out.at if out else None)
    closed = stay.notice(NoticeKind.MOON, start.at)
    because = f"Observation since {stay.said(start.at)}; 36 hours, or release or admission if that is sooner."
    yield owed(stay, found, Span(start=start.at, due=limit, closed=closed), because)


def change_of_status_notice(stay: Stay) -> Iterator[Obligation]:
    """MCSN: inpatient made outpatient in observation, four hours before release. 42 CFR 405.1210."""
    if stay.reclassified is None:
        return
    order, change = stay.reclassified
    found = term(stay, "N-MCSN", stay.day(change.at))
    if found is None:
        return
    if Line.MEDICARE_FFS not in stay.lines(stay.day(change.at)):
        yield not_required(found, stay.without("original Medicare"), change.at)
        return
    leaves = stay.departure.at if stay.departure is not None else None
    began = stay.care_began
    assert began is not None, "an order is care"
    hospital, inpatient = stay.days_from(began.at, leaves or stay.now), stay.days_from(order.at, change.at)
    if stay.has_part_b and inpatient >= CONSECUTIVE_DAYS:
        yield not_required(found, f"Inpatient for {inpatient} days; the notice is for fewer than three.", change.at)
    elif stay.has_part_b and hospital < CONSECUTIVE_DAYS and leaves is not None:
        yield not_required(found, f"{_days(hospital)} in the hospital; the notice is for three or more.", change.at)
    else:
        yield _status_changed(stay, found, change.at, hospital)


def _status_changed(stay: Stay, found: Term, changed: datetime, hospital: int) -> Obligation:
    closed = stay.notice(NoticeKind.MCSN, changed)
    reason = f"Outpatient since {stay.said(changed)}"
    if stay.departure is None:
        enough = not stay.has_part_b or hospital >= CONSECUTIVE_DAYS
        rest = "four hours before release" if enough else "required once the third hospital day is reached"
        return owed(stay, found, Span(start=changed, closed=closed), f"{reason}; {rest}.")
    leaves = stay.departure.at
    because = f"{reason}, {_days(hospital)} in the hospital; four hours before release {stay.said(leaves)}."
    if not stay.has_part_b:
        because = f"{reason}, no Part B; four hours before release {stay.said(leaves)}."
    return owed(stay, found, Span(start=changed, due=due_at(stay, found, leaves), closed=closed), because)


def discharge_appeal(stay: Stay) -> Iterator[Obligation]:
    """What a call of the QIO starts: the detailed notice and the records, by noon of the next day. 42 CFR 405.1206."""
    for call in stay.all(_K.QIO_NOTIFIED):
        day = stay.day(call.at)
        because = f"The QIO called {stay.said(call.at)}; noon of the next day, weekend or not."
        if (found := term(stay, "N-DND", day)) is not None:
            if stay.lines(day) & MEDICARE:
                yield simply(stay, found, call.at, stay.notice(NoticeKind.DND, call.at), because)
            else:
                yield not_required(found, stay.without("Medicare"), call.at)
        if (found := term(stay, "N-QIO-REC", day)) is not None:
            yield simply(stay, found, call.at, stay.evidence(RecordKind.RECORDS_SENT, call.at, call.subject), because)
    for call in stay.all(_K.QIO_STATUS_NOTIFIED):
        if (found := term(stay, "N-MCSN-REC", stay.day(call.at))) is not None:
            closed = stay.evidence(RecordKind.RECORDS_SENT, call.at, call.subject)
            because = f"The QIO called {stay.said(call.at)} about the change of status; noon of the next day."
            yield simply(stay, found, call.at, closed, because)


def after_the_appeal(stay: Stay) -> Iterator[Obligation]:
    """When the QIO decides, and until when charges are held."""
    for complete in stay.all(_K.QIO_RECORDS_COMPLETE):
        if (found := term(stay, "N-QIO-DEC", stay.day(complete.at))) is not None:
            told = stay.after(complete.at, _K.QIO_DECISION_NOTIFIED)
            closed = told.at if told else None
            if complete.to == UNPROTECTED:
                limit = due(complete.at, found.more("untimely_request"), stay.zone, found.calendar)
                because = (
                    f"The QIO had all information {stay.said(complete.at)}; two calendar days, the request was late."
                )
                yield owed(stay, found, Span(start=complete.at, due=limit, closed=closed), because)
                continue
            because = f"The QIO had all information {stay.said(complete.at)}; one calendar day."
            yield simply(stay, found, complete.at, closed, because)
    for told in stay.all(_K.QIO_DECISION_NOTIFIED):
        if told.to == UNPROTECTED:
            continue
        if (found := term(stay, "N-LIAB", stay.day(told.at))) is not None:
            because = f"Decision told {stay.said(told.at)}; no charges before noon of the next day."
            yield simply(stay, found, told.at, None, because)


def swing_bed_notice(stay: Stay) -> Iterator[Obligation]:
    """NOMNC: two days before the last covered day of skilled services. 42 CFR 405.1200."""
    for last in stay.all(_K.LAST_COVERED_DAY):
        found = term(stay, "N-NOMNC", stay.day(last.at))
        if found is None:
            continue
        if not stay.lines(stay.day(last.at)) & MEDICARE:
            yield not_required(found, stay.without("Medicare"), last.at)
            continue
        because = f"Last covered day {stay.said(last.at)[:-6]}; two calendar days before."
        yield simply(stay, found, last.at, stay.notice(NoticeKind.NOMNC), because)


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


RULES = (
    important_message,
    follow_up_copy,
    observation_notice,
    change_of_status_notice,
    discharge_appeal,
    after_the_appeal,
    swing_bed_notice,
)
