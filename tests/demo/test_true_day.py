"""My day of the simulated case managers is true: each due time is reckoned here by hand, from what the feed and the
nurses recorded, without the engine. Days are counted on the calendar of the hospital, hours as they pass."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from app.clocks import commands
from app.demo import run
from app.demo.plan import Plan
from app.demo.run import Memory, Progress
from app.demo.simulation import simulate
from app.notices import source as notices
from app.platform.postgres import Addresses
from app.platform.work import everywhere, reading
from app.security.permissions import Role
from app.security.viewer import Grant, Place, Viewer
from app.worklists.out.taking import take
from app.worklists.queries import Ask
from app.worklists.registry import REGISTRY
from app.worklists.view import View

NOW = datetime(2026, 3, 5, 15, 41, tzinfo=UTC)  # 09:41 in Chicago
ZONE = ZoneInfo("America/Chicago")
BY_NAME = "MCRAB"  # the plan whose payer is called Medicare; of the others the house has to say whose they are
ELEVEN = time(11, 0)  # the hour of leaving when only the day is known


@dataclass(frozen=True)
class Known:
    """What is on record of one stay."""

    klass: str
    pending: str
    pending_at: datetime | None
    expected: datetime | None
    medicare: list[str]
    classes: list[tuple[str, datetime]]
    notices: list[tuple[str, str, datetime]]
    appeals: int


def known(stay: uuid.UUID) -> Known:
    with reading(everywhere("test"), at=NOW) as db:

        def found(query: str) -> list[tuple[object, ...]]:
            return db.rows(lambda *row: row, query, (stay,))

        (head,) = found(
            "select patient_class, pending_kind, pending_at, expected_discharge_at from encounter where id = %s"
        )
        plans = found(
            f"select c.plan_code from coverage c where c.encounter_id = %s and (c.plan_code = '{BY_NAME}' or exists"
            " (select from payer_line l where l.facility_id = c.facility_id and l.payer_code = c.payer_code"
            " and l.plan_code in (c.plan_code, '') and l.ended_at is null and l.line like 'medicare%%'))"
        )
        classes = found("select value, since from movement where encounter_id = %s and lane = 2 order by since")
        notices = found(
            "select kind, which_copy, delivered_at from notice_delivery where encounter_id = %s and ended_at is null"
        )
        appeals = found("select id from qio_appeal where encounter_id = %s")
    return Known(*head, [one for (one,) in plans], classes, notices, len(appeals))  # type: ignore[arg-type, misc]


def local(at: datetime) -> datetime:
    return at.astimezone(ZONE)


def instant(day: date, at: time) -> datetime:
    return datetime.combine(day, at, ZONE)


def since(stay: Known, klass: str) -> datetime | None:
    return next((at for value, at in stay.classes if value == klass), None)


def leaves(stay: Known) -> datetime | None:
    """The departure as planned: an order with its time, else the expected day at eleven."""
    planned = stay.pending_at if stay.pending == "discharge" and stay.pending_at else stay.expected
    if planned is None or local(planned).time() != time(0):
        return planned
    return instant(local(planned).date(), ELEVEN)


def given(stay: Known, kind: str, copy: str, after: datetime) -> list[datetime]:
    return sorted(at for k, c, at in stay.notices if (k, c) == (kind, copy) and at >= after)


def owed_by_hand(stay: Known) -> Iterator[datetime]:
    """Due instants of the notices that are still to be given."""
    inpatient, watched, out = since(stay, "IP"), since(stay, "OBS"), leaves(stay)
    if not stay.medicare:
        return
    if watched is not None:
        hours = inpatient - watched if inpatient and inpatient > watched else None
        if (hours is None or hours > timedelta(hours=24)) and not given(stay, "MOON", "", watched):
            limit = watched + timedelta(hours=36)
            yield limit if hours is None else min(limit, watched + hours)
    if inpatient is None:
        return
    from_day = instant(local(inpatient).date() - timedelta(days=7), time(0))
    first = given(stay, "IM", "first", from_day)
    if not first:
        yield instant(local(inpatient).date() + timedelta(days=2), time(23, 59, 59))
    if out is not None:
        opening = instant(local(out).date() - timedelta(days=2), time(0))
        near = [at for at in first if opening <= at and local(at).date() <= local(out).date()]
        if not near and not given(stay, "IM", "followup", opening):
            yield out - timedelta(hours=4)


def census_by_hand(stay: Known) -> datetime | None:
    """The date that stands in the column when nothing is owed: leaving, expected, second midnight."""
    dates = [stay.expected, stay.pending_at if stay.pending == "discharge" else None]
    if stay.klass == "OBS":
        begun = since(stay, "OBS")
        assert begun is not None
        dates.append(instant(local(begun).date() + timedelta(days=2), time(0)))
    return min((one for one in dates if one is not None), default=None)


def case_managers() -> Sequence[Viewer]:
    query = (
        "select u.id, u.name, u.display_name, f.id, f.code, f.name, f.timezone from app_user u"
        " join role_grant g on g.user_id = u.id join facility f on f.id = g.facility_id"
        " where g.role = 'case_manager' order by u.name"
    )
    with reading(everywhere("test")) as db:
        return [
            Viewer(
                user_id=key, session_id=uuid.uuid4(), name=name, display_name=shown, credentials="",
                grants=(Grant(Role.CASE_MANAGER, number),), places=(Place(number, code, house, zone),),
            )
            for key, name, shown, number, code, house, zone in db.rows(lambda *row: row, query)
        ]  # fmt: skip


@pytest.fixture
def only_notices_owed() -> Iterator[None]:
    """Reviews and payers are owed by others; what is reckoned here is the case managers' own part."""
    before = commands.shown_rules()
    commands.show(notices.RULES)
    yield
    commands.show(before)


@pytest.mark.usefixtures("only_notices_owed")
def test_each_due_time_of_my_day_is_what_the_rules_give_by_hand(database: Addresses, tmp_path: Path) -> None:
    plan = Plan(seed=4, beds=40, days=3, now=NOW)
    simulation, progress, memory = simulate(plan), Progress(plan), Memory(tmp_path)
    run.furnish(simulation)
    run.feed_open_stays(simulation, memory, progress, lambda *_: None)
    run.assign_stays(simulation)
    run.give_notices(simulation, memory, progress, lambda *_: None)

    compared, owing = 0, 0
    for viewer in case_managers():
        with reading(viewer, at=NOW) as db:
            taken = take(Ask(REGISTRY, REGISTRY.lists["my-day"], View("my-day"), db, viewer), "the test")
        place = [one.name for one in taken.exports].index("next_at")
        shown = [values[place] for values in taken.values]
        assert shown == sorted(shown, key=lambda at: (at is None, at)), "the next consequence comes first"
        for row, at in zip(taken.rows, shown, strict=True):
            stay = known(uuid.UUID(row.id))
            if stay.appeals or [klass for klass, _ in stay.classes].count("OBS") > 1:
                continue
            due = min(owed_by_hand(stay), default=None)
            assert bool(row.due_iso) == (due is not None), (row.todo_rule, stay)
            assert at == (due or census_by_hand(stay)), (row.todo_rule, stay)
            compared, owing = compared + 1, owing + bool(due)
    assert compared >= 10 and owing >= 3
