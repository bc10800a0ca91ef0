"""Deadlines of a person's stays that were missed while the person was away."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from app.clocks.owed.words import ELSEWHERE, called
from app.clocks.terms import Actor
from app.platform.work import Reading
from app.security.viewer import Viewer
from app.web.lists import Happening, Overnight

_OURS = [one.value for one in Actor if one not in ELSEWHERE]
_MISSED = """
select e.id, e.patient_id, coalesce(nullif(p.family, ''), 'Name not sent'),
  case when e.location = '' then 'no bed' else concat_ws(' ', nullif(e.unit, ''),
    nullif(concat_ws('-', nullif(e.room, ''), nullif(e.bed, '')), '')) end,
  string_agg(o.rule, ' ' order by o.due_at, o.rule)
from assignment a join encounter e on e.id = a.encounter_id join patient p on p.id = e.patient_id
  join obligation o on o.encounter_id = e.id and o.ended_at is null and o.required and o.closed_at is null
    and o.due_at >= %(since)s and o.due_at < %(now)s and o.actor = any(%(actors)s)
where a.user_id = %(me)s and a.ended_at is null and e.facility_id = %(facility)s
  and e.status in ('admitted', 'on_leave')
group by e.id, e.patient_id, p.family order by min(o.due_at), e.id
"""


def missed(db: Reading, viewer: Viewer, since: datetime) -> Sequence[Overnight]:
    """Stays with a deadline that passed since then and is still open, each with what was missed."""
    assert viewer.place is not None, "a list belongs to a facility"
    values = {"me": viewer.user_id, "facility": viewer.place.id, "since": since, "now": db.now, "actors": _OURS}
    stays = [
        replace(one, words=", ".join(called(rule) for rule in one.words.split()))
        for one in db.rows(Happening, _MISSED, values)
    ]
    return [Overnight("missed", "missed deadline", "missed deadlines", stays, late=True)] if stays else []
