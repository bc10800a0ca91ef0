"""What the strip above one's own list says of stays that colleagues have now."""

from collections.abc import Sequence
from datetime import datetime

from app.platform.work import Reading
from app.security.viewer import Viewer
from app.web.lists import Happening, Overnight

_GONE = """
select e.id, e.patient_id, coalesce(nullif(p.family, ''), 'Name not sent'),
  case when e.location = '' then 'no bed' else concat_ws(' ', nullif(e.unit, ''),
    nullif(concat_ws('-', nullif(e.room, ''), nullif(e.bed, '')), '')) end,
  u.display_name || case b.why when 'takeover' then ' took it over: ' || b.reason when 'cover' then ' covers it'
    when 'balance' then ' has it, to even out the work' else ' has it' end
from assignment a join encounter e on e.id = a.encounter_id join patient p on p.id = e.patient_id
  join assignment b on b.encounter_id = e.id and b.ended_at is null join app_user u on u.id = b.user_id
where a.user_id = %(me)s and a.facility_id = %(facility)s and a.assigned_at <= %(since)s and a.ended_at > %(since)s
  and b.user_id <> %(me)s and e.status in ('admitted', 'on_leave')
order by lower(p.family), e.id
"""


def with_colleagues(db: Reading, viewer: Viewer, since: datetime) -> Sequence[Overnight]:
    """Stays that were this person's then and are a colleague's now: covered, taken over, moved."""
    assert viewer.place is not None, "a list belongs to a facility"
    values = {"me": viewer.user_id, "facility": viewer.place.id, "since": since}
    stays = db.rows(Happening, _GONE, values)
    return [Overnight("with-colleagues", "stay now a colleague's", "stays now a colleague's", stays)] if stays else []
