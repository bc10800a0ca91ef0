"""Rules of the sign-in by an identity provider: whom to ask, whom to believe, which roles follow from groups. Pure."""

import base64
import hashlib
import ipaddress
import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from app.accounts.identity.terms import Claims, Difference, Granted, Mapped

ATTEMPT_LASTS = timedelta(minutes=10)
CODE_LASTS = timedelta(minutes=5)
PROOF_LASTS = timedelta(minutes=5)
ASK_EVERY = timedelta(minutes=5)
SKEW_SECONDS = 60  # how far the clock of the provider may stand from ours
MOST_GROUPS, LONGEST_TEXT = 1000, 255
# Only what is signed by a key that the provider keeps to itself: with HS256 whoever knows the client secret could sign.
ASYMMETRIC = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"}
)
# What a refused refresh token may be answered with when it is the person or the token, not this installation, that the
# provider refuses. The standard says invalid_grant; providers say others too, and none of them vouches for anybody.
TAKEN_BACK = frozenset(
    {"invalid_grant", "invalid_request", "access_denied", "interaction_required", "login_required", "consent_required"}
)
USER_NAME = re.compile(r"[A-Za-z0-9._@-]{2,60}")


def is_loopback(host: str) -> bool:
    """Whether a host name means this machine itself."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def may_be_asked(address: str, issuer: str, hosts: Iterable[str] = ()) -> bool:
    """Whether an address that the provider names may be fetched: that of the issuer, or of a host in the settings.

    The provider cannot send us elsewhere: not to another machine of the hospital, not to another port of its own.
    """
    if not (address.isascii() and address.isprintable()) or "\\" in address:
        return False
    try:
        parts, own = urlsplit(address), urlsplit(issuer)
        place, home = (parts.hostname or "", parts.port), (own.hostname or "", own.port)
    except ValueError:
        return False
    if "@" in parts.netloc or parts.fragment or parts.scheme not in ("https", "http"):
        return False
    if parts.scheme == "http" and not (own.scheme == "http" and is_loopback(place[0])):
        return False
    named = place[0] if place[1] is None else f"{place[0]}:{place[1]}"
    return place == home or named in hosts


def challenge(verifier: str) -> str:
    """The S256 challenge of a verifier (RFC 7636, 4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def half_hash(text: str, algorithm: str) -> str:
    """What `at_hash` must say of an access token (OpenID Connect Core, 3.1.3.6)."""
    name = "sha512" if algorithm in ("EdDSA", "Ed25519") else f"sha{algorithm[-3:]}"
    whole = hashlib.new(name, text.encode()).digest()
    return base64.urlsafe_b64encode(whole[: len(whole) // 2]).rstrip(b"=").decode()


def claim(claims: Mapping[str, Any], name: str) -> Any:
    """A claim by its name; one inside another is reached with dots, such as `realm_access.roles`."""
    if name in claims:
        return claims[name]
    found: Any = claims
    for part in name.split("."):
        if not isinstance(found, Mapping) or part not in found:
            return None
        found = found[part]
    return found


def text_of(claims: Mapping[str, Any], name: str) -> str:
    """A claim that is a text of bearable length, else nothing."""
    found = claim(claims, name)
    return found if isinstance(found, str) and len(found) <= LONGEST_TEXT else ""


def texts_of(claims: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """A claim that is a list of texts, or one text; whatever else is in it is left out."""
    found = claim(claims, name)
    listed = [found] if isinstance(found, str) else found if isinstance(found, list) else []
    return tuple(one for one in listed[:MOST_GROUPS] if isinstance(one, str) and 0 < len(one) <= LONGEST_TEXT)


def user_name_of(claims: Mapping[str, Any], name: str) -> str:
    """The name to find a person by. An e-mail address counts only when the provider says that it was verified."""
    if name == "email" and claims.get("email_verified") is not True:
        return ""
    found = text_of(claims, name)
    return found if USER_NAME.fullmatch(found) else ""


def wanted(groups: Iterable[str], mapped: Iterable[Mapped]) -> frozenset[Granted]:
    """The roles that these groups hold."""
    held = set(groups)
    return frozenset(Granted(one.role, one.facility_id) for one in mapped if one.group in held)


def difference(asked: frozenset[Granted], by_provider: frozenset[Granted], by_hand: frozenset[Granted]) -> Difference:
    """What to give and take. What was given by hand is left alone, and not given a second time."""
    return Difference(give=asked - by_provider - by_hand, take=by_provider - asked)


def counts_as_second(said: Claims, methods: Iterable[str], levels: Iterable[str]) -> bool:
    """Whether the provider says that it asked for a second factor, in one of the words of the settings."""
    return bool(set(said.methods) & set(methods)) or bool(said.level and said.level in set(levels))


def is_fresh(proved_at: datetime | None, now: datetime, within: timedelta = PROOF_LASTS) -> bool:
    """Whether somebody proved a short while ago who it is."""
    return proved_at is not None and timedelta(0) <= now - proved_at <= within
