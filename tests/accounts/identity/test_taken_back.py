"""What the provider takes back: groups, a person, a session; and what happens while it does not answer."""

import time
from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest
from litestar import Litestar

from app.accounts.identity.client import Provider
from app.accounts.identity.events import IdentityRuleSet
from app.accounts.identity.flow import refresh_purpose
from app.accounts.identity.mapping import end_mapping, unlink
from app.accounts.identity.tokens import LOGOUT_EVENT
from app.accounts.identity.upkeep import look_again
from app.accounts.people import withdraw_role
from app.kernel.refusal import Refused
from app.platform.work import begin, everywhere, reading
from app.security.permissions import Role
from app.security.sealed import open_sealed
from tests.accounts.identity.support import (
    come_back,
    events,
    furnish_with,
    held,
    mapped,
    prepare,
    set_out,
    signed_in,
    with_provider,
)  # fmt: skip
from tests.support.client import Browser
from tests.support.identity import RealProvider, SmallProvider, registered
from tests.support.world import World

BrowserFor = Callable[..., Browser]
IDLE = timedelta(minutes=30)


@pytest.fixture
def ida(browser_for: BrowserFor, world: World, app: Litestar, canaille: RealProvider) -> Browser:
    """Ida, signed in with a real provider, as case manager by her group."""
    furnish_with(app, canaille)
    prepare(world)
    mapped(world, "ward-staff")
    canaille.know("ida", "ward-staff")
    visitor = browser_for()
    assert signed_in(visitor, canaille).headers["location"] == "/account"
    return visitor


def minutes_pass(world: World) -> None:
    """The provider was asked a while ago."""
    world.owner.execute("update identity_session set asked_at = asked_at - interval '6 minutes'")


def ask(canaille: RealProvider) -> bool:
    return look_again(Provider(registered(canaille.issuer)), IDLE)


def contact() -> str:
    with reading(everywhere("test")) as view:
        return str(view.value("select trouble from identity_contact"))


def test_a_person_in_good_standing_goes_on_and_the_next_token_is_kept(
    ida: Browser, world: World, canaille: RealProvider
) -> None:
    for _time in range(2):  # each refresh token is good once: the second time needs the one that was kept
        minutes_pass(world)
        ask(canaille)

    assert ida.get("/account").status_code == 200
    assert held("ida") == {("case_manager", "NORTH", "provider")}
    assert contact() == ""


def test_nobody_is_asked_about_before_it_is_time(ida: Browser, small: SmallProvider) -> None:
    look_again(Provider(registered(small.base)), IDLE)

    assert small.asked == []


def test_a_group_taken_away_takes_its_role(ida: Browser, world: World, canaille: RealProvider) -> None:
    mapped(world, "readers", Role.AUDITOR)
    canaille.know("ida", "readers")
    minutes_pass(world)

    ask(canaille)

    assert held("ida") == {("auditor", "NORTH", "provider")}
    assert (ida.get("/audit").status_code, ida.get("/absences").status_code) == (200, 403)
    assert [one["role"] for one in events("role.withdrawn")] == ["case_manager"]


def test_without_any_role_left_the_session_ends(ida: Browser, world: World, canaille: RealProvider) -> None:
    canaille.know("ida", "choir")
    minutes_pass(world)

    ask(canaille)

    assert held("ida") == set()
    assert ida.get("/account").status_code == 303


def test_a_person_locked_at_the_provider_is_out_at_the_next_look(
    ida: Browser, world: World, canaille: RealProvider
) -> None:
    canaille.do("lock", name="ida")
    minutes_pass(world)

    ask(canaille)

    assert ida.get("/account").status_code == 303
    assert events("user.signed_out")[-1]["because"] == "taken back by the provider"


def test_an_installation_that_is_refused_signs_nobody_out(ida: Browser, world: World, small: SmallProvider) -> None:
    minutes_pass(world)
    world.owner.execute("update identity_session set issuer = %s", [small.base])
    small.answers["/token"] = (401, {"error": "invalid_client"})

    look_again(Provider(registered(small.base)), IDLE)

    assert ida.get("/account").status_code == 200
    with reading(everywhere("test")) as view:
        query = "select trouble from identity_contact where issuer = %s"
        assert "invalid_client" in view.value(query, [small.base])


def test_while_the_provider_does_not_answer_nobody_is_signed_out(
    ida: Browser, world: World, canaille: RealProvider
) -> None:
    minutes_pass(world)
    world.owner.execute("update identity_session set issuer = 'http://127.0.0.1:9'")

    assert not look_again(Provider(registered("http://127.0.0.1:9")), IDLE)

    assert ida.get("/account").status_code == 200
    with reading(everywhere("test")) as view:
        query = "select trouble from identity_contact where issuer = 'http://127.0.0.1:9'"
        assert "does not answer" in view.value(query)


def test_a_group_that_loses_its_role_here_is_asked_about_at_once(
    ida: Browser, world: World, canaille: RealProvider
) -> None:
    mapped(world, "ward-staff", Role.AUDITOR)
    with begin(world.viewer("adam")) as work:
        end_mapping(work, work.value("select id from identity_role where role = 'case_manager'"))

    ask(canaille)

    assert held("ida") == {("auditor", "NORTH", "provider")}


def test_who_is_parted_from_the_provider_loses_sessions_and_roles(ida: Browser, world: World) -> None:
    with begin(world.viewer("adam")) as work:
        unlink(work, work.value("select id from identity_link"))

    assert ida.get("/account").status_code == 303
    assert held("ida") == set()


def test_one_person_about_whom_nothing_is_said_keeps_no_other_from_being_asked_about(
    small: SmallProvider, browser_for: BrowserFor, world: World, app: Litestar
) -> None:
    for minutes, sid in ((20, "odd"), (10, "other")):
        here_with(small, browser_for, world, app, sid, refresh=f"of {sid}")
        world.owner.execute(
            "update identity_session set asked_at = asked_at - %s * interval '1 minute' where sid = %s", [minutes, sid]
        )
    small.hand_out(None, refresh="the next")
    small.answers["/userinfo"] = (403, {})
    provider = small.provider()

    for _round in range(2):
        look_again(provider, IDLE)

    query = "select count(*) from identity_session where asked_at < now() - interval '5 minutes'"
    with reading(everywhere("test")) as view:
        assert view.value(query) == 0
    with reading(everywhere("test")) as view:
        kept = view.connection.execute("select session_id, refresh from identity_session").fetchall()
    assert {open_sealed(bytes(sealed), refresh_purpose(key)) for key, sealed in kept} == {b"the next"}


# --- the provider's own word of a logout ------------------------------------------------------------------------------


def here_with(
    small: SmallProvider, browser_for: BrowserFor, world: World, app: Litestar, sid: str, refresh: str | None = None
) -> Browser:
    """Ida, signed in with the small provider, in its session `sid`."""
    app.state.settings = with_provider(app.state.settings, small.base)
    with reading(everywhere("test")) as view:
        known = view.value("select true from app_user where name = 'ida'")
    if not known:
        prepare(world)
        mapped(world, "case-managers")
    visitor = browser_for()
    asked = httpx.URL(set_out(visitor)).params
    small.hand_out(small.signed(small.claims(nonce=asked["nonce"], sid=sid)), refresh)
    come_back(visitor, {"code": "c", "state": asked["state"]})
    assert visitor.get("/account").status_code == 200
    return visitor


def word(small: SmallProvider, **claims: object) -> str:
    moment = int(time.time())
    said = {"iss": small.base, "aud": "daybook", "iat": moment, "exp": moment + 120, "jti": "n1",
            "events": {LOGOUT_EVENT: {}}, **claims}  # fmt: skip
    return small.signed(said, typ="logout+jwt")


def hear(browser_for: BrowserFor, token: str) -> httpx.Response:
    """The provider posts, as it does: no cookie, no token of ours."""
    return browser_for().client.post("/sign-in/provider/logout", data={"logout_token": token})


def test_one_session_ends_or_all_of_a_person(
    small: SmallProvider, browser_for: BrowserFor, world: World, app: Litestar
) -> None:
    desk = here_with(small, browser_for, world, app, "s1")
    ward = here_with(small, browser_for, world, app, "s2")
    office = here_with(small, browser_for, world, app, "s3")

    answer = hear(browser_for, word(small, sid="s1", sub="7001"))

    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert [one.get("/account").status_code for one in (desk, ward, office)] == [303, 200, 200]
    assert hear(browser_for, word(small, sub="7001", jti="n2")).status_code == 200
    assert [one.get("/account").status_code for one in (desk, ward, office)] == [303, 303, 303]
    assert [one["sessions"] for one in events("identity_logout.taken")] == [1, 2]


def test_a_word_is_taken_once_and_only_from_the_provider(
    small: SmallProvider, browser_for: BrowserFor, world: World, app: Litestar
) -> None:
    first = word(small, sub="7001")
    here_with(small, browser_for, world, app, "s1")
    assert hear(browser_for, first).status_code == 200
    again = here_with(small, browser_for, world, app, "s2")

    assert hear(browser_for, first).status_code == 400
    assert hear(browser_for, "no token").status_code == 400
    assert hear(browser_for, "").status_code == 400
    assert hear(browser_for, word(small, sub="7001", jti="n3", aud="another")).status_code == 400
    assert hear(browser_for, "x" * 70_000).status_code == 413
    assert again.get("/account").status_code == 200


def test_the_last_administrator_by_hand_stays_beside_those_of_the_provider(world: World) -> None:
    by_group = (
        "insert into role_grant (user_id, role, granted_at, given_by) values (%s, 'administrator', now(), 'provider')"
    )
    with begin(everywhere("test")) as work:
        work.write("role_grant", by_group, [world.user["dana"]])
        grant = "select id from role_grant where role = 'administrator' and given_by = %s"
        with pytest.raises(Refused, match="last administrator"):
            withdraw_role(work, work.value(grant, ["hand"]))
        with pytest.raises(Refused, match="group of the identity provider"):
            withdraw_role(work, work.value(grant, ["provider"]))
        work.record(IdentityRuleSet(matching="prepared"))
