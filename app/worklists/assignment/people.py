"""Who may have a stay, and who has it."""

import uuid

import msgspec

from app.platform.work import Reading
from app.security.permissions import ROLES, Permission
from app.security.viewer import Viewer

# Roles whose people may hold stays.
HOLDERS = [role.value for role, text in ROLES.items() if Permission.STAY_TAKE in text.permissions]

_MAY_HOLD = (
    "u.active and exists (select 1 from role_grant g where g.user_id = u.id and g.role = any(%s::text[])"
    " and (g.facility_id is null or g.facility_id = %s))"
)


class Colleague(msgspec.Struct):
    """A person who may have stays in a facility."""

    id: str
    name: str
    stays: int


class Owner(msgspec.Struct):
    """The open assignment of a stay."""

    assignment_id: uuid.UUID
    user_id: uuid.UUID
    name: str
    cover: str  # "covering Ines Roth until Thu 5 Mar 14:00", or empty
    reason: str


def colleagues(db: Reading, viewer: Viewer) -> list[Colleague]:
    """People of the viewer's present facility who may have stays, with how many they have."""
    place = viewer.place
    if place is None:
        return []
    query = (
        "select u.id::text, concat_ws(', ', u.display_name, nullif(u.credentials, '')),"
        " (select count(*)::int from assignment a where a.user_id = u.id and a.ended_at is null"
        " and a.facility_id = %s) from app_user u"
        f" where {_MAY_HOLD} order by lower(u.display_name), u.id"
    )
    return db.rows(Colleague, query, (place.id, HOLDERS, place.id))


def may_hold(db: Reading, user_id: uuid.UUID, facility_id: int) -> bool:
    """Whether this person is active and has a role in the facility that may hold stays."""
    return bool(
        db.value(f"select true from app_user u where u.id = %s and {_MAY_HOLD}", (user_id, HOLDERS, facility_id))
    )


def owner_of(db: Reading, encounter_id: uuid.UUID) -> Owner | None:
    """Who has the stay now."""
    query = (
        "select a.id, a.user_id, u.display_name, case when v.id is null then '' else 'covering ' || v.display_name ||"
        " coalesce(case when (a.returns_at at time zone f.timezone)::time = time '00:00' then ' through '"
        " || to_char(a.returns_at at time zone f.timezone - interval '1 day', 'Dy FMDD Mon')"
        " else ' until ' || to_char(a.returns_at at time zone f.timezone, 'Dy FMDD Mon HH24:MI') end, '') end, a.reason"
        " from assignment a join app_user u on u.id = a.user_id join facility f on f.id = a.facility_id"
        " left join app_user v on v.id = a.covers_for where a.encounter_id = %s and a.ended_at is null"
    )
    found = db.rows(Owner, query, (encounter_id,))
    return found[0] if found else None
