"""Administering people: one's own facilities only, the last administrator stays, nothing typed is lost."""

import html
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.accounts.people import GrantRole, grant_role, switch_user, withdraw_role
from app.accounts.signing import Entered, SignIn, Visit, sign_in
from app.kernel.refusal import Refused
from app.platform.work import begin, everywhere, reading
from app.security.permissions import Role
from tests.support.client import Browser
from tests.support.world import World

BrowserFor = Callable[..., Browser]
PERSON = {"name": "nora", "display_name": "Nora Velde", "credentials": "RN", "role": "ur_nurse", "facility": "NORTH"}


@pytest.fixture
def north_admin(world: World) -> str:
    """Lee, administrator of North only."""
    grant(world, "lee", Role.ADMINISTRATOR, "NORTH")
    return "lee"


def grant(world: World, name: str, role: Role, code: str | None) -> None:
    with begin(everywhere("test")) as work:
        place = world.facility[code] if code else None
        grant_role(work, GrantRole(user_id=world.user[name], role=role, facility_id=place))


def value(query: str, *parameters: object) -> object:
    with reading(everywhere("test")) as view:
        return view.value(query, list(parameters))


def temporary_password(page: str) -> str:
    found = re.search(r"[a-z0-9]{4}(-[a-z0-9]{4}){3}", page)
    assert found is not None
    return found[0]


def roles_of(page: str) -> list[str]:
    return re.findall(r"/roles/([0-9a-f-]{36})/withdrawal", html.unescape(page))


def test_new_person_gets_a_password_shown_once_and_must_change_it(browser_for: BrowserFor, world: World) -> None:
    admin = browser_for("adam")

    made = admin.post("/people", PERSON)

    password = temporary_password(made.text)
    assert made.status_code == 200
    user_id = value("select id from app_user where name = 'nora'")
    assert password not in admin.get(f"/people/{user_id}").text
    assert isinstance(sign_in(SignIn(name="nora", password=password), Visit("v", "192.0.2.1")), Entered)
    assert value("select must_change_password from app_user where name = 'nora'") is True
    assert value("select count(*) from row_change where new::text like %s", f"%{password}%") == 0


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": "DANA"}, "This user name is taken."),
        ({"name": "no spaces please"}, "This value is not understood."),
        ({"display_name": ""}, "Fill in this field."),
        ({"role": "emperor"}, "Choose one of the list."),
        ({"facility": ""}, "Fill in this field."),
    ],
)
def test_wrong_field_is_named_and_the_rest_is_kept(
    browser_for: BrowserFor, world: World, change: dict[str, str], sentence: str
) -> None:
    answer = browser_for("adam").post("/people", {**PERSON, **change})

    assert answer.status_code == 422 and sentence in answer.text
    assert 'value="RN"' in answer.text and "aria-invalid" in answer.text
    assert value("select count(*) from app_user where display_name = 'Nora Velde'") == 0


def test_administrator_of_one_facility_sees_only_its_people(
    browser_for: BrowserFor, world: World, north_admin: str
) -> None:
    admin = browser_for(north_admin)

    listed = admin.get("/people").text

    assert "Dana Whitlow" in listed and "Stan Ferro" not in listed
    assert admin.get(f"/people/{world.user['stan']}").status_code == 404
    for path in ("", "/roles", "/switch", "/password", "/second-factor/reset", "/sign-out"):
        answer = admin.post(
            f"/people/{world.user['stan']}{path}", {"display_name": "X", "role": "lead", "facility": "NORTH"}
        )
        assert answer.status_code == 404, path
    assert value("select count(*) from role_grant where user_id = %s", world.user["stan"]) == 1


def test_administrator_of_one_facility_cannot_reach_further(
    browser_for: BrowserFor, world: World, north_admin: str
) -> None:
    admin = browser_for(north_admin)

    for facility in ("all", "SOUTH"):
        answer = admin.post(f"/people/{world.user['dana']}/roles", {"role": "lead", "facility": facility})
        assert answer.status_code in (404, 422), facility
        answer = admin.post("/people", {**PERSON, "facility": facility})
        assert answer.status_code in (404, 422), facility
    assert value("select count(*) from role_grant where role = 'lead'") == 1
    assert value("select count(*) from app_user where name = 'nora'") == 0


def test_person_of_two_facilities_is_not_taken_over(browser_for: BrowserFor, world: World, north_admin: str) -> None:
    grant(world, "stan", Role.SOCIAL_WORKER, "NORTH")
    admin = browser_for(north_admin)
    page = f"/people/{world.user['stan']}"
    south_role = value("select id from role_grant where user_id = %s and role = 'case_manager'", world.user["stan"])

    assert admin.post(f"{page}/password").status_code == 409
    assert admin.post(f"{page}/switch").status_code == 409
    assert admin.post(f"{page}/second-factor/reset").status_code == 409
    assert admin.post(page, {"display_name": "Other"}).status_code == 422
    assert admin.post(f"{page}/roles/{south_role}/withdrawal").status_code == 404
    assert admin.get(page).status_code == 200
    assert len(roles_of(admin.get(page).text)) == 1


def test_global_administrator_is_beyond_a_local_one(browser_for: BrowserFor, world: World, north_admin: str) -> None:
    assert browser_for(north_admin).post(f"/people/{world.user['adam']}/password").status_code == 404


def test_role_is_taken_away_and_given_back_by_undo(browser_for: BrowserFor, world: World) -> None:
    admin = browser_for("adam")
    page = f"/people/{world.user['dana']}"
    [role] = roles_of(admin.get(page).text)

    taken = admin.post(f"{page}/roles/{role}/withdrawal")
    after = admin.get(taken.headers["location"]).text
    [undo] = re.findall(r'action="([^"]+/return)"', html.unescape(after))
    assert roles_of(after) == []
    admin.post(undo)

    assert len(roles_of(admin.get(page).text)) == 1
    held = "select role || facility_id from role_grant where user_id = %s"
    assert value(held, world.user["dana"]) == f"case_manager{world.facility['NORTH']}"


def test_switching_off_ends_sessions_and_ways_in(browser_for: BrowserFor, world: World) -> None:
    admin, dana = browser_for("adam"), browser_for("dana")
    password = temporary_password(admin.post(f"/people/{world.user['dana']}/password").text)
    dana = browser_for("dana")

    admin.post(f"/people/{world.user['dana']}/switch")

    assert dana.get("/account").status_code == 303
    with pytest.raises(Refused):
        sign_in(SignIn(name="dana", password=password), Visit("v", "192.0.2.1"))
    admin.post(f"/people/{world.user['dana']}/switch", {"active": "on"})
    assert isinstance(sign_in(SignIn(name="dana", password=password), Visit("v", "192.0.2.1")), Entered)


def test_last_administrator_stays(browser_for: BrowserFor, world: World) -> None:
    admin = browser_for("adam")
    page = f"/people/{world.user['adam']}"
    [role] = roles_of(admin.get(page).text)

    assert admin.post(f"{page}/roles/{role}/withdrawal").status_code == 409
    assert admin.post(f"{page}/switch").status_code == 409

    grant(world, "dora", Role.ADMINISTRATOR, None)
    assert admin.post(f"{page}/roles/{role}/withdrawal").status_code == 303


def test_two_administrators_cannot_remove_each_other_at_the_same_moment(world: World) -> None:
    grant(world, "dora", Role.ADMINISTRATOR, None)
    wanted = "select id from role_grant where role = 'administrator' and user_id = %s"
    grants = [value(wanted, world.user[name]) for name in ("adam", "dora")]

    def remove(number: int) -> bool:
        try:
            with begin(everywhere("test")) as work:
                withdraw_role(work, grants[number])  # type: ignore[arg-type]
        except Refused:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        removed = list(pool.map(remove, (0, 1)))

    assert sorted(removed) == [False, True]
    assert value("select count(*) from role_grant where role = 'administrator'") == 1


def test_switched_off_administrator_does_not_count(world: World) -> None:
    grant(world, "dora", Role.ADMINISTRATOR, None)
    with begin(everywhere("test")) as work:
        switch_user(work, world.user["dora"], active=False)

    with pytest.raises(Refused, match="last administrator"), begin(everywhere("test")) as work:
        switch_user(work, world.user["adam"], active=False)


def test_sessions_of_a_person_are_ended(browser_for: BrowserFor, world: World) -> None:
    dana = browser_for("dana")

    browser_for("adam").post(f"/people/{world.user['dana']}/sign-out")

    assert dana.get("/account").status_code == 303
    assert (
        value("select ended_because from user_session where user_id = %s", world.user["dana"])
        == "ended by administrator"
    )
