"""Clocks as text tables that a nurse can check. One case, then a line for each thing that happened and that is owed::

    == IM1. Admitted on a Friday night, leaves on Thursday
    where America/Chicago acute; payer medicare_ffs
    Fri 2026-01-30 22:00  inpatient_order
    Thu 2026-02-05 15:00  discharge_planned
    seen Sat 2026-01-31 08:00
    N-IM1 due by Sun 2026-02-01 23:59:59 from Fri 2026-01-23 00:00
    N-IM2 due by Thu 2026-02-05 11:00 from Tue 2026-02-03 00:00

Times are the facility's wall clock; the weekday is checked. `later` after a time means the second of an hour that comes
twice. A record stands as `notice IM first`, `review`, and so on. `none` in place of a standing: no such obligation.
`of=a` names the thing that an event or a record is about. `until Fri 2026-03-06 17:00` at the end of an event is the
time that was set with it (the end of the day where no hour stands), `through=2026-03-06` the last authorized day.
An expected date or a booked departure plans the departure, as it does for stays of the database.
Counters stand as `benchmark midnights 2`. Without `seen` the case is looked at when the last thing happened.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from app.clocks.departing import planned
from app.clocks.engine import counters, obligations
from app.clocks.facts import Coverage, Event, Policy, Record, StayFacts
from app.clocks.terms import Copy, EventKind, Line, NoticeKind, Obligation, RecordKind
from app.kernel.days import instant_of

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MOMENT = re.compile(r"(?:(\w{3}) )?(\d{4}-\d\d-\d\d)(?: (\d\d:\d\d(?::\d\d)?))?( later)?")
EVENTS = {kind.value for kind in EventKind}
RECORDS = {kind.value for kind in RecordKind}
UNTIL = re.compile(rf" until ({MOMENT.pattern})$")
OWED = re.compile(r"([A-Z][A-Z0-9-]+) (none|due|overdue|done|late|not required)(.*)")


CHICAGO = ZoneInfo("America/Chicago")


@dataclass
class Case:
    """One case of a table: the facts and the lines that they must give."""

    title: str
    zone: ZoneInfo = CHICAGO
    kind: str = "acute"
    coverage: list[Coverage] = field(default_factory=lambda: [Coverage(Line.MEDICARE_FFS)])
    events: list[Event] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    policies: list[Policy] = field(default_factory=list)
    seen: datetime | None = None
    expected: list[str] = field(default_factory=list)

    def facts(self) -> StayFacts:
        """What the engine is asked."""
        instants = [one.at for one in self.events] + [one.at for one in self.records]
        as_of = self.seen or max(instants)
        told = [one for one in self.events if one.at <= as_of]
        return StayFacts(
            id=self.title,
            zone=self.zone,
            facility_kind=self.kind,
            as_of=as_of,
            coverage=tuple(self.coverage),
            events=(*self.events, *planned(None, told, self.zone)),
            records=tuple(self.records),
            policies=tuple(self.policies),
        )

    def moment(self, text: str, *, end: bool = False) -> datetime:
        """The instant of a wall-clock time of the table; ValueError where the weekday is wrong."""
        found = MOMENT.fullmatch(text.strip())
        if found is None:
            raise ValueError(f"{self.title}: {text!r} is no time like 'Fri 2026-01-30 22:00'.")
        weekday, day_text, clock, later = found.groups()
        day = date.fromisoformat(day_text)
        if weekday and DAYS[day.weekday()] != weekday:
            raise ValueError(f"{self.title}: {day} is a {DAYS[day.weekday()]}, not a {weekday}.")
        hour = time.fromisoformat(clock) if clock else time(23, 59, 59) if end else time(0, 0)
        return instant_of(day, hour, self.zone, later=later is not None)


def read(path: Path) -> Iterator[Case]:
    """The cases of a file. Lines that begin with # are for readers."""
    case: Case | None = None
    for number, raw in enumerate(path.read_text("utf-8").splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        try:
            if line.startswith("=="):
                if case is not None:
                    yield case
                case = Case(line.strip("= "))
            else:
                assert case is not None, "a case begins with =="
                _take(case, line)
        except (ValueError, AssertionError, KeyError) as error:
            raise ValueError(f"{path.name}, line {number}: {error}") from error
    if case is not None:
        yield case


def _take(case: Case, line: str) -> None:
    if line.startswith("where "):
        _where(case, line)
    elif line.startswith("seen "):
        case.seen = case.moment(line.removeprefix("seen "))
    elif line.startswith("policy "):
        case.policies.append(_policy(line))
    elif (found := MOMENT.match(line)) and len(line) > found.end():
        happened, limit = line[found.end() :], None
        if set_for := UNTIL.search(happened):
            happened, limit = happened[: set_for.start()], case.moment(set_for[1], end=True)
        _happened(case, case.moment(found[0]), happened.split(), limit)
    else:
        case.expected.append(line)


def _where(case: Case, line: str) -> None:
    place, *covers = (part.strip() for part in line.removeprefix("where ").split(";"))
    zone, _, kind = place.partition(" ")
    case.zone, case.kind = ZoneInfo(zone), kind or "acute"
    case.coverage = []
    for cover in covers:
        name, *rest = cover.removeprefix("payer ").split()
        spans = {word: rest[place + 1] for place, word in enumerate(rest) if word in ("from", "until")}
        begins, ends = spans.get("from"), spans.get("until")
        case.coverage.append(
            Coverage(
                Line(name),
                part_b="without-part-b" not in rest,
                payer=name,
                begins=date.fromisoformat(begins) if begins else None,
                ends=date.fromisoformat(ends) if ends else None,
            )
        )


def _policy(line: str) -> Policy:
    """`policy PY-NOTIFY 17:00 next business day since 2026-01-01`."""
    rule, _, rest = line.removeprefix("policy ").partition(" ")
    allowance, _, since = rest.partition(" since ")
    return Policy(rule=rule, allowance=allowance, begins=date.fromisoformat(since), source="contract")


def _happened(case: Case, at: datetime, words: list[str], until: datetime | None) -> None:
    name, *rest = words
    said = dict(word.split("=", 1) for word in rest if "=" in word)
    if name in EVENTS:
        case.events.append(
            Event(
                kind=EventKind(name),
                at=at,
                to=said.get("to", ""),
                expedited="expedited" in rest,
                received_on=date.fromisoformat(said["received"]) if "received" in said else None,
                subject=said.get("of", ""),
                until=until,
                through=date.fromisoformat(said["through"]) if "through" in said else None,
            )
        )
    elif name in RECORDS:
        kinds = [word for word in rest if word in NoticeKind.__members__]
        copies = [word for word in rest if word in ("first", "followup")]
        case.records.append(
            Record(
                kind=RecordKind(name),
                at=at,
                notice=NoticeKind(kinds[0]) if kinds else None,
                copy=Copy(copies[0]) if copies else None,
                subject=said.get("of", ""),
            )
        )
    else:
        raise ValueError(f"{name!r} is neither an event nor a record.")


def differences(case: Case) -> list[str]:
    """What the engine says otherwise than the table."""
    facts = case.facts()
    owed: dict[str, list[Obligation]] = {}
    for one in obligations(facts):
        owed.setdefault(one.rule, []).append(one)
    counted = msgspec.to_builtins(counters(facts))
    wrong = []
    for line in case.expected:
        found = OWED.fullmatch(line)
        wrong += _count(line, counted) if found is None else _owed(case, line, owed.get(found[1], []))
    return wrong


def _count(line: str, counted: dict[str, object]) -> list[str]:
    name, _, value = line.rpartition(" ")
    key = name.replace(" ", "_")
    got = counted.get(key)
    wanted = {"yes": True, "no": False, "none": None}.get(value, int(value) if value.isdigit() else value)
    return [] if got == wanted else [f"{line}: the engine counts {got}"]


def _owed(case: Case, line: str, several: list[Obligation]) -> list[str]:
    found = OWED.fullmatch(line)
    assert found is not None
    _, standing, rest = found.groups()
    if standing == "none":
        return [f"{line}: the engine says {one.standing.value}" for one in several]
    limit = re.search(r" by (.+?)(?= from |$)", rest)
    opening = re.search(r" from (.+)$", rest)
    answers = []
    for one in several:
        says = [f"{one.standing.value}" if one.standing.value != standing else ""]
        if limit and one.due_at != case.moment(limit[1], end=True):
            says.append(f"by {one.due_at.astimezone(case.zone):%a %Y-%m-%d %H:%M:%S}" if one.due_at else "by no time")
        if opening and one.earliest_at != case.moment(opening[1]):
            opens = one.earliest_at
            says.append(f"from {opens.astimezone(case.zone):%a %Y-%m-%d %H:%M}" if opens else "from no time")
        answers.append(", ".join(part for part in says if part))
    if "" in answers:
        return []
    return [f"{line}: the engine says {' / '.join(answers) or 'nothing'}"]
