"""Seats on the committee of a hospital. A seat is never rewritten: a change ends the row and writes another."""

import uuid
from datetime import date

from pydantic import BaseModel, Field

from app.kernel.refusal import NotFound, Refused
from app.platform.work import Reading, Work
from app.security.permissions import ROLES, Permission, Role
from app.status.events import CommitteeChanged
from app.status.forms import Day
from app.status.models import CommitteeMember
from app.status.queries import MemberLine, members
from app.status.rules import LEAST_PHYSICIANS, PHYSICIANS
from app.status.terms import Degree

NOT_THERE = "There is no such seat in your facilities."
MAY_SIT = tuple(role.value for role in Role if Permission.DETERMINE in ROLES[role].permissions)
"""Roles that hold the right to determine; nobody else can take a seat, a nurse least of all."""


class SeatMember(BaseModel):
    """Who sits on the committee, with which degree, from which day to which; whether a financial interest exists."""

    user_id: uuid.UUID
    degree: Degree
    first_day: Day = None
    last_day: Day = None
    financial_interest: bool = Field(default=False)


class Candidate(BaseModel):
    """Somebody who may be given a seat."""

    user_id: uuid.UUID
    name: str


def candidates(db: Reading, facility_id: int) -> list[Candidate]:
    """People who hold the right to determine at this hospital."""
    query = (
        "select distinct u.id, u.display_name from app_user u join role_grant g on g.user_id = u.id"
        " where u.active and g.role = any(%s) and (g.facility_id is null or g.facility_id = %s) order by u.display_name"
    )
    return db.rows(lambda key, name: Candidate(user_id=key, name=name), query, (list(MAY_SIT), facility_id))


def seat_member(work: Work, facility_id: int, today: date, ask: SeatMember) -> CommitteeMember:
    """Give a seat, or change it. `today` is the day of the hospital, from which it holds if none is said."""
    if ask.user_id not in {one.user_id for one in candidates(work, facility_id)}:
        raise Refused("Only who holds the right to determine may sit on the committee.", field="user_id")
    first = ask.first_day or today
    if ask.last_day is not None and ask.last_day < first:
        raise Refused("The last day lies before the first one.", field="last_day")
    before = next((one for one in members(work, facility_id) if one.user_id == ask.user_id), None)
    if before is not None:
        _end(work, before.id)
    made = work.add(
        CommitteeMember(
            facility_id=facility_id, user_id=ask.user_id, degree=ask.degree.value, first_day=first,
            last_day=ask.last_day, financial_interest=ask.financial_interest, made_at=work.now,
            made_by=work.who.actor_id,
        )
    )  # fmt: skip
    _tell(work, made, "changed" if before is not None else "given")
    return made


def unseat_member(work: Work, member_id: uuid.UUID) -> CommitteeMember:
    """End a seat."""
    held = _end(work, member_id)
    _tell(work, held, "ended")
    return held


def shortage(held: list[MemberLine]) -> str:
    """What the committee lacks to be one; empty when it has what it needs. 42 CFR 482.30(b)."""
    physicians = sum(one.degree in PHYSICIANS and not one.financial_interest for one in held)
    if physicians >= LEAST_PHYSICIANS:
        return ""
    return (
        f"A committee needs at least two doctors of medicine or osteopathy without a financial interest; this one has"
        f" {physicians}. 42 CFR 482.30(b)."
    )


def _end(work: Work, member_id: uuid.UUID) -> CommitteeMember:
    held = work.lock(CommitteeMember, member_id, NOT_THERE)
    if held.ended_at is not None:
        raise NotFound(NOT_THERE)
    held.ended_at, held.ended_by = work.now, work.who.actor_id
    work.session.flush()
    return held


def _tell(work: Work, seat: CommitteeMember, how: str) -> None:
    work.record(
        CommitteeChanged(
            facility_id=seat.facility_id, user_id=seat.user_id, how=how, financial_interest=seat.financial_interest
        )
    )
