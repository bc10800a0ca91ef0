"""A selection of stays becomes one person's, all of them or none, as one deed."""

import uuid
from collections.abc import Sequence

import msgspec

from app.kernel.refusal import NotFound, Refused
from app.platform.work import Work
from app.worklists.assignment.commands import NOT_THERE
from app.worklists.assignment.giving import Change, Deed, Given, give_many
from app.worklists.assignment.people import may_hold
from app.worklists.assignment.terms import Why


class _Selected(msgspec.Struct):
    id: uuid.UUID
    facility_id: int
    open: bool
    held: uuid.UUID | None
    user_id: uuid.UUID | None


def give_selected(work: Work, stays: Sequence[uuid.UUID], to: uuid.UUID, *, taking: bool = False) -> Given:
    """Give every selected stay to this person; what they have already stays as it is. `taking` leaves colleagues'
    stays alone: then one of them refuses the whole selection."""
    work.values("select id from encounter where id = any(%s) order by id for update", (list(stays),))
    query = (
        "select e.id, e.facility_id, e.status in ('admitted', 'on_leave', 'registered', 'preadmit'), a.id, a.user_id"
        " from encounter e left join assignment a on a.encounter_id = e.id and a.ended_at is null"
        " where e.id = any(%s) order by e.id"
    )
    found = work.rows(_Selected, query, (list(stays),))
    facilities = {one.facility_id for one in found}
    if len(found) < len(stays) or not found:
        raise NotFound(NOT_THERE)
    if len(facilities) > 1:
        raise Refused("Select stays of one facility at a time.")
    if not all(one.open for one in found):
        raise Refused("One of these stays is over. It needs no owner.")
    if taking and any(one.user_id not in (None, to) for one in found):
        raise Refused("A colleague has this stay, one of those selected. Take it over, or ask the lead to assign it.")
    (facility_id,) = facilities
    if not may_hold(work, to, facility_id):
        raise Refused("This person may not have stays in this facility. Choose another one.", field="to")
    changes = [Change(one.id, one.held, to) for one in found if one.user_id != to]
    return give_many(work, Deed(Why.BULK, facility_id), changes) if changes else Given(None, 0, 0)
