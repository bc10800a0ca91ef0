"""My day of the simulated case managers is true: due times are reckoned here by hand, from what the feed and the people
recorded, without the engine. Days are counted on the calendar of the hospital, hours as they pass.

Notices, the screens of an admission (for its need and for discharge planning), the next review, the word to the
payer, the certificate of a long stay, the expected date, the decision in observation, and of a long-term stay the
family's orientation and the weekly conference have an arithmetic of their own here. Of the other rules, whose terms
are reckoned case by case in the tests of the clocks, what is stored is taken as given, and My day must put it in its
place among the rest.
"""

import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from app.demo import run
from app.demo.hospital import PAYERS
from app.demo.plan import Plan
from app.demo.run import Memory, Progress
from app.demo.simulation import simulate
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
UNKNOWN = datetime.min.replace(tzinfo=UTC)
BY_NAME = "MCRAB"  # the plan whose payer is called Medicare; of the others the house has to say whose they are
ELEVEN = time(11, 0)  # the hour of leaving when only the day is known
LAST_SECOND = time(23, 59, 59)
LINES = {one.plan: one.line for one in PAYERS}
NO_PLAN = {"medicare_fee_for_service", "self_pay"}
ELSEWHERE = ["payer", "billing", "outside provider", "quality-improvement organization"]  # nobody here can act
NOTICES = ("N-MOON", "N-IM1", "N-IM2")
BY_HAND = (*NOTICES, "UR-ADM-SCREEN", "UR-CSR", "UR-CERT20", "PY-NOTIFY", "ST-OBS-REVIEW", "DP-EDD", "DP-SCREEN",
           "LT-ORIENT", "LT-CONFERENCE")  # fmt: skip


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
    lines: set[str]
    reviews: list[tuple[datetime, date | None]]
    told: int
    certified: int
    decided: list[datetime]
    rest: list[tuple[str, datetime]]
    planned: list[tuple[date, datetime]]
    rides: list[tuple[datetime, datetime]]
    fed_at: datetime | None
    screened: int
    long_term: list[tuple[str, datetime]] | None


def known(stay: uuid.UUID) -> Known:
    with reading(everywhere("test"), at=NOW) as db:

        def found(query: str) -> list[tuple[Any, ...]]:
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
        covered = found("select plan_code from coverage where encounter_id = %s")
        reviews = found(
            "select signed_at, next_review_on from review where encounter_id = %s and ended_at is null order by 1"
        )
        told = found(
            "with stay as (select %s::uuid as id)"
            " select r.id from payer_request r join stay on stay.id = r.encounter_id"
            " union all select d.id from payer_decision d join stay on stay.id = d.encounter_id"
            " union all select c.id from payer_contact c join stay on stay.id = c.encounter_id where c.notified"
        )
        certified = found("select id from certification where encounter_id = %s and ended_at is null")
        decided = found(
            "select d.decided_at from escalation_decision d where d.encounter_id = %s and d.ended_at is null"
            " and d.outcome not in ('ask_attending', 'more_information', 'peer_to_peer')"
        )
        rest = found(
            "select rule, due_at from obligation where encounter_id = %s and ended_at is null and required"
            " and closed_at is null and due_at is not null"
            f" and not (actor = any(array{ELSEWHERE})) and not (rule = any(array{list(BY_HAND)}))"
        )
        departure = of_the_departure(found)
    return Known(
        *head, [one for (one,) in plans], classes, notices, len(appeals), {LINES[one] for (one,) in covered},
        reviews, len(told), len(certified), [at for (at,) in decided], rest,
        *departure,
    )  # type: ignore[call-arg]  # fmt: skip


def of_the_departure(found: Callable[[str], list[tuple[Any, ...]]]) -> tuple[Any, ...]:
    """Planned days and rides with when they were set, when the feed first said what it says now, and screens."""
    screened = found(
        "with stay as (select %s::uuid as id)"
        " select s.id from screening s join stay on stay.id = s.encounter_id where s.ended_at is null"
        " and s.state <> 'struck_out' and s.kind <> 'request'"
        " union all select a.id from assessment a join stay on stay.id = a.encounter_id where a.ended_at is null"
        " and a.state = 'signed'"
    )
    planned = found("select expected_on, made_at from expected_date where encounter_id = %s and ended_at is null")
    rides = found(
        "select pick_up_at, made_at from booking where encounter_id = %s and ended_at is null"
        " and pick_up_at is not null and state in ('booked', 'confirmed', 'again')"
    )
    fed = found(
        "select min(k.known_from) from encounter_known k join encounter e on e.id = k.encounter_id"
        " where e.id = %s and (k.expected_discharge_at, k.pending_kind, k.pending_at) is not distinct from"
        " (e.expected_discharge_at, e.pending_kind, e.pending_at)"
    )
    course = found(
        "select r.kind, r.at from long_term_record r where r.encounter_id = %s and r.ended_at is null"
        " and r.kind in ('conference', 'orientation')"
    )
    there = found(
        "select 1 from encounter e join facility f on f.id = e.facility_id where e.id = %s and f.kind = 'ltch'"
    )
    return planned, rides, fed[0][0], len(screened), course if there else None


def local(at: datetime) -> datetime:
    return at.astimezone(ZONE)


def instant(day: date, at: time) -> datetime:
    return datetime.combine(day, at, ZONE)


def since(stay: Known, klass: str) -> datetime | None:
    return next((at for value, at in stay.classes if value == klass), None)


def leaves(stay: Known) -> datetime | None:
    """The departure as the last word has it, of the feed, of the plan or of what is booked.

    Where that word has only the day, another word for the same day says the hour; else it is eleven.
    """
    words: list[tuple[datetime | None, date, datetime | None]] = []
    words += [(told, local(at).date(), at) for at, told in stay.rides]
    fed = stay.pending_at if stay.pending == "discharge" and stay.pending_at else stay.expected
    if fed is not None:
        exact = fed if local(fed).time() != time(0) else None
        words.append((stay.fed_at, local(fed).date(), exact))
    words += [(told, day, None) for day, told in stay.planned]
    if not words:
        return None
    _, day, exact = max(words, key=lambda word: word[0] or UNKNOWN)
    hours = [exact, *(at for _, other, at in words if other == day)]
    return next((at for at in hours if at is not None), instant(day, ELEVEN))


def given(stay: Known, kind: str, copy: str, after: datetime) -> list[datetime]:
    return sorted(at for k, c, at in stay.notices if (k, c) == (kind, copy) and at >= after)


def owed_by_hand(stay: Known) -> Iterator[tuple[str, datetime]]:
    """Everything that is still to be done, with its due instant."""
    yield from notices_by_hand(stay)
    yield from reviews_by_hand(stay)
    inpatient = since(stay, "IP")
    begun = [at for at in (inpatient, since(stay, "OBS")) if at is not None]
    if begun and not stay.screened:
        yield "DP-SCREEN", min(begun) + timedelta(hours=24)
    if inpatient is not None and stay.lines - NO_PLAN and not stay.told:
        yield "PY-NOTIFY", inpatient + timedelta(hours=24)
    if inpatient is not None and "medicare_fee_for_service" in stay.lines and not stay.certified:
        yield "UR-CERT20", instant(local(inpatient).date() + timedelta(days=19), LAST_SECOND)
    if stay.planned:
        yield "DP-EDD", instant(max(stay.planned, key=lambda one: one[1])[0], LAST_SECOND)
    if inpatient is not None and stay.long_term is not None:
        if not any(kind == "orientation" for kind, _ in stay.long_term):
            yield "LT-ORIENT", inpatient + timedelta(hours=72)
        last = max([inpatient, *(at for kind, at in stay.long_term if kind == "conference")])
        yield "LT-CONFERENCE", instant(local(last).date() + timedelta(days=7), LAST_SECOND)
    yield from stay.rest


def reviews_by_hand(stay: Known) -> Iterator[tuple[str, datetime]]:
    """The first review, the day that the last one set, and the decision before the second midnight in observation."""
    inpatient, watched = since(stay, "IP"), since(stay, "OBS")
    ordered = min(at for at in (inpatient, watched) if at is not None)
    if not stay.reviews:
        yield "UR-ADM-SCREEN", ordered + timedelta(hours=24)
    else:
        _, following = stay.reviews[-1]
        if following is not None:
            yield "UR-CSR", instant(following, LAST_SECOND)
    if watched is not None and stay.klass == "OBS" and not any(at >= watched for at in stay.decided):
        yield "ST-OBS-REVIEW", instant(local(watched).date() + timedelta(days=1), LAST_SECOND)


def notices_by_hand(stay: Known) -> Iterator[tuple[str, datetime]]:
    """Due instants of the notices that are still to be given."""
    inpatient, watched, out = since(stay, "IP"), since(stay, "OBS"), leaves(stay)
    if not stay.medicare:
        return
    if watched is not None:
        hours = inpatient - watched if inpatient and inpatient > watched else None
        if (hours is None or hours > timedelta(hours=24)) and not given(stay, "MOON", "", watched):
            limit = watched + timedelta(hours=36)
            yield "N-MOON", limit if hours is None else min(limit, watched + hours)
    if inpatient is None:
        return
    from_day = instant(local(inpatient).date() - timedelta(days=7), time(0))
    first = given(stay, "IM", "first", from_day)
    if not first:
        yield "N-IM1", instant(local(inpatient).date() + timedelta(days=2), LAST_SECOND)
    if out is not None:
        opening = instant(local(out).date() - timedelta(days=2), time(0))
        near = [at for at in first if opening <= at and local(at).date() <= local(out).date()]
        if not near and not given(stay, "IM", "followup", opening):
            yield "N-IM2", out - timedelta(hours=4)


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


def test_each_due_time_of_my_day_is_what_the_rules_give_by_hand(database: Addresses, tmp_path: Path) -> None:
    plan = Plan(seed=4, beds=40, days=3, now=NOW)
    simulation, progress, memory = simulate(plan), Progress(plan), Memory(tmp_path)
    run.furnish(simulation)
    run.feed_open_stays(simulation, memory, progress, lambda *_: None)
    run.assign_stays(simulation)
    run.give_notices(simulation, memory, progress, lambda *_: None)
    run.make_plans(simulation, memory, progress, lambda *_: None)

    compared, shown_rules = 0, Counter[str]()
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
            owed = sorted(owed_by_hand(stay), key=lambda one: one[1])
            assert bool(row.due_iso) == bool(owed), (row.todo_rule, stay)
            assert at == (owed[0][1] if owed else census_by_hand(stay)), (row.todo_rule, owed, stay)
            if owed:
                assert row.todo_rule in {rule for rule, due in owed if due == at}, owed
            compared += 1
            shown_rules[row.todo_rule] += 1
    assert compared >= 10
    assert len({rule for rule in shown_rules if rule}) >= 4, shown_rules
    assert sum(shown_rules[rule] for rule in BY_HAND) > compared / 2, "most are reckoned here"
