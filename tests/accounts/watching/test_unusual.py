"""The rules put to a real trail: what is found, by whom it is decided, how a rule is set; and the officer's pages."""

import uuid
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from litestar import Litestar

from app.accounts.watching.unusual import looking, queries
from app.accounts.watching.unusual.commands import DecideFinding, SetRule, decide, set_rule, take_back
from app.accounts.watching.unusual.gathering import QUIET, Place
from app.accounts.watching.unusual.terms import FindingVerdict, Pattern
from app.kernel.days import instant_of, local_day
from app.kernel.refusal import NotFound, Refused
from app.platform.now import now
from app.platform.work import Disclosure, begin, disclose, everywhere, reading
from app.security.permissions import Permission
from app.security.viewer import Viewer
from app.web.routes import declared
from tests.accounts.watching.support import opened, saw, saw_each
from tests.support.client import Browser
from tests.support.stays import StaySpec, add_stay, add_stays
from tests.support.world import World

BrowserFor = Callable[..., Browser]
ZONE = ZoneInfo("America/Chicago")
EXPLAINED = DecideFinding(verdict=FindingVerdict.EXPLAINED, said="Asked the lead: covered the unit.")


def officer(world: World) -> Viewer:
    return world.viewer("priya").acting(Permission.GLASS_REVIEW)


def yesterday() -> date:
    return local_day(now(), ZONE) - timedelta(days=1)


def clock(hour: int, day: date | None = None) -> datetime:
    return instant_of(day or yesterday(), time(hour, 5), ZONE)


def watch(world: World, day: date | None = None) -> int:
    return looking.watch_day(Place(world.facility["NORTH"], "America/Chicago"), day or yesterday())


def found(world: World) -> list[tuple[str, str, uuid.UUID | None]]:
    with reading(officer(world)) as view:
        rows = queries.open_findings(view, world.facility["NORTH"], "")
    return sorted((one.pattern, one.who.split("(")[1][:-1], one.encounter_id) for one in rows)


def give(world: World, name: str, *stays: uuid.UUID, since: timedelta = timedelta(days=3)) -> None:
    """These stays are the person's own."""
    with begin(everywhere("test")) as work:
        for stay in stays:
            work.connection.execute(
                "insert into assignment (encounter_id, facility_id, user_id, assigned_at) values (%s, %s, %s, %s)",
                (stay, world.facility["NORTH"], world.user[name], work.now - since),
            )
        work.connection.execute("select set_config('app.changed', '', true)")


@pytest.fixture
def namesake(world: World) -> uuid.UUID:
    """A stay of a patient who bears Dana Whitlow's last name, on a unit that is not hers, and one look at it."""
    stay = add_stay(world, StaySpec(family="Whitlow", unit="ICU"))
    saw(world, "dana", stay, at=clock(10))
    return stay


@pytest.fixture
def finding(world: World, namesake: uuid.UUID) -> Iterator[uuid.UUID]:
    watch(world)
    with reading(officer(world)) as view:
        yield queries.open_findings(view, world.facility["NORTH"], "")[0].id


# --- what is found in a trail ----------------------------------------------------------------------------------------


def test_a_patient_of_the_same_name_is_found_with_its_evidence(world: World, namesake: uuid.UUID) -> None:
    assert watch(world) == 1

    assert found(world) == [("same_name", "dana", namesake)]
    with reading(officer(world)) as view:
        [row] = queries.open_findings(view, world.facility["NORTH"], "")
        [line] = queries.evidence(view, row.rows)
    assert (line.route, line.address, line.at) == ("GET /encounters/{encounter_id}", "192.0.2.44", clock(10))
    assert "1 patient of this facility bears it" in row.sentence and "Whitlow" not in row.sentence


@pytest.mark.parametrize("why", ["assigned", "on the own unit", "worked on"])
def test_a_namesake_with_whom_the_person_works_is_no_finding(world: World, namesake: uuid.UUID, why: str) -> None:
    if why == "assigned":
        give(world, "dana", namesake)
    elif why == "on the own unit":
        give(world, "dana", add_stay(world, StaySpec(unit="ICU")))
    else:
        from app.worklists.notes.commands import WriteNote, write_note

        with begin(world.viewer("dana").acting(Permission.NOTE_WRITE), at=clock(9)) as work:
            write_note(work, namesake, WriteNote(text="Talked with the family."))

    assert watch(world) == 0


@pytest.mark.parametrize(
    ("family", "hit"),
    [("WHITLOW", True), ("Whitlow-Reyes", True), ("Whit", False), ("Dana", False), ("", False)],
)
def test_names_are_compared_as_people_write_them(world: World, family: str, hit: bool) -> None:
    saw(world, "dana", add_stay(world, StaySpec(family=family, unit="ICU")), at=clock(10))

    assert watch(world) == int(hit)


@pytest.mark.parametrize(
    "route",
    [
        *(f"GET /encounters/{{encounter_id}}/{one}" for one in QUIET),
        "GET /worklists/{name}",
        "POST /find",
        "GET /audit/patients/{patient_id}",
    ],
)
def test_lists_searches_and_pages_that_refresh_themselves_are_no_openings(world: World, route: str) -> None:
    stay = add_stay(world, StaySpec(family="Whitlow", unit="ICU"))
    saw(world, "dana", stay, at=clock(10), route=route)

    assert watch(world) == 0


def test_pages_of_a_stay_that_refresh_themselves_are_all_known(app: Litestar) -> None:
    quiet = [f"{method} {path}" for method, path, _, handler in declared(app) if handler.opt.get("quiet")]

    assert {one.rpartition("/")[2] for one in quiet if one.startswith("GET /encounters/")} == set(QUIET)


def test_mostly_stays_of_others(world: World) -> None:
    own, others = add_stay(world), add_stays(world, [StaySpec(unit="ICU") for _ in range(10)])
    give(world, "dana", own)
    saw_each(world, "dana", [own, *others], clock(11))

    assert watch(world) == 1

    assert found(world) == [("elsewhere", "dana", None)]


def test_a_wild_hour_against_the_ordinary_of_the_days_before(world: World) -> None:
    stays = add_stays(world, [StaySpec(unit="ICU") for _ in range(26)])
    for back in range(1, 7):
        saw_each(world, "uma", stays[:4], clock(9, yesterday() - timedelta(days=back)))
    saw_each(world, "uma", stays, clock(9))

    assert watch(world) == 1

    with reading(officer(world)) as view:
        [row] = queries.open_findings(view, world.facility["NORTH"], "")
    assert row.pattern == "many" and "26 different patients between 09:00 and 09:59" in row.sentence
    assert "has 4 (spread 1.0, 6 days)" in row.sentence


def test_night_of_somebody_who_works_by_day(world: World) -> None:
    stays = add_stays(world, [StaySpec(unit="ICU") for _ in range(5)])
    for back in range(1, 5):
        saw_each(world, "uma", stays, clock(9, yesterday() - timedelta(days=back)))
    saw_each(world, "uma", stays[:3], clock(2))

    watch(world)

    assert found(world) == [("night", "uma", None)]


def test_a_stay_opened_long_after_discharge(world: World) -> None:
    stay = add_stay(world, StaySpec(status="discharged", start=clock(9) - timedelta(days=90)))
    with begin(everywhere("test")) as work:
        left = clock(9) - timedelta(days=80)
        work.connection.execute("update encounter set discharge_at = %s where id = %s", (left, stay))
        work.connection.execute("select set_config('app.changed', '', true)")
    saw(world, "uma", stay, at=clock(10))

    watch(world)

    assert found(world) == [("long_after", "uma", stay)]


def test_glass_broken_again_and_again(world: World) -> None:
    for stay in add_stays(world, [StaySpec(sensitivity="vip") for _ in range(4)]):
        opened(world, "dana", stay)
    watch(world, local_day(now(), ZONE))

    assert found(world) == [("glass_often", "dana", None)]


def test_far_more_taken_out_than_ever(world: World) -> None:
    stays = add_stays(world, [StaySpec() for _ in range(201)])
    who = world.viewer("lee").acting(Permission.STAY_LIST)
    with reading(everywhere("test")) as view:
        patients = view.values("select patient_id from encounter where id = any(%s)", (stays,))
    disclose(who, Disclosure("GET /worklists/{name:str}/out/{kind:str}", patients, kind="export"), at=clock(8))

    watch(world)

    assert found(world) == [("taken_out", "lee", None)]


@pytest.mark.parametrize(("opens", "expected"), [(False, 1), (True, 0)])
def test_searches_after_which_nothing_is_opened(world: World, opens: bool, expected: int) -> None:
    stay = add_stay(world)
    for second in range(25):
        saw(world, "uma", stay, at=clock(9) + timedelta(seconds=second), route="POST /find")
    if opens:
        saw(world, "uma", stay, at=clock(10))

    assert watch(world) == expected


def test_other_hospitals_are_looked_at_by_themselves(world: World) -> None:
    stay = add_stay(world, StaySpec(facility="SOUTH", family="Ferro", unit="ICU"))
    saw(world, "stan", stay, at=clock(10))

    assert watch(world) == 0
    assert looking.watch_day(Place(world.facility["SOUTH"], "America/Chicago"), yesterday()) == 1
    assert found(world) == []  # not the officer's of the first hospital to see


def test_looking_twice_finds_nothing_twice(world: World, namesake: uuid.UUID) -> None:
    assert (watch(world), watch(world)) == (1, 0)


def test_the_nightly_job_catches_up_and_looks_at_each_day_once(world: World, namesake: uuid.UUID) -> None:
    looking.watch_trail()
    looking.watch_trail()

    with reading(everywhere("test")) as view:
        days = view.values("select facts ->> 'day' from audit_event where name = 'trail.watched' and facility_id = %s",
                           (world.facility["NORTH"],))  # fmt: skip
    assert len(days) == len(set(days)) == looking.CATCH_UP and yesterday().isoformat() in days
    assert found(world) == [("same_name", "dana", namesake)]


# --- decisions and settings ------------------------------------------------------------------------------------------


def test_a_decision_is_a_record_and_can_be_taken_back(world: World, finding: uuid.UUID) -> None:
    with begin(officer(world)) as work:
        made = decide(work, finding, EXPLAINED)
    assert found(world) == []
    with begin(officer(world)) as work:
        take_back(work, made.id)

    assert [pattern for pattern, _, _ in found(world)] == ["same_name"]
    with reading(everywhere("test")) as view:
        names = view.values("select name from audit_event where name like 'access.%' order by id")
        stays = view.values("select encounter_id from audit_event where name like 'access.%'")
    assert names == ["access.found", "access.decided", "access.decision_taken_back"] and stays == [None] * 3


def test_a_follow_up_stays_on_the_list_until_it_is_explained(world: World, finding: uuid.UUID) -> None:
    with begin(officer(world)) as work:
        asked = DecideFinding(verdict=FindingVerdict.FOLLOW_UP, said="Asked the person.")
        made = decide(work, finding, asked)
    assert len(found(world)) == 1
    with begin(officer(world)) as work:
        decide(work, finding, EXPLAINED.model_copy(update={"seen": str(made.id)}))

    assert found(world) == []


def test_two_officers_do_not_overwrite_each_other(world: World, finding: uuid.UUID) -> None:
    with begin(officer(world)) as work:
        decide(work, finding, EXPLAINED)

    with pytest.raises(Refused, match="Somebody decided"), begin(officer(world)) as work:
        decide(work, finding, EXPLAINED)


def test_nobody_decides_about_themselves(world: World, finding: uuid.UUID) -> None:
    with pytest.raises(Refused, match="about yourself"), begin(world.viewer("dana")) as work:
        decide(work, finding, EXPLAINED)


def test_finding_of_another_hospital_does_not_exist(world: World, finding: uuid.UUID) -> None:
    with pytest.raises(NotFound), begin(world.viewer("stan")) as work:
        decide(work, finding, EXPLAINED)


def test_a_finding_about_a_protected_stay_is_the_officers_alone(world: World) -> None:
    stay = add_stay(world, StaySpec(family="Whitlow", unit="ICU", sensitivity="vip"))
    saw(world, "dana", stay, at=clock(10))
    watch(world)

    assert len(found(world)) == 1
    with reading(world.viewer("aud").acting(Permission.AUDIT_SEE)) as view:
        assert queries.open_findings(view, world.facility["NORTH"], "") == []


def test_a_rule_is_set_with_a_reason_and_in_versions(world: World, namesake: uuid.UUID) -> None:
    place = world.facility["NORTH"]
    with begin(officer(world)) as work:
        set_rule(work, place, Pattern.SAME_NAME, SetRule(resting=True, reason="Too many."), {"bearers": 3})
    assert watch(world) == 0
    with begin(officer(world)) as work:
        set_rule(work, place, Pattern.SAME_NAME, SetRule(reason="Rare names only."), {"bearers": 1})
    assert watch(world) == 1

    with reading(officer(world)) as view:
        versions = queries.settings(view, place, "same_name")
        rule = view.value("select rule_id is not null from unusual_access")
    assert [(one.resting, one.limits, one.ended_at is None) for one in versions] == [
        (False, {"bearers": 1}, True), (True, {"bearers": 3}, False),
    ] and rule  # fmt: skip


@pytest.mark.parametrize("limits", [{}, {"bearers": 0}, {"bearers": 100_000}])
def test_a_limit_that_makes_no_sense_is_refused(world: World, limits: dict[str, int]) -> None:
    with pytest.raises(Refused) as caught, begin(officer(world)) as work:
        set_rule(work, world.facility["NORTH"], Pattern.SAME_NAME, SetRule(reason="Because."), limits)
    assert caught.value.field == "bearers"


def test_false_alarms_are_counted_by_rule(world: World, finding: uuid.UUID) -> None:
    with begin(officer(world)) as work:
        decide(work, finding, DecideFinding(verdict=FindingVerdict.FALSE_ALARM, said="A common name here."))

    with reading(officer(world)) as view:
        rate = queries.rates(view, world.facility["NORTH"])["same_name"]
    assert (rate.open, rate.explained, rate.follow_up, rate.false_alarm) == (0, 0, 0, 1)
