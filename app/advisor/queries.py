"""Questions as they stand and stood, their answers, messages and talks; agenda and cards by a few queries each."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from app.advisor.rules import ON_THE_WAY, Asked
from app.advisor.terms import EscalationKind, EscalationState, Outcome, Reason, Rung
from app.census.united import with_former
from app.platform.work import Reading

WEEK = timedelta(days=7)
INTERIM = [one.value for one in ON_THE_WAY]


class Card(msgspec.Struct):
    """An open question with what is known of its stay, its talk and its times."""

    escalation_id: uuid.UUID
    encounter_id: uuid.UUID
    facility_id: int
    patient_id: uuid.UUID
    kind: str
    question: str
    background: str
    review_id: uuid.UUID | None
    denial_id: uuid.UUID | None
    asked_at: datetime
    asked_by: str
    state: str
    rung: str
    due_at: datetime | None
    holder_id: uuid.UUID | None
    holder: str
    note: str
    family: str
    given: str
    birth_text: str
    sex: str
    place: str
    patient_class: str
    class_since: datetime | None
    start_at: datetime | None
    inpatient_at: datetime | None
    discharge_at: datetime | None
    gmlos: float | None
    payer_code: str
    payer_name: str
    attending: str
    timezone: str
    slot_at: datetime | None
    slot_minutes: int | None
    call_back: str
    physician: str
    specialty: str
    payer_reason: str
    deadline_at: datetime | None
    window_at: datetime | None

    @property
    def zone(self) -> ZoneInfo:
        """The zone of the facility."""
        return ZoneInfo(self.timezone)

    @property
    def asked(self) -> Asked:
        """As the rules read it."""
        return Asked(EscalationKind(self.kind), Rung(self.rung), EscalationState(self.state))

    @property
    def is_talk(self) -> bool:
        """Whether a talk with the payer's physician belongs to it."""
        return self.kind == EscalationKind.CONCURRENT_DENIAL or self.state == EscalationState.TALK

    @property
    def first_at(self) -> datetime | None:
        """What comes first: the agreed slot, else the payer's deadline, else the time of the rung."""
        if self.is_talk:
            return self.slot_at or self.deadline_at or self.window_at or self.due_at
        return self.due_at


_CARDS = """
select x.escalation_id, e.id, x.facility_id, e.patient_id, x.kind, x.question, x.background, x.review_id, x.denial_id,
  x.asked_at, coalesce(a.display_name, ''), x.state, x.rung, x.due_at, x.holder_id, coalesce(h.display_name, ''),
  x.note, p.family, p.given, p.birth_text, p.sex,
  concat_ws(' ', nullif(e.unit, ''), nullif(concat_ws('-', nullif(e.room, ''), nullif(e.bed, '')), '')),
  e.patient_class, e.class_since, e.start_at, e.inpatient_at,
  case when e.status = 'discharged' then e.discharge_at end, e.gmlos, e.payer_code, e.payer_name,
  e.attending_name, f.timezone,
  s.begins_at, s.minutes, coalesce(t.call_back, ''), coalesce(t.physician, ''), coalesce(t.specialty, ''),
  coalesce(t.payer_reason, ''), t.deadline_at,
  (select o.due_at from obligation o where o.encounter_id = e.id and o.rule = 'PY-P2P' and o.ended_at is null
    and o.closed_at is null and o.required and o.subject = x.denial_id::text)
from escalation x join encounter e on e.id = coalesce((select g.united_into_id from encounter g
    where g.id = x.encounter_id and g.gone_at is not null), x.encounter_id)
  join patient p on p.id = e.patient_id join facility f on f.id = x.facility_id
  left join app_user a on a.id = x.asked_by left join app_user h on h.id = x.holder_id
  left join peer_talk t on t.escalation_id = x.escalation_id and t.ended_at is null
  left join peer_slot s on s.escalation_id = x.escalation_id and s.ended_at is null and s.chosen
where x.ended_at is null
"""
_OF_PHYSICIANS = (
    " and x.rung in ('physician_advisor', 'chief_medical_officer')"
    " and x.state in ('waiting', 'with_attending', 'talk') and x.facility_id = %s"
)


def cards(db: Reading, facility_id: int) -> list[Card]:
    """What a physician may answer at a facility, by what comes first; what waits for the attending comes last."""
    found = db.rows(Card, f"{_CARDS}{_OF_PHYSICIANS}", (facility_id,))
    return sorted(found, key=_urgency)


def card(db: Reading, escalation_id: uuid.UUID) -> Card | None:
    """One question as it stands, whatever its state; None outside the reader's scope."""
    return cards_of(db, [escalation_id]).get(escalation_id)


def cards_of(db: Reading, questions: Sequence[uuid.UUID]) -> dict[uuid.UUID, Card]:
    """These questions as they stand, whatever their state, by one query."""
    found = db.rows(Card, f"{_CARDS} and x.escalation_id = any(%s)", (list(questions),)) if questions else []
    return {one.escalation_id: one for one in found}


def _urgency(one: Card) -> tuple[bool, float, str]:
    first = one.first_at
    return (one.state == "with_attending", first.timestamp() if first else 0.0, str(one.escalation_id))


class Version(msgspec.Struct):
    """One version of a question."""

    escalation_id: uuid.UUID
    kind: str
    question: str
    background: str
    asked_at: datetime
    asked_by: str
    asked_by_id: uuid.UUID | None
    state: str
    rung: str
    due_at: datetime | None
    holder: str
    action: str
    note: str
    made_at: datetime
    made_by: str
    ended_at: datetime | None
    review_id: uuid.UUID | None


_VERSIONS = """
select x.escalation_id, x.kind, x.question, x.background, x.asked_at, coalesce(a.display_name, ''), x.asked_by,
  x.state, x.rung, x.due_at, coalesce(h.display_name, ''), x.action, x.note, x.made_at,
  coalesce(m.display_name, ''), x.ended_at, x.review_id
from escalation x left join app_user a on a.id = x.asked_by left join app_user h on h.id = x.holder_id
  left join app_user m on m.id = x.made_by
where x.encounter_id = any(%s) order by x.asked_at desc, x.escalation_id, x.made_at, x.id
"""


def versions(db: Reading, encounter_id: uuid.UUID) -> list[Version]:
    """Every version of every question of a stay: the latest question first, its versions in their order."""
    return db.rows(Version, _VERSIONS, (list(with_former(db, [encounter_id])),))


class Signed(msgspec.Struct):
    """One version of a signed answer."""

    escalation_id: uuid.UUID
    encounter_id: uuid.UUID
    decision_id: uuid.UUID
    kind: str
    outcome: str
    reason: str
    rationale: str
    decided_at: datetime
    decided_by: str
    decided_by_id: uuid.UUID | None
    made_at: datetime
    made_because: str
    ended_at: datetime | None
    ended_because: str
    ended_reason: str

    @property
    def answer(self) -> Outcome:
        """What was answered."""
        return Outcome(self.outcome)

    @property
    def why(self) -> Reason:
        """The reason that was chosen."""
        return Reason(self.reason)


_SIGNED = """
select d.escalation_id, d.encounter_id, d.decision_id, x.kind, d.outcome, d.reason, d.rationale, d.decided_at,
  coalesce(u.display_name, ''), d.decided_by, d.made_at, d.made_because, d.ended_at,
  case when d.ended_at is null then '' else d.ended_because end,
  case when d.ended_at is null then '' else d.ended_reason end
from escalation_decision d left join app_user u on u.id = d.decided_by
  join lateral (select y.kind from escalation y where y.escalation_id = d.escalation_id limit 1) x on true
where d.encounter_id = any(%s) order by d.decided_at desc, d.made_at desc, d.id desc
"""


def signed(db: Reading, encounter_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Signed]]:
    """Every version of every answer, by the stay for which it counts; the latest first."""
    belongs = with_former(db, encounter_ids)
    found: dict[uuid.UUID, list[Signed]] = {}
    for one in db.rows(Signed, _SIGNED, (list(belongs),)):
        found.setdefault(belongs[one.encounter_id], []).append(one)
    return found


def is_opinion(one: Signed) -> bool:
    """Whether an answer stands and answers something."""
    return one.ended_at is None and one.outcome not in INTERIM


class Slot(msgspec.Struct):
    """A time for a talk that is offered or agreed."""

    id: uuid.UUID
    escalation_id: uuid.UUID
    begins_at: datetime
    minutes: int
    chosen: bool


def slots(db: Reading, questions: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Slot]]:
    """Times that stand for these questions, the earliest first."""
    found: dict[uuid.UUID, list[Slot]] = {}
    query = (
        "select id, escalation_id, begins_at, minutes, chosen from peer_slot"
        " where escalation_id = any(%s) and ended_at is null order by begins_at, id"
    )
    for one in db.rows(Slot, query, (list(questions),)):
        found.setdefault(one.escalation_id, []).append(one)
    return found


class Message(msgspec.Struct):
    """A message to the attending with its answer, if there is one that stands."""

    id: uuid.UUID
    escalation_id: uuid.UUID | None
    question: str
    attending: str
    attending_number: str
    due_at: datetime
    made_at: datetime
    made_by: str
    ended_at: datetime | None
    answer: str
    said: str
    channel: str
    answered_by: str
    answered_at: datetime | None
    struck: int
    links: int
    link_until: datetime | None


_MESSAGES = """
select m.id, m.escalation_id, m.question, m.attending_name, m.attending_number, m.due_at, m.made_at,
  coalesce(u.display_name, ''), m.ended_at, coalesce(r.answer, ''), coalesce(r.said, ''), coalesce(r.channel, ''),
  coalesce(r.answered_by, ''), r.answered_at,
  (select count(*) from attending_reply s where s.message_id = m.id and s.ended_at is not null),
  l.links, l.until
from attending_message m left join app_user u on u.id = m.made_by
  left join attending_reply r on r.message_id = m.id and r.ended_at is null
  cross join lateral (select count(*) as links, max(k.expires_at) as until from attending_link k
    where k.message_id = m.id and k.ended_at is null and k.expires_at > %(now)s) l
"""


def messages(db: Reading, encounter_id: uuid.UUID) -> list[Message]:
    """Messages of a stay, the latest first."""
    values = {"now": db.now, "stays": list(with_former(db, [encounter_id]))}
    query = f"{_MESSAGES} where m.encounter_id = any(%(stays)s) order by m.made_at desc, m.id desc"
    return db.rows(Message, query, values)


def message(db: Reading, message_id: uuid.UUID) -> Message | None:
    """One message; None outside the reader's scope."""
    values = {"now": db.now, "key": message_id}
    return next(iter(db.rows(Message, f"{_MESSAGES} where m.id = %(key)s", values)), None)


_MEDIAN = """
select count(*), percentile_cont(0.5) within group (order by extract(epoch from d.decided_at - x.asked_at))
from escalation_decision d
  join lateral (select y.asked_at from escalation y where y.escalation_id = d.escalation_id limit 1) x on true
where d.facility_id = %s and d.ended_at is null and d.decided_by = %s and d.decided_at > %s
  and not (d.outcome = any(%s))
"""


def median_answer(db: Reading, facility_id: int, person: uuid.UUID) -> tuple[int, timedelta | None]:
    """How many questions a person answered in the last seven days, and the median time from question to answer."""
    values = (facility_id, person, db.now - WEEK, INTERIM)
    count, seconds = db.rows(lambda count, seconds: (count, seconds), _MEDIAN, values)[0]
    return count, timedelta(seconds=float(seconds)) if seconds is not None else None


def open_count(db: Reading, encounter_id: uuid.UUID) -> str:
    """How many questions of a stay are open, for its tab; empty for none."""
    count = db.value(
        "select count(*) from escalation where encounter_id = %s and ended_at is null"
        " and state in ('waiting', 'returned', 'with_attending', 'talk')",
        (encounter_id,),
    )
    return str(count) if count else ""
