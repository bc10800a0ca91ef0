"""Talking to the identity provider: discovery, keys, tokens, what it says of a person.

Only addresses of the issuer are fetched, or of hosts that the settings name; no redirect is followed; an answer is cut
off at a size and a time. The certificates are those that this machine trusts. Errors hold no address and no token.
"""

import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from threading import Lock
from typing import Any, Final

import httpx
import msgspec
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from app.accounts.identity.rules import ASYMMETRIC, may_be_asked
from app.settings import Settings

MOST_BYTES: Final = 512 * 1024
SECONDS: Final = 8.0  # for a whole answer; a person waits for it
DISCOVERY_LASTS: Final = 600.0
KEYS_LAST: Final = 600.0  # a key that the provider withdrew is believed no longer than this
KEYS_ANEW_AFTER: Final = 60.0  # at most so often an unknown key makes us ask for the keys again
CALLED, OUT = "/sign-in/provider", "/sign-in/provider/out"
CALLBACK, LOGOUT, AFTERWARDS = "/sign-in/provider/return", "/sign-in/provider/logout", "/sign-in"


class Unreachable(Exception):
    """The provider does not answer, or not with what was asked for. Its text is a sentence for administrators."""


class Denied(Exception):
    """The provider refuses; its text is the error code of RFC 6749, 5.2."""


@dataclass(frozen=True, slots=True)
class Registration:
    """What this installation and the provider know of each other."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    scopes: str
    groups_claim: str
    name_claim: str
    label: str
    hosts: tuple[str, ...]
    methods: tuple[str, ...]
    levels: tuple[str, ...]
    here: str

    @property
    def redirect_uri(self) -> str:
        """Where the provider sends people back to; it must be registered there letter by letter."""
        return self.here + CALLBACK


def registration(settings: Settings) -> Registration | None:
    """The provider of the settings, None where there is none."""
    if not settings.oidc_issuer:
        return None
    return Registration(
        issuer=settings.oidc_issuer, client_id=settings.oidc_client_id, client_secret=settings.oidc_client_secret,
        scopes=settings.oidc_scopes, groups_claim=settings.oidc_groups_claim, name_claim=settings.oidc_name_claim,
        label=settings.oidc_label, hosts=settings.oidc_hosts, methods=settings.oidc_amr, levels=settings.oidc_acr,
        here=settings.public_url,
    )  # fmt: skip


class Discovered(msgspec.Struct, frozen=True, rename={"algorithms": "id_token_signing_alg_values_supported",
                                                      "auth_methods": "token_endpoint_auth_methods_supported",
                                                      "says_iss": "authorization_response_iss_parameter_supported",
                                                      "keys_uri": "jwks_uri"}):  # fmt: skip
    """What the provider says of itself (OpenID Connect Discovery 1.0, 3)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    keys_uri: str
    userinfo_endpoint: str = ""
    end_session_endpoint: str = ""
    algorithms: tuple[str, ...] = ()
    auth_methods: tuple[str, ...] = ("client_secret_basic",)
    says_iss: bool = False


class Tokens(msgspec.Struct, frozen=True):
    """What the token endpoint hands out."""

    access_token: str
    id_token: str | None = None
    refresh_token: str | None = None


class _Refusal(msgspec.Struct):
    error: str = ""


@dataclass
class Provider:
    """One provider, with what is remembered of it for a while. Safe for several threads."""

    known: Registration
    _discovered: tuple[float, Discovered] | None = None
    _keys: KeySet | None = None
    _keys_at: float = 0.0
    _anew_at: float = -KEYS_ANEW_AFTER
    _lock: Lock = field(default_factory=Lock)

    def discovered(self, *, anew: bool = False) -> Discovered:
        """What the provider says of itself, at most ten minutes old. Unreachable with the reason."""
        held = self._discovered
        if not anew and held is not None and time.monotonic() - held[0] < DISCOVERY_LASTS:
            return held[1]
        address = self.known.issuer.rstrip("/") + "/.well-known/openid-configuration"
        found = _decoded(self._ask("GET", address), Discovered, "its description of itself")
        self._check(found)
        self._discovered = (time.monotonic(), found)
        return found

    def _check(self, found: Discovered) -> None:
        if found.issuer != self.known.issuer:
            raise Unreachable("The provider calls itself by another name than DAYBOOK_OIDC_ISSUER.")
        if not self.algorithms(found):
            raise Unreachable("The provider offers no signature by a key of its own, such as RS256.")
        named = (found.authorization_endpoint, found.token_endpoint, found.keys_uri, found.userinfo_endpoint,
                 found.end_session_endpoint)  # fmt: skip
        if not all(may_be_asked(one, self.known.issuer, self.known.hosts) for one in named if one):
            raise Unreachable("The provider names addresses on other hosts. Add them to DAYBOOK_OIDC_HOSTS if right.")

    @staticmethod
    def algorithms(found: Discovered) -> list[str]:
        """The signatures that are believed: those offered, without `none` and without shared keys."""
        return [one for one in found.algorithms if one in ASYMMETRIC]

    def keys(self, *, anew: bool = False) -> KeySet:
        """The keys that the provider signs with, at most ten minutes old. `anew` asks again, at most once a minute."""
        with self._lock:
            held, moment = self._keys, time.monotonic()
            young = moment - self._keys_at < KEYS_LAST
            if held is not None and young and not (anew and moment - self._anew_at >= KEYS_ANEW_AFTER):
                return held
            if held is not None and young:
                self._anew_at = moment  # before the answer: unknown keys cost a provider that fails no more
            answer = self._ask("GET", self.discovered().keys_uri)
            self._keys_at = moment
            try:
                self._keys = KeySet.import_key_set(msgspec.json.decode(answer))
            except (JoseError, msgspec.DecodeError, ValueError, TypeError, LookupError, AttributeError):
                raise Unreachable("The keys of the provider cannot be read.") from None
            return self._keys

    def exchange(self, code: str, verifier: str) -> Tokens:
        """Tokens for the code of a sign-in."""
        return self._tokens({"grant_type": "authorization_code", "code": code, "code_verifier": verifier,
                             "redirect_uri": self.known.redirect_uri})  # fmt: skip

    def refresh(self, token: str) -> Tokens:
        """New tokens for a refresh token. Denied with `invalid_grant` when the provider took it back."""
        return self._tokens({"grant_type": "refresh_token", "refresh_token": token})

    def userinfo(self, access_token: str) -> Mapping[str, Any]:
        """What the provider says of the person of an access token."""
        answer = self._ask("GET", self.discovered().userinfo_endpoint, bearer=access_token)
        return _decoded(answer, dict[str, Any], "what it says of a person")

    def _tokens(self, form: dict[str, str]) -> Tokens:
        found = self.discovered()
        pair = (self.known.client_id, self.known.client_secret)
        if "client_secret_basic" not in found.auth_methods and "client_secret_post" in found.auth_methods:
            form |= {"client_id": pair[0], "client_secret": pair[1]}
            return _decoded(self._ask("POST", found.token_endpoint, form=form), Tokens, "tokens")
        return _decoded(self._ask("POST", found.token_endpoint, form=form, basic=True), Tokens, "tokens")

    def _ask(
        self, method: str, address: str, *, form: dict[str, str] | None = None, basic: bool = False, bearer: str = ""
    ) -> bytes:
        if not may_be_asked(address, self.known.issuer, self.known.hosts):
            raise Unreachable("The provider names an address on another host.")
        headers = {"Accept": "application/json"} | ({"Authorization": f"Bearer {bearer}"} if bearer else {})
        pair = httpx.BasicAuth(_escaped(self.known.client_id), _escaped(self.known.client_secret)) if basic else None
        client = httpx.Client(verify=_trusted(), timeout=5.0, follow_redirects=False, trust_env=False)
        try:
            with client, client.stream(method, address, data=form, headers=headers, auth=pair) as answer:
                return _taken(answer)
        except httpx.HTTPError as error:
            raise Unreachable(f"The provider does not answer ({type(error).__name__}).") from None


@lru_cache(maxsize=8)
def provider_of(known: Registration) -> Provider:
    """The provider of a registration; what it said is remembered by this process."""
    return Provider(known)


@lru_cache(maxsize=1)
def _trusted() -> ssl.SSLContext:
    return ssl.create_default_context()


def _escaped(text: str) -> str:
    """Identifier and secret are form-encoded before they are put together (RFC 6749, 2.3.1)."""
    return str(httpx.QueryParams({"x": text}))[2:]


def _taken(answer: httpx.Response) -> bytes:
    until, body = time.monotonic() + SECONDS, b""
    for part in answer.iter_bytes():
        body += part
        if len(body) > MOST_BYTES or time.monotonic() > until:
            raise Unreachable("The provider's answer is too long.")
    if answer.status_code in (400, 401, 403):
        raise Denied(_code_in(body) or f"status {answer.status_code}")
    if answer.status_code != 200:
        raise Unreachable(f"The provider answers with status {answer.status_code}.")
    return body


def _code_in(body: bytes) -> str:
    try:
        return msgspec.json.decode(body, type=_Refusal).error[:60]
    except msgspec.DecodeError:
        return ""


def _decoded(body: bytes, shape: type[Any], what: str) -> Any:
    try:
        return msgspec.json.decode(body, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Unreachable(f"The provider's answer cannot be read as {what}.") from None
