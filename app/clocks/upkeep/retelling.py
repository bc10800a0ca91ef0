"""The clocks of the past: versions of what was owed, from what was known of stays at each instant.

A program that runs beside a hospital stores a version when something becomes known. Where facts came all at once long
afterwards, the versions between are made here, from the same facts and by the same rules, so that a list of an earlier
day shows what was owed then.
"""

import contextlib
import uuid
from collections.abc import Iterator, Mapping, Sequence
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
            for one in _versions(_moments(known.get(stay, []), lent.get(stay, []), found)):
                made.append(_record(found, one))
        _replace(work, list(present), made)
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


def _moments(known: list[Known], lent: list[tuple[datetime, list[Lent]]], present: Found) -> Iterator[Found]:
    """The facts of a stay at each instant at which they were others than before; at last the present ones."""
    steps: list[tuple[datetime, Known | None, list[Lent] | None]] = [(one.since, one, None) for one in known]
    steps += [(at, None, parts) for at, parts in lent]
    steps.sort(key=lambda step: step[0])
    last: Found | None = None
    parts: list[Lent] = []
    for at, one, more in steps:
        parts = more if more is not None else parts
        base = one.found if one is not None else last
        if base is not None and at < present.now:
            following = msgspec.structs.replace(base, now=at, lent=parts)
            if last is None or msgspec.structs.replace(last, now=at) != following:
                yield following
            last = following
    yield present


def _versions(moments: Iterator[Found]) -> Iterator[Version]:
    standing: dict[tuple[str, str], tuple[tuple[Any, ...], datetime]] = {}
    before: Found | None = None
    for found in moments:
        if before is not None and _waits(standing):
            yield from _midnights(before, found.now, standing)
        yield from _follow(standing, found)
        before = found
    for values, made_at in standing.values():
        yield Version(values, made_at, None)


def _waits(standing: dict[tuple[str, str], tuple[tuple[Any, ...], datetime]]) -> bool:
    """Whether something is owed without an instant: that is what the passing of days alone may change."""
    return any(
        values[_REQUIRED] and values[_DUE] is None and values[_CLOSED] is None for values, _ in standing.values()
    )


def _midnights(
    found: Found, until: datetime, standing: dict[tuple[str, str], tuple[tuple[Any, ...], datetime]]
) -> Iterator[Version]:
    zone = found.zone
    day = local_day(found.now, zone) + ONE_DAY
    while (at := start_of_day(day, zone)) < min(until, found.now + _LONGEST_WAIT):
        yield from _follow(standing, msgspec.structs.replace(found, now=at))
        day += ONE_DAY


def _follow(standing: dict[tuple[str, str], tuple[tuple[Any, ...], datetime]], found: Found) -> Iterator[Version]:
    """Compute, end what is otherwise now, and keep what stands. What cannot be computed changes nothing."""
    try:
        rows: Rows = rows_of(found.facts())
    except FAULTS:
        return
    for key in [key for key, (values, _) in standing.items() if rows.get(key) != values]:
        values, made_at = standing.pop(key)
        if made_at < found.now:
            yield Version(values, made_at, found.now)
    for key, values in rows.items():
        standing.setdefault(key, (values, found.now))


def _record(found: Found, one: Version) -> dict[str, Any]:
    own = {"encounter_id": found.id, "facility_id": found.facility_id, "made_at": one.made_at, "ended_at": one.ended_at}
    return own | dict(zip(COLUMNS, one.values, strict=True))


def _replace(work: Work, stays: list[uuid.UUID], made: list[dict[str, Any]]) -> None:
    """What is stored of these stays was computed afterwards: it stood at no instant."""
    work.write(
        "obligation",
        "update obligation set ended_at = made_at where encounter_id = any(%s)"
        " and (ended_at is null or ended_at > made_at)",
        (stays,),
    )
    if made:
        names = ", ".join(_NAMES)
        work.write(
            "obligation",
            f"insert into obligation ({names}) select {names} from json_populate_recordset(null::obligation, %s::json)",
            (_encoder.encode(made).decode(),),
        )
