"""What a new day, or a click, does with the stays of a facility: covers that are over go back, rules find owners."""

import uuid

import msgspec

from app.platform.work import Work, begin, everywhere
from app.worklists.assignment.gathering import situation
from app.worklists.assignment.giving import Change, Deed, Given, give_many
from app.worklists.assignment.people import HOLDERS
from app.worklists.assignment.rules.deciding import Person, decide
from app.worklists.assignment.terms import Why


class Assigned(msgspec.Struct, frozen=True):
    """What the rules did. `unmatched` stays have no rule with somebody present; `left` ones changed meanwhile."""

    distribution_id: uuid.UUID | None
    assigned: int
    unmatched: int
    left: int


def assign_by_rules(work: Work, facility_id: int) -> Assigned:
    """Give every stay that nobody has, or nobody who may have stays here, to whom the rules of the facility say.

    Protected ones only as far as visible.
    """
    now = situation(work, facility_id)
    alone = now.without_owner()
    held = {one.facts.id: one.held.id for one in alone if one.held is not None}
    free = [(one.facts, one.expected.minutes) for one in alone]
    if not free or not now.rules:
        return Assigned(None, 0, len(free), 0)
    minutes = now.minutes()
    present = {one.id: Person(one.id, one.name, minutes[one.id]) for one in now.present()}
    decided = decide(free, now.rules, present)
    changes = [Change(one.stay_id, held.get(one.stay_id), one.to, one.because) for one in decided]
    given = give_many(work, Deed(Why.RULE, facility_id), changes) if changes else Given(None, 0, 0)
    return Assigned(given.distribution_id, given.done, len(free) - len(decided), given.left)


def return_due(work: Work, facility_id: int) -> Given:
    """Give back what was covered or taken over and whose time has come, or whose absent owner came back before it.

    A stay waits with whoever covers it while its former owner is away today, or may have stays here no more.
    """
    query = (
        "select a.encounter_id, a.id, a.covers_for, 'The time of the cover is over.' from assignment a"
        " join encounter e on e.id = a.encounter_id join facility f on f.id = a.facility_id"
        " join app_user u on u.id = a.covers_for"
        " where a.facility_id = %(facility)s and a.ended_at is null and (a.returns_at <= %(now)s or a.why <> 'takeover'"
        " and a.returns_at is not null and exists (select from absence c where c.user_id = a.covers_for"
        " and c.facility_id = a.facility_id and c.ended_at > a.assigned_at))"
        " and e.status in ('admitted', 'on_leave', 'registered', 'preadmit') and u.active"
        " and exists (select from role_grant g where g.user_id = u.id and g.role = any(%(holders)s::text[])"
        " and (g.facility_id is null or g.facility_id = a.facility_id))"
        " and not exists (select from absence b where b.user_id = u.id and b.facility_id = a.facility_id"
        " and b.ended_at is null and (%(now)s::timestamptz at time zone f.timezone)::date"
        " between b.first_day and b.last_day) order by a.encounter_id"
    )
    due = work.rows(Change, query, {"facility": facility_id, "now": work.now, "holders": HOLDERS})
    return give_many(work, Deed(Why.RETURN, facility_id), due) if due else Given(None, 0, 0)


def return_stays(facility_id: int) -> None:
    """The job at the time of a return: the same as the daily build does, for one facility."""
    with begin(everywhere("returns")) as work:
        return_due(work, facility_id)
