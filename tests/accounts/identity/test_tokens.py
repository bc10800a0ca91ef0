"""Tokens that do not hold, a provider that says odd things: each refused, each for its own reason."""

import base64
import hashlib
import hmac
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from joserfc.jwk import OctKey, RSAKey

from app.accounts.identity import client
from app.accounts.identity.client import MOST_BYTES, Denied, Tokens, Unreachable
from app.accounts.identity.rules import half_hash
from app.accounts.identity.tokens import LOGOUT_EVENT, Expected, Unbelievable, id_claims, logout_claims, person_of
from app.platform.now import now
from tests.support.identity import SmallProvider

OTHER = RSAKey.generate_key(2048, {"kid": "first", "use": "sig"})
HOUR = 3600


def read(small: SmallProvider, token: str) -> Any:
    return id_claims(small.provider(), token, Expected(now(), "the nonce", "access"))


def test_a_good_token_tells_who_it_is(small: SmallProvider) -> None:
    provider = small.provider()
    claims = read(small, small.signed(small.claims(amr=["pwd", "mfa"], auth_time=7, sid="s1")))

    who = person_of(provider, Tokens("access"), claims)

    assert (who.subject, who.user_name, who.display_name) == ("7001", "ida", "Ida Brandt")
    assert who.groups == ("case-managers",)
    assert (who.methods, who.signed_in_at, who.sid) == (("pwd", "mfa"), 7, "s1")
    assert "/userinfo" not in small.asked  # the token says it all


# what is wrong | the claims that make it so (a number of seconds is counted from now)
WRONG_CLAIMS: dict[str, dict[str, Any]] = {
    "another issuer": {"iss": "https://evil.example"},
    "no issuer": {"iss": None},
    "for another client": {"aud": "another"},
    "for several, and not for us first": {"aud": ["daybook", "another"], "azp": "another"},
    "for several, and nobody first": {"aud": ["daybook", "another"]},
    "given to another": {"azp": "another"},
    "no audience": {"aud": None},
    "of another attempt": {"nonce": "another"},
    "of no attempt": {"nonce": None},
    "past its time": {"exp": -2 * HOUR},
    "without an end": {"exp": None},
    "an end that is no number": {"exp": "tomorrow"},
    "made in the future": {"iat": 2 * HOUR},
    "of nobody": {"sub": None},
    "of an empty name": {"sub": ""},
    "of an endless name": {"sub": "x" * 300},
    "of another access token": {"at_hash": half_hash("another", "RS256")},
}


@pytest.mark.parametrize("wrong", WRONG_CLAIMS)
def test_claims_that_are_not_for_us_now_are_refused(small: SmallProvider, wrong: str) -> None:
    changed = {
        name: int(time.time()) + value if name in ("exp", "iat") and isinstance(value, int) else value
        for name, value in WRONG_CLAIMS[wrong].items()
    }

    with pytest.raises(Unbelievable):
        read(small, small.signed(small.claims(**changed)))


def unsigned(small: SmallProvider) -> str:
    header = "eyJhbGciOiJub25lIn0"  # {"alg":"none"}
    return f"{header}.{small.signed(small.claims()).split('.')[1]}."


def cut(small: SmallProvider) -> str:
    head, body, _signature = small.signed(small.claims()).split(".")
    return f"{head}.{body}."


def swapped(small: SmallProvider) -> str:
    head, _body, signature = small.signed(small.claims()).split(".")
    return f"{head}.{small.signed(small.claims(sub='another')).split('.')[1]}.{signature}"


def keyed_with_public_key(small: SmallProvider) -> str:
    """What nobody's library signs willingly: HS256 with the public key, which everybody knows."""
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","kid":"first"}').decode().rstrip("=")
    said = f"{head}.{small.signed(small.claims()).split('.')[1]}"
    mark = hmac.new(small.key.as_pem(private=False), said.encode(), hashlib.sha256).digest()
    return f"{said}.{base64.urlsafe_b64encode(mark).decode().rstrip('=')}"


WRONG_SIGNATURES: dict[str, Callable[[SmallProvider], str]] = {
    "not signed": unsigned,
    "signature cut off": cut,
    "claims of another token": swapped,
    "a foreign key of the same name": lambda small: small.signed(small.claims(), OTHER),
    "a key that nobody shows": lambda small: small.signed(small.claims(), kid="unknown"),
    "a shared word": lambda small: small.signed(
        small.claims(), OctKey.import_key("kettle-and-quiet-lantern-and-oak"), alg="HS256", kid=None
    ),
    "the public key as a shared word": keyed_with_public_key,
    "a kind that was not offered": lambda small: small.signed(small.claims(), alg="RS512"),
    "no token": lambda small: "no token",
    "nothing": lambda small: "",
    "far too long": lambda small: "x" * 70_000,
}


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")  # tests sign with what nobody should sign with
@pytest.mark.parametrize("wrong", WRONG_SIGNATURES)
def test_signatures_that_do_not_hold_are_refused(small: SmallProvider, wrong: str) -> None:
    with pytest.raises(Unbelievable):
        read(small, WRONG_SIGNATURES[wrong](small))


def test_a_new_key_is_found_but_unknown_ones_are_not_asked_for_again_and_again(small: SmallProvider) -> None:
    provider, fresh = small.provider(), RSAKey.generate_key(2048, {"kid": "second", "use": "sig"})
    expected = Expected(now(), "the nonce", "access")
    id_claims(provider, small.signed(small.claims()), expected)
    small.show(small.key, fresh)

    assert id_claims(provider, small.signed(small.claims(), fresh), expected)["sub"] == "7001"
    assert small.asked.count("/keys") == 2
    for _attempt in range(3):
        with pytest.raises(Unbelievable):
            id_claims(provider, small.signed(small.claims(), OTHER, kid="third"), expected)
    assert small.asked.count("/keys") == 2


def test_a_key_that_the_provider_withdrew_is_believed_for_minutes_only(
    small: SmallProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider, stolen = small.provider(), RSAKey.generate_key(2048, {"kid": "stolen", "use": "sig"})
    small.show(small.key, stolen)
    expected, begun = Expected(now(), "the nonce", "access"), time.monotonic()
    id_claims(provider, small.signed(small.claims(), stolen), expected)
    small.show(small.key)

    monkeypatch.setattr(client, "time", SimpleNamespace(monotonic=lambda: begun + 700))

    with pytest.raises(Unbelievable):
        id_claims(provider, small.signed(small.claims(), stolen), expected)


def test_userinfo_fills_in_and_must_speak_of_the_same_person(small: SmallProvider) -> None:
    provider = small.provider()
    claims = read(small, small.signed(small.claims(groups=None, preferred_username=None)))
    small.answers["/userinfo"] = (200, {"sub": "7001", "groups": ["leads"], "preferred_username": "ida"})

    assert person_of(provider, Tokens("access"), claims).groups == ("leads",)
    small.answers["/userinfo"] = (200, {"sub": "another", "groups": ["leads"]})
    with pytest.raises(Unbelievable):
        person_of(provider, Tokens("access"), claims)


# what is wrong | what the discovery document says
ODD: dict[str, dict[str, Any]] = {
    "another issuer": {"issuer": "https://evil.example"},
    "token endpoint elsewhere": {"token_endpoint": "https://evil.example/token"},
    "token endpoint of another port": {"token_endpoint": "http://127.0.0.1:1/token"},
    "keys elsewhere": {"jwks_uri": "http://169.254.169.254/keys"},
    "people sent elsewhere": {"authorization_endpoint": "https://evil.example/authorize"},
    "userinfo elsewhere": {"userinfo_endpoint": "https://evil.example/userinfo"},
    "sign-out elsewhere": {"end_session_endpoint": "https://evil.example/out"},
    "no signature worth the name": {"id_token_signing_alg_values_supported": ["HS256", "none"]},
    "no keys": {"jwks_uri": None},
}


@pytest.mark.parametrize("wrong", ODD)
def test_a_provider_that_leads_elsewhere_is_not_used(small: SmallProvider, wrong: str) -> None:
    small.describe(**ODD[wrong])

    with pytest.raises(Unreachable):
        small.provider().discovered()
    assert small.asked == ["/.well-known/openid-configuration"]


ANSWERS: dict[str, tuple[int, Any]] = {
    "a fault": (500, {}),
    "not there": (404, {}),
    "no JSON": (200, b"<html>"),
    "another shape": (200, [1, 2]),
    "too long": (200, b" " * (MOST_BYTES + 1)),
}


@pytest.mark.parametrize("wrong", ANSWERS)
def test_answers_that_cannot_be_used_are_one_sentence(small: SmallProvider, wrong: str) -> None:
    small.answers["/.well-known/openid-configuration"] = ANSWERS[wrong]

    with pytest.raises(Unreachable, match=r"^The provider.*\.$"):
        small.provider().discovered()


def test_no_redirect_is_followed(small: SmallProvider) -> None:
    small.answers["/.well-known/openid-configuration"] = (302, {})
    small.headers["Location"] = f"{small.base}/keys"

    with pytest.raises(Unreachable):
        small.provider().discovered()
    assert small.asked == ["/.well-known/openid-configuration"]


def test_refusal_of_the_token_endpoint_is_its_code(small: SmallProvider) -> None:
    small.answers["/token"] = (400, {"error": "invalid_grant"})

    with pytest.raises(Denied, match="invalid_grant"):
        small.provider().refresh("old")


def logout(small: SmallProvider, **other: Any) -> str:
    moment = int(time.time())
    good = {"iss": small.base, "aud": "daybook", "iat": moment, "exp": moment + 120, "jti": "n1", "sub": "7001",
            "sid": "s1", "events": {LOGOUT_EVENT: {}}}  # fmt: skip
    claims = {name: value for name, value in {**good, **other}.items() if value is not None}
    return small.signed(claims, typ="logout+jwt")


def test_a_logout_token_names_a_session(small: SmallProvider) -> None:
    told = logout_claims(small.provider(), logout(small), now())

    assert (told.number, told.subject, told.sid) == ("n1", "7001", "s1")


WRONG_LOGOUTS: dict[str, dict[str, Any]] = {
    "an ID token": {"events": None, "nonce": "the nonce"},
    "with a nonce": {"nonce": "the nonce"},
    "of another event": {"events": {"https://evil.example/event": {}}},
    "of an odd event": {"events": {LOGOUT_EVENT: True}},
    "of nobody": {"sub": None, "sid": None},
    "without a number": {"jti": None},
    "for another client": {"aud": "another"},
    "of another issuer": {"iss": "https://evil.example"},
    "past its time": {"exp": 7},
    "without an end": {"exp": None},
}


@pytest.mark.parametrize("wrong", WRONG_LOGOUTS)
def test_logout_tokens_that_do_not_hold_are_refused(small: SmallProvider, wrong: str) -> None:
    with pytest.raises(Unbelievable):
        logout_claims(small.provider(), logout(small, **WRONG_LOGOUTS[wrong]), now())
