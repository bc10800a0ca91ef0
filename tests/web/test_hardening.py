"""What a hostile or broken browser may send, and what an answer must never carry."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from litestar import Litestar, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.testing import TestClient
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.main import create_app
from app.platform.postgres import Addresses
from app.security.permissions import Permission
from app.security.sessions import client_address, csrf_token, is_token, masked
from app.settings import Settings
from app.web import frame
from app.web.forms import FormFields
from app.web.frame import Flash, Undo, flash_from_cookie, flash_to_cookie
from app.web.render import NO_PHI, local_address, page, see_other
from tests.support.client import Browser

ERROR = {"heading": "Taken", "sentence": "x", "code": "", "at": "", "retry": ""}


@pytest.fixture
def app(database: Addresses, settings: Settings) -> Litestar:
    """An application of its own: tests here add routes to it."""
    return create_app(settings, database)


@pytest.fixture
def dana(app: Litestar, browser_for: Any) -> Browser:
    """A signed-in person, and a few routes to try things on."""

    @post("/try/form", permission=Permission.ACCOUNT_OWN, sync_to_thread=False)
    def form_taken(request: Request[Any, Any, Any], form: NamedDependency[FormFields]) -> Response[bytes]:
        return page(request, "error.html", discloses=NO_PHI, title="Taken", error=ERROR)

    @get("/try/page", permission=Permission.ACCOUNT_OWN, sync_to_thread=False)
    def shown(request: Request[Any, Any, Any]) -> Response[bytes]:
        return page(request, "error.html", discloses=NO_PHI, title="Taken", error=ERROR)

    @get("/try/full", permission=Permission.ACCOUNT_OWN, sync_to_thread=False)
    def full() -> None:
        raise PoolTimeout("QueuePool limit of size 20 overflow 20 reached")

    @get("/try/lead", permission=Permission.ACCOUNT_OWN, sync_to_thread=False)
    def lead(request: Request[Any, Any, Any]) -> Response[bytes]:
        return see_other(request, "/find/Zoë\r\nSet-Cookie: daybook=stolen", Flash("Saved."))

    for handler in (form_taken, shown, full, lead):
        app.register(handler)
    found: Browser = browser_for("dana")
    return found


@pytest.mark.parametrize("token", ["é", "zz", "00", "0" * 63, "0" * 128])
def test_odd_token_is_refused_like_a_wrong_one(dana: Browser, token: str) -> None:
    assert dana.post("/try/form", {"_csrf_token": token}).status_code == 403


def test_token_differs_on_every_page_and_each_is_good(dana: Browser) -> None:
    """What differs each time cannot be guessed from the length of compressed answers."""
    tokens = [dana.get("/try/page").text.partition('x-csrftoken":"')[2].partition('"')[0] for _ in range(2)]

    assert tokens[0] != tokens[1] and dana.csrf not in tokens
    assert [dana.post("/try/form", {"_csrf_token": token}).status_code for token in tokens] == [200, 200]


def test_masked_token_of_another_session_is_refused() -> None:
    assert is_token(csrf_token("a"), masked(csrf_token("a")))
    assert not is_token(csrf_token("a"), masked(csrf_token("b")))
    assert not is_token("", masked("")) and not is_token("", "")


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b'{"_csrf_token": "x"}'),
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=b", b"--b\r\nbroken"),
        ("multipart/form-data; boundary=b", b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--"),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="x"\r\n\r\n\xed\xa0\r\n--b--',
        ),
        ("application/x-www-form-urlencoded", b"%zz=%ff&=&&&%00=%00"),
        ("text/plain", b"_csrf_token=x"),
        ("", b"\xff\xfe"),
    ],
)
def test_body_of_any_kind_without_a_token_changes_nothing(dana: Browser, content_type: str, body: bytes) -> None:
    answer = dana.client.post("/try/form", content=body, headers={"content-type": content_type})

    assert answer.status_code in (400, 403)
    assert answer.headers["content-type"].startswith("text/html")


def test_text_that_the_database_cannot_hold_is_refused_with_a_sentence(dana: Browser) -> None:
    sent = dana.post("/try/form", {"x": "a\x00b"})
    asked = dana.get("/try/page?q=a%00b")

    assert sent.status_code == asked.status_code == 400
    assert "character" in sent.text and "character" in asked.text


def test_characters_that_no_page_can_show_are_left_out_of_what_was_typed() -> None:
    pasted = "a\x01\x1f\x7fb\x0bc\ufffe\U0010ffff\x9d \ufdd0d\té 🧑\u200d⚕"

    assert FormFields([("x", pasted)])["x"] == "ab\nc d\té 🧑\u200d⚕"


@pytest.mark.parametrize("stated", [True, False])
def test_body_that_is_too_large_is_refused(dana: Browser, stated: bool) -> None:
    def in_pieces() -> Iterator[bytes]:
        for _ in range(13):
            yield b"x" * 1024 * 1024

    body: Any = b"x" * 13 * 1024 * 1024 if stated else in_pieces()
    answer = dana.client.post("/try/form", content=body, headers={"content-type": "application/x-www-form-urlencoded"})

    assert answer.status_code == 413 and "too large" in answer.text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "null"}, 403),
        ({"origin": "null", "sec-fetch-site": "same-origin"}, 200),
        ({"origin": "http://testserver.local"}, 200),
        ({"origin": "http://["}, 403),
        ({"origin": "http://testserver.local.evil.example"}, 403),
    ],
)
def test_origin_is_our_own_or_the_form_is_refused(dana: Browser, headers: dict[str, str], status: int) -> None:
    assert dana.post("/try/form", headers=headers).status_code == status


def test_no_free_connection_says_try_again(dana: Browser) -> None:
    answer = dana.get("/try/full")

    assert answer.status_code == 503 and "Try again" in answer.text


def test_address_to_go_to_cannot_carry_a_header(dana: Browser) -> None:
    answer = dana.get("/try/lead")

    assert answer.headers["location"] == "/find/Zo%C3%AB%0D%0ASet-Cookie:%20daybook=stolen"
    assert not any("stolen" in text for text in answer.headers.get_list("set-cookie"))


@pytest.mark.parametrize(
    "address", ["//[", "/\t/evil.example", "/\n/evil.example", "/a\\b", "//evil.example", " /x", ""]
)
def test_odd_address_leads_to_the_start(address: str) -> None:
    assert local_address(address) == "/"


@pytest.mark.parametrize("action", ["//evil.example/x", "https://evil.example", "/\\evil.example", "javascript:x"])
def test_undo_of_a_forged_message_goes_nowhere(action: str) -> None:
    assert flash_from_cookie(flash_to_cookie(Flash("Saved.", undo=Undo(action)))) == []


@pytest.mark.parametrize("value", ["", "x", "W10=", "e30=", "WzEsMiwzXQ==", "é"])
def test_message_that_is_not_ours_is_none(value: str) -> None:
    assert flash_from_cookie(value) == []


@pytest.mark.parametrize(
    "path",
    [
        "/../app/main.py",
        "/%2e%2e/app/main.py",
        "/..%2fapp/main.py",
        "//etc/passwd",
        "/%2fetc/passwd",
        "/..\\app\\main.py",
    ],
)
def test_static_files_end_at_their_folder(app: Litestar, browser_for: Any, path: str) -> None:
    client = browser_for("").client

    answer = client.get(frame.static_prefix() + path, follow_redirects=False)

    assert answer.status_code in (400, 404) and "SessionMiddleware" not in answer.text


def test_static_file_is_kept_for_ever_and_an_absent_one_is_not(app: Litestar, browser_for: Any) -> None:
    client = browser_for("").client

    assert client.get(f"{frame.static_prefix()}/tokens.css").headers["cache-control"].endswith("immutable")
    assert client.get(f"{frame.static_prefix()}/absent.css").headers["cache-control"] == "no-store"


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE"])
def test_method_that_no_page_takes_is_refused_as_a_page(dana: Browser, method: str) -> None:
    answer = dana.client.request(method, "/try/page")

    assert answer.status_code in (204, 403, 404, 405)
    assert "script-src 'self'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("daybook.example", 200),
        ("DAYBOOK.example:8443", 200),
        ("[::1]", 200),
        ("[::1]:8000", 200),
        ("evil.example", 421),
        ("daybook.example.evil.example", 421),
        ("", 421),
    ],
)
def test_page_is_served_under_the_names_that_were_allowed(
    database: Addresses, tmp_path: Path, host: str, status: int
) -> None:
    settings = Settings(home=tmp_path, allowed_hosts=("daybook.example", "[::1]"), template_checks=True)

    with TestClient(create_app(settings, database), raise_server_exceptions=False) as client:
        answer = client.get("/healthz", headers={"host": host}, follow_redirects=False)

    assert answer.status_code == status


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        ("", "10.0.0.1"),
        ("203.0.113.9", "203.0.113.9"),
        ("6.6.6.6, 203.0.113.9", "203.0.113.9"),
        ("6.6.6.6, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        ("unknown", "10.0.0.1"),
        ("203.0.113.9:4711", "10.0.0.1"),
    ],
)
def test_address_of_a_browser_is_what_our_own_proxies_say(forwarded: str, address: str) -> None:
    settings = Settings(home=Path(), trusted_proxies=("10.0.0.1", "10.0.0.2"))
    headers = {"x-forwarded-for": forwarded} if forwarded else {}
    connection: Any = SimpleNamespace(client=SimpleNamespace(host="10.0.0.1"), headers=headers)

    assert client_address(connection, settings) == address
    assert client_address(connection, replace(settings, trusted_proxies=())) == "10.0.0.1"
