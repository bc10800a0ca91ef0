"""Which groups hold which role, how people are matched, who is linked: what administrators set, each with its event."""

import uuid

from pydantic import BaseModel, Field, field_validator

from app.accounts.identity.client import Denied, Provider, Unreachable
from app.accounts.identity.events import IdentityRoleEnded, IdentityRoleMapped, IdentityRuleSet, IdentityUnlinked
from app.accounts.identity.flow import WHO
from app.accounts.identity.holders import BY_PROVIDER, matching_rule, note_contact
from app.accounts.identity.models import IdentityLink, IdentityRole, IdentityRule
from app.accounts.identity.rules import LONGEST_TEXT
from app.accounts.identity.terms import Matching
from app.accounts.people import RoleWithdrawn, person, reach_of
from app.accounts.signing import UserSignedOut
from app.kernel.refusal import NotFound, Refused
from app.platform.work import Work, begin
from app.security.models import RoleGrant
from app.security.permissions import Permission, Role

SET = Permission.IDENTITY_SET
NOT_YOURS = "You set roles of groups in your own facilities only."
ASK_AT_ONCE = "update identity_session set asked_at = 'epoch' where refresh is not null"


class MapGroup(BaseModel):
    """A group of the provider, and the role that its people hold."""

    group: str = Field(min_length=1, max_length=LONGEST_TEXT)
    role: Role
    facility_id: int | None = None

    @field_validator("group")
    @classmethod
    def _printable(cls, value: str) -> str:
        if not value.isprintable():
            raise ValueError("Write the name of the group as the provider says it.")
        return value


def map_group(work: Work, ask: MapGroup) -> None:
    """Let a group hold a role from now on. Refused when it does, or beyond the actor's reach."""
    if not reach_of(work.who, SET).covers(ask.facility_id):
        raise Refused(NOT_YOURS, field="facility")
    held = work.value(
        "select true from identity_role where group_name = %s and role = %s and facility_id is not distinct from %s"
        " and ended_at is null", [ask.group, ask.role.value, ask.facility_id],
    )  # fmt: skip
    if held:
        raise Refused("This group holds this role already.", field="group")
    work.add(
        IdentityRole(group_name=ask.group, role=ask.role.value, facility_id=ask.facility_id, made_at=work.now,
                     made_by=work.who.actor_id)
    )  # fmt: skip
    work.record(IdentityRoleMapped(group=ask.group, role=ask.role.value, facility_id=ask.facility_id))
    work.connection.execute(ASK_AT_ONCE)


def end_mapping(work: Work, mapping_id: uuid.UUID) -> IdentityRole:
    """Let a group no longer hold a role: the provider is asked anew about everybody who is signed in by it."""
    row = work.lock(IdentityRole, mapping_id, "There is no such group with a role.")
    if not reach_of(work.who, SET).covers(row.facility_id):
        raise NotFound("There is no such group with a role.")
    if row.ended_at is not None:
        raise Refused("This group does not hold this role any more.")
    row.ended_at, row.ended_by = work.now, work.who.actor_id
    work.record(IdentityRoleEnded(group=row.group_name, role=row.role, facility_id=row.facility_id))
    work.connection.execute(ASK_AT_ONCE)
    return row


def choose_matching(work: Work, matching: Matching) -> None:
    """Say how first sign-ins are matched with people; for administrators of all facilities."""
    if not reach_of(work.who, SET).everything:
        raise Refused("Only an administrator of all facilities chooses this.", field="matching")
    if matching_rule(work) is not matching:
        work.add(IdentityRule(matching=matching.value, made_at=work.now, made_by=work.who.actor_id))
        work.record(IdentityRuleSet(matching=matching.value))


def unlink(work: Work, link_id: uuid.UUID) -> None:
    """Part a person from the provider's: sessions that came by it end, and roles that came from groups go."""
    link = work.lock(IdentityLink, link_id, "There is no such link.")
    user = person(work, link.user_id, wholly=True)
    if link.ended_at is not None:
        raise Refused("This person was parted from the provider already.")
    link.ended_at, link.ended_by = work.now, work.who.actor_id
    work.record(
        IdentityUnlinked(user_id=user.id, user_name=user.name, issuer=link.issuer, subject=link.subject)
    )  # fmt: skip
    ended = work.write(
        "user_session", "update user_session set ended_at = %s, ended_because = 'parted from the provider'"
        " where user_id = %s and signed_in_by = 'provider' and ended_at is null", [work.now, user.id],
    )  # fmt: skip
    if ended:
        because = "parted from the provider"
        work.record(UserSignedOut(user_id=user.id, user_name=user.name, sessions=ended, because=because))
    held = work.values("select id from role_grant where user_id = %s and given_by = %s", [user.id, BY_PROVIDER])
    for grant in [work.get(RoleGrant, one) for one in held]:
        work.delete(grant)
        work.record(
            RoleWithdrawn(user_id=user.id, user_name=user.name, role=grant.role, facility_id=grant.facility_id)
        )  # fmt: skip


def try_provider(provider: Provider) -> str:
    """Ask the provider for its description and its keys now; the trouble as a sentence, or empty."""
    trouble = ""
    try:
        provider.discovered(anew=True)
        provider.keys(anew=True)
    except (Unreachable, Denied) as error:
        trouble = str(error)
    with begin(WHO) as work:
        note_contact(work, provider.known.issuer, trouble)
    return trouble
