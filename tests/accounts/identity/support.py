"""The hospital of the tests with an identity provider: who is prepared, which groups hold which role."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import httpx
from litestar import Litestar

from app.accounts.identity.events import IdentityLinked
from app.accounts.identity.mapping import MapGroup, map_group
from app.accounts.identity.models import IdentityLink
from app.accounts.people import AddUser, add_user
from app.platform.work import begin, everywhere, reading
from app.security.permissions import Role
from app.settings import Settings
from tests.support.canaille_server import CLIENT, SECRET
from tests.support.client import Browser
from tests.support.identity import HERE, RealProvider
from tests.support.world import World


def with_provider(settings: Settings, issuer: str, here: str = HERE) -> Settings:
    """The settings of an installation that knows this provider."""
    return replace(settings, oidc_issuer=issuer, oidc_client_id=CLIENT, oidc_client_secret=SECRET, public_url=here,
                   oidc_label="Harbor accounts")  # fmt: skip


def furnish_with(app: Litestar, canaille: RealProvider) -> None:
    """Make each of the two known to the other."""
    canaille.do("client", here=HERE)
    app.state.settings = with_provider(app.state.settings, canaille.issuer)


def prepare(world: World, name: str = "ida") -> None:
    """A person without a password and without a role."""
    with begin(everywhere("test")) as work:
        world.user[name] = add_user(work, AddUser(name=name, display_name=f"{name.capitalize()} Brandt")).id


def mapped(world: World, group: str, role: Role = Role.CASE_MANAGER, code: str | None = "NORTH") -> None:
    """A group holds a role."""
    with begin(everywhere("test")) as work:
        map_group(work, MapGroup(group=group, role=role, facility_id=world.facility[code] if code else None))


def set_out(visitor: Browser, following: str = "/account") -> str:
    """Press the button of the sign-in page; the address of the provider."""
    answer = visitor.get(f"/sign-in/provider?next={following}")
    assert answer.status_code == 303
    return answer.headers["location"]


def come_back(visitor: Browser, brought: dict[str, str]) -> httpx.Response:
    """Return with what the provider sent along."""
    return visitor.get("/sign-in/provider/return?" + urlencode(brought))


def signed_in(visitor: Browser, canaille: RealProvider, name: str = "ida") -> httpx.Response:
    """The whole way there and back."""
    return come_back(visitor, canaille.sign_in(set_out(visitor), name))


def held(name: str) -> set[tuple[str, str, str]]:
    """The roles of a person: role, code of the facility or all, and where it came from."""
    query = (
        "select g.role, coalesce(f.code, 'all'), g.given_by from role_grant g join app_user u on u.id = g.user_id"
        " left join facility f on f.id = g.facility_id where u.name = %s"
    )
    with reading(everywhere("test")) as view:
        return set(view.connection.execute(query, [name]).fetchall())


def events(name: str) -> list[dict[str, Any]]:
    """What the trail holds of one kind of event, in order."""
    with reading(everywhere("test")) as view:
        return view.values("select facts from audit_event where name = %s order by id", [name])


def told(answer: httpx.Response, visitor: Browser) -> str:
    """The page that an answer leads to."""
    return visitor.get(answer.headers["location"]).text


def identity_of(world: World, mark: str) -> dict[str, str]:
    """A group with a role in the first hospital and a person of it at a provider; their keys by route parameter."""
    mapped(world, mark)
    with begin(everywhere("test")) as work:
        link = work.add(IdentityLink(user_id=world.user["dana"], issuer=HERE, subject=mark, made_at=work.now))
        work.record(IdentityLinked(user_id=link.user_id, user_name="dana", issuer=HERE, subject=mark))
        role = work.value("select id from identity_role where group_name = %s", [mark])
    return {"identity_role_id": str(role), "identity_link_id": str(link.id)}
