"""Openings as cases: which wait and until when, what was made of the others, what was seen while one was open.

Scope is the database's: an opening of a stay that the reader may not see is not there.
"""

import uuid
from datetime import datetime, timedelta

import msgspec

from app.accounts.watching.openings.commands import NO_OPENING
from app.accounts.watching.openings.rules import REVIEW_WITHIN
from app.platform.work import Reading

PAGE = 50
SHOWN = 200
"""Pages of one case that are listed; four hours seldom hold more, and the rest is counted."""


class Case(msgspec.Struct):
    """An opening with what was made of it, and how much was seen while it was open."""

    access_id: uuid.UUID
    opened_at: datetime
    until: datetime
    user_id: uuid.UUID
    who: str
    role: str
    code: str
    reason: str
    proof: str
    encounter_id: uuid.UUID
    visit_number: str
    patient_id: uuid.UUID
    number: str
    name: str
    mark: str
    review_id: uuid.UUID | None
    verdict: str
    said: str
    judged_by: str
    judged_at: datetime | None
    total: int


class Count(msgspec.Struct):
    """How many openings wait, and how many of them for longer than they should."""

    waiting: int
    overdue: int


class Seen(msgspec.Struct):
    """One page that was seen."""

    at: datetime
    kind: str
    route: str
    detail: str
    address: str
    total: int


class Version(msgspec.Struct):
    """One judgement that stood before."""

    verdict: str
    said: str
    made_at: datetime
    made_by: str
    ended_at: datetime
    ended_by: str
    ended_because: str


_SHAPE = """
select a.id, a.opened_at, a.until, u.id, u.display_name || ' (' || u.name || ')',
  coalesce((select string_agg(distinct g.role, ', ') from role_grant g where g.user_id = u.id
    and (g.facility_id is null or g.facility_id = a.facility_id)), ''),
  a.code, a.reason, a.proof, e.id, e.visit_number, p.id, p.number,
  concat_ws(', ', nullif(p.family, ''), nullif(p.given, '')), e.sensitivity, r.id,
  coalesce(r.verdict, ''), coalesce(r.said, ''), coalesce(j.display_name, ''), r.made_at, count(*) over ()
from stay_access a join app_user u on u.id = a.user_id join encounter e on e.id = a.encounter_id
  join patient p on p.id = e.patient_id
  left join glass_review r on r.access_id = a.id and r.ended_at is null left join app_user j on j.id = r.made_by
where a.kind = 'glass'
"""
_OPEN = _SHAPE + " and r.id is null order by a.opened_at limit %(most)s offset %(offset)s"
_JUDGED = (
    _SHAPE + " and r.id is not null and a.opened_at >= %(since)s order by a.opened_at desc"
    " limit %(most)s offset %(offset)s"
)
_COUNT = """
select count(*), count(*) filter (where a.opened_at < %(late)s)
from stay_access a join encounter e on e.id = a.encounter_id
where a.kind = 'glass' and not exists
  (select from glass_review r where r.access_id = a.id and r.ended_at is null)
"""


def waiting(view: Reading, page: int = 1) -> list[Case]:
    """Openings that nobody has judged, the oldest first: those are overdue first."""
    return view.rows(Case, _OPEN, {"most": PAGE, "offset": (page - 1) * PAGE})


def judged(view: Reading, days: int, page: int = 1) -> list[Case]:
    """Openings of a period with what was made of them, the latest first."""
    since = view.now - timedelta(days=days)
    return view.rows(Case, _JUDGED, {"most": PAGE, "offset": (page - 1) * PAGE, "since": since})


def one_case(view: Reading, access_id: uuid.UUID) -> Case:
    """One opening. NotFound for one out of reach."""
    return view.one(Case, f"{_SHAPE} and a.id = %(key)s", {"key": access_id}, NO_OPENING)


def next_waiting(view: Reading, own: uuid.UUID, after: uuid.UUID) -> uuid.UUID | None:
    """The opening that should be judged next by this person, who judges no openings of their own."""
    found = (one for one in waiting(view) if one.user_id != own and one.access_id != after)
    return next((one.access_id for one in found), None)


def count(view: Reading) -> Count:
    """How many wait within the reader's scope."""
    return view.one(Count, _COUNT, {"late": view.now - REVIEW_WITHIN})


def seen_while_open(view: Reading, case: Case) -> list[Seen]:
    """Pages about this patient that the person saw between opening and end, in order; pages that a browser asked for
    by itself are among them."""
    return view.rows(
        Seen,
        "select at, kind, route, detail, address, count(*) over () from phi_access where actor_id = %(user)s"
        " and at >= %(since)s and at < %(until)s and patients @> array[%(patient)s]::uuid[] order by at, id"
        " limit %(most)s",
        {"user": case.user_id, "since": case.opened_at, "until": case.until, "patient": case.patient_id,
         "most": SHOWN},
    )  # fmt: skip


def pages_seen(view: Reading, cases: list[Case]) -> dict[uuid.UUID, int]:
    """How many pages were seen while each of these was open."""
    rows = view.connection.execute(
        "select c.key, (select count(*) from phi_access v where v.actor_id = c.who and v.at >= c.since"
        " and v.at < c.upto and v.patients @> array[c.patient]) from unnest(%s::uuid[], %s::uuid[], %s::uuid[],"
        " %s::timestamptz[], %s::timestamptz[]) as c(key, who, patient, since, upto)",
        [[one.access_id for one in cases], [one.user_id for one in cases], [one.patient_id for one in cases],
         [one.opened_at for one in cases], [one.until for one in cases]],
    ).fetchall()  # fmt: skip
    return dict(rows)


def versions(view: Reading, access_id: uuid.UUID) -> list[Version]:
    """Judgements that stood before, the latest first."""
    return view.rows(
        Version,
        "select r.verdict, r.said, r.made_at, coalesce(m.display_name, ''), r.ended_at, coalesce(x.display_name, ''),"
        " r.ended_because from glass_review r left join app_user m on m.id = r.made_by"
        " left join app_user x on x.id = r.ended_by where r.access_id = %s and r.ended_at is not null"
        " order by r.made_at desc",
        (access_id,),
    )
