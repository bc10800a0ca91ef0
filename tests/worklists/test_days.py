"""The daily build: once for each day of a facility, at its own hour, and never rewritten."""

import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from app.interop.inbox import Source, drain, receive
from app.kernel.days import local_day, start_of_day
from app.notices import source as notices
from app.platform.now import now as wall_clock
from app.platform.work import Disclosure, begin, disclose, everywhere, reading
from app.security.permissions import Permission
from app.worklists import queries
from app.worklists.assignment.commands import AssignStay, assign
from app.worklists.assignment.rules.minutes import duration_text
from app.worklists.days import commands
from app.worklists.days.commands import build_again, build_day
from app.worklists.days.moves import what_changed
from app.worklists.days.opening import head_line
from app.worklists.days.queries import Standing
from app.worklists.days.rules import due_at, present_day, to_build
from app.worklists.days.since import Now, Then, changes
from app.worklists.queries import Ask
from app.worklists.registry import REGISTRY
from app.worklists.snoozes.commands import SnoozeStay, bring_back, return_due, snooze_stay
from app.worklists.snoozes.terms import ReturnTime, SnoozeReason
from app.worklists.view import View
from tests.support.client import Browser
from tests.support.hl7 import Sender
from tests.support.owing import only
from tests.support.stays import StaySpec, add_stays, insert_stay
from tests.support.world import NOW, World

BrowserFor = Callable[..., Browser]
CHICAGO = ZoneInfo("America/Chicago")
FIVE, HALF_PAST_TWO, HALF_PAST_ONE = time(5, 0), time(2, 30), time(1, 30)
TODAY = date(2026, 3, 5)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))


@pytest.fixture(autouse=True)
def only_notices() -> Iterator[None]:
    """Order and words here follow from the dates of the census and from notices; reviews and payers ask for more."""
    with only(notices.RULES):
        yield


@pytest.mark.parametrize(
    ("day", "hour", "expected"),
    [
        (date(2026, 3, 5), FIVE, "2026-03-05T11:00:00+00:00"),
        (date(2026, 3, 8), HALF_PAST_TWO, "2026-03-08T08:00:00+00:00"),  # 02:30 is skipped: 03:00 is the next minute
        (date(2026, 11, 1), HALF_PAST_ONE, "2026-11-01T06:30:00+00:00"),  # 01:30 comes twice: the first counts
    ],
)
def test_the_hour_of_the_build_is_that_of_the_hospitals_clock(day: date, hour: time, expected: str) -> None:
    assert due_at(day, hour, CHICAGO).isoformat() == expected


def test_before_the_hour_of_the_build_it_is_still_yesterday() -> None:
    due = due_at(TODAY, FIVE, CHICAGO)
    assert present_day(due - timedelta(seconds=1), FIVE, CHICAGO) == TODAY - timedelta(days=1)
    assert present_day(due, FIVE, CHICAGO) == TODAY


def test_a_facility_that_is_new_waits_for_its_first_morning() -> None:
    due = due_at(TODAY, FIVE, CHICAGO)
    assert to_build(NOW, FIVE, CHICAGO, None, due + timedelta(minutes=1)) is None
    assert to_build(NOW, FIVE, CHICAGO, None, due - timedelta(minutes=1)) == TODAY


@given(INSTANTS, st.times(), st.integers(1, 60 * 26))
def test_whoever_looks_often_enough_builds_every_day_once(start: datetime, hour: time, minutes: int) -> None:
    """Over four days, looked at every so many minutes: each day at most once, in order, none before its time."""
    built: list[date] = []
    moment = start
    while moment < start + timedelta(days=4):
        day = to_build(moment, hour, CHICAGO, built[-1] if built else None, LONG_AGO)
        if day is not None:
            assert due_at(day, hour, CHICAGO) <= moment
            built.append(day)
        assert to_build(moment, hour, CHICAGO, built[-1], LONG_AGO) is None
        moment += timedelta(minutes=minutes)
    assert built == sorted(set(built))
    if minutes < 60 * 22:
        assert built == [built[0] + timedelta(days=number) for number in range(len(built))]


@pytest.fixture
def stays(world: World) -> list[uuid.UUID]:
    """Dana has three stays, nobody has the fourth."""
    made = add_stays(
        world,
        [
            StaySpec(family="Late", room="401", expected=NOW - timedelta(days=1), gmlos=1.0),
            StaySpec(family="Open", room="402"),
            StaySpec(family="Soon", room="403", expected=NOW),
            StaySpec(family="Free", room="404", pending="discharge"),
        ],
    )
    with begin(world.viewer("lee"), at=NOW) as work:
        for stay in made[:3]:
            assign(work, stay, AssignStay(to=world.user["dana"]))
    return made


def build(world: World, day: date = TODAY, at: datetime = NOW) -> uuid.UUID | None:
    with begin(everywhere("test"), at=at) as work:
        made = build_day(work, world.facility["NORTH"], day)
        return made.id if made else None


def test_the_sheet_says_who_has_whom_in_which_order_and_why(world: World, stays: list[uuid.UUID]) -> None:
    with begin(world.viewer("dana"), at=NOW) as work:
        snooze_stay(work, stays[2], SnoozeStay(reason=SnoozeReason.RESULT, until=ReturnTime.HOUR))
    build(world)
    with reading(everywhere("test")) as db:
        lines = db.connection.execute(
            "select encounter_id, user_id, place, due_text, due_what, bed, chips, minutes > 0, snoozed from"
            " day_sheet_line order by user_id nulls last, place"
        ).fetchall()
        [sheet] = db.connection.execute("select stays, edition, day from day_sheet").fetchall()

    dana = world.user["dana"]
    assert [(line[0], line[1], line[2]) for line in lines] == [
        (stays[0], dana, 1), (stays[2], dana, 2), (stays[1], dana, 3), (stays[3], None, 1),
    ]  # fmt: skip
    assert lines[0][3:6] == ("Wed 4 Mar", "expected, past", "4W 401-B") and "red clock past GMLOS" in lines[0][6]
    assert lines[1][3] == "Thu 5 Mar"
    assert lines[3][6][0] == "red alert leaving, nobody has it"
    assert [line[8] for line in lines] == [False, True, False, False] and all(line[7] for line in lines)
    assert sheet == (4, 1, TODAY)


def test_a_day_is_built_once_and_again_only_when_asked(world: World, stays: list[uuid.UUID]) -> None:
    assert build(world) is not None
    assert build(world, at=NOW + timedelta(hours=1)) is None
    with begin(world.viewer("lee"), at=NOW + timedelta(hours=2)) as work:
        assert build_again(work, world.facility["NORTH"]).edition == 2
    with reading(everywhere("test")) as db:
        assert db.values("select late from (select facts ->> 'late' late, id from audit_event where name = 'day.built'"
                         " order by id) x") == ["true", "false"]  # fmt: skip
        assert db.values("select count(*) from day_sheet_line group by sheet_id") == [4, 4]


def test_each_facility_has_its_own_day(world: World, stays: list[uuid.UUID]) -> None:
    build(world)
    with begin(everywhere("test"), at=NOW) as work:
        assert build_day(work, world.facility["SOUTH"], TODAY) is not None
    with reading(world.viewer("stan")) as db:
        assert db.value("select count(*) from day_sheet") == 1
        assert db.value("select count(*) from day_sheet_line") == 0


def test_sheets_are_never_rewritten(world: World, stays: list[uuid.UUID]) -> None:
    build(world)
    for statement in ("update day_sheet_line set place = 9", "delete from day_sheet"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), begin(everywhere("test")) as work:
            work.connection.execute(statement)


def test_jobs_are_asked_for_once_and_a_missed_day_is_built_at_the_start(world: World, stays: list[uuid.UUID]) -> None:
    commands.ask_for_builds()
    commands.ask_for_builds()
    with reading(everywhere("test")) as db:
        jobs = db.connection.execute(
            "select args from procrastinate_jobs where task_name = %s order by id", (commands.JOB,)
        ).fetchall()
    assert sorted(job[0]["facility_id"] for job in jobs) == sorted(world.facility.values())

    for (arguments,) in jobs:
        commands.build_due(**arguments)
        commands.build_due(**arguments)
    with reading(everywhere("test")) as db:
        assert db.value("select count(*) from day_sheet") == 2
    with begin(everywhere("test")) as work:
        work.connection.execute("delete from procrastinate_jobs")
    commands.ask_for_builds()
    with reading(everywhere("test")) as db:
        assert db.value("select count(*) from procrastinate_jobs") == 0


def test_the_sheet_has_a_page_for_everybody_and_one_for_each(
    browser_for: BrowserFor, world: World, stays: list[uuid.UUID]
) -> None:
    lee, aud = browser_for("lee"), browser_for("aud")
    assert "No day was built yet" in lee.get("/day-sheets").text
    build(world)

    shown = lee.get("/day-sheets").text
    assert "4 stays" in shown and "Late, Ann" in shown and "Nobody" in shown and "the program was not running" in shown
    alone = lee.get(f"/day-sheets?day={TODAY}&person={world.user['dana']}").text
    assert "Late, Ann" in alone and "Free, Ann" not in alone
    assert "Build the day again" in shown and "Build the day again" not in aud.get("/day-sheets").text
    assert "Late, Ann" not in browser_for("stan").get("/day-sheets").text
    assert lee.get("/day-sheets?day=2026-02-30").status_code == 404
    assert lee.get("/day-sheets?day=2025-01-01").status_code == 404


def test_a_lead_builds_the_day_again_and_nobody_else(
    browser_for: BrowserFor, world: World, stays: list[uuid.UUID]
) -> None:
    assert browser_for("dana").post("/day-sheets").status_code == 403
    lee = browser_for("lee")
    for _ in range(2):
        assert lee.post("/day-sheets").status_code == 303
    shown = lee.get("/day-sheets").text
    assert "Edition 2" in shown and "by Lee Hartono" in shown
    with reading(everywhere("test")) as db:
        assert db.value("select count(distinct edition) from day_sheet") == 2


def test_the_places_of_a_stay_say_what_changed(browser_for: BrowserFor, world: World, stays: list[uuid.UUID]) -> None:
    build(world)
    with begin(world.viewer("lee"), at=NOW + timedelta(hours=1)) as work:
        assign(work, stays[1], AssignStay(to=world.user["uma"]))
    build(world, TODAY + timedelta(days=1), NOW + timedelta(days=1))
    dana = browser_for("dana")
    shown = " ".join(dana.get(f"/encounters/{stays[1]}/places").text.split())
    assert "from Dana Whitlow to Uma Reyes" in shown and "first day on a sheet" in shown
    assert "1 of 1" in shown and "3 of 3" in shown


def test_words_for_what_changed() -> None:
    old = Standing(TODAY, "Dana", 5, 9, "Fri 6 Mar", "expected", ["amber hour obs past 24 h"])
    new = Standing(TODAY, "Dana", 2, 9, "11:00", "leaves", ["amber truck discharge pending"])
    assert what_changed(old, new) == ("up from 5; next date 11:00 leaves; discharge pending; no longer obs past 24 h")
    assert what_changed(old, old) == ""


ME, OTHER = uuid.uuid4(), uuid.uuid4()
THEN = Then(uuid.uuid4(), "admitted", "OBS", "4W", False, ME)
STILL = Now(THEN.id, uuid.uuid4(), "Barlow", "4W 412-B", "admitted", "OBS", "4W", False)


@pytest.mark.parametrize(
    ("then", "now", "expected"),
    [
        (THEN, STILL, []),
        (None, STILL, ["admitted"]),
        (replace(THEN, status="preadmit"), STILL, ["admitted"]),
        (replace(THEN, user_id=OTHER), STILL, ["given"]),
        (THEN, replace(STILL, patient_class="IP", unit="ICU"), ["class", "moved"]),
        (THEN, replace(STILL, pending=True), ["pending"]),
        (THEN, replace(STILL, status="on_leave"), ["leave"]),
        (THEN, replace(STILL, status="discharged"), ["discharged"]),
        (THEN, replace(STILL, status="cancelled"), ["cancelled"]),
        (None, replace(STILL, status="discharged"), []),
    ],
)
def test_what_happened_overnight_is_the_difference_of_two_states(
    then: Then | None, now: Now, expected: list[str]
) -> None:
    found = changes(ME, {then.id: then} if then else {}, [now])
    assert sorted(found) == expected


def test_expected_work_in_words() -> None:
    assert [duration_text(minutes) for minutes in (0, 45, 60, 370)] == ["0 min", "45 min", "1 h", "6 h 10 min"]
    assert head_line("Thu 5 Mar 2026", 14, 0, 370) == "Thu 5 Mar 2026 · 14 stays · 6 h 10 min of expected work"
    assert head_line("Thu 5 Mar 2026", 0, 1, 0) == "Thu 5 Mar 2026 · 0 stays, 1 more put aside"


def test_departures_of_today_stay_on_the_list_and_tomorrow_has_its_own(browser_for: BrowserFor, world: World) -> None:
    moment = wall_clock()
    add_stays(
        world,
        [
            StaySpec(family="Leaving", pending="discharge"),
            StaySpec(family="Overdue", expected=moment - timedelta(days=3)),
            StaySpec(family="Tomorrow", expected=moment + timedelta(days=1)),
            StaySpec(family="Later", expected=moment + timedelta(days=4)),
        ],
    )
    with begin(everywhere("test"), at=moment) as work:
        insert_stay(work, world, StaySpec(family="Gone", status="discharged"))
    dana = browser_for("dana")
    today, tomorrow = dana.get("/worklists/discharges-today").text, dana.get("/worklists/discharges-tomorrow").text
    assert all(name in today for name in ("Leaving, Ann", "Overdue, Ann", "Gone, Ann"))
    assert "Tomorrow, Ann" in tomorrow and "Leaving, Ann" not in tomorrow
    assert "Later, Ann" not in today + tomorrow


def feed(messages: list[bytes], at: datetime) -> None:
    """What the feed sent, received and known at this instant."""
    receive(messages, Source("mllp", "test"), at=[at] * len(messages))
    while drain():
        pass


def give(world: World, visit: str, at: datetime, who: str = "dana") -> uuid.UUID:
    with begin(world.viewer("lee"), at=at) as work:
        stay: uuid.UUID = work.value("select id from encounter where visit_number = %s", (visit,))
        assign(work, stay, AssignStay(to=world.user[who]))
    return stay


def test_the_strip_tells_what_happened_since_one_was_last_here(browser_for: BrowserFor, world: World) -> None:
    morning = start_of_day(local_day(wall_clock(), CHICAGO), CHICAGO)
    before, left, night = morning - timedelta(hours=10), morning - timedelta(hours=7), morning - timedelta(hours=2)
    stamp = lambda moment: moment.astimezone(CHICAGO).strftime("%Y%m%d%H%M%S")  # noqa: E731
    sender = Sender()
    feed([sender.admit(f"V{n}", f"M{n}", f"4W^40{n}^A", name=f"{name}^ANN", at=stamp(before))
          for n, name in enumerate(("BARLOW", "DUARTE", "VOSS", "STILL"))], before)  # fmt: skip
    stays = [give(world, f"V{n}", before + timedelta(hours=1)) for n in (0, 1, 3)]
    with begin(world.viewer("dana"), at=before + timedelta(hours=2)) as work:
        snooze_stay(work, stays[2], SnoozeStay(reason=SnoozeReason.RESULT, until=ReturnTime.HOUR))
    disclose(world.viewer("dana").acting(Permission.STAY_LIST), Disclosure("GET /x", stays), at=left)

    dana = browser_for("dana")
    assert "Since you left" not in dana.get("/worklists/inpatient").text
    return_due()
    feed([sender.move("V0", "M0", "ICU^02^A", name="BARLOW^ANN", at=stamp(night)),
          sender.discharge("V1", "M1", place="4W^401^A", name="DUARTE^ANN", at=stamp(night)),
          sender.admit("V9", "M9", "4W^409^A", name="BELLINI^ANN", at=stamp(night))], night)  # fmt: skip
    give(world, "V9", night + timedelta(minutes=10))
    give(world, "V2", night + timedelta(minutes=10))

    shown = " ".join(dana.get("/worklists/my-day").text.split())
    for what in ("transfer", "departure", "new admission", "stay newly yours", "stay back from snooze"):
        assert f"<strong>{what}</strong>" in shown, what
    assert "BARLOW 4W to ICU" in shown and "DUARTE left" in shown
    whole = dana.get("/overnight").text
    assert all(name in whole for name in ("BARLOW", "DUARTE", "VOSS", "BELLINI", "STILL"))


def test_on_a_first_day_and_after_a_quiet_night_there_is_no_strip(browser_for: BrowserFor, world: World) -> None:
    dana = browser_for("dana")
    assert "Since you left" not in dana.get("/worklists/my-day").text
    assert "first day" in dana.get("/overnight").text
    yesterday = wall_clock() - timedelta(days=1)
    disclose(world.viewer("dana").acting(Permission.STAY_LIST), Disclosure("GET /x", [uuid.uuid4()]), at=yesterday)
    assert "Since you left" not in dana.get("/worklists/my-day").text
    assert "Nothing happened" in dana.get("/overnight").text


def test_two_processes_that_build_at_once_make_one_sheet(world: World, stays: list[uuid.UUID]) -> None:
    with ThreadPoolExecutor(3) as pool:
        made = list(pool.map(lambda _: build(world), range(3)))
    assert [one is not None for one in made].count(True) == 1
    with reading(everywhere("test")) as db:
        assert db.value("select count(*) from day_sheet") == 1


def test_my_day_as_of_an_instant_knows_what_was_aside_then(world: World) -> None:
    start = NOW - timedelta(hours=8)
    feed([Sender().admit("V1", "M1", at=f"{start.astimezone(CHICAGO):%Y%m%d%H%M%S}")], start)
    stay = give(world, "V1", start + timedelta(hours=1))
    with begin(world.viewer("dana"), at=start + timedelta(hours=2)) as work:
        made = snooze_stay(work, stay, SnoozeStay(reason=SnoozeReason.STABLE, until=ReturnTime.CHANGE)).id
    with begin(world.viewer("dana"), at=start + timedelta(hours=4)) as work:
        bring_back(work, made)

    shown = []
    viewer = world.viewer("dana").acting(Permission.STAY_LIST)
    for hours in (0.5, 1.5, 3, 5):
        with reading(viewer, as_of=start + timedelta(hours=hours)) as db:
            shown.append(len(queries.rows(Ask(REGISTRY, REGISTRY.lists["my-day"], View("my-day"), db, viewer))))
    assert shown == [0, 1, 0, 1], "not mine yet, mine, put aside, back"
