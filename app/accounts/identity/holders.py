"""Who somebody of the provider is here, and the roles that follow from groups.

A pair of issuer and subject belongs to one person for good, until an administrator parts them. A name only finds the
person at the first sign-in: names are given anew at the provider, subjects are not.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func
from sqlmodel import select

from app.accounts.identity.events import IdentityLinked
from app.accounts.identity.models import IdentityLink
from app.accounts.identity.rules import difference, wanted
from app.accounts.identity.terms import Cause, Claims, Granted, Mapped, Matching
from app.accounts.people import AddUser, RoleGranted, RoleWithdrawn, add_user
from app.platform.work import Reading, Work
from app.security.models import RoleGrant, User
from app.security.permissions import Role

BY_HAND, BY_PROVIDER = "hand", "provider"


@dataclass(frozen=True, slots=True)
class NotAdmitted:
    """Nobody was let in; `user` is known when the person was."""

    cause: Cause
    user: User | None = None


def matching_rule(view: Reading) -> Matching:
    """How first sign-ins are matched; prepared people only, unless an administrator chose otherwise."""
    found = view.value("select matching from identity_rule order by made_at desc, id desc limit 1")
    return Matching(found) if found else Matching.PREPARED


def mapping(view: Reading) -> list[Mapped]:
    """The groups that hold a role."""
    return view.rows(Mapped, "select group_name, role, facility_id from identity_role where ended_at is null")


def admit(work: Work, claims: Claims) -> User | NotAdmitted:
    """The person whom the provider vouches for, with the roles of the groups; the row is locked."""
    linked = work.value("select user_id from identity_link where issuer = %s and subject = %s and ended_at is null",
                        [claims.issuer, claims.subject])  # fmt: skip
    if linked is not None:
        return _known(work, linked, claims)
    named = select(User).where(func.lower(User.name) == claims.user_name.lower()).with_for_update()
    user = work.session.exec(named).first() if claims.user_name else None
    asked = wanted(claims.groups, mapping(work))
    cause = _why_not(work, user, claims)
    if cause is not None:
        return NotAdmitted(cause, user)
    if not asked and not (user and grants(work, user.id, BY_HAND)):
        return NotAdmitted(Cause.NO_ROLE, user)
    user = user or add_user(
        work, AddUser(name=claims.user_name, display_name=(claims.display_name or claims.user_name)[:80])
    )
    work.add(IdentityLink(user_id=user.id, issuer=claims.issuer, subject=claims.subject, made_at=work.now))
    work.record(
        IdentityLinked(user_id=user.id, user_name=user.name, issuer=claims.issuer, subject=claims.subject)
    )  # fmt: skip
    follow_groups(work, user, claims.groups)
    return user


def _known(work: Work, user_id: uuid.UUID, claims: Claims) -> User | NotAdmitted:
    user = work.session.exec(select(User).where(User.id == user_id).with_for_update()).one()
    follow_groups(work, user, claims.groups)
    if not user.active:
        return NotAdmitted(Cause.SWITCHED_OFF, user)
    return user if grants(work, user.id) else NotAdmitted(Cause.NO_ROLE, user)


def _why_not(work: Work, user: User | None, claims: Claims) -> Cause | None:
    """Why a name does not lead to this person at a first sign-in."""
    if user is None:
        by_groups = matching_rule(work) is Matching.GROUPS and claims.user_name
        return None if by_groups else Cause.UNKNOWN
    if not user.active:
        return Cause.SWITCHED_OFF
    other = work.value("select true from identity_link where issuer = %s and user_id = %s and ended_at is null",
                       [claims.issuer, user.id])  # fmt: skip
    # A name that somebody was given at the provider must never lead to an administrator's account.
    administers = any(one.role == Role.ADMINISTRATOR for one in grants(work, user.id, BY_HAND))
    return Cause.TAKEN if other or administers else None


def grants(view: Reading, user_id: uuid.UUID, given_by: str = "") -> frozenset[Granted]:
    """The roles of a person; with `given_by` those given by hand or by the provider only."""
    query = "select role, facility_id from role_grant where user_id = %s and %s in ('', given_by)"
    return frozenset(view.rows(Granted, query, [user_id, given_by]))


def follow_groups(work: Work, user: User, groups: tuple[str, ...]) -> bool:
    """Make the grants that came from the provider those of the groups. The caller holds the person's row.

    True when something changed. Grants given by hand stay.
    """
    asked = wanted(groups, mapping(work)) if user.active else frozenset[Granted]()
    found = difference(asked, grants(work, user.id, BY_PROVIDER), grants(work, user.id, BY_HAND))
    for one in sorted(found.give, key=_order):
        work.add(
            RoleGrant(user_id=user.id, role=one.role, facility_id=one.facility_id, granted_at=work.now,
                      given_by=BY_PROVIDER)
        )  # fmt: skip
        work.record(RoleGranted(user_id=user.id, user_name=user.name, role=one.role, facility_id=one.facility_id))
    for one in sorted(found.take, key=_order):
        work.write("role_grant", "delete from role_grant where user_id = %s and role = %s and given_by = 'provider'"
                   " and facility_id is not distinct from %s", [user.id, one.role, one.facility_id])  # fmt: skip
        work.record(RoleWithdrawn(user_id=user.id, user_name=user.name, role=one.role, facility_id=one.facility_id))
    return bool(found.give or found.take)


def _order(one: Granted) -> tuple[str, int]:
    return one.role, one.facility_id or 0


def note_contact(work: Work, issuer: str, trouble: str) -> None:
    """Keep how the provider answered; `trouble` is a sentence, or empty when it did."""
    answered: datetime | None = None if trouble else work.now
    work.connection.execute(
        "insert into identity_contact (issuer, tried_at, trouble, answered_at) values (%s, %s, %s, %s)"
        " on conflict (issuer) do update set tried_at = excluded.tried_at, trouble = excluded.trouble,"
        " answered_at = coalesce(excluded.answered_at, identity_contact.answered_at)",
        [issuer, work.now, trouble, answered],
    )
