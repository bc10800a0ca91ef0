"""Every route, for nobody, for who may, who may not, and who may elsewhere: no fault, no leak, nothing changed."""

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from app.main import furnish
from app.platform.postgres import Addresses
from app.security.permissions import Permission, Role
from app.settings import Settings
from app.web.routes import SAFE
from tests.fuzz.house import House, Person
from tests.fuzz.walking import Case, Walk, permitted, told
from tests.support.world import World

SEED = 20_260_305
DAYS_OF_ADDRESSES = ("first", "last", "day", "until")
ENDS_OF_THE_CALENDAR = ("0001-01-01", "9999-12-31")


@pytest.fixture(scope="module")
def house(
    built: Litestar, lasting_database: Addresses, tmp_path_factory: pytest.TempPathFactory, secret_keys: Path
) -> Iterator[House]:
    settings = Settings(home=tmp_path_factory.mktemp("fuzz"), secure_cookies=False, template_checks=True,
                        secret_key_file=secret_keys, requests_per_minute=0)  # fmt: skip
    app = furnish(built, settings, lasting_database)
    world = World(lasting_database)
    try:
        with (
            told() as faults,
            TestClient(app, base_url="http://testserver.local", raise_server_exceptions=False) as client,
        ):
            try:
                found = House(world, app, client)
            except AssertionError as error:
                raise AssertionError(f"the house could not be furnished: {faults.last}") from error
            yield found
    finally:
        world.close()


def test_every_route_bears_what_nobody_should_send(house: House) -> None:
    walk = walk_through(house, SEED, cases=2)

    assert not walk.wrong, report(walk)
    assert walk.through > walk.sent / 10, "hardly any request got through: the walk tries nothing"


def test_no_page_falls_over_an_end_of_the_calendar(house: House) -> None:
    walk = Walk(house, SEED)
    for person in house.people:
        house.sign_in(person)
    with told() as faults:
        for method, template, needed, *_ in (route for route in house.routes() if route[0] in SAFE):
            for person in permitted(house, needed, foreign=False)[:1]:
                path = walk.address(template, sound=True)
                for name, day in product(DAYS_OF_ADDRESSES, ENDS_OF_THE_CALENDAR):
                    walk.send(Case(person, method, f"{path}?{name}={day}", template), faults)

    assert not walk.wrong, report(walk)


def walk_through(house: House, seed: int, cases: int) -> Walk:
    """Pages first, which teach their forms; then what changes things; then all pages again, with what was planted."""
    walk = Walk(house, seed)
    routes = house.routes()
    safe = [route for route in routes if route[0] in SAFE]
    unsafe = [route for route in routes if route[0] not in SAFE]
    for person in house.people:
        house.sign_in(person)
    with told() as faults:
        for route in safe:
            for person in permitted(house, route[2], foreign=False)[:1]:
                answer = walk.send(plain(walk, person, route), faults)
                if answer is not None and answer.headers.get("content-type", "").startswith("text/html"):
                    walk.learn(answer.text)
        walk.random.shuffle(unsafe)
        for route in [*safe, *unsafe]:
            for person in walkers(walk, route[2], cases):
                walk.send(walk.case(person, route), faults)
        for route in safe:
            for person in permitted(house, route[2], foreign=False)[-1:]:
                walk.send(plain(walk, person, route), faults)
    return walk


def plain(walk: Walk, person: Person, route: Any) -> Case:
    """The page as a person would ask for it."""
    method, path = route[0], route[1]
    return Case(person, method, walk.address(path, sound=True), path)


def walkers(walk: Walk, needed: Permission, cases: int) -> list[Person]:
    """Some who may, who may not, who may elsewhere, and nobody."""
    house, draw = walk.house, walk.random
    own = permitted(house, needed, foreign=False)
    away = permitted(house, needed, foreign=True)
    refused = [one for one in house.people if one.role and not one.foreign and not one.may(needed)]
    chosen = [draw.choice(own) for _ in range(cases)] if own else []
    chosen += [draw.choice(away) for _ in range(max(1, cases // 2))] if away else []
    chosen += [draw.choice(refused)] if refused else []
    return [*chosen, house.people[0]]


def report(walk: Walk) -> str:
    """Each fault with the first request that showed it."""
    lines = [f"{where}: {what}\n    {example}" for (where, what), example in sorted(walk.wrong.items())]
    return f"{len(lines)} faults in {walk.sent} requests\n" + "\n".join(lines)


def test_every_role_walks(house: House) -> None:
    assert {person.role for person in house.people} == {None, *Role}
