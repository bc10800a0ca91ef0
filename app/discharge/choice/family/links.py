"""Links to one list: random keys of which only the digest is kept, wishes, and how often one may open them."""

import secrets
import uuid
from datetime import datetime, timedelta
from typing import Annotated

import msgspec
from pydantic import BaseModel, Field

from app.discharge.choice import queries
from app.discharge.choice.commands import about_list
from app.discharge.choice.events import ChoiceLinkMade, ChoiceLinksEnded, ChoiceMarked
from app.discharge.choice.models import ChoiceLink, ChoiceMark
from app.kernel.refusal import NotFound, Refused
from app.platform.work import Reading, System, Work, begin, everywhere
from app.security.sessions import digest
from app.web.fields import Key, Name, Words

LINK_LASTS = timedelta(days=7)
MOST_LINKS = 5
WINDOW = timedelta(minutes=10)
MOST_VISITS = 60
CLOSED = "This link is closed or past its time. Ask the hospital for a new one."
WHO = everywhere("choice link")
_COUNT = """
insert into choice_visit (address, since, visits) values (%s, %s, 1) on conflict (address) do update set
  visits = case when choice_visit.since <= %s then 1 else choice_visit.visits + 1 end,
  since = case when choice_visit.since <= %s then excluded.since else choice_visit.since end
returning visits
"""

_FORGET = """
delete from choice_visit where address in
  (select address from choice_visit where since <= %s for update skip locked limit 100)
"""


class MarkWish(BaseModel):
    """What a family prefers, in order, and who writes."""

    first: Key
    second: Key = None
    third: Key = None
    marked_by: Annotated[Name, Field(min_length=2)]
    said: Words = ""


class Linked(msgspec.Struct):
    """The one list that a link reaches; of the patient the initials."""

    link_id: uuid.UUID
    list_id: uuid.UUID
    encounter_id: uuid.UUID
    facility_id: int
    patient_id: uuid.UUID
    facility: str
    timezone: str
    initials: str
    made_at: datetime
    expires_at: datetime


_LINKED = """
select k.id, k.list_id, k.encounter_id, k.facility_id, e.patient_id, f.name, f.timezone,
  upper(left(p.given, 1) || left(p.family, 1)), l.made_at, k.expires_at
from choice_link k join choice_list l on l.id = k.list_id join encounter e on e.id = k.encounter_id
  join patient p on p.id = e.patient_id join facility f on f.id = k.facility_id
where k.digest = %s and k.ended_at is null and k.expires_at > %s and l.ended_at is null
  and (e.gone_at is null or e.united_into_id is not null)
"""


def make_link(work: Work, list_id: uuid.UUID) -> tuple[ChoiceLink, str]:
    """A way to one list without an account, and the key of its address, which is kept nowhere."""
    stay, one, about = about_list(work, list_id)
    work.value("select id from choice_list where id = %s for update", (list_id,))
    if one.ended_at is not None:
        raise Refused("This list counts no more. Make another one and share that.")
    query = "select count(*) from choice_link where list_id = %s and ended_at is null and expires_at > %s"
    if work.value(query, (list_id, work.now)) >= MOST_LINKS:
        raise Refused(f"This list has {MOST_LINKS} links already. Close them before you make another.")
    key = secrets.token_urlsafe(32)
    made = work.add(
        ChoiceLink(
            facility_id=stay.facility_id, list_id=list_id, encounter_id=one.encounter_id, digest=digest(key),
            expires_at=work.now + LINK_LASTS, made_at=work.now, made_by=work.who.actor_id,
        )
    )  # fmt: skip
    work.record(ChoiceLinkMade(**about, link_id=made.id, expires_at=made.expires_at))
    return made, key


def revoke_links(work: Work, list_id: uuid.UUID) -> int:
    """Close every link of a list before its time; how many there were."""
    _stay, _one, about = about_list(work, list_id)
    count = work.write(
        "choice_link", "update choice_link set ended_at = %s, ended_by = %s where list_id = %s and ended_at is null",
        (work.now, work.who.actor_id, list_id),
    )  # fmt: skip
    if not count:
        raise Refused("This list has no open link.")
    work.record(ChoiceLinksEnded(**about))
    return count


def standing(db: Reading, encounter_id: uuid.UUID) -> dict[str, int]:
    """How many links of each list are open."""
    query = (
        "select list_id::text, count(*) from choice_link where encounter_id = %s and ended_at is null"
        " and expires_at > %s group by list_id"
    )
    return dict(db.rows(lambda key, count: (key, count), query, (encounter_id, db.now)))


def linked(db: Reading, key: str) -> Linked:
    """The list of a key; NotFound for a key that is forged, closed or past its time: the answer is the same."""
    return db.one(Linked, _LINKED, (digest(key), db.now), missing=CLOSED)


def mark(work: Work, one: Linked, ask: MarkWish) -> None:
    """Keep a wish; a later one of the same link stands in its place, and an answer that was recorded is not touched."""
    shown = queries.list_of(work, one.list_id).content
    _stay, row, about = about_list(work, one.list_id)
    if row.ended_at is not None:
        raise NotFound(CLOSED)
    query = "select id from choice_link where id = %s and ended_at is null for update"
    if work.value(query, (one.link_id,)) is None:
        raise NotFound(CLOSED)
    wished = [key for key in (ask.first, ask.second, ask.third) if key is not None]
    if not wished:
        raise Refused("Choose at least one provider.", field="first")
    if len(set(wished)) != len(wished):
        raise Refused("The same provider is named twice.", field="second")
    if any(shown.named(key) is None for key in wished):
        raise Refused("Choose providers of this list.", field="first")
    work.write(
        "choice_mark", "update choice_mark set ended_at = %s where link_id = %s and ended_at is null",
        (work.now, one.link_id),
    )  # fmt: skip
    work.add(
        ChoiceMark(
            facility_id=one.facility_id, link_id=one.link_id, list_id=one.list_id, encounter_id=one.encounter_id,
            vendors=wished, marked_by=ask.marked_by, said=ask.said, made_at=work.now,
        )
    )  # fmt: skip
    work.record(ChoiceMarked(**about, link_id=one.link_id))
    work.changed(one.facility_id, one.encounter_id)


def too_often(address: str, who: System = WHO, at: datetime | None = None) -> bool:
    """Count one opening; True where an address opens too often. All processes share the counter."""
    with begin(who, at=at) as work:
        since = work.now - WINDOW
        found = work.connection.execute(_COUNT, (digest(address).hex(), work.now, since, since)).fetchone()
        work.connection.execute(_FORGET, (work.now - 6 * WINDOW,))
    return found is not None and found[0] > MOST_VISITS
