"""Words of the sign-in by an identity provider: claims about a person, how people are matched, why one is refused.

Sources: OpenID Connect Core 1.0; OpenID Connect Back-Channel Logout 1.0; RFC 7636 (PKCE); RFC 9207 (iss parameter).
"""

from enum import StrEnum

import msgspec


class Matching(StrEnum):
    """How somebody whom the provider vouches for becomes a person here at the first sign-in."""

    PREPARED = "prepared"  # an administrator prepared a person with this user name
    GROUPS = "groups"  # as prepared; else a person is made, if a group holds a role here


class Purpose(StrEnum):
    """Why somebody was sent to the provider."""

    SIGN_IN = "sign-in"  # to begin a session here
    PROOF = "proof"  # signed in already, and asked to show anew who it is


class Cause(StrEnum):
    """Why a sign-in by the provider came to nothing, for the audit trail."""

    DENIED = "denied"  # the provider, or the person there, said no
    TOKEN = "token"  # what the provider sent does not hold
    UNKNOWN = "unknown"  # nobody here has this name
    TAKEN = "taken"  # the person here belongs to somebody else at the provider, or may not be matched by name
    SWITCHED_OFF = "switched off"  # an administrator switched the person off here
    NO_ROLE = "no role"  # neither a group nor an administrator gives the person a role
    OTHER_PERSON = "other person"  # asked for proof, and somebody else signed in
    OLD_PROOF = "old proof"  # asked for proof, and an old sign-in came back


class Claims(msgspec.Struct, frozen=True, kw_only=True):
    """What the provider says of a person.

    `user_name` is the claim that the installation chose to find people by; `methods` and `level` say how the person
    signed in there (amr, acr); `signed_in_at` is when, in seconds since 1970; `sid` names the session there.
    """

    issuer: str
    subject: str
    user_name: str = ""
    display_name: str = ""
    groups: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    level: str = ""
    signed_in_at: int | None = None
    sid: str = ""


class Mapped(msgspec.Struct, frozen=True):
    """A group of the provider and the role it holds; without a facility in all of them."""

    group: str
    role: str
    facility_id: int | None


class Granted(msgspec.Struct, frozen=True):
    """A role and where it holds."""

    role: str
    facility_id: int | None


class Difference(msgspec.Struct, frozen=True):
    """What must be given and taken so that the provider's grants are those of the mapping."""

    give: frozenset[Granted]
    take: frozenset[Granted]


SENTENCES: dict[Cause, str] = {
    Cause.DENIED: "The sign-in was not completed there. Try again, or sign in with your password.",
    Cause.TOKEN: "The answer of the sign-in service does not hold. Try again; if it stays so, tell an administrator.",
    Cause.UNKNOWN: "You have no access to Daybook with this sign-in. Ask an administrator.",
    Cause.TAKEN: "You have no access to Daybook with this sign-in. Ask an administrator.",
    Cause.SWITCHED_OFF: "You have no access to Daybook with this sign-in. Ask an administrator.",
    Cause.NO_ROLE: "The sign-in worked, but none of your groups holds a role in Daybook. Ask an administrator.",
    Cause.OTHER_PERSON: "Somebody else signed in there. Sign in as yourself.",
    Cause.OLD_PROOF: "The sign-in service did not ask for your sign-in anew. Try again.",
}
"""What the person reads. The same sentence for three causes: a stranger learns nothing about who has an account."""
