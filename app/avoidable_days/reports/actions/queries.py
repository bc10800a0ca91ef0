"""The action log of a facility, with the versions of each action."""

import uuid
from datetime import date, datetime

import msgspec

from app.platform.work import Reading

LONGEST = 30


class Action(msgspec.Struct):
    """One version of an action."""

    id: uuid.UUID
    action_id: uuid.UUID
    code: str
    what: str
    owner: str
    state: str
    since: date | None
    expected: str
    made_at: datetime
    made_by: str
    ended_at: datetime | None
    ended_by: str
    ended_because: str
    ended_reason: str


_ACTIONS = """
select a.id, a.action_id, a.code, a.what, a.owner, a.state, a.since, a.expected, a.made_at,
  coalesce(m.display_name, ''), a.ended_at, coalesce(b.display_name, ''),
  case when a.ended_at is null then '' else a.ended_because end,
  case when a.ended_at is null then '' else a.ended_reason end
from avoidable_action a left join app_user m on m.id = a.made_by left join app_user b on b.id = a.ended_by
where a.facility_id = %s
order by min(a.made_at) over (partition by a.action_id) desc, a.action_id, a.made_at desc, a.id desc
"""
_MARKS = """
select since, code, what from avoidable_action
where facility_id = %s and ended_at is null and since is not null and (%s = '' or code in ('', %s)) order by since, what
"""


def actions(db: Reading, facility_id: int) -> list[Action]:
    """All versions of all actions, struck-out ones too; the newest action first, of each the latest version."""
    return db.rows(Action, _ACTIONS, (facility_id,))


def action(db: Reading, facility_id: int, action_id: uuid.UUID) -> Action | None:
    """The version of an action that stands."""
    found = actions(db, facility_id)
    return next((one for one in found if one.action_id == action_id and one.ended_at is None), None)


def marks(db: Reading, facility_id: int, code: str = "") -> list[tuple[date, str]]:
    """The days on which something began to be done, with a few words; of one reason also what was done about all."""

    def mark(since: date, of: str, what: str) -> tuple[date, str]:
        text = f"{of}: {what}" if of else what
        return since, text if len(text) <= LONGEST else f"{text[: LONGEST - 1].rstrip()}…"

    return db.rows(mark, _MARKS, (facility_id, code, code))
