"""Disclosures of a stay and of a person, requests for the accounting, and the sendings that it leaves out."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime

import msgspec

from app.accounts.disclosures.rules import Held, Item
from app.accounts.disclosures.terms import Basis, DisclosureCategory, RecordEnd, RequestStep
from app.census.united import with_former
from app.kernel.refusal import NotFound
from app.platform.work import Reading

NOT_THERE = "There is no such disclosure, or it lies outside what you may see."
NO_REQUEST = "There is no such request, or it lies outside what you may see."
NO_PATIENT = "There is no such patient within your facilities."


class Version(msgspec.Struct):
    """One version of a disclosure."""

    id: uuid.UUID
    disclosure_id: uuid.UUID
    encounter_id: uuid.UUID
    facility_id: int
    category: str
    disclosed_on: date
    recipient: str
    address: str
    description: str
    basis: str
    purpose: str
    made_at: datetime
    made_by: str
    made_because: str
    ended_at: datetime | None
    ended_by: str
    ended_because: str
    ended_reason: str

    @property
    def stands(self) -> bool:
        """Whether this version counts."""
        return self.ended_at is None

    @property
    def why(self) -> str:
        """The purpose, or what stands in its place."""
        return self.purpose if self.purpose else Basis(self.basis).label

    @property
    def item(self) -> Item:
        """As the rules of the accounting take it."""
        category = DisclosureCategory(self.category)
        return Item(str(self.disclosure_id), self.disclosed_on, self.recipient, self.address, self.description,
                    self.why, category.label, category.may_be_suspended)  # fmt: skip


_VERSIONS = """
select d.id, d.disclosure_id, d.encounter_id, d.facility_id, d.category, d.disclosed_on, d.recipient, d.address,
  d.description, d.basis, d.purpose, d.made_at, coalesce(m.display_name, ''), d.made_because, d.ended_at,
  coalesce(x.display_name, ''), case when d.ended_at is null then '' else d.ended_because end,
  case when d.ended_at is null then '' else d.ended_reason end
from disclosure d left join app_user m on m.id = d.made_by left join app_user x on x.id = d.ended_by
"""


def versions(db: Reading, encounter_id: uuid.UUID) -> list[Version]:
    """All versions of all disclosures of a stay, the latest disclosure first."""
    stays = list(with_former(db, [encounter_id]))
    order = "order by d.disclosed_on desc, d.made_at desc, d.id desc"
    return db.rows(Version, f"{_VERSIONS} where d.encounter_id = any(%s) {order}", (stays,))


def disclosure_version(db: Reading, disclosure_id: uuid.UUID) -> Version:
    """The version that stands, or the last one that did; NotFound outside the reader's scope."""
    order = f"order by (d.ended_at is null) desc, (d.ended_because <> '{RecordEnd.AMENDED}') desc, d.made_at desc"
    found = db.rows(Version, f"{_VERSIONS} where d.disclosure_id = %s {order} limit 1", (disclosure_id,))
    if not found:
        raise NotFound(NOT_THERE)
    return found[0]


class Person(msgspec.Struct):
    """Whose disclosures. `same`: all numbers of this person. `facility_id`: whose register it is."""

    id: uuid.UUID
    number: str
    name: str
    facility_id: int
    timezone: str
    facility: str
    same: list[uuid.UUID]
    part_2: bool


_PERSON = """
with recursive up as (select id, merged_into_id from patient where id = %(patient)s
  union select p.id, p.merged_into_id from patient p join up on p.id = up.merged_into_id),
same as (select id from up union select p.id from patient p join same on p.merged_into_id = same.id)
select p.id, p.number, concat_ws(', ', nullif(p.family, ''), nullif(p.given, '')), f.id, f.timezone, f.name,
  (select array_agg(id) from same),
  exists (select from encounter e where e.patient_id in (select id from same) and e.sensitivity = 'part2')
from patient p join lateral (select * from facility f where f.id = any(p.facility_ids) and f.id = any(%(reach)s)
  order by (f.id = %(place)s) desc, f.id limit 1) f on true
where p.id = %(patient)s
"""


def person(db: Reading, patient_id: uuid.UUID, reach: Sequence[int], place: int | None) -> Person:
    """A patient of one of these facilities; NotFound elsewhere."""
    values = {"patient": patient_id, "reach": list(reach), "place": place}
    return db.one(Person, _PERSON, values, NO_PATIENT)


def disclosures_of(db: Reading, patients: Sequence[uuid.UUID], begins: date, ends: date) -> list[Version]:
    """What stands of a person's disclosures in a period, the earliest first."""
    return db.rows(
        Version,
        f"{_VERSIONS} join encounter e on e.id = d.encounter_id where d.ended_at is null and e.patient_id = any(%s)"
        " and d.disclosed_on between %s and %s order by d.disclosed_on, d.made_at, d.id",
        (list(patients), begins, ends),
    )


class SuspensionRow(msgspec.Struct):
    """A suspension as it was entered."""

    id: uuid.UUID
    patient_id: uuid.UUID
    facility_id: int
    recipient: str
    statement: str
    reason: str
    begins: date
    ends: date
    made_at: datetime
    made_by: str
    ended_at: datetime | None
    ended_reason: str

    @property
    def held(self) -> Held:
        """As the rules of the accounting take it."""
        return Held(self.recipient, self.begins, self.ends)


_SUSPENSIONS = """
select s.id, s.patient_id, s.facility_id, s.recipient, s.statement, s.reason, s.begins, s.ends, s.made_at,
  coalesce(m.display_name, ''), s.ended_at, s.ended_reason
from disclosure_suspension s left join app_user m on m.id = s.made_by
"""


def suspensions(db: Reading, patients: Sequence[uuid.UUID]) -> list[SuspensionRow]:
    """All suspensions about a person, also ended ones, the latest first."""
    return db.rows(SuspensionRow, f"{_SUSPENSIONS} where s.patient_id = any(%s) order by s.begins desc, s.made_at desc",
                   (list(patients),))  # fmt: skip


def suspension(db: Reading, suspension_id: uuid.UUID) -> SuspensionRow:
    """One suspension; NotFound outside the reader's scope."""
    return db.one(SuspensionRow, f"{_SUSPENSIONS} where s.id = %s", (suspension_id,), NOT_THERE)


class RequestRow(msgspec.Struct):
    """A request for the accounting with the steps that stand."""

    id: uuid.UUID
    patient_id: uuid.UUID
    facility_id: int
    asked_on: date
    asked_by: str
    begins: date
    ends: date
    made_at: datetime
    made_by: str
    ended_at: datetime | None
    ended_reason: str
    extended_on: date | None
    extended_because: str
    given_on: date | None
    withdrawn_on: date | None
    number: str
    name: str
    timezone: str

    @property
    def open(self) -> bool:
        """Whether it waits for an answer."""
        return self.ended_at is None and self.given_on is None and self.withdrawn_on is None


_REQUESTS = f"""
select r.id, r.patient_id, r.facility_id, r.asked_on, r.asked_by, r.begins, r.ends, r.made_at,
  coalesce(m.display_name, ''), r.ended_at, r.ended_reason, x.took_place_on, coalesce(x.reason, ''),
  g.took_place_on, w.took_place_on, p.number, concat_ws(', ', nullif(p.family, ''), nullif(p.given, '')), f.timezone
from accounting_request r join patient p on p.id = r.patient_id join facility f on f.id = r.facility_id
left join app_user m on m.id = r.made_by
left join accounting_step x on x.request_id = r.id and x.ended_at is null and x.kind = '{RequestStep.EXTENDED}'
left join accounting_step g on g.request_id = r.id and g.ended_at is null and g.kind = '{RequestStep.GIVEN}'
left join accounting_step w on w.request_id = r.id and w.ended_at is null and w.kind = '{RequestStep.WITHDRAWN}'
"""


def requests_of(db: Reading, patients: Sequence[uuid.UUID]) -> list[RequestRow]:
    """All requests about a person, the latest first."""
    return db.rows(RequestRow, f"{_REQUESTS} where r.patient_id = any(%s) order by r.asked_on desc, r.made_at desc",
                   (list(patients),))  # fmt: skip


def open_requests(db: Reading, facilities: Sequence[int]) -> list[RequestRow]:
    """Requests that wait for an answer, the oldest first."""
    return db.rows(
        RequestRow,
        f"{_REQUESTS} where r.facility_id = any(%s) and r.ended_at is null and g.id is null and w.id is null"
        " order by r.asked_on, r.made_at limit 200",
        (list(facilities),),
    )


def request_row(db: Reading, request_id: uuid.UUID) -> RequestRow:
    """One request; NotFound outside the reader's scope."""
    return db.one(RequestRow, f"{_REQUESTS} where r.id = %s", (request_id,), NO_REQUEST)


# What the program itself sent, by the names of its events, and why the accounting leaves it out (164.528(a)(1)).
LEFT_OUT = {
    "Payers: requests, reviews, packets": ("payment", ("authorization.requested", "payer_file.made",
                                                       "appeal_packet.made")),
    "Vendors and facilities: referrals": ("treatment", ("referral.sent", "post_acute.asked")),
    "Next caregivers: hand-off packets": ("treatment", ("handoff.made",)),
    "Programs after discharge": ("treatment", ("program_handoff.moved",)),
    "The patient: lists of providers": ("to the patient", ("choice_list.made", "choice_link.made")),
}  # fmt: skip


def left_out(db: Reading, patients: Sequence[uuid.UUID], since: datetime, until: datetime) -> dict[str, int]:
    """How often something of each kind left the program for a person, by the label of LEFT_OUT."""
    found = dict(
        db.connection.execute(
            "select name, count(*) from audit_event where patient_id = any(%s) and at >= %s and at < %s"
            " and name = any(%s) group by name",
            (list(patients), since, until, [name for _, names in LEFT_OUT.values() for name in names]),
        ).fetchall()
    )
    return {label: sum(found.get(name, 0) for name in names) for label, (_, names) in LEFT_OUT.items()}
