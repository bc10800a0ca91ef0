"""Which avoidable days are proposed for a stay, and on what evidence. Pure: from the facts of the clocks alone.

For each patient day without a primary reason, what is open at its midnight is looked up. An appeal to the QIO holds the
day. Of everything else the wait that began first is proposed; only waits for a service of this hospital count before
the patient is ready. Nothing that is proposed counts until somebody confirms it.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from app.avoidable_days.reasons.rules import Reason
from app.avoidable_days.rules import PROGRESSION_GROUPS, Span, StayDays, is_locked
from app.avoidable_days.terms import APPEAL, UNDETERMINED, DraftRule, PartyKind, Phase
from app.clocks.engine import obligations
from app.clocks.facts import Event, StayFacts
from app.clocks.rules.notices import UNPROTECTED
from app.clocks.terms import EventKind, RecordKind
from app.kernel.days import ONE_DAY, local_day, start_of_day
from app.kernel.wording import clock_text, day_text

CHOICE_ALLOWANCE = timedelta(hours=24)
"""How long a patient has to choose where nobody has set a time."""
PAYER_RULES = ("PY-72", "PY-7", "PY-ERISA-CC")
"""The clocks of a payer's decision on the hospital stay."""
_K, _R, _D = EventKind, RecordKind, DraftRule


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A reason that the facts give for a day. `mark` tells this evidence from other evidence."""

    day: date
    rule: DraftRule
    code: str
    phase: Phase
    party_kind: PartyKind
    party: str
    began_at: datetime
    evidence: str
    mark: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """A proposal that somebody rejected; `needed`: because the patient needed this bed that day, for whatever rule."""

    day: date
    rule: DraftRule
    mark: str
    needed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cause:
    """Something that keeps the patient during `span`, as the facts tell it; it may have begun before, and paused."""

    rule: DraftRule
    code: str
    span: Span
    begun: datetime | None = None
    subject: str = ""
    party: str = ""
    words: str

    @property
    def since(self) -> datetime:
        return self.begun or self.span.since

    @property
    def progression(self) -> bool:
        return self.code[:2] in PROGRESSION_GROUPS

    @property
    def mark(self) -> str:
        return f"{self.code} {self.subject} {self.span.since.isoformat()}".replace("  ", " ")


def ready_spans(facts: StayFacts) -> list[Span]:
    """From when until when the patient was medically ready; readiness that is taken back may come again."""
    found: list[Span] = []
    since: datetime | None = None
    told = [one for one in facts.events if one.kind in (_K.MEDICALLY_READY, _K.MEDICALLY_NOT_READY)]
    for one in sorted(told, key=lambda one: (one.at, one.kind is _K.MEDICALLY_READY)):
        if one.at > facts.as_of:
            break
        if one.kind is _K.MEDICALLY_READY:
            since = since or one.at
        elif since is not None:
            found.append(Span(since, one.at))
            since = None
    return [*found, Span(since)] if since is not None else found


def appeal_spans(facts: StayFacts) -> list[Span]:
    """From when until when an appeal to the QIO that was asked for in time was pending. Late ones hold nothing."""
    return [cause.span for cause in _appeals(facts)]


def propose(
    facts: StayFacts,
    stay: StayDays,
    reasons: dict[str, Reason],
    taken: Collection[date],
    rejected: Sequence[Rejected] = (),
) -> list[Proposal]:
    """The proposals for a stay, by day. Days with a primary reason, and locked ones, get none.

    `reasons` are those that may be chosen. A rejected proposal comes back only with other evidence; a day on which the
    patient needed the bed gets none.
    """
    needed = {one.day for one in rejected if one.needed}
    refused = {(one.day, one.rule, one.mark) for one in rejected}
    days = [
        day
        for day in stay.days()
        if day not in taken and day not in needed and not is_locked(day, stay.today)
    ]  # fmt: skip
    if not days:
        return []
    causes = [one for one in _causes(facts) if one.code in reasons]
    found = []
    for day in days:
        candidates = (one for one in _of_day(facts, stay, day, causes) if (day, one.rule, one.mark) not in refused)
        if (cause := next(candidates, None)) is not None:
            found.append(_proposal(stay, day, cause, reasons))
    return found


def _proposal(stay: StayDays, day: date, cause: _Cause, reasons: dict[str, Reason]) -> Proposal:
    phase = stay.phase(day)
    words = cause.words
    if phase is Phase.POST_READY and cause.rule is not _D.READY:
        since = next(span.since for span in stay.ready if span.holds_at(stay.midnight(day)))
        words = f"Medically ready since {_said(stay, since)}. {words}"
    return Proposal(
        day=day,
        rule=cause.rule,
        code=cause.code,
        phase=phase,
        party_kind=reasons[cause.code].party_kind,
        party=cause.party,
        began_at=cause.since,
        evidence=words,
        mark=cause.mark,
    )


def _of_day(facts: StayFacts, stay: StayDays, day: date, causes: Sequence[_Cause]) -> Iterator[_Cause]:
    """What may be proposed for a day, the first choice first: the hold, then by the tie rule, then what is left."""
    midnight, ready = stay.midnight(day), stay.is_ready(day)
    there = [one for one in causes if one.span.holds_at(midnight)]
    yield from (one for one in there if one.rule is _D.APPEAL)
    waits = [
        one for one in there if one.rule is not _D.APPEAL and (one.rule is not _D.REVIEW if ready else one.progression)
    ]
    yield from sorted(waits, key=lambda one: (one.since, one.rule.value, one.subject))
    if ready:
        yield from _left_over(facts, stay, midnight)


def _left_over(facts: StayFacts, stay: StayDays, midnight: datetime) -> Iterator[_Cause]:
    """Ready and still here, and nothing open explains it: the order came later, or nobody knows."""
    span = next(one for one in stay.ready if one.holds_at(midnight))
    order = _order(facts, span.since)
    since = f"Medically ready since {_said(stay, span.since)} and still here at midnight"
    if order is not None and order >= midnight:
        words = f"The discharge was ordered {_said(stay, order)}, after this midnight."
        yield _Cause(rule=_D.ORDER, code="PH-01", span=span, words=words)
    elif order is not None:
        words = f"{since}. The discharge was ordered {_said(stay, order)}; nothing that is recorded explains the wait."
        yield _Cause(rule=_D.READY, code=UNDETERMINED, span=span, words=words)
    else:
        words = f"{since}. No discharge order, and no barrier, referral or authorization that waits, is recorded."
        yield _Cause(rule=_D.READY, code=UNDETERMINED, span=span, words=words)


def _order(facts: StayFacts, since: datetime) -> datetime | None:
    """The first discharge order from an instant on that was not taken back."""
    told = sorted(
        (one for one in facts.events if one.kind in (_K.DISCHARGE_ORDERED, _K.DISCHARGE_ORDER_WITHDRAWN)),
        key=lambda one: one.at,
    )
    standing: datetime | None = None
    for one in told:
        if one.at <= facts.as_of:
            standing = (standing or one.at) if one.kind is _K.DISCHARGE_ORDERED else None
    return max(standing, since) if standing is not None else None


# --- what keeps a patient --------------------------------------------------------------------------------------------


def _causes(facts: StayFacts) -> list[_Cause]:
    return [
        *_appeals(facts), *_barriers(facts), *_referrals(facts), *_choices(facts), *_authorizations(facts),
        *_payers(facts), *_pasrr(facts), *_reviews(facts),
    ]  # fmt: skip


def _appeals(facts: StayFacts) -> Iterator[_Cause]:
    for one in _events(facts, _K.QIO_NOTIFIED):
        if one.to != UNPROTECTED:
            told = (event.at for event in _events(facts, _K.QIO_DECISION_NOTIFIED) if event.subject == one.subject)
            until = min((at for at in (*told, one.until) if at is not None and at >= one.at), default=None)
            words = f"The QIO told of a timely appeal {_at(facts, one.at)}; it was pending."
            yield _Cause(rule=_D.APPEAL, code=APPEAL, span=Span(one.at, until), subject=one.subject, words=words)


def _barriers(facts: StayFacts) -> Iterator[_Cause]:
    opened = _events(facts, _K.BARRIER_OPEN)
    for one in opened:
        again = (later.at for later in opened if later.subject == one.subject and later.at > one.at)
        ends = [*_record_times(facts, one, _R.BARRIER_RESOLVED), *again]
        if one.code:
            who = f", with {one.party}" if one.party else ""
            words = f"A barrier is open since {_at(facts, one.at)}{who}{_due(facts, one)}."
            yield _cause(_D.BARRIER, one, min(ends, default=None), words)


def _referrals(facts: StayFacts) -> Iterator[_Cause]:
    """A referral waits until it is answered or closed, but not while another provider of the same care has accepted.

    Where that acceptance falls through, the referral waits on: it was never answered, and began when it was sent.
    """
    accepted = _events(facts, _K.REFERRAL_ACCEPTED)
    for one in _events(facts, _K.REFERRAL_SENT):
        until = min(_record_times(facts, one, _R.REFERRAL_ANSWER, _R.REFERRAL_CLOSED), default=None)
        elsewhere = [
            Span(other.at, min(_record_times(facts, other, _R.REFERRAL_CLOSED), default=None))
            for other in accepted
            if other.to == one.to and other.at >= one.at
        ]
        if one.code:
            who = f" to {one.party}" if one.party else ""
            words = f"The referral{who} of {_at(facts, one.at)} was not answered{_due(facts, one)}."
            for span in _without(Span(one.at, until), elsewhere):
                yield replace(_cause(_D.REFERRAL, one, until, words), span=span, begun=one.at)


def _without(whole: Span, parts: Sequence[Span]) -> Iterator[Span]:
    """What is left of a span outside of these parts, which are in the order of their beginnings."""
    since: datetime | None = whole.since
    for part in parts:
        if since is None or (whole.until is not None and part.since >= whole.until):
            break
        if since < part.since:
            yield Span(since, part.since)
        since = None if part.until is None else max(since, part.until)
    if since is not None and (whole.until is None or since < whole.until):
        yield Span(since, whole.until)


def _choices(facts: StayFacts) -> Iterator[_Cause]:
    """A choice is late from its time limit on. Its record names the referral or the type of care."""
    for one in _events(facts, _K.REFERRAL_ACCEPTED):
        limit = one.until or one.at + CHOICE_ALLOWANCE
        chosen = (
            made.at
            for made in facts.records
            if made.kind is _R.CHOICE and made.subject in ("", one.subject, one.to) and made.at >= one.at
        )
        ends = [*chosen, *_record_times(facts, one, _R.REFERRAL_CLOSED)]
        who = one.party or "A provider"
        words = f"{who} accepted {_at(facts, one.at)}; the choice was due {_at(facts, limit)} and is not made."
        late = Span(limit, min(ends, default=None))
        if late.until is None or late.until > limit:
            yield _Cause(rule=_D.CHOICE, code=one.code or "PF-01", span=late, subject=one.subject, words=words)


def _authorizations(facts: StayFacts) -> Iterator[_Cause]:
    for one in _events(facts, _K.POST_ACUTE_REQUESTED):
        until = min(_record_times(facts, one, _R.POST_ACUTE_DECISION), default=None)
        who = f" by {one.party}" if one.party else ""
        words = f"Post-acute care was requested {_at(facts, one.at)} and not decided{who}{_due(facts, one)}."
        yield _cause(_D.POST_ACUTE, one, until, words, "PY-02")


def _payers(facts: StayFacts) -> Iterator[_Cause]:
    """A payer is silent from the end of its clock on."""
    payer = next((one.payer for one in facts.coverage if one.payer), "")
    for one in obligations(facts):
        if one.rule in PAYER_RULES and one.due_at is not None:
            if one.closed_at is not None and one.closed_at <= one.due_at:
                continue
            span = Span(one.due_at, one.closed_at)
            words = f"The payer had to decide by {_at(facts, one.due_at)} ({one.citation}) and was silent."
            yield _Cause(rule=_D.PAYER, code="PY-01", span=span, subject=one.subject, party=payer, words=words)


def _pasrr(facts: StayFacts) -> Iterator[_Cause]:
    for one in _events(facts, _K.PASRR_LEVEL_TWO):
        until = min(_record_times(facts, one, _R.PASRR_OUTCOME), default=None)
        words = f"The PASRR level II evaluation asked for {_at(facts, one.at)} was open."
        yield _cause(_D.PASRR, one, until, words, "SL-03")


def _reviews(facts: StayFacts) -> Iterator[_Cause]:
    """A review that was not met says that its own day was not needed here; it holds for that midnight only.

    Not where a physician, or a later review of the same day, found that it was.
    """
    supported = {one.subject for one in _events(facts, _K.NEED_SUPPORTED)}
    for one in _events(facts, _K.SCREEN_NOT_MET):
        if one.subject and one.subject in supported:
            continue
        day = one.through or local_day(one.at, facts.zone)
        midnight = start_of_day(day + ONE_DAY, facts.zone)
        words = f"The review of {day_text(day, day)} did not meet its criteria."
        since = min(max(one.at, start_of_day(day, facts.zone)), midnight - timedelta(seconds=1))
        span = Span(since, midnight)
        yield _Cause(rule=_D.REVIEW, code="PH-05", span=span, subject=one.subject, words=words)


def _cause(rule: DraftRule, event: Event, until: datetime | None, words: str, code: str = "") -> _Cause:
    return _Cause(
        rule=rule,
        code=event.code or code,
        span=Span(event.at, until),
        subject=event.subject,
        party=event.party,
        words=words,
    )


def _events(facts: StayFacts, kind: EventKind) -> list[Event]:
    """Events of a kind that have happened, earliest first."""
    return sorted(
        (one for one in facts.events if one.kind is kind and one.at <= facts.as_of),
        key=lambda one: (one.at, one.subject, one.code),
    )


def _record_times(facts: StayFacts, event: Event, *kinds: RecordKind) -> Iterable[datetime]:
    """When records of these kinds about the same thing were made, not before the event."""
    return [
        one.at
        for one in facts.records
        if one.kind in kinds and one.subject == event.subject and event.at <= one.at <= facts.as_of
    ]


def _due(facts: StayFacts, event: Event) -> str:
    """`, due Wed 10 Jun 09:00`, where a time was set."""
    return f"; due {_at(facts, event.until)}" if event.until is not None else ""


def _at(facts: StayFacts, at: datetime) -> str:
    """`Wed 10 Jun 09:00`: the same text on whatever day somebody looks, so that evidence stays the same evidence."""
    day = local_day(at, facts.zone)
    return f"{day_text(day, day)} {clock_text(at, facts.zone)}"


def _said(stay: StayDays, at: datetime) -> str:
    day = local_day(at, stay.zone)
    return f"{day_text(day, day)} {clock_text(at, stay.zone)}"
