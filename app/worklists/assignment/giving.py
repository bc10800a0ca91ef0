"""Many stays change their owner in one deed: one statement each to end, to give and to open, whatever their number."""

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from app.kernel.refusal import Refused
from app.platform.work import Work
from app.worklists.assignment.models import Distribution
from app.worklists.assignment.people import may_hold
from app.worklists.assignment.terms import Why
from app.worklists.events import DistributionUndone, StayAssigned, StayGivenBack, StaysDistributed

_COLUMNS = (
    "encounter_id", "facility_id", "user_id", "reason", "assigned_at", "assigned_by", "why", "distribution_id",
    "replaces_id", "covers_for", "returns_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Deed:
    """What kind of distribution it is, in which facility, and for which absence."""

    why: Why
    facility_id: int
    absence_id: uuid.UUID | None = None


class Change(msgspec.Struct, frozen=True):
    """A stay that is to become somebody's, or nobody's. `held` is the open assignment that this was decided on.

    `before` is a row that comes back as it was, with its own reason and deed; then the other words are not used.
    """

    stay_id: uuid.UUID
    held: uuid.UUID | None
    to: uuid.UUID | None
    reason: str = ""
    covers_for: uuid.UUID | None = None
    returns_at: datetime | None = None
    before: "Before | None" = None


class Before(msgspec.Struct, frozen=True):
    """What an ended assignment said, so that undoing says it again."""

    user_id: uuid.UUID
    why: str
    reason: str
    distribution_id: uuid.UUID | None
    replaces_id: uuid.UUID | None
    covers_for: uuid.UUID | None
    returns_at: datetime | None


class Given(msgspec.Struct, frozen=True):
    """How many stays changed their owner, and how many were left because they had changed meanwhile or were over."""

    distribution_id: uuid.UUID | None
    done: int
    left: int


class _Present(msgspec.Struct, frozen=True):
    stay_id: uuid.UUID
    patient_id: uuid.UUID
    sensitive: bool
    open: bool
    held: uuid.UUID | None
    user_id: uuid.UUID | None


def give_many(work: Work, deed: Deed, changes: Sequence[Change]) -> Given:
    """Do all changes that still stand as they were decided, as one deed that is undone as one."""
    present = _lock(work, deed.facility_id, changes)
    standing = [one for one in changes if _stands(present.get(one.stay_id), one)]
    if not standing:
        return Given(None, 0, len(changes))
    made = work.add(
        Distribution(
            facility_id=deed.facility_id,
            why=deed.why.value,
            absence_id=deed.absence_id,
            stays=len(standing),
            made_at=work.now,
            made_by=work.who.actor_id,
        )
    )
    work.session.flush()
    _write(work, deed, [(one, present[one.stay_id]) for one in standing], made.id)
    work.record(
        StaysDistributed(facility_id=deed.facility_id, distribution_id=made.id, why=deed.why.value, stays=len(standing))
    )
    return Given(made.id, len(standing), len(changes) - len(standing))


def undo_distribution(work: Work, distribution_id: uuid.UUID, lead_at: Collection[int] = ()) -> Given:
    """Put every stay of the deed back as it was, but for those that somebody changed since, and those of somebody who
    may have stays here no more.

    Only who did it may; what the program did by itself, a lead of `lead_at` may. Refused when it is undone already.
    """
    made = work.lock(Distribution, distribution_id, "There is no such deed in your facilities.")
    if made.made_by != work.who.actor_id if made.made_by is not None else made.facility_id not in lead_at:
        raise Refused("This was done by a colleague. Only they can undo it.")
    if made.undone_at is not None:
        raise Refused("This was undone already.")
    deed = Deed(Why(made.why), made.facility_id, made.absence_id)
    changes = _backwards(work, distribution_id)
    present = _lock(work, deed.facility_id, changes)
    people = {one.to for one in changes}
    back_to = {person for person in people if person is None or may_hold(work, person, deed.facility_id)}
    standing = [
        one for one in changes
        if (found := present.get(one.stay_id)) and found.held == one.held and one.to in back_to
    ]  # fmt: skip
    made.undone_at, made.undone_by = work.now, work.who.actor_id
    work.session.flush()
    _write(work, deed, [(one, present[one.stay_id]) for one in standing], None, undone=True)
    work.record(
        DistributionUndone(
            facility_id=deed.facility_id, distribution_id=made.id, stays=len(standing), left=made.stays - len(standing)
        )
    )
    return Given(made.id, len(standing), made.stays - len(standing))


def _lock(work: Work, facility_id: int, changes: Iterable[Change]) -> dict[uuid.UUID, _Present]:
    """The stays as they are, held until the commit. Locked first and read after: what a rival did meanwhile is seen."""
    stays = [one.stay_id for one in changes]
    work.values(
        "select id from encounter where id = any(%s) and facility_id = %s order by id for update", (stays, facility_id)
    )
    query = (
        "select e.id, e.patient_id, e.sensitivity <> '',"
        " e.status in ('admitted', 'on_leave', 'registered', 'preadmit'), a.id, a.user_id from encounter e"
        " left join assignment a on a.encounter_id = e.id and a.ended_at is null"
        " where e.id = any(%s) and e.facility_id = %s"
    )
    return {one.stay_id: one for one in work.rows(_Present, query, (stays, facility_id))}


def _stands(present: _Present | None, change: Change) -> bool:
    return present is not None and present.open and present.held == change.held


def _backwards(work: Work, distribution_id: uuid.UUID) -> list[Change]:
    def shape(stay: uuid.UUID, held: uuid.UUID, *before: Any) -> Change:
        was = Before(*before) if before[0] is not None else None
        return Change(stay, held, was.user_id if was else None, before=was)

    query = (
        "select a.encounter_id, a.id, b.user_id, b.why, b.reason, b.distribution_id, b.replaces_id, b.covers_for,"
        " b.returns_at from assignment a left join assignment b on b.id = a.replaces_id"
        " where a.distribution_id = %s and a.ended_at is null order by a.encounter_id"
    )
    return work.rows(shape, query, (distribution_id,))


Pairs = Sequence[tuple[Change, _Present]]


def _write(work: Work, deed: Deed, pairs: Pairs, made: uuid.UUID | None, *, undone: bool = False) -> None:
    ended = [(one.held, one.stay_id, now.user_id) for one, now in pairs if one.held is not None]
    if ended:
        held, stays, people = map(list, zip(*ended, strict=True))
        work.write("assignment", "update assignment set ended_at = %s where id = any(%s)", (work.now, held))
        work.write(
            "stay_access",
            "update stay_access s set until = %s from unnest(%s::uuid[], %s::uuid[]) as x(stay, person)"
            " where s.encounter_id = x.stay and s.user_id = x.person and s.kind = 'assigned'"
            " and (s.until is null or s.until > %s)",
            (work.now, stays, people, work.now),
        )
    rows = [_row(work, deed, one, made) for one, _ in pairs if one.to is not None]
    if rows:
        names = ", ".join(_COLUMNS)
        work.write(
            "assignment",
            f"insert into assignment ({names}) select {names} from json_populate_recordset(null::assignment, %s::json)",
            (msgspec.json.encode(rows).decode(),),
        )
    _open_protected(work, deed.facility_id, pairs)
    for change, now in pairs:
        work.record(_event(deed, change, now, undone))
        work.changed(deed.facility_id, change.stay_id)


def _row(work: Work, deed: Deed, change: Change, made: uuid.UUID | None) -> dict[str, Any]:
    row = {
        "encounter_id": change.stay_id, "facility_id": deed.facility_id, "user_id": change.to,
        "reason": change.reason, "assigned_at": work.now, "assigned_by": work.who.actor_id, "why": deed.why.value,
        "distribution_id": made, "replaces_id": change.held, "covers_for": change.covers_for,
        "returns_at": change.returns_at,
    }  # fmt: skip
    return row if change.before is None else row | msgspec.structs.asdict(change.before)


def _open_protected(work: Work, facility_id: int, pairs: Pairs) -> None:
    """A protected stay opens for whoever has it."""
    opened = [(one.stay_id, one.to) for one, now in pairs if one.to is not None and now.sensitive]
    if opened:
        stays, people = map(list, zip(*opened, strict=True))
        work.write(
            "stay_access",
            "insert into stay_access (user_id, encounter_id, facility_id, kind, opened_at)"
            " select x.person, x.stay, %s, 'assigned', %s from unnest(%s::uuid[], %s::uuid[]) as x(stay, person)"
            " where not exists (select from stay_access s where s.encounter_id = x.stay and s.user_id = x.person"
            " and s.kind = 'assigned' and (s.until is null or s.until > %s))",
            (facility_id, work.now, stays, people, work.now),
        )


def _event(deed: Deed, change: Change, now: _Present, undone: bool) -> StayAssigned | StayGivenBack:
    if change.to is None:
        assert now.user_id is not None, "what nobody has cannot be taken away"
        return StayGivenBack(
            encounter_id=change.stay_id, patient_id=now.patient_id, facility_id=deed.facility_id, user_id=now.user_id,
            undone=undone,
        )  # fmt: skip
    return StayAssigned(
        encounter_id=change.stay_id, patient_id=now.patient_id, facility_id=deed.facility_id, user_id=change.to,
        before_id=now.user_id, undone=undone, why=deed.why.value,
    )  # fmt: skip
