"""What payers said since an instant: for a review that opens again, and for who was away over night."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from app.census.united import subject
from app.payers.authorizations.queries import authorizations
from app.payers.authorizations.showing import ACTIONS, answer_line
from app.payers.contacts.queries import contacts
from app.payers.contacts.showing import contact_line
from app.payers.contacts.terms import Direction
from app.payers.requests.terms import Action
from app.platform.work import Reading
from app.security.viewer import Viewer
from app.web.changes import Change
from app.web.lists import Happening, Overnight


def payer_changes(db: Reading, encounter_id: uuid.UUID, since: datetime) -> Sequence[Change]:
    """Answers and messages of the stay's payers that came after an instant."""
    stay = subject(db, encounter_id)
    today = stay.day(db.now)
    found: list[Change] = []
    for held in authorizations(db, stay.encounter_id):
        for one in held.answers:
            if one.stands and one.received_at > since:
                text = f"{held.head.payer} answered: {answer_line(one, today)}."
                found.append(Change("Payer", answer_line(one, today), one.received_at, text=text))
    for said in contacts(db, stay.encounter_id):
        if said.stands and said.direction == Direction.IN and said.at > since:
            found.append(Change("Payer", said.said, said.at, text=f"{contact_line(said)}: {said.said}"))
    return found


_REPLIES = """
select e.id, e.patient_id, coalesce(nullif(p.family, ''), 'Name not sent'),
  case when e.location = '' then 'no bed' else concat_ws(' ', nullif(e.unit, ''),
    nullif(concat_ws('-', nullif(e.room, ''), nullif(e.bed, '')), '')) end,
  (array_agg(d.action order by d.received_at desc, d.id desc))[1]
from assignment a join encounter e on e.id = a.encounter_id join patient p on p.id = e.patient_id
  join payer_decision d on d.encounter_id = e.id and d.ended_at is null
    and d.made_at >= %(since)s and d.made_at < %(now)s and d.made_by is distinct from %(me)s
where a.user_id = %(me)s and a.ended_at is null and e.facility_id = %(facility)s
  and e.status in ('admitted', 'on_leave')
group by e.id, e.patient_id, p.family order by max(d.received_at), e.id
"""


def replies(db: Reading, viewer: Viewer, since: datetime) -> Sequence[Overnight]:
    """Stays whose payer answered since then, each with the last answer."""
    assert viewer.place is not None, "a list belongs to a facility"
    values = {"me": viewer.user_id, "facility": viewer.place.id, "since": since, "now": db.now}
    stays = db.rows(_happening, _REPLIES, values)
    return [Overnight("payers", "payer reply", "payer replies", stays)] if stays else []


def _happening(stay_id: uuid.UUID, patient_id: uuid.UUID, name: str, place: str, action: str) -> Happening:
    return Happening(stay_id, patient_id, name, place, ACTIONS[Action(action)].lower())
