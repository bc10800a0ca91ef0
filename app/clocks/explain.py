"""`daybook clocks`: facts of stays in, obligations and counters out, one JSON line each, without a database."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from app.clocks.engine import counters, obligations
from app.clocks.facts import Coverage, Event, Record, StayFacts
from app.clocks.terms import Copy, EventKind, Line, NoticeKind, Obligation, RecordKind
from app.kernel.wording import iso_text

_NOTICES, _COPIES = tuple(NoticeKind), tuple(Copy)
_K = EventKind
_WITH_LIMIT = frozenset({
    _K.NEXT_REVIEW_DAY, _K.AUTHORIZATION_ENDS, _K.FOLLOW_UP_SET, _K.ESCALATED, _K.ATTENDING_ASKED, _K.P2P_SLOT,
    _K.APPEAL_LEVEL_OPEN, _K.APPEAL_SENT, _K.PAYER_EXTENSION_ASKED,
    _K.EXPECTED_DISCHARGE, _K.DEPARTURE_BOOKED, _K.BARRIER_OPEN, _K.REFERRAL_SENT, _K.REFERRAL_ACCEPTED,
    _K.POST_ACUTE_REQUESTED, _K.BED_BOOKED, _K.MEETING_WANTED, _K.ACTION_SET, _K.CASE_REVIEW_SET, _K.CALL_AGAIN,
    _K.ISSUE_OPEN,
})  # fmt: skip


class _Coverage(msgspec.Struct):
    line: Line
    part_b: bool | None = None


class _Event(msgspec.Struct):
    type: EventKind
    at: datetime
    to: str | None = None
    expedited: bool | None = None
    received_on: date | None = None
    until: Any = None  # read for events that carry a time which somebody set; others may have a key of that name
    through: Any = None

    def event(self) -> Event:
        """As the rules take it."""
        reads = self.type in _WITH_LIMIT
        return Event(
            kind=self.type,
            at=_aware(self.at),
            to=self.to or "",
            expedited=bool(self.expedited),
            received_on=self.received_on,
            until=_aware(msgspec.convert(self.until, datetime)) if reads and self.until is not None else None,
            through=msgspec.convert(self.through, date) if reads and self.through is not None else None,
        )


class _Record(msgspec.Struct):
    type: RecordKind
    at: datetime
    kind: Any = None  # read for notices only; other records may carry a kind of their own
    copy: Any = None

    def record(self) -> Record:
        """As the rules take it; a notice that no rule knows closes nothing."""
        given = self.type is RecordKind.NOTICE
        kind = NoticeKind(self.kind) if given and self.kind in _NOTICES else None
        copy = Copy(self.copy) if given and self.copy in _COPIES else None
        return Record(kind=self.type, at=_aware(self.at), notice=kind, copy=copy)


class _Case(msgspec.Struct):
    """One line of the input; keys that are not named here are ignored."""

    id: str
    timezone: str
    facility_kind: str = "acute"
    coverage: list[_Coverage] = []
    as_of: datetime | None = None
    events: list[_Event] = []
    records: list[_Record] = []


_decoder = msgspec.json.Decoder(_Case)


def explain(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """One answer per line that is not blank; a line that cannot be read answers `error` with its number."""
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                yield answer(facts_of(line))
            except (msgspec.MsgspecError, ValueError, LookupError) as error:
                yield {"error": f"Line {number}: {error}"}


def facts_of(line: str) -> StayFacts:
    """The facts of one case. ValueError, or an error of the decoder, names what is wrong."""
    case = _decoder.decode(line)
    zone = ZoneInfo(case.timezone)
    instants = [_aware(one.at) for one in case.events] + [_aware(one.at) for one in case.records]
    as_of = case.as_of or max(instants, default=None)
    if as_of is None:
        raise ValueError("The case has neither as_of nor an event or record with a time.")
    return StayFacts(
        id=case.id,
        zone=zone,
        facility_kind=case.facility_kind,
        as_of=_aware(as_of),
        coverage=tuple(Coverage(one.line, one.part_b is not False) for one in case.coverage),
        events=tuple(one.event() for one in case.events),
        records=tuple(one.record() for one in case.records),
    )


def answer(facts: StayFacts) -> dict[str, Any]:
    """Obligations, one for each rule (the one in force first if there are several), and the counters."""
    chosen: dict[str, Obligation] = {}
    for one in obligations(facts):
        known = chosen.get(one.rule)
        if known is None or _in_force(one) > _in_force(known):
            chosen[one.rule] = one
    return {
        "id": facts.id,
        "obligations": [_said(one, facts.zone) for one in chosen.values()],
        "counters": msgspec.to_builtins(counters(facts)),
    }


def _in_force(one: Obligation) -> tuple[bool, datetime]:
    return one.open, one.start_at or datetime.min.replace(tzinfo=UTC)


def _said(one: Obligation, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "rule": one.rule,
        "status": one.standing.value.replace(" ", "_"),
        "earliest_at": iso_text(one.earliest_at, zone) if one.earliest_at else None,
        "due_at": iso_text(one.due_at, zone) if one.due_at else None,
        "because": one.because,
        "citation": one.citation,
    }


def _aware(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError(f"The instant {instant.isoformat()} has no offset from UTC.")
    return instant.astimezone(UTC)
