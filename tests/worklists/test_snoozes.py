"""Stays put aside: off one's own list until their time, back at once when something happens, never lost."""

import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.census.events import ClassChanged, EncountersUnited, EncounterUpdated, PatientMoved
from app.kernel.refusal import NotFound, Refused
from app.platform.work import begin, everywhere, reading
from app.security.permissions import Permission
from app.worklists import queries
from app.worklists.assignment.commands import take
from app.worklists.queries import Ask
from app.worklists.registry import REGISTRY
from app.worklists.snoozes.commands import SnoozeStay, bring_back, return_due, snooze_stay, touched
from app.worklists.snoozes.rules import LONGEST, offered, returns_at
from app.worklists.snoozes.terms import ReturnTime, SnoozeReason
from app.worklists.view import View
from tests.support.client import Browser
from tests.support.stays import StaySpec, add_stay
from tests.support.world import NOW, World

BrowserFor = Callable[..., Browser]
CHICAGO = ZoneInfo("America/Chicago")
HOUR = SnoozeStay(reason=SnoozeReason.RESULT, until=ReturnTime.HOUR)
INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))


@pytest.fixture
def stay(world: World) -> uuid.UUID:
    """A stay that is Dana's."""
    made = add_stay(world)
    with begin(world.viewer("dana"), at=NOW) as work:
        take(work, made)
    return made


def my_day(world: World, at: datetime, who: str = "dana", view: View | None = None) -> list[str]:
    viewer = world.viewer(who).acting(Permission.STAY_LIST)
    with reading(viewer, at=at) as db:
        asked = view or View("my-day")
        return [row.id for row in queries.rows(Ask(REGISTRY, REGISTRY.lists[asked.list], asked, db, viewer))]


def snooze(world: World, stay: uuid.UUID, ask: SnoozeStay = HOUR, at: datetime = NOW) -> uuid.UUID:
    with begin(world.viewer("dana"), at=at) as work:
        return snooze_stay(work, stay, ask).id


@pytest.mark.parametrize(
    ("choice", "now", "expected"),
    [
        (ReturnTime.HOUR, "2026-03-05 09:41", "2026-03-05 10:41"),
        (ReturnTime.AFTERNOON, "2026-03-05 09:41", "2026-03-05 13:00"),
        (ReturnTime.TOMORROW, "2026-03-05 09:41", "2026-03-06 07:00"),
        (ReturnTime.TOMORROW, "2026-03-07 23:59", "2026-03-08 07:00"),  # the clocks go forward in that night
        (ReturnTime.TOMORROW, "2026-10-31 09:00", "2026-11-01 07:00"),  # and back in this one
        (ReturnTime.CHANGE, "2026-03-05 09:41", ""),
    ],
)
def test_return_times_are_those_of_the_hospitals_clock(choice: ReturnTime, now: str, expected: str) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=CHICAGO)
    found = returns_at(choice, moment.astimezone(UTC), CHICAGO)
    assert (f"{found.astimezone(CHICAGO):%Y-%m-%d %H:%M}" if found else "") == expected


def test_this_afternoon_is_offered_in_the_morning_only() -> None:
    assert ReturnTime.AFTERNOON in offered(NOW, CHICAGO)
    assert ReturnTime.AFTERNOON not in offered(NOW + timedelta(hours=3), CHICAGO)


@pytest.mark.parametrize(
    ("on", "at", "said"),
    [
        (None, None, "on which day"),
        (None, time(9, 30), "back at once"),
        (date(2026, 3, 4), None, "back at once"),
        (date(2026, 5, 1), None, "up to 30 days"),
    ],
)
def test_own_times_that_make_no_sense_are_refused(on: date | None, at: time | None, said: str) -> None:
    with pytest.raises(Refused, match=said):
        returns_at(ReturnTime.OWN, NOW, CHICAGO, on, at)


@given(INSTANTS, st.sampled_from([ReturnTime.HOUR, ReturnTime.TOMORROW]))
def test_a_return_always_lies_ahead_and_within_reach(now: datetime, choice: ReturnTime) -> None:
    found = returns_at(choice, now, CHICAGO)
    assert found is not None and now < found <= now + LONGEST


def test_aside_exactly_from_its_making_to_its_first_end(world: World) -> None:
    """Put aside for so many minutes, taken back after so many or not at all: on the list at a minute, or not."""
    minutes = st.integers(6, 2000)

    @settings(max_examples=25, deadline=None)
    @given(minutes, st.none() | minutes, minutes)
    def holds(until: int, undone: int | None, looked: int) -> None:
        stay = add_stay(world)
        with begin(world.viewer("dana"), at=NOW) as work:
            take(work, stay)
        back = (NOW + timedelta(minutes=until)).astimezone(CHICAGO)
        ask = SnoozeStay(reason=SnoozeReason.REPLY, until=ReturnTime.OWN, on=back.date(), at=back.time())
        made = snooze(world, stay, ask)
        if undone is not None and undone <= looked:
            with begin(world.viewer("dana"), at=NOW + timedelta(minutes=undone)) as work:
                bring_back(work, made)
        first_end = until if undone is None else min(until, undone)
        assert (str(stay) in my_day(world, NOW + timedelta(minutes=looked))) is (looked >= first_end)

    holds()


def test_a_snoozed_stay_leaves_my_day_until_exactly_its_time(world: World, stay: uuid.UUID) -> None:
    assert my_day(world, NOW) == [str(stay)]
    snooze(world, stay)
    back = NOW + timedelta(hours=1)
    assert my_day(world, NOW) == [] == my_day(world, back - timedelta(microseconds=1))
    assert my_day(world, back) == [str(stay)]


def test_other_lists_and_other_people_keep_the_stay(world: World, stay: uuid.UUID) -> None:
    snooze(world, stay)
    assert my_day(world, NOW, view=View("inpatient")) == [str(stay)]
    assert my_day(world, NOW, view=View("my-day", {"aside": ("snoozed",)})) == [str(stay)]
    assert my_day(world, NOW, view=View("my-day", {"aside": ("not-needed",)})) == []
    assert my_day(world, NOW, "uma", View("inpatient", {"aside": ("snoozed",)})) == []


def test_undo_brings_it_back_and_keeps_the_row(world: World, stay: uuid.UUID) -> None:
    made = snooze(world, stay)
    with pytest.raises(Refused, match="A colleague"), begin(world.viewer("uma"), at=NOW) as work:
        bring_back(work, made)
    with begin(world.viewer("dana"), at=NOW + timedelta(minutes=5)) as work:
        bring_back(work, made)
    assert my_day(world, NOW + timedelta(minutes=5)) == [str(stay)]
    with reading(everywhere("test")) as db:
        assert db.values("select ended_because from snooze") == ["undone"]
        told = db.values("select name from audit_event where name in ('stay.snoozed', 'stay.returned') order by id")
        assert told == ["stay.snoozed", "stay.returned"]
    with pytest.raises(Refused, match="already"), begin(world.viewer("dana")) as work:
        bring_back(work, made)


def test_snoozing_again_ends_the_first_row_and_writes_another(world: World, stay: uuid.UUID) -> None:
    snooze(world, stay)
    snooze(world, stay, SnoozeStay(reason=SnoozeReason.STABLE, until=ReturnTime.CHANGE), NOW + timedelta(minutes=1))
    with reading(everywhere("test")) as db:
        assert db.values("select kind || ' ' || ended_because from snooze order by made_at") == [
            "snooze replaced", "not_needed ",
        ]  # fmt: skip


def test_a_due_stay_is_noted_as_returned_once(world: World, stay: uuid.UUID) -> None:
    snooze(world, stay)  # long past by the clock on the wall
    assert return_due() is False
    assert return_due() is False
    with reading(everywhere("test")) as db:
        assert db.values("select ended_because from snooze") == ["time"]
        assert db.value("select count(*) from audit_event where name = 'stay.returned'") == 1


@pytest.mark.parametrize(
    ("event", "snoozed_is_back", "not_needed_is_back"),
    [
        (lambda stay: ClassChanged(encounter_id=stay, before="OBS", after="IP", at=NOW), True, True),
        (lambda stay: PatientMoved(encounter_id=stay, before="4W^1^A", after="ICU^1^A", at=NOW), True, True),
        (lambda stay: PatientMoved(encounter_id=stay, before="4W^1^A", after="4W^2^A", at=NOW), False, True),
        (lambda stay: EncounterUpdated(encounter_id=stay, changed=("attending_name",)), False, True),
        (lambda stay: EncounterUpdated(encounter_id=stay, changed=("pending_kind",)), False, True),
    ],
    ids=["class", "other unit", "other bed", "attending", "discharge order taken back"],
)
def test_what_happens_to_a_stay_brings_it_back(
    world: World, stay: uuid.UUID, event: Callable[[uuid.UUID], ClassChanged], snoozed_is_back: bool,
    not_needed_is_back: bool,
) -> None:  # fmt: skip
    for ask, expected in (
        (SnoozeStay(reason=SnoozeReason.RESULT, until=ReturnTime.TOMORROW), snoozed_is_back),
        (SnoozeStay(reason=SnoozeReason.STABLE, until=ReturnTime.CHANGE), not_needed_is_back),
    ):
        snooze(world, stay, ask)
        with begin(everywhere("adt"), at=NOW + timedelta(minutes=1)) as work:
            work.record(event(stay))
        assert (my_day(world, NOW + timedelta(minutes=1)) == [str(stay)]) is expected


def test_a_discharge_order_brings_it_back(world: World) -> None:
    stay = add_stay(world, StaySpec(pending="discharge"))
    with begin(world.viewer("dana"), at=NOW) as work:
        take(work, stay)
    snooze(world, stay, SnoozeStay(reason=SnoozeReason.RESULT, until=ReturnTime.TOMORROW))
    with begin(everywhere("adt"), at=NOW + timedelta(minutes=1)) as work:
        work.record(EncounterUpdated(encounter_id=stay, changed=("pending_kind", "pending_at")))
    assert my_day(world, NOW + timedelta(minutes=1)) == [str(stay)]
    with reading(everywhere("test")) as db:
        assert db.values("select ended_because from snooze") == ["important"]


def test_united_stays_both_return() -> None:
    stay, former = uuid.uuid4(), uuid.uuid4()
    assert touched([EncountersUnited(encounter_id=stay, former_id=former)]).important == {stay, former}


def test_a_stay_that_is_over_or_elsewhere_is_not_put_aside(world: World) -> None:
    over = add_stay(world, StaySpec(status="discharged"))
    south = add_stay(world, StaySpec(facility="SOUTH"))
    with pytest.raises(Refused, match="is over"), begin(world.viewer("dana")) as work:
        snooze_stay(work, over, HOUR)
    with pytest.raises(NotFound), begin(world.viewer("dana")) as work:
        snooze_stay(work, south, HOUR)


def test_the_page_puts_aside_and_brings_back(browser_for: BrowserFor, world: World, stay: uuid.UUID) -> None:
    dana = browser_for("dana")
    address = f"/encounters/{stay}/snooze"
    assert "In an hour" in dana.get(address).text

    wrong = dana.post(address, {"until": "own", "reason": "result", "on": "", "at": ""})
    assert wrong.status_code == 422 and "on which day" in wrong.text
    other = dana.post(address, {"until": "hour", "reason": "other", "detail": ""})
    assert other.status_code == 422 and "own words" in other.text

    done = dana.post(address, {"until": "hour", "reason": "result", "back": "/worklists/my-day"})
    assert done.status_code == 303 and done.headers["location"] == "/worklists/my-day"
    shown = dana.get(address)
    assert "You put this stay aside until" in shown.text and "waiting for a result" in shown.text
    assert str(stay) not in dana.get("/worklists/my-day").text
    assert "snoozed to" in dana.get("/worklists/inpatient").text

    with reading(everywhere("test")) as db:
        made = db.value("select id from snooze")
    assert dana.post(f"/snoozes/{made}/reversal", {"back": "/worklists/my-day"}).status_code == 303
    assert str(stay) in dana.get("/worklists/my-day").text


def test_who_holds_no_stays_puts_none_aside(browser_for: BrowserFor, stay: uuid.UUID) -> None:
    assert browser_for("aud").get(f"/encounters/{stay}/snooze").status_code in (403, 404)
