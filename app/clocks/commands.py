"""The clocks follow the facts: what changed is computed anew in the transaction that changed it."""

import logging
import traceback
import uuid
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from app.clocks.engine import obligations
from app.clocks.events import ClocksSwept
from app.clocks.facts import StayFacts
from app.clocks.gather import facilities_of, gather
from app.clocks.terms import Obligation
from app.kernel.deadlines import Standing
from app.platform.work import Work, begin, everywhere, reading

BATCH = 250
_ACTOR = everywhere("clocks")
_COLUMNS = (
    "rule", "subject", "title", "actor", "severity", "because", "citation", "confidence", "version", "required",
    "start_at", "earliest_at", "due_at", "closed_at",
)  # fmt: skip
_NEVER = datetime.min.replace(tzinfo=UTC)
_encoder = msgspec.json.Encoder()
_log = logging.getLogger(__name__)
_shown: set[str] = set()


def show(rules: Iterable[str]) -> None:
    """Hand over the rules whose closing record can be made (app/wiring.py): only those are kept and shown."""
    _shown.clear()
    _shown.update(rules)


def shown_rules() -> frozenset[str]:
    """The rules that are kept and shown."""
    return frozenset(_shown)


def refresh_named(work: Work) -> None:
    """The last step before a commit: the clocks of every stay that a recorded event names."""
    stays = {event.encounter_id for event in work.recorded if event.encounter_id is not None}
    if stays:
        refresh(work, sorted(stays))


def refresh(work: Work, stays: Sequence[uuid.UUID]) -> int:
    """Compute what is owed for these stays now and store the difference. Returns how many versions were made."""
    if not _shown:
        return 0
    houses = facilities_of(work, stays)
    computed: dict[uuid.UUID, dict[tuple[str, str], tuple[Any, ...]]] = {}
    faults: dict[uuid.UUID, str] = {}
    for facts in gather(work, list(houses)):
        stay = uuid.UUID(facts.id)
        try:
            computed[stay] = _rows(facts)
        except (ArithmeticError, LookupError, TypeError, ValueError, AssertionError) as error:
            faults[stay] = f"{type(error).__name__} at {_place(error)}"
            _log.error("the clocks of a stay could not be computed", extra={"error": faults[stay]})
    made = _store(work, computed, houses)
    _note_faults(work, faults, [stay for stay in computed if stay not in faults], houses)
    return made


def sweep(at: datetime | None = None) -> int:
    """Compute the clocks of all stays that are open, or that were left in the last 60 days, in batches.

    For what time alone changes, and after the rules themselves changed. Returns the number of stays.
    """
    with reading(_ACTOR, at=at) as view:
        stays: list[uuid.UUID] = view.values(
            "select id from encounter where status in ('registered', 'admitted', 'on_leave')"
            " or (status = 'discharged' and discharge_at > %s::timestamptz - interval '60 days') order by id",
            (view.now,),
        )
    for start in range(0, len(stays), BATCH):
        with begin(_ACTOR, at=at) as work:
            made = refresh(work, stays[start : start + BATCH])
            work.record(ClocksSwept(stays=len(stays[start : start + BATCH]), changed=made))
    return len(stays)


def _rows(facts: StayFacts) -> dict[tuple[str, str], tuple[Any, ...]]:
    """What is kept of the obligations of a stay, by rule and subject; of several the one in force."""
    found: dict[tuple[str, str], Obligation] = {}
    for one in obligations(facts):
        key = (one.rule, one.subject)
        if one.rule in _shown and (key not in found or _later(one, found[key])):
            found[key] = one
    return {key: _values(one) for key, one in found.items()}


def _later(one: Obligation, other: Obligation) -> bool:
    return (one.open, one.start_at or _NEVER) > (other.open, other.start_at or _NEVER)


def _values(one: Obligation) -> tuple[Any, ...]:
    required = one.standing is not Standing.NOT_REQUIRED
    return (
        one.rule, one.subject, one.title, one.actor.value, one.severity.value, one.because, one.citation,
        one.confidence.value, one.version, required, one.start_at, one.earliest_at, one.due_at, one.closed_at,
    )  # fmt: skip


def _kept(id: uuid.UUID, encounter_id: uuid.UUID, *values: Any) -> tuple[uuid.UUID, uuid.UUID, tuple[Any, ...]]:
    return id, encounter_id, values


def _store(work: Work, computed: dict[uuid.UUID, dict[tuple[str, str], tuple[Any, ...]]], houses: Any) -> int:
    columns = ", ".join(_COLUMNS)
    query = f"select id, encounter_id, {columns} from obligation where encounter_id = any(%s) and ended_at is null"
    over: list[uuid.UUID] = []
    same: set[tuple[uuid.UUID, str, str]] = set()
    for row, stay, values in work.rows(_kept, query, (list(computed),)):
        if computed[stay].get((values[0], values[1])) == values:
            same.add((stay, values[0], values[1]))
        else:
            over.append(row)
    if over:
        work.write("obligation", "update obligation set ended_at = %s where id = any(%s)", (work.now, over))
    new = [
        {
            "encounter_id": stay,
            "facility_id": houses[stay],
            "made_at": work.now,
            **dict(zip(_COLUMNS, values, strict=True)),
        }
        for stay, rows in computed.items()
        for (rule, subject), values in rows.items()
        if (stay, rule, subject) not in same
    ]
    if new:
        names = ", ".join(("encounter_id", "facility_id", "made_at", *_COLUMNS))
        work.write(
            "obligation",
            f"insert into obligation ({names}) select {names} from json_populate_recordset(null::obligation, %s::json)",
            (_encoder.encode(new).decode(),),
        )
        for stay in {row["encounter_id"] for row in new}:
            work.changed(houses[stay], stay)
    return len(new)


def _note_faults(work: Work, faults: dict[uuid.UUID, str], sound: list[uuid.UUID], houses: Any) -> None:
    if sound:
        work.write(
            "clock_fault",
            "update clock_fault set closed_at = %s where encounter_id = any(%s) and closed_at is null",
            (work.now, sound),
        )
    for stay, error in faults.items():
        work.write(
            "clock_fault",
            "insert into clock_fault (encounter_id, facility_id, error, opened_at) values (%s, %s, %s, %s)"
            " on conflict do nothing",
            (stay, houses[stay], error, work.now),
        )


def _place(error: BaseException) -> str:
    frames: Iterator[traceback.FrameSummary] = reversed(traceback.extract_tb(error.__traceback__))
    frame = next(frames)
    return f"{frame.filename.rpartition('/')[2]}:{frame.lineno}"
