"""Whom to ask, whom to believe, which roles follow: rules without a provider."""

import base64
import hashlib
from datetime import UTC, datetime, timedelta

import pytest

from app.accounts.identity.rules import (
    PROOF_LASTS,
    challenge,
    counts_as_second,
    difference,
    is_fresh,
    may_be_asked,
    texts_of,
    user_name_of,
    wanted,
)  # fmt: skip
from app.accounts.identity.terms import Claims, Granted, Mapped

ISSUER = "https://sign-in.harbor.example/realms/staff"
# address | whether it may be fetched for that issuer
ADDRESSES = """
https://sign-in.harbor.example/realms/staff/token           | yes
https://sign-in.harbor.example/elsewhere                    | yes
https://keys.harbor.example/keys                            | named
https://keys.harbor.example:8443/keys                       | named
https://SIGN-IN.harbor.example/token                        | yes
http://sign-in.harbor.example/token                         | no
https://sign-in.harbor.example:8443/token                   | no
https://sign-in.harbor.example.evil.example/token           | no
https://evil.example/https://sign-in.harbor.example/token   | no
https://sign-in.harbor.example@evil.example/token           | no
https://user@sign-in.harbor.example/token                   | no
https://169.254.169.254/latest/meta-data                    | no
https://127.0.0.1/token                                     | no
http://127.0.0.1/token                                      | no
http://localhost:5432/                                      | no
https://evil.example\\@sign-in.harbor.example/token          | no
https://sign-in.harbor.example/token#part                   | no
https://sign-in.harbor.example:port/token                   | no
file:///etc/passwd                                          | no
ftp://sign-in.harbor.example/token                          | no
//sign-in.harbor.example/token                              | no
https://                                                    | no
"""


def table(text: str) -> list[tuple[str, ...]]:
    return [tuple(part.strip() for part in line.split("|")) for line in text.strip().splitlines()]


@pytest.mark.parametrize(("address", "expected"), table(ADDRESSES))
def test_only_the_issuer_and_named_hosts_are_asked(address: str, expected: str) -> None:
    named = ("keys.harbor.example", "keys.harbor.example:8443")

    assert may_be_asked(address, ISSUER, named) is (expected != "no")
    assert may_be_asked(address, ISSUER) is (expected == "yes")


def test_plain_http_is_for_a_provider_on_this_machine_only() -> None:
    assert may_be_asked("http://127.0.0.1:8555/token", "http://127.0.0.1:8555")
    assert not may_be_asked("http://127.0.0.1:8556/token", "http://127.0.0.1:8555")
    assert not may_be_asked("http://harbor.example/token", "http://harbor.example")


def test_challenge_is_that_of_the_standard() -> None:
    # RFC 7636, appendix B
    assert challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_roles_follow_from_groups_and_leave_those_by_hand() -> None:
    mapped = [Mapped("wards", "case_manager", 1), Mapped("wards", "lead", 2), Mapped("heads", "director", None)]
    asked = wanted(["wards", "unknown"], mapped)
    lead, manager, auditor = Granted("lead", 2), Granted("case_manager", 1), Granted("auditor", 1)

    found = difference(asked, by_provider=frozenset({auditor}), by_hand=frozenset({lead}))

    assert asked == {manager, lead}
    assert found.give == {manager}  # the lead stands already, by hand
    assert found.take == {auditor}
    assert difference(frozenset(), frozenset({manager}), frozenset({lead})).take == {manager}


@pytest.mark.parametrize(
    ("methods", "level", "expected"),
    [((), "", False), (("pwd",), "", False), (("pwd", "mfa"), "", True), ((), "gold", True), ((), "silver", False)],
)
def test_second_factor_counts_in_the_words_of_the_settings(
    methods: tuple[str, ...], level: str, expected: bool
) -> None:
    said = Claims(issuer=ISSUER, subject="7", methods=methods, level=level)

    assert counts_as_second(said, ("mfa",), ("gold",)) is expected
    assert not counts_as_second(said, (), ())


@pytest.mark.parametrize(
    ("claims", "name", "expected"),
    [
        ({"preferred_username": "ida"}, "preferred_username", "ida"),
        ({"preferred_username": "ida brandt"}, "preferred_username", ""),
        ({"preferred_username": ["ida"]}, "preferred_username", ""),
        ({"email": "ida@harbor.example"}, "email", ""),
        ({"email": "ida@harbor.example", "email_verified": "true"}, "email", ""),
        ({"email": "ida@harbor.example", "email_verified": True}, "email", "ida@harbor.example"),
        ({"staff": {"number": "ib7"}}, "staff.number", "ib7"),
    ],
)
def test_user_name_is_one_of_ours_or_none(claims: dict[str, object], name: str, expected: str) -> None:
    assert user_name_of(claims, name) == expected


def test_groups_are_texts_wherever_they_stand() -> None:
    assert texts_of({"groups": ["a", 7, "", None, "b", "x" * 300]}, "groups") == ("a", "b")
    assert texts_of({"groups": "a"}, "groups") == ("a",)
    assert texts_of({"realm_access": {"roles": ["a"]}}, "realm_access.roles") == ("a",)
    assert texts_of({"https://harbor.example/groups": ["a"]}, "https://harbor.example/groups") == ("a",)
    assert texts_of({"groups": {"a": 1}}, "groups") == ()


def test_proof_is_fresh_for_a_few_minutes() -> None:
    moment = datetime(2026, 3, 5, 9, tzinfo=UTC)

    assert is_fresh(moment, moment + PROOF_LASTS)
    assert not is_fresh(moment, moment + PROOF_LASTS + timedelta(seconds=1))
    assert not is_fresh(moment, moment - timedelta(seconds=1))
    assert not is_fresh(None, moment)


def test_verifier_and_challenge_belong_together() -> None:
    digest = hashlib.sha256(b"another").digest()

    assert challenge("another") == base64.urlsafe_b64encode(digest).decode().rstrip("=")
