"""Reading signed tokens of the provider. Nothing here is trusted before its signature holds with one of its keys.

Sources: OpenID Connect Core 1.0, 3.1.3.7 (ID token), 3.1.3.6 (at_hash), 12.2 (refresh); OpenID Connect Back-Channel
Logout 1.0, 2.6. Signatures, keys and the claims of RFC 7519 are joserfc's work.
"""

import hmac
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jwt import ClaimsOption, JWTClaimsRegistry

from app.accounts.identity.client import Provider, Registration, Tokens
from app.accounts.identity.rules import (
    LONGEST_TEXT,
    SKEW_SECONDS,
    claim,
    half_hash,
    text_of,
    texts_of,
    user_name_of,
)  # fmt: skip
from app.accounts.identity.terms import Claims

LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
_LONGEST_TOKEN = 64 * 1024


class Unbelievable(Exception):
    """A token does not hold. The text says which rule it breaks, and nothing of what it holds."""


@dataclass(frozen=True, slots=True)
class Logout:
    """A session at the provider, or all of a person's there, came to an end. `number` may be used once."""

    number: str
    subject: str
    sid: str


@dataclass(frozen=True, slots=True)
class Expected:
    """What an ID token must agree with: our clock, the nonce that we sent, the access token that came with it."""

    now: datetime
    nonce: str = ""
    access_token: str = ""


def id_claims(provider: Provider, text: str, expected: Expected) -> Mapping[str, Any]:
    """All claims of an ID token that is for us, now, and for this attempt. Unbelievable otherwise."""
    header, claims = _signed(provider, text)
    wanted: dict[str, ClaimsOption] = {"iat": {"essential": True}}
    if expected.nonce:
        wanted["nonce"] = {"essential": True, "value": expected.nonce}
    _hold(provider.known, claims, expected.now, wanted)
    audience = claims["aud"]
    if isinstance(audience, list) and len(audience) > 1 and claims.get("azp") != provider.known.client_id:
        raise Unbelievable("it was made for several, and for another one in the first place")
    if claims.get("azp") not in (None, provider.known.client_id):
        raise Unbelievable("it was made for another one")
    if expected.access_token and "at_hash" in claims:
        right = half_hash(expected.access_token, str(header["alg"]))
        if not hmac.compare_digest(right, str(claims["at_hash"])):
            raise Unbelievable("it belongs to another access token")
    return claims


def person_of(provider: Provider, tokens: Tokens, claims: Mapping[str, Any]) -> Claims:
    """What is known of the person: from the ID token, and what that leaves out from the provider's userinfo."""
    known, subject = provider.known, str(claims["sub"])
    asked = {known.groups_claim, known.name_claim, "name"}
    if provider.discovered().userinfo_endpoint and any(claim(claims, name) is None for name in asked):
        more = provider.userinfo(tokens.access_token)
        if more.get("sub") != subject:
            raise Unbelievable("the provider spoke of somebody else")
        claims = {**more, **claims}
    return Claims(
        issuer=known.issuer, subject=subject, user_name=user_name_of(claims, known.name_claim),
        display_name=text_of(claims, "name"), groups=texts_of(claims, known.groups_claim),
        methods=texts_of(claims, "amr"), level=text_of(claims, "acr"), sid=text_of(claims, "sid"),
        signed_in_at=_instant(claims.get("auth_time")),
    )  # fmt: skip


def _instant(value: Any) -> int | None:
    """Seconds since 1970, whole or with a fraction; nothing for what is no number."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return int(value) if number and math.isfinite(value) else None


def logout_claims(provider: Provider, text: str, now: datetime) -> Logout:
    """The session that a logout token speaks of. Unbelievable when it is not for us, or is another kind of token."""
    _header, claims = _signed(provider, text)
    needed: dict[str, ClaimsOption] = {name: {"essential": True} for name in ("iat", "jti")}
    _hold(provider.known, claims, now, needed, subject=False)
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(LOGOUT_EVENT), dict):
        raise Unbelievable("it is no logout token")
    if "nonce" in claims:
        raise Unbelievable("a logout token carries no nonce")
    subject, sid = text_of(claims, "sub"), text_of(claims, "sid")
    if not (subject or sid):
        raise Unbelievable("it names neither a person nor a session")
    return Logout(str(claims["jti"]), subject, sid)


def _signed(provider: Provider, text: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Header and claims of a token whose signature holds."""
    if len(text) > _LONGEST_TOKEN:
        raise Unbelievable("it is too long")
    allowed = provider.algorithms(provider.discovered())
    try:
        header = jws.extract_compact(text.encode()).headers()
        if header.get("alg") not in allowed:
            raise Unbelievable("its signature is of a kind that is not believed")
        token = jwt.decode(text, _one_key(provider, header), algorithms=allowed)
    except (JoseError, ValueError, TypeError, LookupError):
        raise Unbelievable("its signature does not hold") from None
    return token.header, token.claims


def _one_key(provider: Provider, header: Mapping[str, Any]) -> KeySet:
    """The one key that the token names; without a name the only one. An unknown name: the keys are asked for anew."""
    for anew in (False, True):
        keys = [key for key in provider.keys(anew=anew) if key.get("use") in (None, "sig")]
        name = header.get("kid")
        fitting = [key for key in keys if name is None or key.kid == name]
        if len(fitting) == 1 and fitting[0].key_type != "oct":
            return KeySet(fitting)
    raise Unbelievable("it was signed with a key that the provider does not show")


def _hold(
    known: Registration, claims: Mapping[str, Any], now: datetime, more: dict[str, ClaimsOption], *,
    subject: bool = True,
) -> None:  # fmt: skip
    """Check issuer, audience, times, and a subject that can be kept."""
    needed: dict[str, ClaimsOption] = {
        "iss": {"essential": True, "value": known.issuer},
        "aud": {"essential": True, "value": known.client_id},
        "exp": {"essential": True},
        **({"sub": {"essential": True}} if subject else {}),
        **more,
    }
    rules = JWTClaimsRegistry(now=int(now.timestamp()), leeway=SKEW_SECONDS, **needed)
    try:
        rules.validate(dict(claims))
    except JoseError as error:
        raise Unbelievable(f"{error.error}: {error.description[:80]}") from None
    if subject and len(str(claims["sub"])) > LONGEST_TEXT:
        raise Unbelievable("it names nobody who can be kept")
