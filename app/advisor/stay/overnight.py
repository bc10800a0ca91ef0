"""Answers that came while a person was away, for the strip above their own list."""

from collections.abc import Sequence
from datetime import datetime

from app.advisor.terms import Outcome
from app.platform.work import Reading
from app.security.viewer import Viewer
from app.web.lists import Happening, Overnight

_DECIDED = """
select e.id, e.patient_id, coalesce(nullif(p.family, ''), 'Name not sent'),
  case when e.location = '' then 'no bed' else concat_ws(' ', nullif(e.unit, ''),
    nullif(concat_ws('-', nullif(e.room, ''), nullif(e.bed, '')), '')) end,
  string_agg(d.outcome, ' ' order by d.decided_at desc)
from assignment a join encounter e on e.id = a.encounter_id join patient p on p.id = e.patient_id
  join escalation_decision d on d.encounter_id = e.id and d.ended_at is null and d.decided_at > %(since)s
where a.user_id = %(me)s and a.ended_at is null and e.facility_id = %(facility)s
  and e.status in ('admitted', 'on_leave')
group by e.id, e.patient_id, p.family order by max(d.decided_at) desc, e.id
"""


def decided(db: Reading, viewer: Viewer, since: datetime) -> Sequence[Overnight]:
    """Stays of this person on which a physician answered since then."""
    assert viewer.place is not None, "a list belongs to a facility"
    values = {"me": viewer.user_id, "facility": viewer.place.id, "since": since}
    stays = [
        Happening(one.stay_id, one.patient_id, one.name, one.place, _words(one.words))
        for one in db.rows(Happening, _DECIDED, values)
    ]
    return [Overnight("decided", "answer of a physician", "answers of physicians", stays)] if stays else []


def _words(outcomes: str) -> str:
    return ", ".join(dict.fromkeys(Outcome(word).label.lower() for word in outcomes.split()))
