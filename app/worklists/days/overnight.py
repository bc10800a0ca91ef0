"""What happened to a person's stays since they were last here before today, gathered from everybody who can tell."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from app.advisor.stay.overnight import decided
from app.clocks.owed.overnight import missed
from app.kernel.days import local_day, start_of_day
from app.payers.since import replies
from app.platform.work import Reading
from app.security.viewer import Place, Viewer
from app.web.lists import Happening, Overnight, OvernightSource
from app.worklists.assignment.cover.lent import with_colleagues
from app.worklists.days.since import KINDS, Now, Then, changes

LONGEST = timedelta(days=45)  # who was away for longer is told of so many days

_NOW = """
select e.id, e.patient_id, coalesce(nullif(p.family, ''), 'Name not sent'),
  case when e.location = '' then 'no bed' else concat_ws(' ', nullif(e.unit, ''),
    nullif(concat_ws('-', nullif(e.room, ''), nullif(e.bed, '')), '')) end,
  e.status, e.patient_class, e.unit, e.pending_kind = 'discharge'
from assignment a join encounter e on e.id = a.encounter_id join patient p on p.id = e.patient_id
where a.user_id = %(me)s and a.ended_at is null and e.facility_id = %(facility)s and e.gone_at is null
  and (e.status in ('admitted', 'on_leave') or e.updated_at > %(since)s)
order by lower(p.family), e.id
"""
_THEN = """
select e.id, e.status, e.patient_class, e.unit, e.pending_kind = 'discharge', a.user_id
from as_of.encounter e left join as_of.assignment a on a.encounter_id = e.id and a.ended_at is null
where e.id = any(%s::uuid[])
"""
_RETURNED = """
select e.id, e.patient_id, coalesce(nullif(p.family, ''), 'Name not sent'),
  concat_ws(' ', nullif(e.unit, ''), nullif(concat_ws('-', nullif(e.room, ''), nullif(e.bed, '')), '')),
  case s.ended_because when 'time' then 'its time came' else 'something changed' end
from snooze s join encounter e on e.id = s.encounter_id join patient p on p.id = e.patient_id
where s.user_id = %(me)s and s.ended_at > %(since)s and s.ended_because in ('time', 'important', 'changed')
  and e.facility_id = %(facility)s and e.status in ('admitted', 'on_leave')
order by s.ended_at desc
"""
_PROTECTED = """
select distinct e.id, e.patient_id, coalesce(nullif(p.family, ''), 'Name not sent'),
  concat_ws(' ', nullif(e.unit, ''), nullif(concat_ws('-', nullif(e.room, ''), nullif(e.bed, '')), '')), ''
from assignment a join encounter e on e.id = a.encounter_id join patient p on p.id = e.patient_id
  join audit_event h on h.encounter_id = e.id and h.name = 'stay.protected' and h.at > %(since)s
where a.user_id = %(me)s and a.ended_at is null and e.facility_id = %(facility)s
  and e.status in ('admitted', 'on_leave') and e.sensitivity <> ''
"""


def last_here(db: Reading, viewer: Viewer, place: Place) -> datetime | None:
    """When this person was last seen before the facility's present day began; None for a first day."""
    today = start_of_day(local_day(db.now, ZoneInfo(place.timezone)), ZoneInfo(place.timezone))
    query = "select at from phi_access where actor_id = %s and at < %s and at > %s order by at desc limit 1"
    found: datetime | None = db.value(query, (viewer.user_id, today, today - LONGEST))
    return found


def census_changes(db: Reading, viewer: Viewer, since: datetime) -> Sequence[Overnight]:
    """What the feed and colleagues did to the stays that are this person's now."""
    assert viewer.place is not None, "a list belongs to a facility"
    values = {"me": viewer.user_id, "facility": viewer.place.id, "since": since}
    now = db.rows(Now, _NOW, values)
    found = changes(viewer.user_id, _known_at(db, since, [one.id for one in now]), now)
    return [
        Overnight(
            kind.key,
            kind.one,
            kind.many,
            [Happening(one.id, one.patient_id, one.name, one.place, words) for one, words in found[kind.key]],
        )
        for kind in KINDS
        if kind.key in found
    ]


def _known_at(db: Reading, moment: datetime, stays: list[uuid.UUID]) -> dict[uuid.UUID, Then]:
    """These stays as they were known at that instant. The views of `as_of` look at the instant that is set here."""
    instant = "select set_config('app.as_of', %s, true)"
    db.value(instant, (moment.isoformat(),))
    found = db.rows(Then, _THEN, (stays,))
    db.value(instant, ("",))
    return {one.id: one for one in found}


def returned(db: Reading, viewer: Viewer, since: datetime) -> Sequence[Overnight]:
    """Stays that this person had put aside and that are back."""
    assert viewer.place is not None, "a list belongs to a facility"
    values = {"me": viewer.user_id, "facility": viewer.place.id, "since": since}
    stays = db.rows(Happening, _RETURNED, values)
    return [Overnight("returned", "stay back from snooze", "stays back from snooze", stays)] if stays else []


def protected(db: Reading, viewer: Viewer, since: datetime) -> Sequence[Overnight]:
    """Stays of this person that somebody marked as protected. Privacy has no past: the trail tells, not the state."""
    assert viewer.place is not None, "a list belongs to a facility"
    values = {"me": viewer.user_id, "facility": viewer.place.id, "since": since}
    stays = db.rows(Happening, _PROTECTED, values)
    return [Overnight("protected", "stay now protected", "stays now protected", stays)] if stays else []


SOURCES: list[OvernightSource] = [missed, decided, replies, census_changes, with_colleagues, returned, protected]
"""Who is asked, in the order of the strip. A feature below adds its own line here."""


def overnight(db: Reading, viewer: Viewer, since: datetime) -> list[Overnight]:
    """Everything that happened since then, what is lost first."""
    found = [one for source in SOURCES for one in source(db, viewer, since)]
    return sorted(found, key=lambda one: not one.late)
