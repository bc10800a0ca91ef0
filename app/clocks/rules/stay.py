"""A stay's facts in the order in which the rules ask for them: what happened, what is planned, what is on record."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cached_property

from app.clocks.facts import Event, Policy, Record, StayFacts
from app.clocks.terms import Copy, EventKind, Line, NoticeKind, RecordKind
from app.kernel.days import BusinessCalendar, local_day
from app.kernel.wording import clock_text, day_text

MEDICARE = frozenset({Line.MEDICARE_FFS, Line.MEDICARE_ADVANTAGE})
MEDICAID = frozenset({Line.MEDICAID_FFS, Line.MEDICAID_MCO})
_K = EventKind
_FOREVER = date(9999, 12, 31)
_NEVER = datetime.min.replace(tzinfo=UTC)


def _in_order(event: Event) -> tuple[datetime, str, str, datetime, date]:
    return event.at, event.subject, event.to, event.until or _NEVER, event.through or date.min


class Stay:
    """Facts sorted by time, with what has not happened yet at `as_of` left out. Only a plan may lie in the future."""

    def __init__(self, facts: StayFacts) -> None:
        self.facts = facts
        self.zone = facts.zone
        self.now = facts.as_of
        self._events: dict[EventKind, list[Event]] = {}
        for event in sorted(facts.events, key=_in_order):
            if event.at <= facts.as_of:
                self._events.setdefault(event.kind, []).append(event)
            elif event.kind in (_K.DISCHARGE, _K.DISCHARGE_PLANNED):
                self._events.setdefault(_K.DISCHARGE_PLANNED, []).append(event)
            elif event.kind in (_K.LAST_COVERED_DAY, _K.EXTENDED_STAY_DAY, _K.CONTINUED_STAY_DATE):
                self._events.setdefault(event.kind, []).append(event)  # days that are set ahead
        self._records: dict[RecordKind, list[Record]] = {}
        for record in sorted(facts.records, key=lambda one: (one.at, one.subject)):
            if record.at <= facts.as_of:
                self._records.setdefault(record.kind, []).append(record)

    # --- what happened -----------------------------------------------------------------------------------------------

    def all(self, *kinds: EventKind) -> list[Event]:
        """Events of these kinds, earliest first."""
        if len(kinds) == 1:
            return self._events.get(kinds[0], [])
        return sorted((e for kind in kinds for e in self._events.get(kind, ())), key=lambda one: one.at)

    def first(self, *kinds: EventKind) -> Event | None:
        """The earliest of these kinds."""
        found = self.all(*kinds)
        return found[0] if found else None

    def last(self, *kinds: EventKind) -> Event | None:
        """The latest of these kinds."""
        found = self.all(*kinds)
        return found[-1] if found else None

    def after(self, at: datetime, *kinds: EventKind) -> Event | None:
        """The earliest of these kinds that is not before that instant."""
        return next((event for event in self.all(*kinds) if event.at >= at), None)

    @cached_property
    def discharge(self) -> Event | None:
        """The departure that took place."""
        return self.last(_K.DISCHARGE)

    @cached_property
    def departure(self) -> Event | None:
        """The discharge, else the departure as planned; None when neither is known."""
        return self.discharge or self.last(_K.DISCHARGE_PLANNED)

    @cached_property
    def admitted(self) -> Event | None:
        """The inpatient order in force: the first since the patient was last an outpatient. None for an outpatient."""
        since = self.last(_K.STATUS_TO_OBSERVATION)
        return next((one for one in self.all(_K.INPATIENT_ORDER) if since is None or one.at > since.at), None)

    @cached_property
    def reclassified(self) -> tuple[Event, Event] | None:
        """The inpatient order and the change to observation that undid it, when that is where the stay stands.

        Where the status changed more than once, the order is the one that began the last inpatient period.
        """
        changes = self.all(_K.STATUS_TO_OBSERVATION)
        if not changes or self.admitted is not None:
            return None
        for since, change in reversed(list(zip([None, *changes], changes, strict=False))):
            for order in self.all(_K.INPATIENT_ORDER):
                if order.at <= change.at and (since is None or order.at > since.at):
                    return order, change
        return None

    @cached_property
    def watched(self) -> Event | None:
        """The latest start of observation services."""
        return self.last(_K.OBSERVATION_START, _K.STATUS_TO_OBSERVATION)

    @cached_property
    def care_began(self) -> Event | None:
        """Where hospital days are counted from: start of care, else of observation, else the inpatient order."""
        return self.first(_K.CARE_START) or self.first(_K.OBSERVATION_START) or self.first(_K.INPATIENT_ORDER)

    # --- who pays ----------------------------------------------------------------------------------------------------

    def lines(self, on: date) -> frozenset[Line]:
        """Lines of business that cover the stay on a day, in any position."""
        return frozenset(one.line for one in self.facts.coverage if (one.begins or on) <= on <= (one.ends or _FOREVER))

    def without(self, line: str) -> str:
        """Why nothing is owed under a line that covers nothing here; what nobody has said yet is not taken for a no."""
        if not self.facts.coverage:
            return f"No {line} coverage is known: no payer is recorded."
        unknown = ", ".join(one.payer or "without a code" for one in self.facts.coverage if not one.told)
        if unknown:
            return f"No {line} coverage is known: nobody has said which line of business payer {unknown} is."
        return f"No {line} coverage."

    @property
    def has_part_b(self) -> bool:
        """Whether original Medicare covers outpatient services too; unless said otherwise it does."""
        return any(one.part_b for one in self.facts.coverage if one.line is Line.MEDICARE_FFS)

    # --- evidence ----------------------------------------------------------------------------------------------------

    def evidence(self, kind: RecordKind, since: datetime | None = None, subject: str = "") -> datetime | None:
        """When the first record of this kind was made, not before `since`; for a subject only its own."""
        return next(self.evidences(kind, since, subject), None)

    def evidences(self, kind: RecordKind, since: datetime | None = None, subject: str = "") -> Iterator[datetime]:
        """When each record of this kind was made, earliest first."""
        for record in self._records.get(kind, ()):
            if (since is None or record.at >= since) and (not subject or record.subject in ("", subject)):
                yield record.at

    def later_evidence(self, kind: RecordKind, after: datetime, subject: str = "") -> datetime | None:
        """When the first record of this kind was made after an instant, for a subject only its own.

        What set a time is often such a record itself, so that one of the same instant does not count.
        """
        for record in self._records.get(kind, ()):
            if record.at > after and (not subject or record.subject in ("", subject)):
                return record.at
        return None

    def notice(self, kind: NoticeKind, since: datetime | None = None, copy: Copy | None = None) -> datetime | None:
        """When a notice was first delivered, not before `since`."""
        return next(iter(self.notices(kind, since, copy)), None)

    def notices(self, kind: NoticeKind, since: datetime | None = None, copy: Copy | None = None) -> Iterator[datetime]:
        """All deliveries of a notice, not before `since`, earliest first."""
        for record in self._records.get(RecordKind.NOTICE, ()):
            if record.notice is kind and record.copy is copy and (since is None or record.at >= since):
                yield record.at

    # --- terms of the facility and of payers -------------------------------------------------------------------------

    def policy(self, rule_id: str, on: date) -> Policy | None:
        """The term in force that day: a payer's before the facility's, the first payer's before the second's."""
        found = [one for one in self._terms(rule_id) if one.begins <= on <= (one.ends or _FOREVER)]
        order = self._payers
        return min(found, key=lambda one: (order.get(one.payer, len(order)), one.begins), default=None)

    def policy_since(self, rule_id: str, on: date) -> date | None:
        """The first day, from one on, on which some term of a rule is in force; None where none is or will be."""
        return min(
            (max(on, one.begins) for one in self._terms(rule_id) if on <= (one.ends or _FOREVER)),
            default=None,
        )

    def _terms(self, rule_id: str) -> Iterator[Policy]:
        for one in self.facts.policies:
            if one.rule == rule_id and (not one.payer or one.payer in self._payers):
                yield one

    @cached_property
    def _payers(self) -> dict[str, int]:
        return {one.payer: place for place, one in enumerate(self.facts.coverage) if one.payer}

    def calendar(self, policy: Policy | None) -> BusinessCalendar:
        """Business days under a policy."""
        own = self.facts.calendar
        if policy is None or not policy.closed_days:
            return own
        return BusinessCalendar(own.closed | frozenset(policy.closed_days), own.keeps_federal_holidays)

    # --- words -------------------------------------------------------------------------------------------------------

    def day(self, at: datetime) -> date:
        """The facility's calendar day of an instant."""
        return local_day(at, self.zone)

    @cached_property
    def today(self) -> date:
        """The facility's calendar day of looking."""
        return self.day(self.now)

    def said(self, at: datetime) -> str:
        """`Thu 5 Mar 11:00`, in the facility's time."""
        return f"{day_text(self.day(at), self.today)} {clock_text(at, self.zone)}"

    def days_from(self, start: datetime, end: datetime) -> int:
        """Difference of local dates, never negative."""
        return max(timedelta(0), self.day(end) - self.day(start)).days
