"""Signing in with a real provider: who is let in, with which roles, and what is refused."""

import html
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import httpx
import pyotp
import pytest
from litestar import Litestar
from sqlmodel import select

from app.accounts.factors.seeds import keep_seed
from app.accounts.identity import flow
from app.accounts.identity.events import IdentityRuleSet
from app.accounts.identity.mapping import choose_matching
from app.accounts.identity.terms import SENTENCES, Cause, Matching
from app.accounts.people import GrantRole, grant_role, switch_user
from app.census.places import Facility
from app.platform.now import now
from app.platform.work import begin, everywhere, reading
from app.security.models import User
from app.security.permissions import Role
from app.security.sessions import csrf_token
from tests.accounts.identity.support import (
    come_back,
    events,
    furnish_with,
    held,
    mapped,
    prepare,
    set_out,
    signed_in,
    told,
)  # fmt: skip
from tests.accounts.test_signing import send
from tests.support.client import Browser
from tests.support.identity import RealProvider
from tests.support.world import World

BrowserFor = Callable[..., Browser]


@pytest.fixture
def canaille_here(app: Litestar, canaille: RealProvider) -> RealProvider:
    """The provider, known to this installation."""
    furnish_with(app, canaille)
    return canaille


def test_a_prepared_person_comes_in_with_the_roles_of_the_groups(
    browser_for: BrowserFor, world: World, canaille_here: RealProvider
) -> None:
    prepare(world)
    mapped(world, "ward-staff")
    mapped(world, "heads", Role.DIRECTOR, None)
    canaille_here.know("ida", "ward-staff", "choir")
    visitor = browser_for()

    answer = signed_in(visitor, canaille_here)

    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    page = visitor.get("/account").text
    assert "Case manager" in page and "identity provider" in page
    assert held("ida") == {("case_manager", "NORTH", "provider")}
    (linked,) = events("identity.linked")
    assert linked["subject"] and linked["issuer"] == canaille_here.issuer
    assert [one["role"] for one in events("role.granted") if one["user_name"] == "ida"] == ["case_manager"]


def test_the_button_stands_beside_the_password(browser_for: BrowserFor, canaille_here: RealProvider) -> None:
    page = html.unescape(browser_for().get("/sign-in?next=/worklists/my-day?unit=4W").text)

    assert "Sign in with Harbor accounts" in page
    assert "/sign-in/provider?next=%2Fworklists%2Fmy-day%3Funit%3D4W" in page
    assert 'name="password"' in page


def test_without_a_provider_there_is_no_button_and_no_way(browser_for: BrowserFor, world: World) -> None:
    assert "/sign-in/provider" not in browser_for().get("/sign-in").text
    assert browser_for().get("/sign-in/provider").status_code == 404
    assert browser_for().get("/sign-in/provider/return?code=a&state=b").status_code == 404


def test_roles_are_made_equal_at_every_sign_in_and_those_by_hand_stay(
    browser_for: BrowserFor, world: World, canaille_here: RealProvider
) -> None:
    prepare(world)
    mapped(world, "ward-staff")
    mapped(world, "leads", Role.LEAD)
    canaille_here.know("ida", "ward-staff")
    signed_in(browser_for(), canaille_here)
    with begin(everywhere("test")) as work:
        ask = GrantRole(user_id=world.user["ida"], role=Role.AUDITOR, facility_id=world.facility["NORTH"])
        grant_role(work, ask)
    canaille_here.know("ida", "leads")

    signed_in(browser_for(), canaille_here)

    assert held("ida") == {("lead", "NORTH", "provider"), ("auditor", "NORTH", "hand")}
    assert [one["role"] for one in events("role.withdrawn")] == ["case_manager"]


def refused(browser_for: BrowserFor, canaille: RealProvider, cause: Cause, name: str = "ida") -> None:
    """This person gets the sentence of this cause, and no session."""
    visitor = browser_for()
    answer = signed_in(visitor, canaille, name)
    assert answer.headers["location"] == "/sign-in"
    assert html.escape(SENTENCES[cause]) in told(answer, visitor) or SENTENCES[cause] in told(answer, visitor)
    assert visitor.get("/account").status_code == 303
    assert events("identity.refused")[-1]["cause"] == cause.value


def test_nobody_prepared_is_refused(browser_for: BrowserFor, world: World, canaille_here: RealProvider) -> None:
    mapped(world, "ward-staff")
    canaille_here.know("ida", "ward-staff")

    refused(browser_for, canaille_here, Cause.UNKNOWN)


def test_without_a_group_that_holds_a_role_nobody_comes_in(
    browser_for: BrowserFor, world: World, canaille_here: RealProvider
) -> None:
    prepare(world)
    mapped(world, "ward-staff")
    canaille_here.know("ida", "choir")

    refused(browser_for, canaille_here, Cause.NO_ROLE)
    assert events("identity.linked") == []


def test_who_was_switched_off_stays_out(browser_for: BrowserFor, world: World, canaille_here: RealProvider) -> None:
    prepare(world)
    mapped(world, "ward-staff")
    canaille_here.know("ida", "ward-staff")
    signed_in(browser_for(), canaille_here)
    with begin(everywhere("test")) as work:
        switch_user(work, world.user["ida"], active=False)

    refused(browser_for, canaille_here, Cause.SWITCHED_OFF)
    assert held("ida") == set()


def test_a_name_never_leads_to_an_administrator_by_hand(
    browser_for: BrowserFor, world: World, canaille_here: RealProvider
) -> None:
    mapped(world, "ward-staff")
    canaille_here.know("adam", "ward-staff")

    refused(browser_for, canaille_here, Cause.TAKEN, "adam")
    assert held("adam") == {("administrator", "all", "hand")}


def test_strangers_switched_off_and_taken_read_the_same() -> None:
    assert SENTENCES[Cause.UNKNOWN] == SENTENCES[Cause.TAKEN] == SENTENCES[Cause.SWITCHED_OFF]


def test_accounts_are_made_from_groups_only_when_an_administrator_said_so(
    browser_for: BrowserFor, world: World, canaille_here: RealProvider
) -> None:
    mapped(world, "ward-staff")
    with begin(world.viewer("adam")) as work:
        choose_matching(work, Matching.GROUPS)
    canaille_here.know("nils", "ward-staff")
    canaille_here.know("oda", "choir")

    assert signed_in(browser_for(), canaille_here, "nils").headers["location"] == "/account"
    assert held("nils") == {("case_manager", "NORTH", "provider")}
    visitor = browser_for()
    assert signed_in(visitor, canaille_here, "oda").headers["location"] == "/sign-in"
    with reading(everywhere("test")) as view:
        assert view.value("select count(*) from app_user where name = 'oda'") == 0


def test_an_answer_is_taken_once(browser_for: BrowserFor, world: World, canaille_here: RealProvider) -> None:
    prepare(world)
    mapped(world, "ward-staff")
    canaille_here.know("ida", "ward-staff")
    visitor = browser_for()
    brought = canaille_here.sign_in(set_out(visitor), "ida")
    kept = visitor.client.cookies.get("daybook-provider")
    assert come_back(visitor, brought).headers["location"] == "/account"

    thief = browser_for()
    thief.client.cookies.set("daybook-provider", kept or "", domain="testserver.local")
    answer = come_back(thief, brought)

    assert answer.headers["location"] == "/sign-in"
    assert flow.START_AGAIN in told(answer, thief)


STRANGE = ["another browser", "another state", "another issuer", "no issuer", "too late", "denied"]


@pytest.mark.parametrize("wrong", STRANGE)
def test_an_answer_that_does_not_belong_here_is_refused(
    browser_for: BrowserFor, world: World, canaille_here: RealProvider, wrong: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare(world)
    mapped(world, "ward-staff")
    canaille_here.know("ida", "ward-staff")
    visitor = browser_for()
    brought = canaille_here.sign_in(set_out(visitor), "ida")
    if wrong == "another browser":
        visitor = browser_for()
        set_out(visitor)
    elif wrong == "another state":
        brought["state"] += "x"
    elif wrong == "another issuer":
        brought["iss"] = "https://evil.example"
    elif wrong == "no issuer":
        del brought["iss"]  # the provider said that it always sends it
    elif wrong == "denied":
        brought = {"state": brought["state"], "iss": brought["iss"], "error": "access_denied"}
    else:
        later = now() + timedelta(minutes=11)
        monkeypatch.setattr(flow, "now", lambda: later)

    answer = come_back(visitor, brought)

    assert answer.headers["location"] == "/sign-in"
    assert visitor.get("/account").status_code == 303
    assert events("user.signed_in") == []


def ask_for_second_factors(world: World) -> None:
    """Every facility asks its people for one."""
    with begin(everywhere("test")) as work:
        for facility in work.session.exec(select(Facility)).all():
            facility.totp_required = True
        work.record(IdentityRuleSet(matching="prepared"))


def enrolled(world: World, name: str = "ida") -> str:
    """A second factor of ours; its secret."""
    secret = pyotp.random_base32()
    with begin(everywhere("test")) as work:
        user = work.lock(User, world.user[name])
        keep_seed(user, secret)
        user.totp_confirmed_at = work.now
        work.record(IdentityRuleSet(matching="prepared"))
    return secret


def test_our_code_is_asked_when_the_provider_asked_for_none(
    browser_for: BrowserFor, world: World, canaille_here: RealProvider
) -> None:
    prepare(world)
    mapped(world, "ward-staff")
    canaille_here.know("ida", "ward-staff")
    secret = enrolled(world)
    visitor = browser_for()

    answer = signed_in(visitor, canaille_here)
    assert answer.headers["location"] == "/sign-in/provider/code"
    assert visitor.get("/account").status_code == 303
    form = visitor.get("/sign-in/provider/code")
    wrong = send(visitor, form, "/sign-in/provider/code", code="000000")
    assert wrong.status_code == 422 and "This code is not right" in wrong.text
    entered = send(visitor, form, "/sign-in/provider/code", code=pyotp.TOTP(secret).now())

    assert (entered.status_code, entered.headers["location"]) == (303, "/account")
    assert visitor.get("/account").status_code == 200


def test_without_any_second_factor_one_must_be_set_up_where_it_is_asked(
    browser_for: BrowserFor, world: World, canaille_here: RealProvider, app: Litestar
) -> None:
    prepare(world)
    mapped(world, "ward-staff")
    canaille_here.know("ida", "ward-staff")
    ask_for_second_factors(world)
    visitor = browser_for()
    signed_in(visitor, canaille_here)
    assert visitor.get("/account").headers["location"] == "/account/second-factor"

    # The same sign-in, at an installation for which a password there is as good as two factors.
    app.state.settings = replace(app.state.settings, oidc_amr=("pwd",))
    other = browser_for()
    signed_in(other, canaille_here)
    assert other.get("/account").status_code == 200


def test_a_provider_that_is_down_leaves_the_password(browser_for: BrowserFor, world: World, app: Litestar) -> None:
    app.state.settings = replace(app.state.settings, oidc_issuer="http://127.0.0.1:9", oidc_client_id="d",
                                 oidc_client_secret="s", public_url="http://testserver.local")  # fmt: skip
    visitor = browser_for()

    answer = visitor.get("/sign-in/provider")

    assert answer.headers["location"] == "/sign-in"
    page = told(answer, visitor)
    assert flow.NOT_NOW in page and 'name="password"' in page


def test_after_sign_out_the_way_leads_to_the_sign_out_there(
    browser_for: BrowserFor, world: World, canaille_here: RealProvider
) -> None:
    prepare(world)
    mapped(world, "ward-staff")
    canaille_here.know("ida", "ward-staff")
    visitor = browser_for()
    signed_in(visitor, canaille_here)
    visitor.csrf = csrf_token(visitor.client.cookies.get("daybook") or "")

    answer = visitor.post("/sign-out")
    page = visitor.get(answer.headers["location"])

    assert page.headers["refresh"].startswith(f"0; url={canaille_here.issuer}/oauth/end_session?client_id=daybook")
    assert "sign-in" in page.text and visitor.get("/account").status_code == 303


def test_proof_anew_is_asked_of_the_same_person(
    browser_for: BrowserFor, world: World, canaille_here: RealProvider
) -> None:
    prepare(world)
    mapped(world, "ward-staff")
    canaille_here.know("ida", "ward-staff")
    canaille_here.know("nils", "ward-staff")
    visitor, there = browser_for(), httpx.Client(timeout=30)
    come_back(visitor, canaille_here.sign_in(set_out(visitor), "ida", there))
    with reading(everywhere("test")) as view:
        session_id = view.value("select session_id from identity_session")
    viewer = replace(world.viewer("dana"), user_id=world.user["ida"], session_id=session_id)
    with reading(viewer) as view:
        assert not flow.fresh_proof(view, viewer)

    somebody_else = visitor.get("/account/provider-proof?next=/account").headers["location"]
    answer = come_back(visitor, canaille_here.sign_in(somebody_else, "nils"))
    assert SENTENCES[Cause.OTHER_PERSON] in told(answer, visitor)
    with reading(viewer) as view:
        assert not flow.fresh_proof(view, viewer)

    again = visitor.get("/account/provider-proof?next=/account").headers["location"]
    assert "prompt=login" in again and "max_age=" in again
    assert come_back(visitor, canaille_here.sign_in(again, "ida", there)).headers["location"] == "/account"
    with reading(viewer) as view:
        assert flow.fresh_proof(view, viewer)
    assert [one["user_name"] for one in events("identity.proved")] == ["ida"]


def test_secrets_of_the_provider_lie_sealed_in_the_database(
    browser_for: BrowserFor, world: World, canaille_here: RealProvider
) -> None:
    prepare(world)
    mapped(world, "ward-staff")
    canaille_here.know("ida", "ward-staff")
    signed_in(browser_for(), canaille_here)

    (refresh,) = world.owner.execute("select refresh from identity_session").fetchone() or (None,)

    assert refresh is not None and bytes(refresh)[:1] == b"\x01" and len(refresh) > 60
