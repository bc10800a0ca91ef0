"""How long a session lives, what keeps it alive, and what it is worth to somebody who finds its hash."""

from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest
from litestar import Litestar, Request, Response, get

from app.main import create_app
from app.platform.postgres import APP_ROLE, Addresses
from app.security.permissions import Permission
from app.security.sessions import digest
from app.settings import Settings
from tests.support.client import Browser
from tests.support.world import World

ENDS = "update user_session set ended_at = now(), ended_because = 'sign-out'"


@pytest.fixture
def app(database: Addresses, settings: Settings) -> Litestar:
    """An application of its own: tests here add routes to it."""
    return create_app(settings, database)


@pytest.fixture
def dana(app: Litestar, browser_for: Any) -> Browser:
    """A signed-in person, a page, and a request that the page makes by itself."""

    @get("/try/page", permission=Permission.ACCOUNT_OWN, sync_to_thread=False)
    def shown(request: Request[Any, Any, Any]) -> Response[bytes]:
        return Response(b"", media_type="text/plain")

    @get("/try/quiet", permission=Permission.ACCOUNT_OWN, quiet=True, sync_to_thread=False)
    def asked(request: Request[Any, Any, Any]) -> Response[bytes]:
        return Response(b"", media_type="text/plain")

    app.register(shown)
    app.register(asked)
    found: Browser = browser_for("dana")
    return found


def change(world: World, statement: str) -> None:
    with psycopg.connect(world.addresses.owner) as owner:
        owner.execute("select set_config('app.actor', 'test', true), set_config('app.now', now()::text, true)")
        owner.execute(statement)


def last_seen(world: World) -> datetime:
    with psycopg.connect(world.addresses.owner) as owner:
        row: Any = owner.execute("select seen_at from user_session").fetchone()
        return row[0]


@pytest.mark.parametrize(
    ("what_happened", "status"),
    [
        ("update user_session set seen_at = now() - interval '29 minutes'", 200),
        ("update user_session set seen_at = now() - interval '31 minutes'", 303),
        ("update user_session set expires_at = now() + interval '1 minute'", 200),
        ("update user_session set expires_at = now() - interval '1 second'", 303),
        (ENDS, 303),
        ("update app_user set active = false where name = 'dana'", 303),
        ("delete from role_grant where user_id = (select id from app_user where name = 'dana')", 403),
    ],
)
def test_session_ends_idle_too_old_signed_out_or_without_its_person(
    world: World, dana: Browser, what_happened: str, status: int
) -> None:
    change(world, what_happened)

    assert dana.client.get("/try/page", follow_redirects=False).status_code == status


def test_what_a_page_asks_by_itself_does_not_keep_a_session_alive(world: World, dana: Browser) -> None:
    change(world, "update user_session set seen_at = now() - interval '20 minutes'")
    before = last_seen(world)

    dana.client.get("/try/quiet")
    assert last_seen(world) == before

    dana.client.get("/try/page")
    assert last_seen(world) - before > timedelta(minutes=19)


def test_use_is_noted_once_a_minute_so_that_reading_seldom_writes(world: World, dana: Browser) -> None:
    change(world, "update user_session set seen_at = now() - interval '30 seconds'")
    before = last_seen(world)

    dana.client.get("/try/page")

    assert last_seen(world) == before


def test_hash_of_a_cookie_is_no_cookie(world: World, dana: Browser) -> None:
    with psycopg.connect(world.addresses.app) as connection:
        row: Any = connection.execute("select digest from user_session").fetchone()
    stolen = row[0].hex()
    dana.client.cookies.clear()

    answer = dana.client.get("/try/page", headers={"cookie": f"daybook={stolen}"}, follow_redirects=False)

    assert answer.status_code == 303 and digest(stolen) != row[0]


def test_functions_that_look_as_the_owner_are_for_the_application_role_only(world: World) -> None:
    with psycopg.connect(world.addresses.owner) as owner:
        open_to_all = owner.execute(
            "select proname from pg_proc p where pronamespace = 'public'::regnamespace and prosecdef"
            " and exists (select from aclexplode(coalesce(proacl, acldefault('f', proowner))) where grantee = 0)"
        ).fetchall()
        callable_by_us: Any = owner.execute(
            "select count(*) from pg_proc where pronamespace = 'public'::regnamespace"
            " and has_function_privilege(%s, oid, 'execute')",
            [APP_ROLE],
        ).fetchone()

    assert open_to_all == []
    assert callable_by_us[0] > 10


def test_a_page_hears_when_its_session_ends_without_using_it(world: World, dana: Browser) -> None:
    change(world, "update user_session set seen_at = now() - interval '20 minutes'")
    before = last_seen(world)
    idle = dana.client.get("/session-end").json()
    change(world, "update user_session set expires_at = now() + interval '2 minutes'")
    old = dana.client.get("/session-end").json()

    assert 590 <= idle["seconds"] <= 600 and idle["kind"] == "idle"
    assert 110 <= old["seconds"] <= 120 and old["kind"] == "old"
    assert last_seen(world) == before
