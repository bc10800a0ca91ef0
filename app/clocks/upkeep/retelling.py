"""The clocks of the past: versions of what was owed, from what was known of stays at each instant.

A program that runs beside a hospital stores a version when something becomes known. Where facts came all at once long
afterwards, the versions between are made here, from the same facts and by the same rules, so that a list of an earlier
day shows what was owed then.
"""

import contextlib
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec

from app.clocks import gather
from app.clocks.commands import COLUMNS, FAULTS, Rows, rows_of, show, shown_rules
from app.clocks.events import ClocksSwept
from app.clocks.gather import Found, Known, Lent
from app.kernel.days import ONE_DAY, local_day, start_of_day
from app.platform.work import Work, begin, everywhere, reading

_ACTOR = everywhere("clocks")
_LONGEST_WAIT = timedelta(days=30)
_encoder = msgspec.json.Encoder()
_NAMES = ("encounter_id", "facility_id", "made_at", "ended_at", *COLUMNS)
_DUE, _CLOSED, _REQUIRED = COLUMNS.index("due_at"), COLUMNS.index("closed_at"), COLUMNS.index("required")

Standing = dict[tuple[str, str], tuple[tuple[Any, ...], datetime]]
"""What stands at an instant, by rule and subject, each with the instant from which on."""
Told = Mapping[uuid.UUID, Sequence[datetime]]
"""The instants at which people recorded something of a stay that the clocks take as a fact."""


@contextlib.contextmanager
def held_still() -> Iterator[None]:
    """Nothing is computed in this process meanwhile: for whoever makes up a past, and has it retold afterwards."""
    rules = shown_rules()
    show(())
    try:
        yield
    finally:
        show(rules)


class Version(NamedTuple):
    """What is kept of one obligation, from `made_at` until `ended_at`; None: it stands."""

    values: tuple[Any, ...]
    made_at: datetime
    ended_at: datetime | None


def retell(stays: Sequence[uuid.UUID], told: Told) -> int:
    """Put the versions of the past in the place of all that is stored for these stays; returns how many.

    The last version is that of what is known now, so that nothing is computed anew afterwards.
    """
    lent = _lent(told)
    with begin(_ACTOR) as work:
        present = {one.id: one for one in gather.collect(work, stays, lock=True)}
        known = gather.courses(work, list(present))
        made: list[dict[str, Any]] = []
        for stay, found in present.items():
            for one in versions(moments(known.get(stay, []), lent.get(stay, []), found), {}):
                made.append(record(found, one))
        _forget(work, list(present))
        insert(work, made)
        if work.written:
            work.record(ClocksSwept(stays=len(present), changed=len(made)))
    return len(made)


def _lent(told: Told) -> dict[uuid.UUID, list[tuple[datetime, list[Lent]]]]:
    """What features had recorded of each stay, as it was known at each of its instants."""
    stays: dict[datetime, list[uuid.UUID]] = {}
    for stay, instants in told.items():
        for at in set(instants):
            stays.setdefault(at, []).append(stay)
    found: dict[uuid.UUID, list[tuple[datetime, list[Lent]]]] = {}
    for at in sorted(stays):
        parts: dict[uuid.UUID, list[Lent]] = {stay: [] for stay in stays[at]}
        with reading(_ACTOR, as_of=at) as view:
            for part in gather.lent(view, stays[at]):
                parts[part.encounter_id].append(part)
        for stay, own in parts.items():
            found.setdefault(stay, []).append((at, own))
    return found


def moments(known: Sequence[Known], lent: Sequence[tuple[datetime, Sequence[Lent]]], present: Found) -> Iterator[Found]:
    """The facts of a stay at each instant at which they were others than before; at last the present ones."""
    steps: list[tuple[datetime, Known | None, Sequence[Lent] | None]] = [(at, None, parts) for at, parts in lent]
    steps += [(one.since, one, None) for one in known]
    steps.sort(key=lambda step: step[0])
    last: Found | None = None
    parts: Sequence[Lent] = []
    for at, one, more in steps:
        parts = more if more is not None else parts
        base = one.found if one is not None else last
        if base is not None and at < present.now:
            following = msgspec.structs.replace(base, now=at, lent=parts)
            if last is None or msgspec.structs.replace(last, now=at) != following:
                yield following
            last = following
    yield present


def versions(moments: Iterable[Found], standing: Standing, present: Rows | None = None) -> Iterator[Version]:
    """What is kept of a stay from one of these instants to the next.

    Args:
        moments: the facts at each instant, the present ones last.
        standing: what stood before the first; it is used up.
        present: what is owed at the last of them, where that is computed already.
    """
    course = list(moments)
    if present is not None and len(course) > 1 and _stays(course[-2], course[-1]):
        course.pop()  # the usual message, worked off a moment after it was known: once is enough
    for place, found in enumerate(course):
        if place:
            yield from _meanwhile(course[place - 1], found.now, standing)
        if present is not None and place == len(course) - 1:
            yield from _take(standing, present, found.now)
        else:
            yield from _follow(standing, found)
    for values, made_at in standing.values():
        yield Version(values, made_at, None)


def _stays(found: Found, later: Found) -> bool:
    """Whether nothing came or passed from one instant to the other."""
    same_day = local_day(found.now, found.zone) == local_day(later.now, found.zone)
    return same_day and msgspec.structs.replace(found, now=later.now) == later and not _ahead(found, later.now)


def _waits(standing: Standing) -> bool:
    """Whether something is owed without an instant: that is what the passing of days alone may change."""
    return any(
        values[_REQUIRED] and values[_DUE] is None and values[_CLOSED] is None for values, _ in standing.values()
    )


def _meanwhile(found: Found, until: datetime, standing: Standing) -> Iterator[Version]:
    """What passes while nothing else becomes known: days, and the instants of what was told ahead."""
    until = min(until, found.now + _LONGEST_WAIT)
    ahead = _ahead(found, until)
    day = local_day(found.now, found.zone) + ONE_DAY
    while (midnight := start_of_day(day, found.zone)) < until or ahead:
        at = min([midnight, *ahead])
        if at in ahead or _waits(standing):
            yield from _follow(standing, msgspec.structs.replace(found, now=at))
        ahead.discard(at)
        if at == midnight:
            day += ONE_DAY


def _ahead(found: Found, until: datetime) -> set[datetime]:
    """The instants of events and records that were told before they happened. What cannot be read tells of none."""
    try:
        facts = found.facts()
    except FAULTS:
        return set()
    told = [event.at for event in facts.events] + [made.at for made in facts.records]
    return {at for at in told if found.now < at < until}


def _follow(standing: Standing, found: Found) -> Iterator[Version]:
    """Compute, end what is otherwise now, and keep what stands. What cannot be computed changes nothing."""
    try:
        rows = rows_of(found.facts())
    except FAULTS:
        return
    yield from _take(standing, rows, found.now)


def _take(standing: Standing, rows: Rows, at: datetime) -> Iterator[Version]:
    for key in [key for key, (values, _) in standing.items() if rows.get(key) != values]:
        values, made_at = standing.pop(key)
        if made_at < at:
            yield Version(values, made_at, at)
    for key, values in rows.items():
        standing.setdefault(key, (values, at))


def record(found: Found, one: Version) -> dict[str, Any]:
    """A version as a row."""
    own = {"encounter_id": found.id, "facility_id": found.facility_id, "made_at": one.made_at, "ended_at": one.ended_at}
    return own | dict(zip(COLUMNS, one.values, strict=True))


def insert(work: Work, made: Sequence[dict[str, Any]]) -> None:
    """Store these rows."""
    if made:
        names = ", ".join(_NAMES)
        work.write(
            "obligation",
            f"insert into obligation ({names}) select {names} from json_populate_recordset(null::obligation, %s::json)",
            (_encoder.encode(made).decode(),),
        )


def _forget(work: Work, stays: list[uuid.UUID]) -> None:
    """What is stored of these stays was computed afterwards: it stood at no instant."""
    work.write(
        "obligation",
        "update obligation set ended_at = made_at where encounter_id = any(%s)"
        " and (ended_at is null or ended_at > made_at)",
        (stays,),
    )
