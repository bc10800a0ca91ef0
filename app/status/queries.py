"""What stands of status: determinations with everything that hangs on them, expectations, changes, the care team."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

import msgspec

from app.census.united import with_former
from app.clocks.gather import stored_policies
from app.clocks.rules.reviews import CONSULT
from app.kernel.deadlines import Allowance, due
from app.platform.work import Reading
from app.regulations import in_force
from app.status.rules import Consultation, Seat, Vote, conflict
from app.status.terms import Answer, Finding, Part, Told

_ATTENDING, _CLASS = 3, 2


class Version(msgspec.Struct):
    """The version of a determination that stands."""

    id: uuid.UUID
    determination_id: uuid.UUID
    encounter_id: uuid.UUID
    facility_id: int
    question: str
    review_id: uuid.UUID | None
    opened_at: datetime
    opened_by: str
    state: str
    finding: str
    rationale: str
    members_needed: int | None
    determined_at: datetime | None
    determined_by: str
    exception: str
    action: str
    note: str
    made_at: datetime
    made_by: str


class ConsultLine(msgspec.Struct):
    """One attempt to hear a practitioner."""

    id: uuid.UUID
    determination_id: uuid.UUID
    part: str
    practitioner: str
    attempted_at: datetime
    channel: str
    answer: str
    views: str
    documented_in: str
    made_by: str
    ended_reason: str


class OpinionLine(msgspec.Struct):
    """What a member found, with all by which the care team may know the member."""

    id: uuid.UUID
    determination_id: uuid.UUID
    user_id: uuid.UUID
    name: str
    number: str
    degree: str
    financial_interest: bool
    finding: str
    rationale: str
    made_at: datetime
    ended_reason: str


class NoticeLine(msgspec.Struct):
    """A written notice to one of the three."""

    id: uuid.UUID
    determination_id: uuid.UUID
    told: str
    recipient: str
    channel: str
    given_by: str
    delivered_at: datetime
    made_by: str
    ended_reason: str


class MemberLine(msgspec.Struct):
    """A seat on the committee."""

    id: uuid.UUID
    user_id: uuid.UUID
    name: str
    credentials: str
    number: str
    degree: str
    first_day: date
    last_day: date | None
    financial_interest: bool

    @property
    def seat(self) -> Seat:
        """As the rules take it."""
        return seat(self.user_id, self.number, self.name, financial_interest=self.financial_interest)


@dataclass(frozen=True, slots=True)
class Case:
    """A determination with its consultations, opinions and notices; struck-out ones are in the lists too."""

    version: Version
    consults: Sequence[ConsultLine]
    opinions: Sequence[OpinionLine]
    notices: Sequence[NoticeLine]

    @property
    def heard(self) -> list[ConsultLine]:
        """Attempts that stand."""
        return [one for one in self.consults if not one.ended_reason]

    @property
    def given(self) -> list[OpinionLine]:
        """Opinions that stand."""
        return [one for one in self.opinions if not one.ended_reason]

    @property
    def written(self) -> list[NoticeLine]:
        """Notices that stand."""
        return [one for one in self.notices if not one.ended_reason]

    @property
    def told(self) -> frozenset[Told]:
        """Who was told."""
        return frozenset(Told(one.told) for one in self.written)

    @property
    def concurrence(self) -> ConsultLine | None:
        """The last practitioner who concurs and has not changed that since; a call that nobody took changes nothing."""
        said = [one for one in self.heard if one.answer != Answer.NO_ANSWER]
        last = {(one.part, one.practitioner.casefold()): one for one in said}
        found = [one for one in last.values() if one.answer == Answer.CONCURS]
        return max(found, key=lambda one: (bool(one.documented_in), one.attempted_at), default=None)

    def first_attempt(self) -> datetime | None:
        """When a responsible practitioner was first asked."""
        return min((one.attempted_at for one in self.heard if one.part == Part.RESPONSIBLE), default=None)

    def answer_by(self, allowed: Allowance, zone: ZoneInfo) -> datetime | None:
        """Until when the responsible practitioner may present views; None while nobody has asked."""
        first = self.first_attempt()
        return None if first is None else due(first, allowed, zone)

    def consultation(self, now: datetime, limit: datetime | None) -> Consultation:
        """What is known of the responsible practitioners' views: one who disagrees weighs more than one who concurs."""
        asked = [one for one in self.heard if one.part == Part.RESPONSIBLE]
        last = {one.practitioner.casefold(): one.answer for one in asked if one.answer != Answer.NO_ANSWER}
        return Consultation(
            attempts=len(asked),
            concurs=Answer.CONCURS in last.values(),
            disagrees=Answer.DISAGREES in last.values(),
            time_to_answer_passed=limit is not None and limit <= now,
        )

    def votes(self, team: frozenset[str]) -> list[Vote]:
        """Opinions that stand, with the conflicts as they are known now."""
        return [
            Vote(str(one.user_id), Finding(one.finding), bool(conflict(_seat_of(one), team, ()))) for one in self.given
        ]


def seat(user_id: uuid.UUID, number: str, name: str, *, financial_interest: bool) -> Seat:
    """A member with the keys by which the care team may know the same person: account, number, name."""
    names = {f"name:{' '.join(name.casefold().split())}"} | ({f"number:{number}"} if number else set())
    return Seat(key=str(user_id), names=frozenset(names), financial_interest=financial_interest)


def _seat_of(one: OpinionLine) -> Seat:
    return seat(one.user_id, one.number, one.name, financial_interest=one.financial_interest)


PEOPLE = "select display_name from app_user u where u.id = "
_VERSIONS = f"""
select d.id, d.determination_id, d.encounter_id, d.facility_id, d.question, d.review_id, d.opened_at,
  coalesce(({PEOPLE} d.opened_by), ''), d.state, d.finding, d.rationale, d.members_needed, d.determined_at,
  coalesce(({PEOPLE} d.determined_by), ''), d.exception, d.action, d.note, d.made_at,
  coalesce(({PEOPLE} d.made_by), '')
from determination d where d.encounter_id = any(%s) and d.ended_at is null order by d.opened_at, d.id
"""
_CONSULTS = f"""
select c.id, c.determination_id, c.part, c.practitioner, c.attempted_at, c.channel, c.answer, c.views, c.documented_in,
  coalesce(({PEOPLE} c.made_by), ''), case when c.ended_at is null then '' else c.ended_reason end
from determination_consult c where c.encounter_id = any(%s) order by c.attempted_at, c.id
"""
_OPINIONS = """
select o.id, o.determination_id, o.user_id, u.display_name, u.attending_number, m.degree, coalesce((
    select s.financial_interest from committee_member s where s.user_id = o.user_id and s.facility_id = o.facility_id
      and s.ended_at is null), m.financial_interest), o.finding, o.rationale, o.made_at,
  case when o.ended_at is null then '' else o.ended_reason end
from determination_opinion o join app_user u on u.id = o.user_id join committee_member m on m.id = o.member_id
where o.encounter_id = any(%s) order by o.made_at, o.id
"""
_NOTICES = f"""
select n.id, n.determination_id, n.told, n.recipient, n.channel, n.given_by, n.delivered_at,
  coalesce(({PEOPLE} n.made_by), ''), case when n.ended_at is null then '' else n.ended_reason end
from determination_notice n where n.encounter_id = any(%s) order by n.delivered_at, n.id
"""


def cases(db: Reading, encounter_id: uuid.UUID) -> list[Case]:
    """The determinations of a stay, also those made for a part of it, earliest first."""
    parts = list(with_former(db, [encounter_id]))
    found = db.rows(Version, _VERSIONS, (parts,))
    if not found:
        return []
    consults = db.rows(ConsultLine, _CONSULTS, (parts,))
    opinions = db.rows(OpinionLine, _OPINIONS, (parts,))
    notices = db.rows(NoticeLine, _NOTICES, (parts,))
    return [
        Case(
            one,
            [each for each in consults if each.determination_id == one.determination_id],
            [each for each in opinions if each.determination_id == one.determination_id],
            [each for each in notices if each.determination_id == one.determination_id],
        )
        for one in found
    ]


_TEAM = """
select 'number:' || m.value from movement m where m.encounter_id = %(stay)s and m.lane = %(lane)s and m.value <> ''
union select 'number:' || e.attending_number from encounter e where e.id = %(stay)s and e.attending_number <> ''
union select 'number:' || t.number from care_team_entry t where t.encounter_id = any(%(parts)s) and t.ended_at is null
  and t.number <> ''
union select t.user_id::text from care_team_entry t where t.encounter_id = any(%(parts)s) and t.ended_at is null
  and t.user_id is not null
union select 'name:' || lower(regexp_replace(btrim(t.name), '\\s+', ' ', 'g')) from care_team_entry t
  where t.encounter_id = any(%(parts)s) and t.ended_at is null and t.name <> ''
"""


def care_team(db: Reading, encounter_id: uuid.UUID) -> frozenset[str]:
    """Keys of everybody who takes part in the care: each attending of the stay, and who was recorded."""
    parts = list(with_former(db, [encounter_id]))
    return frozenset(db.values(_TEAM, {"stay": encounter_id, "lane": _ATTENDING, "parts": parts}))


class TeamLine(msgspec.Struct):
    """Somebody who was recorded to take part in the care."""

    id: uuid.UUID
    name: str
    number: str
    capacity: str


def recorded_team(db: Reading, encounter_id: uuid.UUID) -> list[TeamLine]:
    """Those who were recorded by hand."""
    query = (
        "select t.id, coalesce(nullif(t.name, ''), u.display_name, ''), t.number, t.capacity from care_team_entry t"
        " left join app_user u on u.id = t.user_id where t.encounter_id = any(%s) and t.ended_at is null"
        " order by t.made_at, t.id"
    )
    return db.rows(TeamLine, query, (list(with_former(db, [encounter_id])),))


def attendings(db: Reading, encounter_id: uuid.UUID) -> list[str]:
    """Everybody who attended the stay, as the feed names them."""
    query = (
        "select max(coalesce(nullif(m.label, ''), m.value)) from movement m where m.encounter_id = %s and m.lane = %s"
        " and m.value <> '' group by m.value order by min(m.since)"
    )
    return db.values(query, (encounter_id, _ATTENDING))


_MEMBERS = """
select m.id, m.user_id, u.display_name, u.credentials, u.attending_number, m.degree, m.first_day, m.last_day,
  m.financial_interest
from committee_member m join app_user u on u.id = m.user_id
where m.facility_id = %s and m.ended_at is null order by u.display_name, m.id
"""


def members(db: Reading, facility_id: int, on: date | None = None) -> list[MemberLine]:
    """Seats of a hospital; with a day only those that are held on it."""
    found = db.rows(MemberLine, _MEMBERS, (facility_id,))
    return [one for one in found if on is None or one.first_day <= on <= (one.last_day or date.max)]


def time_to_answer(db: Reading, facility_id: int, on: date) -> Allowance:
    """How long a practitioner has to present views: the facility's policy, else the usual hour."""
    terms = stored_policies(db, {facility_id}).get(facility_id, [])
    for one in terms:
        if one.rule == CONSULT and not one.payer and one.asked and one.begins <= on <= (one.ends or date.max):
            return Allowance.parse(one.allowance)
    return in_force(CONSULT, on).allowance


class Expected(msgspec.Struct):
    """What the physician documented, as it stands."""

    encounter_id: uuid.UUID
    id: uuid.UUID
    basis: str
    physician: str
    written_at: datetime
    factors: str
    cut_short: str
    elsewhere_since: datetime | None
    made_by: str


def expectations(db: Reading, stays: Sequence[uuid.UUID]) -> dict[uuid.UUID, Expected]:
    """The documented expectation of each of these stays."""
    parts = with_former(db, stays)
    query = (
        "select x.encounter_id, x.id, x.basis, x.physician, x.written_at, x.factors, x.cut_short, x.elsewhere_since,"
        f" coalesce(({PEOPLE} x.made_by), '') from admission_expectation x"
        " where x.encounter_id = any(%s) and x.ended_at is null order by x.made_at, x.id"
    )
    return {parts[one.encounter_id]: one for one in db.rows(Expected, query, (list(parts),))}


class Where(msgspec.Struct):
    """The census of a stay, as far as its status needs it."""

    status: str
    patient_class: str
    inpatient_at: datetime | None
    discharge_at: datetime | None

    @property
    def left_at(self) -> datetime | None:
        """When the patient left."""
        return self.discharge_at if self.status == "discharged" else None

    @property
    def inpatient(self) -> bool:
        """Whether the patient is one now, or left as one."""
        return self.patient_class == "IP"


def where(db: Reading, encounter_id: uuid.UUID) -> Where:
    """Where the stay stands in the census."""
    query = "select status, patient_class, inpatient_at, discharge_at from encounter where id = %s"
    return db.one(Where, query, (encounter_id,))


def is_review_of(db: Reading, encounter_id: uuid.UUID, review_id: uuid.UUID) -> bool:
    """Whether a review that stands is one of this stay, or of a part of it."""
    query = "select exists (select from review where review_id = %s and encounter_id = any(%s) and ended_at is null)"
    return bool(db.value(query, (review_id, list(with_former(db, [encounter_id])))))


def patient_told_at(db: Reading, encounter_id: uuid.UUID, since: datetime) -> datetime | None:
    """When the patient was given the written notice of a change under condition code 44, as the notices record it."""
    query = (
        "select min(delivered_at) from notice_delivery where encounter_id = any(%s) and kind = 'CC44'"
        " and ended_at is null and delivered_at >= %s"
    )
    found: datetime | None = db.value(query, (list(with_former(db, [encounter_id])), since))
    return found
