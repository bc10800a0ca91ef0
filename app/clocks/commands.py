"""The clocks follow the facts: what changed is computed anew in the transaction that changed it."""

import logging
import traceback
import uuid
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from app.census.events import EncountersUnited, StayEvent
from app.clocks.engine import obligations
from app.clocks.facts import StayFacts
from app.clocks.gather import Found, collect
from app.clocks.terms import Obligation
from app.kernel.deadlines import Standing
from app.kernel.events import Event, registered
from app.platform.work import Reading, Work

Rows = dict[tuple[str, str], tuple[Any, ...]]
"""What is kept of one stay: values in the order of the columns, by rule and subject."""
FAULTS = (ArithmeticError, AssertionError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What a mistake in a rule, or a value that no rule has thought of, raises. Never an error of the database."""
COLUMNS = (
    "rule", "subject", "title", "actor", "severity", "because", "citation", "confidence", "version", "required",
    "start_at", "earliest_at", "due_at", "closed_at",
)  # fmt: skip
"""What is kept of an obligation, in the order in which `rows_of` gives it."""
_CURRENT = (
    f"select id, encounter_id, {', '.join(COLUMNS)} from obligation where encounter_id = any(%s) and ended_at is null"
)
_NEVER = datetime.min.replace(tzinfo=UTC)
_encoder = msgspec.json.Encoder()
_log = logging.getLogger(__name__)
_shown: set[str] = set()
_idle: set[type[Event]] = set()


def show(rules: Iterable[str]) -> None:
    """Hand over the rules whose closing record can be made (app/wiring.py): only those are kept and shown."""
    _shown.clear()
    _shown.update(rules)


def shown_rules() -> frozenset[str]:
    """The rules that are kept and shown."""
    return frozenset(_shown)


def leave_alone(kinds: Iterable[type[Event]]) -> None:
    """Hand over the events that change no fact of any clock (app/reactions.py): their stays are not computed anew."""
    _idle.clear()
    _idle.update(kinds)


def named(work: Work) -> set[uuid.UUID]:
    """The stays of which something was recorded that may change a clock."""
    told = [event for event in work.recorded if type(event) not in _idle]
    stays = {event.encounter_id for event in told if event.encounter_id is not None}
    return stays | {event.former_id for event in told if isinstance(event, EncountersUnited)}


def telling() -> list[str]:
    """The names of events by which people may change the clocks of a stay. What the feed says is kept in versions."""
    return [name for name, kind in registered().items() if kind not in _idle and not issubclass(kind, StayEvent)]


def refresh(work: Work, stays: Sequence[uuid.UUID]) -> int:
    """Compute what is owed for these stays now and store the difference. Returns how many versions were made.

    A stay that cannot be computed keeps what was stored of it, and a fault that says so; the others are not held up.
    """
    if not _shown:
        return 0
    found = gathered_anew(work, stays)
    return _store(work, computed_of(work, found), {one.id: one.facility_id for one in found})


def gathered_anew(work: Work, stays: Sequence[uuid.UUID]) -> list[Found]:
    """The facts of these stays as they are now, locked; kept for who asks for them again."""
    found = collect(work, stays, lock=True)
    work.gathered.update((one.id, one) for one in found)
    return found


def gathered(work: Work, stays: Sequence[uuid.UUID]) -> dict[uuid.UUID, Found]:
    """The facts of these stays, locked, as they were when this transaction first asked for them.

    For what follows the clocks in the last step, and for commands that change no fact of a clock themselves.
    """
    if missing := [stay for stay in stays if stay not in work.gathered]:
        gathered_anew(work, missing)
    return {stay: work.gathered[stay] for stay in stays if stay in work.gathered}


def computed_of(work: Work, found: Sequence[Found]) -> dict[uuid.UUID, Rows]:
    """What is owed for these stays now; of one that cannot be computed nothing, but a fault is kept that says so."""
    computed: dict[uuid.UUID, Rows] = {}
    faults: dict[uuid.UUID, str] = {}
    for one in found:
        try:
            computed[one.id] = rows_of(one.facts())
        except FAULTS as error:
            faults[one.id] = f"{type(error).__name__} at {_place(error)}"
            _log.error("the clocks of a stay could not be computed", extra={"error": faults[one.id]})
    _close_faults(work, [one.id for one in found if one.faulty and one.id in computed])
    _open_faults(work, faults, {one.id: one.facility_id for one in found})
    return computed


def stored_rows(view: Reading, stays: Sequence[uuid.UUID]) -> dict[uuid.UUID, Rows]:
    """What is stored as owed now, in the form in which it is computed."""
    kept: dict[uuid.UUID, Rows] = {}
    for _, stay, values in view.rows(_kept, _CURRENT, (list(stays),)):
        kept.setdefault(stay, {})[values[0], values[1]] = values
    return kept


def in_force(facts: StayFacts) -> dict[tuple[str, str], Obligation]:
    """The obligations of a stay that are kept and shown, by rule and subject; of several the one in force."""
    found: dict[tuple[str, str], Obligation] = {}
    for one in obligations(facts):
        key = (one.rule, one.subject)
        if one.rule in _shown and (key not in found or _later(one, found[key])):
            found[key] = one
    return found


def rows_of(facts: StayFacts) -> Rows:
    """What is kept of the obligations of a stay, as rows."""
    return {key: _values(one) for key, one in in_force(facts).items()}


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


def _store(work: Work, computed: dict[uuid.UUID, Rows], houses: dict[uuid.UUID, int]) -> int:
    over: list[uuid.UUID] = []
    differing: set[uuid.UUID] = set()
    same: set[tuple[uuid.UUID, str, str]] = set()
    for row, stay, values in work.rows(_kept, _CURRENT, (list(computed),)):
        if computed[stay].get((values[0], values[1])) == values:
            same.add((stay, values[0], values[1]))
        else:
            over.append(row)
            differing.add(stay)
    if over:
        work.write("obligation", "update obligation set ended_at = %s where id = any(%s)", (work.now, over))
    new = [
        {
            "encounter_id": stay,
            "facility_id": houses[stay],
            "made_at": work.now,
            **dict(zip(COLUMNS, values, strict=True)),
        }
        for stay, rows in computed.items()
        for (rule, subject), values in rows.items()
        if (stay, rule, subject) not in same
    ]
    if new:
        names = ", ".join(("encounter_id", "facility_id", "made_at", *COLUMNS))
        work.write(
            "obligation",
            f"insert into obligation ({names}) select {names} from json_populate_recordset(null::obligation, %s::json)",
            (_encoder.encode(new).decode(),),
        )
    for stay in differing.union(row["encounter_id"] for row in new):
        work.changed(houses[stay], stay)
    return len(new)


def _close_faults(work: Work, sound: list[uuid.UUID]) -> None:
    if sound:
        work.write(
            "clock_fault",
            "update clock_fault set closed_at = %s where encounter_id = any(%s) and closed_at is null",
            (work.now, sound),
        )


def _open_faults(work: Work, faults: dict[uuid.UUID, str], houses: dict[uuid.UUID, int]) -> None:
    for stay, error in faults.items():
        work.write(
            "clock_fault",
            "insert into clock_fault (encounter_id, facility_id, error, opened_at) values (%s, %s, %s, %s)"
            " on conflict do nothing",
            (stay, houses[stay], error, work.now),
        )


def _place(error: BaseException) -> str:
    """Where in the program it was raised; never what the exception says, which may quote a fact of the stay."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{frame.filename.rpartition('/')[2]}:{frame.lineno}"
