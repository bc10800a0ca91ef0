"""First run: open only while there is nobody, only to who reads the console, only once."""

import html
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from app.accounts.first_run import GOOD_FOR, SetUp, first_run_code, set_up
from app.accounts.signing import Entered, SignIn, Visit, sign_in
from app.census.facilities import FacilityKind
from app.kernel.refusal import NotFound, Refused
from app.platform.now import now
from app.platform.postgres import Addresses
from app.platform.work import everywhere, reading
from app.settings import Settings
from tests.support.client import Browser, check_page
from tests.support.world import World

FORM = {
    "user_name": "ida", "display_name": "Ida Vance", "password": "nine brass umbrellas",
    "again": "nine brass umbrellas",
    "name": "First Hospital", "code": "FIRST", "timezone": "America/Chicago", "kind": "acute",
}  # fmt: skip


@pytest.fixture
def visitor(app: Litestar) -> Iterator[TestClient[Litestar]]:
    with TestClient(app, base_url="http://testserver.local", raise_server_exceptions=False) as client:
        yield client


def ask(code: str) -> SetUp:
    return SetUp(printed=code, **{**FORM, "kind": FacilityKind.ACUTE})  # type: ignore[arg-type]


def token(page: str) -> str:
    return html.unescape(re.findall(r'name="_csrf_token" value="([^"]+)"', page)[0])


def people() -> object:
    with reading(everywhere("test")) as view:
        return view.value("select count(*) from app_user")


def test_first_visit_leads_to_the_set_up_and_the_set_up_to_signing_in(
    visitor: TestClient[Litestar], settings: Settings
) -> None:
    code = first_run_code(settings.home)
    assert visitor.get("/", follow_redirects=False).headers["location"] == "/sign-in"
    assert visitor.get("/sign-in", follow_redirects=False).headers["location"] == "/set-up"
    page = visitor.get("/set-up")
    check_page(page.text)

    done = visitor.post(
        "/set-up", data={"_csrf_token": token(page.text), "printed": code.lower(), **FORM}, follow_redirects=False
    )

    assert (done.status_code, done.headers["location"]) == (303, "/sign-in")
    assert isinstance(sign_in(SignIn(name="ida", password=FORM["password"]), Visit("v", "192.0.2.1")), Entered)
    with reading(everywhere("test")) as view:
        held = view.connection.execute("select role, facility_id from role_grant").fetchall()
        assert held == [("administrator", None)]
        assert view.value("select authority from feed") == "FIRST"
    assert visitor.get("/set-up").status_code == 404
    assert visitor.post("/set-up", data={"_csrf_token": token(page.text), "printed": code, **FORM}).status_code == 404
    assert not list(settings.home.glob("first-run-code*")), "the code is of no use any more"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"printed": "AAAA-BBBB-CCCC"}, "This is not the code that the server printed"),
        ({"printed": ""}, "Fill in this field."),
        ({"again": "nine brass umbrella"}, "The two passwords differ."),
        ({"password": "short", "again": "short"}, "Use at least 15 characters."),
        ({"timezone": "Mars"}, "Write a time zone such as America/Chicago."),
    ],
)
def test_mistake_is_named_and_nobody_is_made(
    visitor: TestClient[Litestar], settings: Settings, change: dict[str, str], sentence: str
) -> None:
    code = first_run_code(settings.home)
    page = visitor.get("/set-up")

    answer = visitor.post("/set-up", data={"_csrf_token": token(page.text), "printed": code, **FORM, **change})

    check_page(answer.text)
    assert answer.status_code == 422 and sentence in html.unescape(answer.text)
    assert "First Hospital" in answer.text and FORM["password"] not in answer.text
    assert people() == 0


def test_only_the_last_printed_code_counts_and_only_its_hash_is_kept(database: Addresses, tmp_path: Path) -> None:
    old, new = first_run_code(tmp_path), first_run_code(tmp_path)

    with pytest.raises(Refused):
        set_up(tmp_path, ask(old))
    kept = tmp_path / "first-run-code"
    assert new.replace("-", "") not in kept.read_text() and kept.stat().st_mode & 0o077 == 0
    set_up(tmp_path, ask(new))


def test_a_code_is_good_for_a_day(database: Addresses, tmp_path: Path) -> None:
    code = first_run_code(tmp_path)
    kept = tmp_path / "first-run-code"
    digest, _, until = kept.read_text().partition(" ")
    assert timedelta(hours=23) < datetime.fromtimestamp(int(until), UTC) - now() <= GOOD_FOR
    for written in (f"{digest} {int(now().timestamp()) - 1}", digest):
        kept.write_text(written)
        with pytest.raises(Refused, match="older than a day"):
            set_up(tmp_path, ask(code))
    kept.write_text(f"{digest} {until}")
    set_up(tmp_path, ask(code))


def test_without_a_printed_code_nothing_fits(database: Addresses, tmp_path: Path) -> None:
    with pytest.raises(Refused):
        set_up(tmp_path, ask("AAAA-BBBB-CCCC"))


def test_two_at_the_same_moment_make_one_administrator(database: Addresses, tmp_path: Path) -> None:
    code = first_run_code(tmp_path)

    def attempt(_number: int) -> str:
        try:
            set_up(tmp_path, ask(code))
        except NotFound:
            return "closed"
        return "made"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(attempt, range(2))) == ["closed", "made"]
    assert people() == 1


def test_no_code_is_made_once_there_is_somebody(world: World, tmp_path: Path) -> None:
    assert first_run_code(tmp_path) == ""
    assert list(tmp_path.iterdir()) == []


def test_set_up_is_closed_while_there_is_somebody(browser_for: Callable[..., Browser], world: World) -> None:
    assert browser_for().get("/set-up").status_code == 404
